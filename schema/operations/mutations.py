"""Mutations that start, undo and cancel operations."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import RUN_OPERATIONS
from preference_center.errors import ErrorCode, Invalid
from preference_center.operations import bulk_updates, queue, reversals
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from schema.contract.enums import Channel, LegalBasis, PreferenceStatus
from schema.contract.fields import mutation
from schema.contract.ids import input_id
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Context, Info
from schema.operations.selection import ContactSelection, parse_selection
from schema.operations.types import Operation, to_operation

_MOST_TYPES = 100
IDEMPOTENCY_KEY = (
    "A key of your choice. A request with the same key and input returns the same operation. With other input"
    " it is refused."
)
DRY_RUN = "Count what would change, and change nothing."


@strawberry.input
class BulkUpdatePreferencesInput:
    """A change for many contacts: statuses, an opt-out of all, or the removal of one."""

    contacts: ContactSelection = strawberry.field(description="The contacts.")
    channel: Channel = strawberry.field(default=Channel.EMAIL, description="The channel.")
    subscription_types: list[Key] = strawberry.field(
        default_factory=list, description="The keys of at most 100 subscription types to set `status` for."
    )
    status: PreferenceStatus | None = strawberry.field(description="The status to set.")
    opt_out_of_all: bool = strawberry.field(
        default=False, description="Opt out of everything from `businessUnit`."
    )
    remove_opt_out_of_all: bool = strawberry.field(
        default=False,
        description="Remove opt-outs of all that the team made, for the business units of `subscriptionTypes`"
        " or for `businessUnit`, before statuses are set.",
    )
    business_unit: Key | None = strawberry.field(description="The key of a business unit.")
    explanation: str = strawberry.field(description="Why the change is made. At most 2,000 characters.")
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate. Needed if the business unit's `dataPrivacy` is on."
    )
    processing_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to process and store, for contacts that have none on record."
    )
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input
class RevertOperationInput:
    """A bulk update or import to undo."""

    id: strawberry.ID = strawberry.field(description="The id of the operation.")
    explanation: str = strawberry.field(description="Why it is undone. At most 2,000 characters.")


@strawberry.input
class CancelOperationInput:
    """An operation to cancel."""

    id: strawberry.ID = strawberry.field(description="The id of the operation.")


@strawberry.type
class OperationPayload:
    """The result of starting or cancelling an operation."""

    operation: Operation | None = strawberry.field(default=None, description="The operation.")
    user_errors: list[UserError] = no_errors()


@strawberry.type
class OperationMutations:
    """Mutations of operations."""

    @mutation(OperationPayload, access=RUN_OPERATIONS)
    async def bulk_update_preferences(
        self, info: Info, input: BulkUpdatePreferencesInput
    ) -> OperationPayload:
        """Change the preferences of many contacts, in the background.

        A bulk update never opts in a recipient who opted out themselves. `revertOperation` undoes it. The
        rules are in docs/rules.md.
        """
        update = _bulk_update(input, info.context)
        return _payload(await bulk_updates.enqueue(update, info.context.actor), info.context)

    @mutation(OperationPayload, access=RUN_OPERATIONS)
    async def revert_operation(self, info: Info, input: RevertOperationInput) -> OperationPayload:
        """Undo a bulk update or an import, in the background.

        Each preference returns to its status before the operation, unless it was changed since.
        """
        operation_id = input_id(input.id, "Operation", "id")
        row = await reversals.enqueue(operation_id, input.explanation, info.context.actor)
        return _payload(row, info.context)

    @mutation(OperationPayload, access=RUN_OPERATIONS)
    async def cancel_operation(self, info: Info, input: CancelOperationInput) -> OperationPayload:
        """Cancel an operation after the part that is running. What it has changed stays changed."""
        return _payload(await queue.cancel(input_id(input.id, "Operation", "id")), info.context)


def _payload(row: OperationRow, context: Context) -> OperationPayload:
    return OperationPayload(operation=to_operation(row, context))


def _bulk_update(input: BulkUpdatePreferencesInput, context: Context) -> BulkUpdate:
    """Return the update as the use case takes it. Raises Invalid that names the field."""
    if len(input.subscription_types) > _MOST_TYPES:
        message = f"Pass at most {_MOST_TYPES} subscription types."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "subscriptionTypes")
    keys = dict.fromkeys(input.subscription_types)
    return BulkUpdate(
        selection=parse_selection(input.contacts, context),
        channel=input.channel,
        types=[context.subscription_type(key, "subscriptionTypes") for key in keys],
        status=input.status,
        opt_out_of_all=input.opt_out_of_all,
        remove_opt_out_of_all=input.remove_opt_out_of_all,
        unit=context.optional_unit(input.business_unit or None, "businessUnit"),
        explanation=input.explanation,
        legal_basis=input.legal_basis,
        processing_basis=input.processing_basis,
        dry_run=input.dry_run,
        idempotency_key=input.idempotency_key,
    )
