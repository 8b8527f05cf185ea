"""Sends the messages in the outbox.

1. A worker claims messages by moving `due_at` ahead by a lease: no other worker takes them meanwhile.
2. It sends each message.
3. It marks each message as sent.

If a worker dies after 1, the lease expires and another worker sends the message: nothing is lost. If it dies
between 2 and 3, the message is sent twice. What is marked as sent is never sent again.
"""

from __future__ import annotations

from collections.abc import Sequence
from datetime import timedelta

import structlog

from preference_center.outbox import attempts
from preference_center.outbox.attempts import MAX_ATTEMPTS
from preference_center.outbox.duplicates import is_duplicate
from preference_center.outbox.failures import ChannelUnavailable, PermanentFailure, TemporaryFailure
from preference_center.outbox.mail import delivery as mail
from preference_center.outbox.message import OutgoingMessage, from_row
from preference_center.outbox.text_messages import delivery as text_messages
from preference_center.rules.types import Channel
from preference_center.storage import database

log = structlog.get_logger()
TEXT_CHANNELS = (Channel.SMS, Channel.WHATSAPP)
LEASE = timedelta(minutes=5)
"""How long a worker has for the messages it claims; after that any worker takes them."""
_DUE = "sent_at IS NULL AND due_at <= $1 AND attempts < $2 AND channel {any_of_3}"
_ANY_DUE = f"SELECT 1 FROM outgoing_mails WHERE {_DUE} LIMIT 1"
_CLAIM = (
    "UPDATE outgoing_mails SET attempts = attempts + 1, due_at = $4 WHERE id IN"
    f" (SELECT id FROM outgoing_mails WHERE {_DUE} ORDER BY due_at, id LIMIT $5{{skip_locked}}) RETURNING *"
)


async def deliver_due(channels: Sequence[Channel] = tuple(Channel), limit: int = 20) -> int:
    """Send up to `limit` due messages and return how many were claimed; workers never claim the same ones.

    A message that fails stays in the queue and is retried with back-off, ten attempts at most. While the
    server is down all messages wait, and no attempt counts.
    """
    claimed = await _claim(channels, limit)
    if not claimed and Channel.EMAIL in channels:
        await mail.close_connections()
    for outgoing in claimed:
        try:
            await _attempt(outgoing)
        except Exception:
            log.exception("outgoing_failed", id=outgoing.id, kind=outgoing.kind)
            await attempts.retry(outgoing, None)
    return len(claimed)


async def _claim(channels: Sequence[Channel], limit: int) -> list[OutgoingMessage]:
    now, names = database.now(), [channel.value for channel in channels]
    parts = {"any_of_3": database.any_of(3), "skip_locked": attempts.skip_locked()}
    if not await database.fetch(_ANY_DUE.format(**parts), now, MAX_ATTEMPTS, names):
        return []  # an idle worker takes no lock
    rows = await database.fetch(_CLAIM.format(**parts), now, MAX_ATTEMPTS, names, now + LEASE, limit)
    return sorted((from_row(row) for row in rows), key=lambda outgoing: outgoing.id)


async def _attempt(outgoing: OutgoingMessage) -> None:
    """Send a message, or drop it if it must not be sent (R35, R19, R36)."""
    try:
        sent = not await is_duplicate(outgoing) and await _send(outgoing)
    except ChannelUnavailable as failure:
        log.error("outgoing_held_up", channel=outgoing.channel.value, reason=str(failure))
        await attempts.pause_channel(outgoing, str(failure))
    except TemporaryFailure as failure:
        log.warning("outgoing_put_off", id=outgoing.id, kind=outgoing.kind, reason=str(failure))
        await attempts.retry(outgoing, failure.retry_after, str(failure))
    except PermanentFailure as failure:
        log.warning("outgoing_given_up", id=outgoing.id, kind=outgoing.kind, reason=str(failure))
        await attempts.give_up(outgoing, failure)
    else:
        await (attempts.mark_sent(outgoing) if sent else attempts.drop(outgoing))


async def _send(outgoing: OutgoingMessage) -> bool:
    if outgoing.channel is Channel.EMAIL:
        return await mail.deliver(outgoing)
    return await text_messages.deliver(outgoing)
