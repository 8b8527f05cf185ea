"""Sending the question whether an opt-in is wanted once more, within limits (R19).

Nothing about the wish changes: it keeps its grounds, and the day on which it lapses.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from enum import Enum

from preference_center.outbox.queue import queue_confirmations_again
from preference_center.rules.types import Channel, ConsentOrigin
from preference_center.storage import database, transactions

PAUSE = timedelta(minutes=10)
"""How long after one message the next may follow."""
MOST = 5
"""How many messages there are for one wish, the first included."""
SENDING_AGAIN = frozenset(
    {
        ConsentOrigin.PREFERENCE_PAGE,
        ConsentOrigin.KEYWORD,
        ConsentOrigin.CONTACT_RECORD,
        ConsentOrigin.INTEGRATION,
    }
)
"""Where somebody asks for one person: no bulk update, import or workflow, which may come every night."""


class Sending(Enum):
    """What became of sending a confirmation once more."""

    QUEUED = "QUEUED"
    TOO_SOON = "TOO_SOON"
    ENOUGH = "ENOUGH"
    """As many messages were sent as ever are for one wish."""
    NOTHING_WAITS = "NOTHING_WAITS"


async def send_again(recipient_id: int, channel: Channel, type_id: int) -> Sending:
    """Queue another message about the opt-in that waits, where the limits allow it."""
    what = (recipient_id, channel.value, type_id)

    async def once() -> Sending:
        async with transactions.write_transaction():
            at = database.now()
            rows = await database.fetch(
                "SELECT id, confirmations FROM pending_opt_ins WHERE recipient_id = $1 AND channel = $2"
                " AND subscription_type_id = $3 AND expires_at > $4",
                *what,
                at,
            )
            if not rows:
                return Sending.NOTHING_WAITS
            if await queue_again([rows[0]["id"]], at):
                return Sending.QUEUED
            return Sending.ENOUGH if rows[0]["confirmations"] >= MOST else Sending.TOO_SOON

    return await transactions.retried(once)


async def queue_again(pending_ids: Sequence[int], at: datetime) -> int:
    """Queue a message for each of these wishes that the limits allow, in the transaction that is open.

    Counting and judging are one statement, so that of two who ask at the same moment one gets a message.
    """
    of_ids = database.any_of(1)
    rows = await database.fetch(
        "UPDATE pending_opt_ins SET confirmations = confirmations + 1, sent_again_at = $2"
        f" WHERE id {of_ids} AND expires_at > $2 AND confirmations < $3"
        " AND COALESCE(sent_again_at, requested_at) <= $4 RETURNING id",
        list(pending_ids),
        at,
        MOST,
        at - PAUSE,
    )
    if rows:
        await queue_confirmations_again([row["id"] for row in rows], at)
    return len(rows)
