"""How often a link or a confirmation is sent to one address: later requests are dropped (R35)."""

from __future__ import annotations

from datetime import timedelta

from preference_center.outbox.message import OutgoingMessage
from preference_center.recipients import recipients
from preference_center.storage import database

DUPLICATE_WINDOW = timedelta(minutes=10)
"""Of the same message requested several times within this time, one is sent."""
MAX_PER_DAY = 5
"""How often the same message is sent to one address in a day."""
_DAY = timedelta(days=1)
_EARLIER = (
    "SELECT created_at, sent_at FROM outgoing_mails WHERE fingerprint = $1 AND kind = $2 AND channel = $3"
    " AND COALESCE(subscription_type_id, 0) = $4 AND id < $5 AND created_at > $6"
    " ORDER BY id DESC LIMIT $7"
)
"""The same message to the same address, queued up to a day before this one, newest first."""


async def is_duplicate(outgoing: OutgoingMessage) -> bool:
    """Return whether an earlier message answers the same request, or the day's limit is reached."""
    if outgoing.kind not in ("LINK", "CONFIRM", "FORGET"):
        return False
    rows = await database.fetch(
        _EARLIER,
        recipients.fingerprint_of(outgoing.address),
        outgoing.kind,
        outgoing.channel.value,
        outgoing.type_id or 0,
        outgoing.id,
        outgoing.created_at - _DAY,
        MAX_PER_DAY,
    )
    return len(rows) == MAX_PER_DAY or any(_answers(row, outgoing) for row in rows)


def _answers(earlier: database.Row, outgoing: OutgoingMessage) -> bool:
    """Requested just before, or sent just now: both wait in the queue after an outage of the server."""
    sent_at = database.optional_instant(earlier["sent_at"])
    return database.instant(earlier["created_at"]) > outgoing.created_at - DUPLICATE_WINDOW or (
        sent_at is not None and sent_at > database.now() - DUPLICATE_WINDOW
    )
