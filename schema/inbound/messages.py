"""Incoming text messages as the schema has them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.inbound import review
from preference_center.inbound.review import MessageRow
from schema.catalog.types import BusinessUnit
from schema.catalog.view import catalog_view, ensure_in_catalog
from schema.contract.enums import Channel, Meaning, Verdict
from schema.contract.fields import loaded, restricted
from schema.contract.ids import Node, global_id
from schema.engine.context import Context

if TYPE_CHECKING:
    from schema.catalog.sender_numbers import SenderNumber
    from schema.recipients.types import Recipient


@strawberry.type
class InboundMessage(Node):
    """A text message that somebody sent to the business, by SMS or WhatsApp."""

    channel: Channel = strawberry.field(
        description="The channel that the message came on: `SMS` or `WHATSAPP`."
    )
    sent_to: str = strawberry.field(
        description="The number that the message was sent to, as the provider writes it."
    )
    business_unit: BusinessUnit | None = strawberry.field(
        description="The business unit of the number that it was sent to; null if that is not a"
        " sender number."
    )
    sender_id: str | None = restricted(
        "What identifies the sender if their phone number is unknown, such as a"
        " WhatsApp user id. Null if the phone number is known, and once the message is settled.",
        READ_CONSENT,
    )
    sender_name: str | None = restricted(
        "The user name of such a sender, else the name that they gave themselves."
        " Null if there is none, and once the message is settled.",
        READ_CONSENT,
    )
    text: str | None = restricted(
        "What the message says, while it waits for review. Afterwards null: as"
        " evidence of a change it is stored with that. It is kept only if an opt-out or opt-in had no"
        " effect.",
        READ_CONSENT,
    )
    meaning: Meaning = strawberry.field(description="How Sayso read the text.")
    occurred_at: datetime = strawberry.field(
        description="When the message was sent, as the provider reports it; else when it was received."
    )
    received_at: datetime = strawberry.field(description="When Sayso received the message.")
    verdict: Verdict | None = strawberry.field(
        description="How a person settled the message; null until one does."
    )
    settled_by: str | None = strawberry.field(
        description="Who settled the message; null until somebody does."
    )
    settled_at: datetime | None = strawberry.field(
        description="When the message was settled; null until it is."
    )
    row: strawberry.Private[MessageRow]
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] | None = loaded(
        "The recipient who sent the message; null if the sender is unknown."
    )
    sender_number: Annotated[SenderNumber, strawberry.lazy("schema.catalog.sender_numbers")] | None = loaded(
        "The sender number that the message was sent to; null if the number is not registered."
    )


async def to_messages(rows: Sequence[MessageRow], context: Context) -> list[InboundMessage]:
    """Return messages as the schema has them, in their order."""
    await ensure_catalog_has(context, rows)
    return [to_message(row, context) for row in rows]


async def ensure_catalog_has(context: Context, rows: Sequence[MessageRow]) -> None:
    """Refresh the catalog if messages refer to units that another process has just created."""
    unit_ids = {row.business_unit_id for row in rows if row.business_unit_id is not None}
    await ensure_in_catalog(context, unit_ids=unit_ids)


def to_message(row: MessageRow, context: Context) -> InboundMessage:
    """Return a message as the schema has it."""
    units = catalog_view(context).units
    return InboundMessage(
        id=global_id("InboundMessage", row.id),
        channel=row.channel,
        sent_to=row.sent_to,
        business_unit=units[row.business_unit_id] if row.business_unit_id else None,
        sender_id=row.sender_id,
        sender_name=row.sender_name,
        text=row.text,
        meaning=row.meaning,
        occurred_at=row.occurred_at,
        received_at=row.received_at,
        verdict=row.verdict,
        settled_by=row.settled_by,
        settled_at=row.settled_at,
        row=row,
    )


async def read_messages(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the messages with these ids, in one statement."""
    rows = await review.get_many(ids)
    return dict(zip(rows, await to_messages(list(rows.values()), context), strict=True))
