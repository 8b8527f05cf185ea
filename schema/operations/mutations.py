"""Mutations that start, undo and cancel operations."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import RUN_OPERATIONS
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.operations import bulk_updates, queue, reversals
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from schema.contract.descriptions import EXPLANATION
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
    "A key of your choice, of at most 120 characters. A request with the same key and"
    " input returns the same operation, so that a retry does nothing twice; with other input it is refused."
    " Left out: each request starts an operation."
)
DRY_RUN = (
    "Whether to count what would change, and change nothing. Reading the counts needs"
    " the scopes that read what they tell."
)


@strawberry.input
class BulkUpdatePreferencesInput:
    """A change for many contacts: statuses, an opt-out of all, or the removal of one. Give at least one of
    `status`, `optOutOfAll` and `removeOptOutOfAll`.
    """

    contacts: ContactSelection = strawberry.field(
        description="The contacts to change. Those without an address on the channel are refused one by one."
    )
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel to make the changes on."
    )
    subscription_types: list[Key] = strawberry.field(
        default_factory=list,
        description="The keys of the subscription types to set `status` for: at most 100.",
    )
    status: PreferenceStatus | None = strawberry.field(
        description="The status to set for each of `subscriptionTypes`. Left out: statuses stay as they are."
    )
    opt_out_of_all: bool = strawberry.field(
        default=False, description="Whether to opt out of everything from `businessUnit` on the channel."
    )
    remove_opt_out_of_all: bool = strawberry.field(
        default=False,
        description="Whether to remove opt-outs of all that the team made, for the business"
        " units of `subscriptionTypes` and for `businessUnit`, before statuses are set. Those that"
        " recipients made stay.",
    )
    business_unit: Key | None = strawberry.field(
        description="The key of the business unit for `optOutOfAll` and `removeOptOutOfAll`, such as"
        " `acme`. Left out: the units of `subscriptionTypes`."
    )
    explanation: str = strawberry.field(description=EXPLANATION)
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate. Needed where the business unit's"
        " `dataPrivacy` is on. Left out: none."
    )
    processing_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to process and store, for contacts that have none on"
        " record. Left out: such contacts are refused where the business unit's `dataPrivacy` is on."
    )
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.input
class RevertOperationInput:
    """A bulk update or import to undo. It has ended, and was no dry run."""

    id: strawberry.ID = strawberry.field(description="The id of the operation to undo.")
    explanation: str = strawberry.field(
        description="Why it is undone, in the team's words: at most 2,000 characters. Erasure removes it."
    )


@strawberry.input
class CancelOperationInput:
    """An operation to cancel that has not ended."""

    id: strawberry.ID = strawberry.field(description="The id of the operation, as `operations` gives it.")


@strawberry.type
class OperationPayload:
    """The operation that a mutation started or cancelled, or why the input was refused."""

    operation: Operation | None = strawberry.field(
        default=None,
        description="The operation, as it is when the mutation answers; null if the input was refused.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class OperationMutations:
    """Mutations of operations."""

    @mutation(OperationPayload, access=RUN_OPERATIONS)
    async def bulk_update_preferences(
        self, info: Info, input: BulkUpdatePreferencesInput
    ) -> OperationPayload:
        """Change the preferences of many contacts, in the background.

        A bulk update never opts in a recipient who opted out themselves; it can reverse what the team opted
        out. Each contact is decided on its own. Follow it with `operation`, try it first with `dryRun`, and
        undo it with `revertOperation`.
        """
        update = _bulk_update(input, info.context)
        return _payload(await bulk_updates.enqueue(update, info.context.actor), info.context)

    @mutation(OperationPayload, access=RUN_OPERATIONS)
    async def revert_operation(self, info: Info, input: RevertOperationInput) -> OperationPayload:
        """Undo a bulk update or an import, in the background.

        Each preference returns to its status before the operation, unless it was changed since. It can be
        done once.
        """
        with Faults() as faults:
            operation_id = faults.of(input_id, input.id, "Operation", "id")
            if faults:
                faults.of(reversals.check_reason, input.explanation)
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
    with Faults() as faults:
        types = faults.of(_types, input.subscription_types, context) or []
        unit = faults.of(context.optional_unit, input.business_unit or None, "businessUnit")
        all_known = not faults
        update = BulkUpdate(
            selection=faults.of(parse_selection, input.contacts, context),
            channel=input.channel,
            types=types,
            status=input.status,
            opt_out_of_all=input.opt_out_of_all,
            remove_opt_out_of_all=input.remove_opt_out_of_all,
            unit=unit,
            explanation=input.explanation,
            legal_basis=input.legal_basis,
            processing_basis=input.processing_basis,
            dry_run=input.dry_run,
            idempotency_key=input.idempotency_key,
        )
        if faults and all_known:
            faults.of(bulk_updates.check_changes, update)
        if faults:
            faults.of(bulk_updates.check_grounds, update)
    return update


def _types(given: list[Key], context: Context) -> list[CatalogType]:
    if len(given) > _MOST_TYPES:
        message = f"Pass at most {_MOST_TYPES} subscription types."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "subscriptionTypes")
    with Faults() as faults:
        return [
            faults.of(context.subscription_type, key, "subscriptionTypes", str(given.index(key)))
            for key in dict.fromkeys(given)
        ]
