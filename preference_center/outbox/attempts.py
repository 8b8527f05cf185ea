"""What becomes of a message after an attempt: sent, retried with back-off, or given up."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Literal

import structlog

from preference_center.outbox.failures import PermanentFailure, RefusedByRecipient, Rejected
from preference_center.outbox.message import OutgoingMessage
from preference_center.recipients import refused_addresses
from preference_center.rules.types import Channel
from preference_center.storage import database, transactions
from preference_center.storage.outages import is_unavailable

log = structlog.get_logger()
sleep = asyncio.sleep
MAX_ATTEMPTS = 10
_FIRST_BACK_OFF, _MAX_BACK_OFF = timedelta(seconds=30), timedelta(hours=1)
_MAX_CHANNEL_PAUSE = timedelta(minutes=10)
_MAX_WAIT = timedelta(days=5)
"""How long a message waits for a server that is down (RFC 5321 §4.5.4.1)."""
_KEPT_FOR = timedelta(days=1)
_ATTEMPTS_TO_MARK = 120
"""How often, a second apart, marking a message as sent is tried while the database is down."""
_MAX_REASON_LENGTH = 120
Outcome = Literal["SENT", "PUT_OFF", "HELD_UP", "GIVEN_UP", "REFUSED"]
listeners: list[Callable[[Channel, Outcome], None]] = []
"""Called with the outcome of each attempt."""
refusal_listeners: list[Callable[[OutgoingMessage, RefusedByRecipient], Awaitable[None]]] = []
"""Awaited before a message is given up that its recipient opted out of at the provider (R39)."""

_MARK_SENT = (
    "UPDATE outgoing_mails SET sent_at = $1, trouble = NULL, sent_with_id = NULLIF($2, id)"
    " WHERE id {any_of_3}"
)
_RETRY = "UPDATE outgoing_mails SET due_at = $1, trouble = $2 WHERE id {any_of_3}"
_RETRY_UNCOUNTED = (
    "UPDATE outgoing_mails SET due_at = $1, attempts = attempts - 1, trouble = $2 WHERE id {any_of_3}"
)
_GIVE_UP = "UPDATE outgoing_mails SET attempts = $1, trouble = $2 WHERE id {any_of_3}"
_DROP = "DELETE FROM outgoing_mails WHERE id {any_of_1}"
_POSTPONE_CHANNEL = (
    "UPDATE outgoing_mails SET due_at = $1 WHERE id IN (SELECT id FROM outgoing_mails"
    " WHERE sent_at IS NULL AND due_at <= $2 AND attempts < $3 AND channel = $4{skip_locked})"
)
"""Everything that is due on a channel waits; what another worker holds is left to that worker."""
_DELETE_FINISHED = "DELETE FROM outgoing_mails WHERE sent_at < $1 OR (attempts >= $2 AND due_at < $1)"


def skip_locked() -> str:
    """SQL that passes over the rows other workers hold; SQLite has one writer at a time and needs none."""
    return "" if database.dialect() == "sqlite" else " FOR UPDATE SKIP LOCKED"


async def mark_sent(outgoing: OutgoingMessage) -> None:
    """Mark a message as sent. Until this is written it can be sent again, so it is tried for two minutes."""

    async def mark() -> None:
        await _execute(_MARK_SENT, database.now(), outgoing.id, outgoing.ids)

    for _ in range(_ATTEMPTS_TO_MARK):
        try:
            await transactions.retried(mark)
            break
        except Exception as error:
            if not is_unavailable(error):
                raise
        await sleep(1)
    else:
        await mark()
    if outgoing.channel is Channel.EMAIL:
        await refused_addresses.mark_usable(outgoing.address)
    _notify(outgoing, "SENT")


async def retry(outgoing: OutgoingMessage, retry_after: timedelta | None, reason: str = "") -> None:
    """Try again after a back-off that doubles with each attempt, or later if the provider asked for it."""
    back_off = min(_FIRST_BACK_OFF * 2 ** (outgoing.attempts - 1), _MAX_BACK_OFF)
    due_at = database.now() + min(max(retry_after or back_off, back_off), _MAX_BACK_OFF)
    await _execute(_RETRY, due_at, reason[:_MAX_REASON_LENGTH] or None, outgoing.ids)
    _notify(outgoing, "PUT_OFF" if outgoing.attempts < MAX_ATTEMPTS else "GIVEN_UP")


async def pause_channel(outgoing: OutgoingMessage, reason: str) -> None:
    """Postpone everything that is due on the channel, as nothing can be sent; this attempt does not count.

    The pause is as long as this message has waited already: it doubles without a counter.
    """
    now = database.now()
    waited = now - outgoing.created_at
    if waited > _MAX_WAIT:
        log.warning("outgoing_given_up", id=outgoing.id, kind=outgoing.kind, reason=reason)
        await give_up(outgoing, PermanentFailure(reason))
        return
    due_at = now + min(max(waited, _FIRST_BACK_OFF), _MAX_CHANNEL_PAUSE)
    await _execute(_RETRY_UNCOUNTED, due_at, reason[:_MAX_REASON_LENGTH], outgoing.ids)
    postpone = _POSTPONE_CHANNEL.format(skip_locked=skip_locked())
    await database.execute(postpone, due_at, now, MAX_ATTEMPTS, outgoing.channel.value)
    _notify(outgoing, "HELD_UP")


async def give_up(outgoing: OutgoingMessage, failure: PermanentFailure) -> None:
    """Make no more attempts. The row is kept for a day: a new request within it would fail the same way."""
    reason = str(failure)[:_MAX_REASON_LENGTH]
    if isinstance(failure, RefusedByRecipient):
        for record_refusal in refusal_listeners:
            await record_refusal(outgoing, failure)
    await _execute(_GIVE_UP, MAX_ATTEMPTS, reason, outgoing.ids)
    if isinstance(failure, Rejected) and failure.no_mailbox:
        await refused_addresses.mark_unusable(outgoing.address, reason)
    _notify(outgoing, "REFUSED" if isinstance(failure, Rejected) else "GIVEN_UP")


async def drop(outgoing: OutgoingMessage) -> None:
    """Delete a message that must not be sent."""
    await _execute(_DROP, outgoing.ids)


async def delete_finished() -> int:
    """Delete what was sent or given up a day ago, addresses included; returns how many."""
    return await database.execute(_DELETE_FINISHED, database.now() - _KEPT_FOR, MAX_ATTEMPTS)


async def _execute(sql: str, *values: object) -> None:
    """Run a statement about all rows that a message answers; the last value has their ids."""
    of_ids = database.any_of(len(values))
    await database.execute(sql.format(any_of_1=of_ids, any_of_3=of_ids), *values)


def _notify(outgoing: OutgoingMessage, outcome: Outcome) -> None:
    for listener in listeners:
        listener(outgoing.channel, outcome)
