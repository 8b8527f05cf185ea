"""Messages that a person has to read, and settling what they say (R29)."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from preference_center.errors import ErrorCode, Invalid
from preference_center.inbound import review
from preference_center.inbound.review import MessageRow
from preference_center.recipients import recipients
from preference_center.validation import check_explanation
from schema.catalog.types import BusinessUnit
from schema.contract.connections import PageInfo, cut, span_of, window, write_cursor
from schema.contract.ids import Node, global_id, number_of
from schema.contract.scalars import Channel, Key, Meaning, Verdict
from schema.contract.user_errors import UserError, answering, asking
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver

if TYPE_CHECKING:
    from schema.catalog.sender_numbers import SenderNumber
    from schema.recipients.types import Recipient

READ = "preferences:read"
WRITE = "preferences:write"


async def load_recipients(messages: Sequence[InboundMessage], context: Context, **_: object) -> None:
    """Find who sent the messages, in one statement."""
    from schema.recipients.types import recipient_of

    numbers = {one.row.recipient_id for one in messages if one.row.recipient_id is not None}
    rows = await recipients.get_many(numbers)
    known = {number: recipient_of(row, context) for number, row in rows.items()}
    for one in messages:
        one.known_recipient = known.get(one.row.recipient_id or 0)


async def load_sender_numbers(messages: Sequence[InboundMessage], context: Context, **_: object) -> None:
    """Find the numbers that the messages were sent to, in one statement."""
    from schema.catalog.sender_numbers import read_sender_numbers

    numbers = {one.row.sender_number_id for one in messages if one.row.sender_number_id is not None}
    known = await read_sender_numbers(context, sorted(numbers))
    for one in messages:
        one.known_sender_number = known.get(one.row.sender_number_id or 0)


@strawberry.type(
    description="A message that came in on SMS or WhatsApp. Its text is kept while a person has to read it."
)
class InboundMessage(Node):
    """One message, and what became of it."""

    channel: Channel
    sent_to: str = strawberry.field(description="The number that it was sent to.")
    business_unit: BusinessUnit | None = strawberry.field(
        description="Null where the number that it was sent to is not one of the sender numbers."
    )
    text: str | None
    meaning: Meaning
    occurred_at: datetime = strawberry.field(description="By the provider's clock, where it tells the time.")
    received_at: datetime
    verdict: Verdict | None
    settled_by: str | None
    settled_at: datetime | None
    row: strawberry.Private[MessageRow]
    known_recipient: strawberry.Private[Any] = None
    known_sender_number: strawberry.Private[Any] = None

    @resolver(load=load_recipients)
    def recipient(self) -> Annotated[Recipient, strawberry.lazy("schema.recipients.types")] | None:
        """Who sent it."""
        found: Recipient | None = self.known_recipient
        return found

    @resolver(load=load_sender_numbers)
    def sender_number(
        self,
    ) -> Annotated[SenderNumber, strawberry.lazy("schema.catalog.sender_numbers")] | None:
        """The number of the business that it was sent to, where it is known."""
        found: SenderNumber | None = self.known_sender_number
        return found


@strawberry.type
class InboundMessageEdge:
    """A message and its place in the order."""

    cursor: str
    node: InboundMessage


@strawberry.type
class InboundMessageConnection:
    """A page of messages, oldest first."""

    nodes: list[InboundMessage]
    page_info: PageInfo

    @resolver()
    def edges(self) -> list[InboundMessageEdge]:
        """The messages with their cursors."""
        return [InboundMessageEdge(cursor=write_cursor(one.row.id), node=one) for one in self.nodes]


@strawberry.input
class SettleMessageInput:
    """What a message was taken for."""

    id: strawberry.ID
    verdict: Verdict
    business_unit: Key | None = strawberry.field(
        description="The unit that it is about: needed where the number that it was sent to is not known."
    )
    explanation: str | None


@strawberry.type
class InboundMessagePayload:
    """The message as it is now."""

    message: InboundMessage | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class MessageQueries:
    """Reading what waits for a person."""

    @resolver(scope=READ)
    @asking
    async def messages_to_review(
        self,
        info: Info,
        business_unit: Key | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> InboundMessageConnection:
        """The messages whose meaning a person has to tell, oldest first: of a unit, or all (R29)."""
        asked = window(first, after, last, before)
        unit = info.context.unit_named(business_unit, "businessUnit") if business_unit is not None else None
        rows = await review.page(unit, span_of(asked, newest_first=False))
        shown, page_info = cut(rows, asked)
        await _know_units(info.context, shown)
        return InboundMessageConnection(
            nodes=[message_of(row, info.context) for row in shown], page_info=page_info
        )


@strawberry.type
class MessageMutations:
    """Settling what waits for a person."""

    @resolver(scope=WRITE)
    @answering(InboundMessagePayload)
    async def settle_message(self, info: Info, input: SettleMessageInput) -> InboundMessagePayload:
        """Settle a message as an opt-out or opt-in at its own time, or as neither (R17, R29)."""
        context = info.context
        number = number_of(input.id, "InboundMessage")
        if number is None:
            raise Invalid(ErrorCode.NOT_FOUND, "This is not the id of an InboundMessage.", "id")
        unit = (
            context.unit_named(input.business_unit, "businessUnit")
            if input.business_unit is not None
            else None
        )
        row = await review.settle(
            number,
            input.verdict,
            context.actor,
            unit=unit,
            explanation=check_explanation(input.explanation, "explanation"),
        )
        await _know_units(context, [row])
        return InboundMessagePayload(message=message_of(row, context))


async def read_messages(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """Messages by number, for `node`."""
    rows = await review.get_many(numbers)
    await _know_units(context, list(rows.values()))
    return {number: message_of(row, context) for number, row in rows.items()}


async def _know_units(context: Context, rows: Sequence[MessageRow]) -> None:
    await context.catch_up({row.business_unit_id for row in rows if row.business_unit_id is not None}, ())


def message_of(row: MessageRow, context: Context) -> InboundMessage:
    """Show a message."""
    return InboundMessage(
        id=global_id("InboundMessage", row.id),
        channel=row.channel,
        sent_to=row.sent_to,
        business_unit=context.view.units[row.business_unit_id] if row.business_unit_id else None,
        text=row.text,
        meaning=row.meaning,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        verdict=row.verdict,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        row=row,
    )
