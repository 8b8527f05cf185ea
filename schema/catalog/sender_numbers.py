"""Sender numbers: the business's own numbers, and the subscription types that each carries."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import strawberry

from preference_center.access.scopes import WRITE_INTEGRATIONS
from preference_center.catalog import sender_numbers
from preference_center.errors import ErrorCode, Invalid
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view, ensure_in_catalog
from schema.contract.enums import Channel
from schema.contract.fields import mutation, query
from schema.contract.ids import Node, global_id, ids_in_range, input_id
from schema.contract.inputs import non_null_values
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Context, Info

_PROVIDER_ID = (
    "The id that the provider gave to the number, such as WhatsApp's phone number id: at"
    " most 64 characters. Null if it is not known."
)


@strawberry.type
class SenderNumber(Node):
    """A phone number of the business that recipients can write to on one channel. Keywords sent to it count
    for its business unit.
    """

    number: str = strawberry.field(
        description="The number in E.164 format, such as `+48601234567`. An SMS short code is"
        " its digits alone."
    )
    channel: Channel = strawberry.field(
        description="The channel that the number receives messages on: `SMS` or `WHATSAPP`. A number"
        " used for both is registered twice."
    )
    business_unit: BusinessUnit = strawberry.field(
        description="The business unit that sends from the number. Opt-outs by keyword hold for all"
        " its messages on the channel."
    )
    subscription_types: list[SubscriptionType] = strawberry.field(
        description="The types that an opt-in keyword such as START opts in to. Types that are archived, or"
        " not offered on the channel, are skipped."
    )
    provider_id: str | None = strawberry.field(description=_PROVIDER_ID)


@strawberry.input
class CreateSenderNumberInput:
    """A number to register, so that keywords sent to it are understood."""

    number: str = strawberry.field(
        description="The number in E.164 format, such as `+48601234567`, or an SMS short code of 3"
        " to 8 digits."
    )
    channel: Channel = strawberry.field(
        description="The channel that the number receives messages on: `SMS` or `WHATSAPP`."
    )
    business_unit: Key = strawberry.field(
        description="The key of the business unit that sends from it, such as `acme`."
    )
    subscription_types: list[Key] = strawberry.field(
        description="The keys of the types that an opt-in keyword such as START opts in to. They"
        " belong to the business unit; an empty list opts in to none."
    )
    provider_id: str | None = strawberry.field(
        description="The id that the provider gave to the number, such as WhatsApp's phone number"
        " id: at most 64 characters. Left out: none."
    )


@strawberry.input
class UpdateSenderNumberInput:
    """Changes to a sender number. Fields that are left out or null stay as they are."""

    id: strawberry.ID = strawberry.field(description="The id of the sender number to change.")
    business_unit: Key | None = strawberry.field(
        description="The key of the business unit that sends from it, such as `acme`."
    )
    subscription_types: list[Key] | None = strawberry.field(
        description="The keys of the types that an opt-in keyword such as START opts in to. They"
        " replace those that the number has."
    )
    provider_id: str | None = strawberry.field(
        description="The id that the provider gave to the number, such as WhatsApp's phone number"
        " id. An empty string removes it."
    )


@strawberry.input
class DeleteSenderNumberInput:
    """A sender number to delete, by its id."""

    id: strawberry.ID = strawberry.field(
        description="The id of the sender number, as `senderNumbers` gives it."
    )


@strawberry.type
class SenderNumberPayload:
    """The sender number as a mutation left it, or why the input was refused."""

    sender_number: SenderNumber | None = strawberry.field(
        default=None, description="The sender number after the change; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class DeleteSenderNumberPayload:
    """Which sender number was deleted, or why not."""

    deleted_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the deleted sender number, to remove it from a cache; null if the"
        " input was refused.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class SenderNumberQueries:
    """Queries of sender numbers. They need a token, and no scope."""

    @query()
    async def sender_numbers(self, info: Info) -> list[SenderNumber]:
        """All sender numbers, in the order of their creation. Any token may read them."""
        return await to_sender_numbers(await sender_numbers.list_all(), info.context)


@strawberry.type
class SenderNumberMutations:
    """Mutations of sender numbers."""

    @mutation(SenderNumberPayload, access=WRITE_INTEGRATIONS)
    async def create_sender_number(self, info: Info, input: CreateSenderNumberInput) -> SenderNumberPayload:
        """Register a number that recipients can write to. Until then, messages to it wait for review."""
        return await _payload(info, await sender_numbers.create(**non_null_values(input)))

    @mutation(SenderNumberPayload, access=WRITE_INTEGRATIONS)
    async def update_sender_number(self, info: Info, input: UpdateSenderNumberInput) -> SenderNumberPayload:
        """Change the business unit, types or provider id of a sender number. Its number and channel never
        change.
        """
        sender_id = input_id(input.id, "SenderNumber", "id")
        changes = non_null_values(input, without="id")
        return await _payload(info, await sender_numbers.update(sender_id, **changes))

    @mutation(DeleteSenderNumberPayload, access=WRITE_INTEGRATIONS)
    async def delete_sender_number(
        self, info: Info, input: DeleteSenderNumberInput
    ) -> DeleteSenderNumberPayload:
        """Delete a sender number. Its messages are kept; later ones wait for review."""
        sender_id = input_id(input.id, "SenderNumber", "id")
        if not await sender_numbers.delete(sender_id):
            raise Invalid(ErrorCode.NOT_FOUND, "There is no sender number with this id.", "id")
        return DeleteSenderNumberPayload(deleted_id=global_id("SenderNumber", sender_id))


async def _payload(info: Info, row: sender_numbers.SenderNumber) -> SenderNumberPayload:
    await info.context.refresh_catalog()
    (changed,) = await to_sender_numbers([row], info.context)
    return SenderNumberPayload(sender_number=changed)


async def to_sender_numbers(
    rows: Iterable[sender_numbers.SenderNumber], context: Context
) -> list[SenderNumber]:
    """Return sender numbers as the schema has them, in their order."""
    found = list(rows)
    await ensure_in_catalog(
        context,
        unit_ids={row.unit_id for row in found},
        type_ids={type_id for row in found for type_id in row.type_ids},
    )
    return [_sender_number(row, context) for row in found]


def _sender_number(row: sender_numbers.SenderNumber, context: Context) -> SenderNumber:
    view = catalog_view(context)
    return SenderNumber(
        id=global_id("SenderNumber", row.id),
        number=row.number,
        channel=row.channel,
        business_unit=view.units[row.unit_id],
        subscription_types=[view.types[type_id] for type_id in row.type_ids],
        provider_id=row.provider_id,
    )


async def read_sender_numbers(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the sender numbers with these ids, in one statement."""
    rows = await sender_numbers.get_many(ids_in_range("SenderNumber", ids))
    return dict(zip(rows, await to_sender_numbers(rows.values(), context), strict=True))
