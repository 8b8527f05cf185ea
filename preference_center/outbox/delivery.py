"""What Sayso itself sends, by mail and by text message: queued with what caused it, delivered by the worker.

A message is claimed by moving its next turn into the future, sent, and noted as sent: a worker that dies
loses nothing, and what was noted is never sent again. Between sending and noting lies one statement: one
killed just there sends that message a second time.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable, Sequence
from datetime import datetime, timedelta
from typing import Literal

import structlog

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.outbox.keyword_replies import Answer
from preference_center.outbox.mail import delivery as mail
from preference_center.outbox.message import GivenUp, Outgoing, Refused, Standstill, TryLater, from_row
from preference_center.outbox.texts import content as text_messages
from preference_center.recipients import recipients, refused_addresses
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database, transactions
from preference_center.storage.outages import is_unavailable

log = structlog.get_logger()
pause = asyncio.sleep
MailKind = Literal["LINK", "CONFIRM", "FORGET"]
ASKED_AGAIN = timedelta(minutes=10)
"""Of what is asked for twice within this time, a link or a confirmation, one is sent."""
MOST_IN_A_DAY = 5
"""How often in a day the same is sent to one address."""
TEXTS = (Channel.SMS, Channel.WHATSAPP)
_AHEAD = timedelta(days=1)
"""How far what a person waits for goes before what a long import asks for."""
LEASE = timedelta(minutes=5)
"""How long a worker may take: then the message is anybody's again, for its worker may have died."""
_FIRST_PAUSE, _LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=1)
_LONGEST_STANDSTILL_PAUSE = timedelta(minutes=10)
_LONGEST_WAIT = timedelta(days=5)
"""How long a message waits for a server that is away (RFC 5321, section 4.5.4.1)."""
_KEPT = _A_DAY = timedelta(days=1)
_ATTEMPTS = 10
_TRIES_TO_NOTE = 120
"""How often, a second apart, a database that is away is told that a message was sent."""
_LONGEST_TROUBLE = 120
Outcome = Literal["SENT", "PUT_OFF", "HELD_UP", "GIVEN_UP", "REFUSED"]
listeners: list[Callable[[Channel, Outcome], None]] = []
"""Called with what came of each try."""


async def queue(
    kind: MailKind,
    address: Address,
    unit: BusinessUnit | None,
    type_: SubscriptionType | None,
    locale: str | None,
) -> None:
    """Have a mail sent, or an SMS to a phone number, in the transaction that is open: with it, or not at all.

    LINK leads to the preference page (R35), CONFIRM to the confirmation of a pending opt-in (R19), FORGET to
    that of being forgotten (R36).
    """
    channel = Channel.EMAIL if address.kind is RecipientKind.EMAIL else Channel.SMS
    due = database.now() if kind == "CONFIRM" else database.now() - _AHEAD
    await _queue(kind, address, channel, unit, type_, locale, due)


async def queue_answer(answer: Answer, address: Address, channel: Channel, unit: BusinessUnit) -> None:
    """Have a keyword answered through the provider's API (R28), in the transaction that is open."""
    due, sender = database.now() - _AHEAD, answer.sender_number_id
    await _queue(answer.kind, address, channel, unit, None, answer.language, due, sender)


async def _queue(
    kind: str,
    address: Address,
    channel: Channel,
    unit: BusinessUnit | None,
    type_: SubscriptionType | None,
    locale: str | None,
    due_at: datetime,
    sender_number_id: int | None = None,
) -> None:
    await database.execute(
        "INSERT INTO outgoing_mails (kind, channel, fingerprint, address, business_unit_id,"
        " subscription_type_id, locale, sender_number_id, created_at, due_at, attempts)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, 0)",
        kind,
        channel.value,
        recipients.fingerprint_of(address),
        address.value,
        unit.id if unit else None,
        type_.id if type_ else None,
        locale,
        sender_number_id,
        database.now(),
        due_at,
    )


