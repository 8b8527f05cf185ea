"""How often a link or a confirmation is sent to one address: later requests are dropped (R35)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from datetime import datetime, timedelta

from preference_center.outbox import attempts
from preference_center.outbox.message import OutgoingMessage
from preference_center.recipients import recipients
from preference_center.storage import database

DUPLICATE_WINDOW = timedelta(minutes=10)
"""Of the same message requested several times within this time, one is sent."""
MAX_PER_DAY = 5
"""How often the same message is sent to one address in a day."""
MAX_CONFIRMATIONS_PER_DAY = 20
"""How many confirmation messages one address gets in a day on a channel; one about several types is one."""
_DAY = timedelta(days=1)
_EARLIER = (
    "SELECT created_at, sent_at FROM outgoing_mails WHERE fingerprint = $1 AND kind = $2 AND channel = $3"
    " AND COALESCE(subscription_type_id, 0) = $4 AND id < $5 AND created_at > $6"
    " ORDER BY id DESC LIMIT $7"
)
"""The same message to the same address, queued up to a day before this one, newest first."""
_CONFIRMATIONS_OF_DAY = (
    "SELECT COUNT(*) AS confirmations FROM outgoing_mails"
    " WHERE fingerprint = $1 AND kind = 'CONFIRM' AND channel = $2 AND id < $3 AND created_at > $4"
    " AND sent_with_id IS NULL"
)
_REQUESTED_AT = (
    "SELECT p.requested_at FROM pending_opt_ins p JOIN recipients r ON r.id = p.recipient_id"
    " WHERE r.kind = $1 AND r.fingerprint = $2 AND p.channel = $3 AND p.subscription_type_id = $4"
)


async def without_duplicates(outgoing: OutgoingMessage) -> OutgoingMessage | None:
    """Return the message without what it need not say; None if it must not be sent.

    That is what an earlier message answers, and whatever is over the limits of the day. Of confirmations that
    go together, those that are left out are dropped from the outbox.
    """
    if outgoing.kind not in ("LINK", "CONFIRM", "FORGET"):
        return outgoing
    kept = [each for each in (outgoing, *outgoing.others) if not await _is_duplicate(each)]
    if not kept or (outgoing.kind == "CONFIRM" and await _is_flooded(kept[0])):
        return None
    for each in (outgoing, *outgoing.others):
        if each not in kept:
            await attempts.drop(replace(each, others=()))
    return replace(kept[0], others=tuple(kept[1:]))


async def _is_duplicate(outgoing: OutgoingMessage) -> bool:
    """Return whether an earlier message answers the same request, or the day's limit is reached.

    A confirmation answers the opt-in that is pending now. One that ended and was requested anew has limits of
    its own, but for those of the day (R19, decision 0025).
    """
    earlier = await _earlier(outgoing)
    if len(earlier) == MAX_PER_DAY:
        return True
    if outgoing.kind != "CONFIRM":
        return any(_answers(row, outgoing) for row in earlier)
    requested_at = await _requested_at(outgoing)
    if requested_at is None or outgoing.created_at < requested_at:
        return True  # the opt-in that it is about has ended
    of_this = [row for row in earlier if database.instant(row["created_at"]) >= requested_at]
    return any(_answers(row, outgoing) for row in of_this)


async def _earlier(outgoing: OutgoingMessage) -> Sequence[database.Row]:
    return await database.fetch(
        _EARLIER,
        recipients.fingerprint_of(outgoing.address),
        outgoing.kind,
        outgoing.channel.value,
        outgoing.type_id or 0,
        outgoing.id,
        outgoing.created_at - _DAY,
        MAX_PER_DAY,
    )


async def _requested_at(outgoing: OutgoingMessage) -> datetime | None:
    """When the opt-in that is pending now was requested; None if none is."""
    rows = await database.fetch(
        _REQUESTED_AT,
        outgoing.address.kind.value,
        recipients.fingerprint_of(outgoing.address),
        outgoing.channel.value,
        outgoing.type_id,
    )
    return database.instant(rows[0]["requested_at"]) if rows else None


async def _is_flooded(outgoing: OutgoingMessage) -> bool:
    """Whether the address got all confirmation messages of a day: opt-ins can end and begin many times."""
    [row] = await database.fetch(
        _CONFIRMATIONS_OF_DAY,
        recipients.fingerprint_of(outgoing.address),
        outgoing.channel.value,
        outgoing.id,
        outgoing.created_at - _DAY,
    )
    return int(row["confirmations"]) >= MAX_CONFIRMATIONS_PER_DAY


def _answers(earlier: database.Row, outgoing: OutgoingMessage) -> bool:
    """Requested just before, or sent just now: both wait in the queue after an outage of the server."""
    sent_at = database.optional_instant(earlier["sent_at"])
    return database.instant(earlier["created_at"]) > outgoing.created_at - DUPLICATE_WINDOW or (
        sent_at is not None and sent_at > database.now() - DUPLICATE_WINDOW
    )
