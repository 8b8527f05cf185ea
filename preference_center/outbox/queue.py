"""Queues messages for the worker to send, in the transaction of their cause: with it, or not at all (R18)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple

from preference_center.storage import database
from preference_center.storage.rows import Bytes, Instant, Int, Text, columns_of


class OutgoingMailRow(NamedTuple):
    """A row of `outgoing_mails`: a mail or text message to send from `due_at` on."""

    kind: Text
    channel: Text
    fingerprint: Bytes
    address: Text
    business_unit_id: Int | None
    subscription_type_id: Int | None
    created_at: Instant
    due_at: Instant
    locale: Text | None = None
    sender_number_id: Int | None = None


async def insert_outgoing(rows: Sequence[OutgoingMailRow]) -> None:
    """Queue messages in the open transaction, in one statement."""
    await database.insert("outgoing_mails", columns_of(OutgoingMailRow), rows)
