"""Asking for bulk updates, undoing and cancelling."""

from __future__ import annotations

import strawberry

from preference_center.contacts.filter import ContactFilter as PlainFilter
from preference_center.errors import ErrorCode, Invalid
from preference_center.operations import bulk_updates, queue, reversals
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from schema.contacts.filter import ContactFilter, check_scope, plain_filter
from schema.contract.ids import number_of
from schema.contract.scalars import Channel, Key, LegalBasis, PreferenceStatus
from schema.contract.user_errors import UserError, answering
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver
from schema.operations.types import Operation, operation_of

WRITE = "operations:write"
_MOST_TYPES = 100
_MOST_CONTACTS = 50_000


@strawberry.input(one_of=True)
class ContactSelection:
    """The contacts meant: named, or by a filter that is looked through when the operation starts."""

    ids: list[strawberry.ID] | None = strawberry.UNSET
    filter: ContactFilter | None = strawberry.UNSET


@strawberry.input
class BulkUpdatePreferencesInput:
    """One wish for many contacts."""

    contacts: ContactSelection
    channel: Channel = Channel.EMAIL
    subscription_types: list[Key] = strawberry.field(default_factory=list)
    status: PreferenceStatus | None
    opt_out_of_all: bool = strawberry.field(default=False, description="Opt out of all of `businessUnit`.")
    remove_opt_out_of_all: bool = strawberry.field(
        default=False,
        description="Of the units that the types belong to, or of `businessUnit`."
        " Done before the statuses are set.",
    )
    business_unit: Key | None
    explanation: str
    legal_basis: LegalBasis | None
    processing_basis: LegalBasis | None
    dry_run: bool = False
    idempotency_key: str | None = strawberry.field(
        description="The same key with the same input answers with the same operation."
    )


@strawberry.input
class RevertOperationInput:
    """A bulk update or import to undo (R20)."""

    id: strawberry.ID
    explanation: str


@strawberry.input
class CancelOperationInput:
    """An operation to stop."""

    id: strawberry.ID


@strawberry.type
class OperationPayload:
    """The operation as it is now."""

    operation: Operation | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class OperationMutations:
    """Long jobs, queued here and run in the background."""

    @resolver(scope=WRITE)
    @answering(OperationPayload)
    async def bulk_update_preferences(
        self, info: Info, input: BulkUpdatePreferencesInput
    ) -> OperationPayload:
        """Set statuses, opt out of all, or remove that, for many contacts (R8, R9, R13-R16)."""
        return _payload(await bulk_updates.enqueue(_update(input, info.context), info.context.actor))

    @resolver(scope=WRITE)
    @answering(OperationPayload)
    async def revert_operation(self, info: Info, input: RevertOperationInput) -> OperationPayload:
        """Restore what was before a bulk update or import, where nothing has changed since (R20)."""
        number = _number(input.id)
        return _payload(await reversals.enqueue(number, input.explanation, info.context.actor))

    @resolver(scope=WRITE)
    @answering(OperationPayload)
    async def cancel_operation(self, info: Info, input: CancelOperationInput) -> OperationPayload:
        """Stop an operation after the part that is under way. What is done stays done."""
        return _payload(await queue.cancel(_number(input.id)))


def _payload(row: OperationRow) -> OperationPayload:
    return OperationPayload(operation=operation_of(row))


def _number(text: str) -> int:
    number = number_of(text, "Operation")
    if number is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such operation.", "id")
    return number


def _update(given: BulkUpdatePreferencesInput, context: Context) -> BulkUpdate:
    if len(given.subscription_types) > _MOST_TYPES:
        message = f"At most {_MOST_TYPES} subscription types."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "subscriptionTypes")
    keys = dict.fromkeys(given.subscription_types)
    unit = context.unit_named(given.business_unit, "businessUnit") if given.business_unit else None
    return BulkUpdate(
        selection=plain_selection(given.contacts, context),
        channel=given.channel,
        types=[context.type_named(key, "subscriptionTypes") for key in keys],
        status=given.status,
        opt_out_of_all=given.opt_out_of_all,
        remove_opt_out_of_all=given.remove_opt_out_of_all,
        unit=unit,
        explanation=given.explanation,
        legal_basis=given.legal_basis,
        processing_basis=given.processing_basis,
        dry_run=given.dry_run,
        idempotency_key=given.idempotency_key,
    )


def plain_selection(given: ContactSelection, context: Context) -> PlainFilter:
    """Turn the input into what contacts are found by. Raises Invalid naming what is wrong with it."""
    if given.ids:
        if len(given.ids) > _MOST_CONTACTS:
            message = f"At most {_MOST_CONTACTS:,} ids; use a filter for more."
            raise Invalid(ErrorCode.INVALID_VALUE, message, "contacts", "ids")
        numbers = [number_of(text, "Contact") for text in given.ids]
        if None in numbers:
            message = "This is not the id of a Contact."
            raise Invalid(ErrorCode.INVALID_VALUE, message, "contacts", "ids")
        return PlainFilter(ids=[number for number in numbers if number is not None])
    if given.filter:
        check_scope(given.filter, context)
        return plain_filter(given.filter, context) or PlainFilter()
    return PlainFilter(ids=[])