async def deliver_due(channels: Sequence[Channel] = tuple(Channel), at_once: int = 20) -> int:
    """Deliver what is due, and return how many were claimed; several workers never take the same one.

    One that fails stays in the queue and is tried again later, each time after a longer pause, at most ten
    times. Where the server is away all wait, and no try is counted.
    """
    claimed = await _claim(channels, at_once)
    if not claimed and Channel.EMAIL in channels:
        await mail.rest()
    for outgoing in claimed:
        try:
            await _settle(outgoing)
        except Exception:
            log.exception("outgoing_failed", id=outgoing.id, kind=outgoing.kind)
            await _put_off(outgoing, None)
    return len(claimed)


async def _claim(channels: Sequence[Channel], at_once: int) -> list[Outgoing]:
    """Take some by moving their next turn into the future: a worker that dies loses nothing."""
    now, named = database.now(), [channel.value for channel in channels]
    due = f"sent_at IS NULL AND due_at <= $1 AND attempts < $2 AND channel {database.any_of(3)}"
    if not await database.fetch(f"SELECT 1 FROM outgoing_mails WHERE {due} LIMIT 1", now, _ATTEMPTS, named):
        return []  # an idle worker takes no lock
    locked = "" if database.dialect() == "sqlite" else " FOR UPDATE SKIP LOCKED"
    rows = await database.fetch(
        "UPDATE outgoing_mails SET attempts = attempts + 1, due_at = $4 WHERE id IN"
        f" (SELECT id FROM outgoing_mails WHERE {due} ORDER BY due_at, id LIMIT $5{locked}) RETURNING *",
        now,
        _ATTEMPTS,
        named,
        now + LEASE,
        at_once,
    )
    return sorted((from_row(row) for row in rows), key=lambda outgoing: outgoing.id)


async def _settle(outgoing: Outgoing) -> None:
    """Deliver a message, or drop it where nobody is to get it (R35, R19)."""
    try:
        delivered = not await _asked_before(outgoing) and await _deliver(outgoing)
    except Standstill as reason:
        log.error("outgoing_held_up", channel=outgoing.channel.value, reason=str(reason))
        await _hold_up(outgoing, str(reason))
        return
    except TryLater as reason:
        log.warning("outgoing_put_off", id=outgoing.id, kind=outgoing.kind, reason=str(reason))
        await _put_off(outgoing, reason.after, str(reason))
        return
    except GivenUp as reason:
        log.warning("outgoing_given_up", id=outgoing.id, kind=outgoing.kind, reason=str(reason))
        await _give_up(outgoing, reason)
        return
    if delivered:
        await _note(outgoing)
    else:
        await database.execute("DELETE FROM outgoing_mails WHERE id = $1", outgoing.id)


async def _deliver(outgoing: Outgoing) -> bool:
    if outgoing.channel is Channel.EMAIL:
        return await mail.deliver(outgoing)
    return await text_messages.deliver(outgoing)


async def _note(outgoing: Outgoing) -> None:
    """Note that it was sent; until this is written, it may be sent again: so it is tried for a while."""

    async def once() -> None:
        await database.execute(
            "UPDATE outgoing_mails SET sent_at = $1, trouble = NULL WHERE id = $2",
            database.now(),
            outgoing.id,
        )

    for _ in range(_TRIES_TO_NOTE):
        try:
            await transactions.retried(once)
            break
        except Exception as error:
            if not is_unavailable(error):
                raise
        await pause(1)
    else:
        await once()
    if outgoing.channel is Channel.EMAIL:
        await refused_addresses.forget(outgoing.address)
    _tell(outgoing, "SENT")


async def _put_off(outgoing: Outgoing, after: timedelta | None, reason: str = "") -> None:
    """Try again later: twice as late each time, or when the provider asks for it."""
    pause = min(_FIRST_PAUSE * 2 ** (outgoing.attempts - 1), _LONGEST_PAUSE)
    due_at = database.now() + min(max(after or pause, pause), _LONGEST_PAUSE)
    await database.execute(
        "UPDATE outgoing_mails SET due_at = $1, trouble = $2 WHERE id = $3",
        due_at,
        reason[:_LONGEST_TROUBLE] or None,
        outgoing.id,
    )
    _tell(outgoing, "PUT_OFF" if outgoing.attempts < _ATTEMPTS else "GIVEN_UP")


