"""Sends the messages in the outbox.

1. A worker claims messages by moving `due_at` ahead by a lease: no other worker takes them meanwhile.
2. It sends each message.
3. It marks each message as sent.

If a worker dies after 1, the lease expires and another worker sends the message: nothing is lost. If it dies
between 2 and 3, the message is sent twice. What is marked as sent is never sent again.
"""

from __future__ import annotations

from collections.abc import Sequence

import structlog

from preference_center.outbox import attempts
from preference_center.outbox.claims import claim
from preference_center.outbox.duplicates import without_duplicates
from preference_center.outbox.failures import ChannelUnavailable, PermanentFailure, TemporaryFailure
from preference_center.outbox.mail import delivery as mail
from preference_center.outbox.message import OutgoingMessage
from preference_center.outbox.text_messages import delivery as text_messages
from preference_center.rules.types import Channel

log = structlog.get_logger()
TEXT_CHANNELS = (Channel.SMS, Channel.WHATSAPP)


async def deliver_due(channels: Sequence[Channel] = tuple(Channel), limit: int = 20) -> int:
    """Send up to `limit` due messages and return how many were claimed; workers never claim the same ones.

    Confirmations that one message answers count as several. A message that fails stays in the queue and is
    retried with back-off, ten attempts at most. While the server is down all messages wait, and no attempt
    counts.
    """
    claimed = await claim(channels, limit)
    if not claimed and Channel.EMAIL in channels:
        await mail.close_connections()
    for outgoing in claimed:
        try:
            await _attempt(outgoing)
        except Exception:
            log.exception("outgoing_failed", id=outgoing.id, kind=outgoing.kind)
            await attempts.retry(outgoing, None)
    return sum(len(outgoing.ids) for outgoing in claimed)


async def _attempt(claimed: OutgoingMessage) -> None:
    """Send a message, or drop it if it must not be sent (R35, R19, R36)."""
    outgoing = await without_duplicates(claimed)
    if outgoing is None:
        await attempts.drop(claimed)
        return
    try:
        sent = await _send(outgoing)
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
