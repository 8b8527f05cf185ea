"""Calls: whether a contact may be called, and the legal basis for one call."""

from __future__ import annotations

from datetime import datetime

import strawberry

from preference_center.access.scopes import WRITE_PREFERENCES
from preference_center.contacts import calls
from schema.contract.enums import BlockReason, LegalBasis
from schema.contract.fields import mutation
from schema.contract.ids import input_id
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info


@strawberry.type
class CallPermission:
    """Whether a contact may be called now.

    A contact whose email address is opted out of all email needs a permit: a legal basis for one call. The
    other fields describe the latest permit.
    """

    allowed: bool = strawberry.field(description="Whether the contact may be called.")
    reason: BlockReason | None = strawberry.field(description="Why not; null if the contact may be called.")
    legal_basis: LegalBasis | None = strawberry.field(description="The legal basis of the latest permit.")
    explanation: str | None = strawberry.field(description="The explanation of the latest permit.")
    used_at: datetime | None = strawberry.field(description="When a call used up the latest permit.")


@strawberry.input
class PermitCallInput:
    """A permit for one call."""

    contact: strawberry.ID = strawberry.field(description="The id of the contact.")
    legal_basis: LegalBasis = strawberry.field(description="The legal basis for the call.")
    explanation: str = strawberry.field(description="Why the call is made. At most 2,000 characters.")


@strawberry.input
class RecordCallInput:
    """A call that is about to be made."""

    contact: strawberry.ID = strawberry.field(description="The id of the contact.")


@strawberry.type
class CallPermissionPayload:
    """The result of permitting or recording a call."""

    permission: CallPermission | None = strawberry.field(
        default=None, description="Whether the contact may be called next."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class CallMutations:
    """Mutations of calls."""

    @mutation(CallPermissionPayload, access=WRITE_PREFERENCES)
    async def permit_call(self, info: Info, input: PermitCallInput) -> CallPermissionPayload:
        """Permit one call to a contact. An unused permit is replaced."""
        contact_id = input_id(input.contact, "Contact", "contact")
        permission = await calls.permit(contact_id, input.legal_basis, input.explanation, info.context.actor)
        return CallPermissionPayload(permission=to_call_permission(permission))

    @mutation(CallPermissionPayload, access=WRITE_PREFERENCES)
    async def record_call(self, info: Info, input: RecordCallInput) -> CallPermissionPayload:
        """Record a call before it is made. Call only if there are no user errors.

        The call uses up the contact's permit. The payload tells whether the contact may be called again.
        """
        contact_id = input_id(input.contact, "Contact", "contact")
        permission = await calls.record(contact_id, info.context.actor)
        return CallPermissionPayload(permission=to_call_permission(permission))


def to_call_permission(found: calls.CallPermission) -> CallPermission:
    """Return a call permission as the schema has it."""
    permit = found.permit
    return CallPermission(
        allowed=found.eligibility.allowed,
        reason=found.eligibility.reason,
        legal_basis=permit.legal_basis if permit else None,
        explanation=permit.explanation if permit else None,
        used_at=permit.used_at if permit else None,
    )