async def _hold_up(outgoing: Outgoing, reason: str) -> None:
    """Let all that is due on the channel wait, for none of it could go; this was no try.

    The pause is as long as this message has waited already: so it doubles, without a count of its own.
    """
    now = database.now()
    waited = now - outgoing.created_at
    if waited > _LONGEST_WAIT:
        log.warning("outgoing_given_up", id=outgoing.id, kind=outgoing.kind, reason=reason)
        await _give_up(outgoing, GivenUp(reason))
        return
    due_at = now + min(max(waited, _FIRST_PAUSE), _LONGEST_STANDSTILL_PAUSE)
    await database.execute(
        "UPDATE outgoing_mails SET due_at = $1, attempts = attempts - 1, trouble = $2 WHERE id = $3",
        due_at,
        reason[:_LONGEST_TROUBLE],
        outgoing.id,
    )
    locked = "" if database.dialect() == "sqlite" else " FOR UPDATE SKIP LOCKED"
    await database.execute(
        "UPDATE outgoing_mails SET due_at = $1 WHERE id IN (SELECT id FROM outgoing_mails"
        f" WHERE sent_at IS NULL AND due_at <= $2 AND attempts < $3 AND channel = $4{locked})",
        due_at,
        now,
        _ATTEMPTS,
        outgoing.channel.value,
    )
    _tell(outgoing, "HELD_UP")


async def _give_up(outgoing: Outgoing, reason: GivenUp) -> None:
    """Try no more. The row stays for its day: asking for it again at once would be refused as well."""
    await database.execute(
        "UPDATE outgoing_mails SET attempts = $1, trouble = $2 WHERE id = $3",
        _ATTEMPTS,
        str(reason)[:_LONGEST_TROUBLE],
        outgoing.id,
    )
    if isinstance(reason, Refused) and reason.unusable:
        await refused_addresses.note(outgoing.address, str(reason)[:_LONGEST_TROUBLE])
    _tell(outgoing, "REFUSED" if isinstance(reason, Refused) else "GIVEN_UP")


def _tell(outgoing: Outgoing, outcome: Outcome) -> None:
    for listener in listeners:
        listener(outgoing.channel, outcome)


async def _asked_before(outgoing: Outgoing) -> bool:
    """Whether earlier messages answer the same wish, or are as many as one address gets in a day."""
    if outgoing.kind not in ("LINK", "CONFIRM", "FORGET"):
        return False
    rows = await database.fetch(
        "SELECT created_at, sent_at FROM outgoing_mails WHERE fingerprint = $1 AND kind = $2 AND channel = $3"
        " AND COALESCE(subscription_type_id, 0) = $4 AND id < $5 AND created_at > $6"
        " ORDER BY id DESC LIMIT $7",
        recipients.fingerprint_of(outgoing.address),
        outgoing.kind,
        outgoing.channel.value,
        outgoing.type_id or 0,
        outgoing.id,
        outgoing.created_at - _A_DAY,
        MOST_IN_A_DAY,
    )
    return len(rows) == MOST_IN_A_DAY or any(_answers(row, outgoing) for row in rows)


def _answers(earlier: database.Row, outgoing: Outgoing) -> bool:
    """Asked for a moment before, or sent a moment ago: where the server was away, both lie in the queue."""
    sent = database.optional_instant(earlier["sent_at"])
    return database.instant(earlier["created_at"]) > outgoing.created_at - ASKED_AGAIN or (
        sent is not None and sent > database.now() - ASKED_AGAIN
    )


async def tidy() -> int:
    """Forget what was sent, or given up, a day ago: the addresses have no business here. Returns how many."""
    return await database.execute(
        "DELETE FROM outgoing_mails WHERE sent_at < $1 OR (attempts >= $2 AND due_at < $1)",
        database.now() - _KEPT,
        _ATTEMPTS,
    )
