"""Sender numbers and keywords: what text messages of recipients come to, and what their words mean."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

import strawberry

from preference_center.catalog import keywords, sender_numbers
from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Meaning
from schema.catalog.fields import given
from schema.catalog.types import BusinessUnit, Keyword, KeywordMeaning, SubscriptionType, keyword_of
from schema.contract.ids import Node, global_id, number_of
from schema.contract.scalars import Channel, Key, Locale
from schema.contract.user_errors import UserError, answering
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver

WRITE = "integrations:write"
_LARGEST_ID = 2**31 - 1


@strawberry.type(
    description="A number of the business that recipients write to, and the types that it carries (R28)."
)
class SenderNumber(Node):
    """A sender number, for SMS or WhatsApp."""

    number: str = strawberry.field(description="E.164; of a short code for SMS its digits.")
    channel: Channel
    business_unit: BusinessUnit
    subscription_types: list[SubscriptionType] = strawberry.field(
        description="What START opts in to; archived types, and those that the channel lost, are passed over."
    )
    provider_id: str | None = strawberry.field(
        description="What the provider's API calls it: WhatsApp's phone number id."
    )


@strawberry.input
class CreateSenderNumberInput:
    """A number to register for a channel: SMS or WHATSAPP."""

    number: str
    channel: Channel
    business_unit: Key
    subscription_types: list[Key]
    provider_id: str | None


@strawberry.input
class UpdateSenderNumberInput:
    """What to change of a sender number; what is not given stays."""

    id: strawberry.ID
    business_unit: Key | None
    subscription_types: list[Key] | None
    provider_id: str | None = strawberry.field(description="An empty text takes it away.")


@strawberry.input
class DeleteSenderNumberInput:
    """A sender number to forget; the messages that came to it stay."""

    id: strawberry.ID


@strawberry.input
class AddKeywordInput:
    """A word that is to mean something to a unit."""

    business_unit: Key
    word: str
    meaning: KeywordMeaning
    locale: Locale | None = strawberry.field(description="The language that it is answered in.")


@strawberry.input
class RemoveKeywordInput:
    """A word that a unit added."""

    business_unit: Key
    word: str


@strawberry.type
class SenderNumberPayload:
    """The sender number as it is now."""

    sender_number: SenderNumber | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DeleteSenderNumberPayload:
    """The id of what is gone."""

    deleted_id: strawberry.ID | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class KeywordPayload:
    """The keyword, and the unit with all that it has now."""

    keyword: Keyword | None = None
    business_unit: BusinessUnit | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


async def sender_numbers_of(
    rows: Iterable[sender_numbers.SenderNumber], context: Context
) -> list[SenderNumber]:
    """Show sender numbers in their order, also those of units and types that are new to this process."""
    found = list(rows)
    await context.catch_up({row.unit_id for row in found}, {kind for row in found for kind in row.type_ids})
    return [sender_number_of(row, context) for row in found]


def sender_number_of(row: sender_numbers.SenderNumber, context: Context) -> SenderNumber:
    """Show a sender number whose unit and types this operation's catalogue has."""
    return SenderNumber(
        id=global_id("SenderNumber", row.id),
        number=row.number,
        channel=row.channel,
        business_unit=context.view.units[row.unit_id],
        subscription_types=[context.view.types[kind] for kind in row.type_ids],
        provider_id=row.provider_id,
    )


async def read_sender_numbers(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """Sender numbers by the numbers in their ids, in one statement."""
    rows = await sender_numbers.get_many(number for number in numbers if number <= _LARGEST_ID)
    return dict(zip(rows, await sender_numbers_of(rows.values(), context), strict=True))


@strawberry.type
class IntegrationQueries:
    """Reading sender numbers needs a token, and no scope: they belong to the catalogue."""

    @resolver()
    async def sender_numbers(self, info: Info) -> list[SenderNumber]:
        """All of them, in the order they were made in."""
        return await sender_numbers_of(await sender_numbers.all(), info.context)


@strawberry.type
class IntegrationMutations:
    """Changing sender numbers and keywords."""

    @resolver(scope=WRITE)
    @answering(SenderNumberPayload)
    async def create_sender_number(self, info: Info, input: CreateSenderNumberInput) -> SenderNumberPayload:
        """Register a number that recipients write to (R28)."""
        return await _payload(info, await sender_numbers.create(**given(input)))

    @resolver(scope=WRITE)
    @answering(SenderNumberPayload)
    async def update_sender_number(self, info: Info, input: UpdateSenderNumberInput) -> SenderNumberPayload:
        """Change what a number carries, or whose it is."""
        changes = {name: value for name, value in given(input).items() if name != "id"}
        return await _payload(info, await sender_numbers.update(_number(input.id), **changes))

    @resolver(scope=WRITE)
    @answering(DeleteSenderNumberPayload)
    async def delete_sender_number(
        self, info: Info, input: DeleteSenderNumberInput
    ) -> DeleteSenderNumberPayload:
        """Forget a number: what comes to it from then on is kept for review. Its messages stay."""
        number = _number(input.id)
        if not await sender_numbers.remove(number):
            raise Invalid(ErrorCode.NOT_FOUND, "There is no such sender number.", "id")
        return DeleteSenderNumberPayload(deleted_id=global_id("SenderNumber", number))

    @resolver(scope=WRITE)
    @answering(KeywordPayload)
    async def add_keyword(self, info: Info, input: AddKeywordInput) -> KeywordPayload:
        """Let a word mean STOP, START or HELP to a unit, beside those of R27."""
        asked = {**given(input), "meaning": Meaning(input.meaning.value)}
        row = await keywords.add(**asked)
        return await _keywords(info, input.business_unit, keyword_of(row))

    @resolver(scope=WRITE)
    @answering(KeywordPayload)
    async def remove_keyword(self, info: Info, input: RemoveKeywordInput) -> KeywordPayload:
        """Take a word away that a unit added."""
        row = await keywords.remove(business_unit=input.business_unit, word=input.word)
        return await _keywords(info, input.business_unit, keyword_of(row))


def _number(text: str) -> int:
    number = number_of(text, "SenderNumber")
    if number is None or number > _LARGEST_ID:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such sender number.", "id")
    return number


async def _payload(info: Info, row: sender_numbers.SenderNumber) -> SenderNumberPayload:
    await info.context.renew()
    (shown,) = await sender_numbers_of([row], info.context)
    return SenderNumberPayload(sender_number=shown)


async def _keywords(info: Info, key: str, keyword: Keyword) -> KeywordPayload:
    await info.context.renew()
    unit = info.context.unit_named(key, "businessUnit")
    return KeywordPayload(keyword=keyword, business_unit=info.context.view.unit(unit))
