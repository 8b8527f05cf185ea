"""Calls to contacts: whether they may be made, and the grounds for them (R25)."""

from __future__ import annotations

from datetime import datetime

import strawberry

from preference_center.contacts import calls
from schema.contract.references import contact_number
from schema.contract.scalars import BlockReason, LegalBasis
from schema.contract.user_errors import UserError, answering
from schema.engine.context import Info
from schema.engine.resolver import resolver

WRITE = "preferences:write"


@strawberry.type(description="R25")
class CallPermission:
    """Whether a contact may be called now; the rest is of the newest ground that was recorded for a call."""

    allowed: bool
    reason: BlockReason | None
    legal_basis: LegalBasis | None
    explanation: str | None
    used_at: datetime | None = strawberry.field(description="When that ground was used up by a call.")


@strawberry.input
class PermitCallInput:
    """A ground for one call."""

    contact: strawberry.ID
    legal_basis: LegalBasis
    explanation: str


@strawberry.input
class RecordCallInput:
    """A contact who is called."""

    contact: strawberry.ID


@strawberry.type
class CallPermissionPayload:
    """What holds for the next call."""

    permission: CallPermission | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def permission_of(found: calls.CallPermission) -> CallPermission:
    """Show a permission."""
    permit = found.permit
    return CallPermission(
        allowed=found.answer.allowed,
        reason=found.answer.reason,
        legal_basis=permit.legal_basis if permit else None,
        explanation=permit.explanation if permit else None,
        used_at=permit.used_at if permit else None,
    )


@strawberry.type
class CallMutations:
    """Permitting calls, and recording them."""

    @resolver(scope=WRITE)
    @answering(CallPermissionPayload)
    async def permit_call(self, info: Info, input: PermitCallInput) -> CallPermissionPayload:
        """Record a ground for one call; it takes the place of one that was not used (R25)."""
        number = contact_number(input.contact, "contact")
        found = await calls.permit(number, input.legal_basis, input.explanation, info.context.actor)
        return CallPermissionPayload(permission=permission_of(found))

    @resolver(scope=WRITE)
    @answering(CallPermissionPayload)
    async def record_call(self, info: Info, input: RecordCallInput) -> CallPermissionPayload:
        """Record a call, before it is made: without user errors it may be (R25).

        It uses up the ground that was recorded for it. The permission that comes back is for the next.
        """
        number = contact_number(input.contact, "contact")
        found = await calls.record(number, info.context.actor)
        return CallPermissionPayload(permission=permission_of(found))
