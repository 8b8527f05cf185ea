"""Claims due messages for a worker, with the confirmations that one message answers together (R19)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from preference_center.links.payloads import MAX_CONFIRMED_TYPES
from preference_center.outbox.attempts import MAX_ATTEMPTS, skip_locked
from preference_center.outbox.message import OutgoingMessage, from_row
from preference_center.recipients import recipients
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.storage.transactions import transaction

LEASE = timedelta(minutes=5)
"""How long a worker has for the messages it claims; after that any worker takes them."""
_DUE = "m.sent_at IS NULL AND m.due_at <= $1 AND m.attempts < $2"
_LEADS = (
    "NOT (m.kind = 'CONFIRM' AND EXISTS (SELECT 1 FROM outgoing_mails e WHERE e.fingerprint = m.fingerprint"
    " AND e.kind = 'CONFIRM' AND e.channel = m.channel AND e.business_unit_id = m.business_unit_id"
    " AND e.id < m.id AND e.sent_at IS NULL AND e.due_at <= $1 AND e.attempts < $2))"
)
"""Not a confirmation that an earlier one takes along. Workers that claim at the same moment see the earlier
one as due until it is claimed with all others."""
_ANY_DUE = f"SELECT 1 FROM outgoing_mails m WHERE {_DUE} AND m.channel {{any_of_3}} LIMIT 1"
_TAKE = "UPDATE outgoing_mails SET attempts = attempts + 1, due_at = $3 WHERE id IN ({due}) RETURNING *"
_LEADING = (
    f"SELECT m.id FROM outgoing_mails m WHERE {_DUE} AND m.channel {{any_of_4}} AND {_LEADS}"
    " ORDER BY m.due_at, m.id LIMIT $5{skip_locked}"
)
_FOLLOWING = (
    f"SELECT m.id FROM outgoing_mails m WHERE {_DUE} AND m.kind = 'CONFIRM' AND m.fingerprint = $4"
    " AND m.channel = $5 AND m.business_unit_id = $6 ORDER BY m.id LIMIT $7{skip_locked}"
)


async def claim(channels: Sequence[Channel], limit: int) -> list[OutgoingMessage]:
    """Claim up to `limit` due messages, in the order of queuing.

    A confirmation comes with all others that are due for the same address, channel and unit. They are claimed
    in one transaction, so that no other worker sends one of them by itself.
    """
    names = [channel.value for channel in channels]
    any_due = _ANY_DUE.format(any_of_3=database.any_of(3))
    if not await database.fetch(any_due, database.now(), MAX_ATTEMPTS, names):
        return []  # an idle worker takes no lock
    return await _claim(names, limit)


@transaction
async def _claim(channels: list[str], limit: int) -> list[OutgoingMessage]:
    now = database.now()
    leading = await _take(_LEADING, now, channels, limit)
    return [
        replace(outgoing, others=tuple(await _following(outgoing, now)))
        if outgoing.kind == "CONFIRM"
        else outgoing
        for outgoing in leading
    ]


async def _following(outgoing: OutgoingMessage, now: datetime) -> list[OutgoingMessage]:
    fingerprint = recipients.fingerprint_of(outgoing.address)
    others = MAX_CONFIRMED_TYPES - 1
    return await _take(_FOLLOWING, now, fingerprint, outgoing.channel.value, outgoing.unit_id, others)


async def _take(due: str, now: datetime, *values: object) -> list[OutgoingMessage]:
    due = due.format(any_of_4=database.any_of(4), skip_locked=skip_locked())
    rows = await database.fetch(_TAKE.format(due=due), now, MAX_ATTEMPTS, now + LEASE, *values)
    return sorted((from_row(row) for row in rows), key=lambda outgoing: outgoing.id)
