"""Calls: whether a contact may be called, and the legal basis for one call."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from preference_center.access.scopes import READ_CONTACTS, WRITE_PREFERENCES
from preference_center.contacts import calls
from preference_center.errors import Faults
from schema.contract.enums import BlockReason, LegalBasis, Requirement
from schema.contract.fields import loaded, mutation
from schema.contract.ids import input_id
from schema.contract.references import get_contact
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info

if TYPE_CHECKING:
    from schema.contacts.types import Contact


@strawberry.type
class CallPermission:
    """Whether a contact may be called now.

    A contact whose email address is opted out of all email needs a permit: a legal basis for one call. The
    other fields describe the latest permit.
    """

    allowed: bool = strawberry.field(
        description="Whether the contact may be called now. True for every contact whose email"
        " address is not opted out of all email."
    )
    reason: BlockReason | None = strawberry.field(
        description="Why the contact may not be called: `OPTED_OUT_OF_ALL`. Null if the contact may"
        " be called."
    )
    message: str | None = strawberry.field(
        description="Why the contact may not be called and what to do, in words for people; null if the"
        " contact may be called."
    )
    requires: list[Requirement] = strawberry.field(
        description="What has to be given with `permitCall` so that the contact may be called once. Empty"
        " if the contact may be called."
    )
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis of the latest permit, used or not; null if there never was one."
    )
    explanation: str | None = strawberry.field(
        description="The explanation of the latest permit; null if there never was one."
    )
    used_at: datetime | None = strawberry.field(
        description="When a call used up the latest permit; null if it is unused, or there is none."
    )


@strawberry.input
class PermitCallInput:
    """A permit for one call to a contact who is opted out of all email."""

    contact: strawberry.ID = strawberry.field(description="The id of the contact to call.")
    legal_basis: LegalBasis = strawberry.field(
        description="The legal basis for this call. Each call needs its own."
    )
    explanation: str = strawberry.field(
        description="Why the call is made, in the team's words: at most 2,000 characters. Erasure removes it."
    )


@strawberry.input
class RecordCallInput:
    """A call that is about to be made, whether it needs a permit or not."""

    contact: strawberry.ID = strawberry.field(description="The id of the contact to call.")


@strawberry.type
class CallPermissionPayload:
    """Whether the contact may be called after the mutation, or why the input was refused."""

    permission: CallPermission | None = strawberry.field(
        default=None,
        description="Whether the contact may be called again, after this call or permit; null if"
        " the input was refused.",
    )
    named: strawberry.Private[strawberry.ID | None] = None
    contact: Annotated[Contact, strawberry.lazy("schema.contacts.types")] | None = loaded(
        "The contact after the mutation, so that caches refresh its `callPermission`; null if the input was"
        " refused.",
        access=READ_CONTACTS,
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class CallMutations:
    """Mutations of calls."""

    @mutation(CallPermissionPayload, access=WRITE_PREFERENCES)
    async def permit_call(self, info: Info, input: PermitCallInput) -> CallPermissionPayload:
        """Permit one call to a contact. It replaces a permit that was not used."""
        with Faults() as faults:
            contact = await faults.awaited(get_contact(input.contact, "contact"))
            faults.of(calls.check_permit, input.legal_basis, input.explanation)
        permission = await calls.permit(contact.id, input.legal_basis, input.explanation, info.context.actor)
        return CallPermissionPayload(named=input.contact, permission=to_call_permission(permission))

    @mutation(CallPermissionPayload, access=WRITE_PREFERENCES)
    async def record_call(self, info: Info, input: RecordCallInput) -> CallPermissionPayload:
        """Record a call before it is made. Call only if there are no user errors.

        The call uses up the contact's permit. The payload tells whether the contact may be called again.
        """
        contact_id = input_id(input.contact, "Contact", "contact")
        permission = await calls.record(contact_id, info.context.actor)
        return CallPermissionPayload(named=input.contact, permission=to_call_permission(permission))


def to_call_permission(found: calls.CallPermission) -> CallPermission:
    """Return a call permission as the schema has it."""
    permit = found.permit
    return CallPermission(
        allowed=found.eligibility.allowed,
        reason=found.eligibility.reason,
        message=found.action.message,
        requires=list(found.action.requires),
        legal_basis=permit.legal_basis if permit else None,
        explanation=permit.explanation if permit else None,
        used_at=permit.used_at if permit else None,
    )
