"""Queues messages for the worker to send, in the transaction of their cause: with it, or not at all (R18).

This is the only module that inserts into the outbox.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import NamedTuple

from preference_center.catalog.catalog import BusinessUnit
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database
from preference_center.storage.rows import Bytes, Instant, Int, Text, columns_of

_HEAD_START = timedelta(days=1)
"""How much earlier a message is due that a person waits for than one that a long import causes."""
_CONFIRMATIONS_OF_PENDING = (
    "INSERT INTO outgoing_mails (kind, channel, fingerprint, address, business_unit_id,"
    " subscription_type_id, created_at, due_at)"
    " SELECT 'CONFIRM', p.channel, r.fingerprint, r.address, t.business_unit_id, t.id, $2, $2"
    " FROM pending_opt_ins p JOIN recipients r ON r.id = p.recipient_id"
    " JOIN subscription_types t ON t.id = p.subscription_type_id"
    " WHERE r.address IS NOT NULL AND p.id "
)
"""Another confirmation message for pending opt-ins; an erased recipient gets none."""


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


class Confirmation(NamedTuple):
    """A pending opt-in whose recipient is asked to confirm it (R19)."""

    channel: Channel
    fingerprint: bytes
    address: str
    business_unit_id: int
    subscription_type_id: int


async def queue_link(address: Address, business_unit: BusinessUnit | None, locale: str | None) -> None:
    """Queue a link to the preference page (R35): a mail, or an SMS to a phone number."""
    await _insert([_link_row("LINK", address, business_unit, locale)])


async def queue_erasure_link(
    address: Address, business_unit: BusinessUnit | None, locale: str | None
) -> None:
    """Queue a link to the page that erases the recipient (R36): a mail, or an SMS to a phone number."""
    await _insert([_link_row("FORGET", address, business_unit, locale)])


async def queue_keyword_reply(
    reply: KeywordReply, address: Address, channel: Channel, business_unit: BusinessUnit
) -> None:
    """Queue a reply to a keyword, to be sent through the provider's API (R28)."""
    now = database.now()
    row = OutgoingMailRow(
        kind=reply.kind,
        channel=channel.value,
        fingerprint=recipients.fingerprint_of(address),
        address=address.value,
        business_unit_id=business_unit.id,
        subscription_type_id=None,
        created_at=now,
        due_at=now - _HEAD_START,
        locale=reply.language,
        sender_number_id=reply.sender_number_id,
    )
    await _insert([row])


async def queue_confirmations(confirmations: Sequence[Confirmation], at: datetime) -> None:
    """Queue the confirmation messages of new pending opt-ins (R19), in one statement."""
    rows = [
        OutgoingMailRow("CONFIRM", channel.value, fingerprint, address, unit_id, type_id, at, at)
        for channel, fingerprint, address, unit_id, type_id in confirmations
    ]
    await _insert(rows)


async def queue_confirmations_again(pending_ids: Sequence[int], at: datetime) -> None:
    """Queue another confirmation message for each of these pending opt-ins (R19), in one statement."""
    await database.execute(_CONFIRMATIONS_OF_PENDING + database.any_of(1), list(pending_ids), at)


def _link_row(
    kind: str, address: Address, business_unit: BusinessUnit | None, locale: str | None
) -> OutgoingMailRow:
    channel = Channel.EMAIL if address.kind is RecipientKind.EMAIL else Channel.SMS
    now = database.now()
    return OutgoingMailRow(
        kind=kind,
        channel=channel.value,
        fingerprint=recipients.fingerprint_of(address),
        address=address.value,
        business_unit_id=business_unit.id if business_unit else None,
        subscription_type_id=None,
        created_at=now,
        due_at=now - _HEAD_START,
        locale=locale,
    )


async def _insert(rows: Sequence[OutgoingMailRow]) -> None:
    await database.insert("outgoing_mails", columns_of(OutgoingMailRow), rows)
