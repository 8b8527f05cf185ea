"""A message in the outbox: a mail or a text message that Sayso itself sends.

It is rendered when it is sent, so no link is stored in the database.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

from preference_center.outbox.keyword_replies import ReplyKind
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database

MessageKind = Literal["LINK", "CONFIRM", "FORGET"] | ReplyKind


@dataclass(frozen=True, slots=True)
class OutgoingMessage:
    """A row of the outbox, claimed by a worker."""

    id: int
    kind: MessageKind
    channel: Channel
    address: Address
    unit_id: int | None
    type_id: int | None
    locale: str | None
    sender_number_id: int | None
    created_at: datetime
    attempts: int
    """How often it was claimed, this time included."""
    others: tuple[OutgoingMessage, ...] = ()
    """Confirmations of the same address, channel and unit that it answers too (R19)."""

    @property
    def ids(self) -> list[int]:
        """The ids of the rows that it answers, its own first."""
        return [self.id, *(other.id for other in self.others)]

    @property
    def type_ids(self) -> list[int]:
        """The types that it is about."""
        return [each.type_id for each in (self, *self.others) if each.type_id is not None]

    @property
    def file_name(self) -> str:
        """The name of its file without an ending; names sort in the order of queuing."""
        return f"{self.id:08d}-{self.kind.lower()}"


def from_row(row: database.Row) -> OutgoingMessage:
    """Return the message in a row of `outgoing_mails`."""
    channel = Channel(row["channel"])
    recipient_kind = RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE
    return OutgoingMessage(
        id=row["id"],
        kind=row["kind"],
        channel=channel,
        address=Address(recipient_kind, row["address"]),
        unit_id=row["business_unit_id"],
        type_id=row["subscription_type_id"],
        locale=row["locale"],
        sender_number_id=row["sender_number_id"],
        created_at=database.instant(row["created_at"]),
        attempts=row["attempts"],
    )
