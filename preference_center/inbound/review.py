"""Messages that nobody could tell the meaning of but a person: listed, settled, forgotten (R29, R36)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.errors import ErrorCode, Invalid
from preference_center.inbound import decisions
from preference_center.inbound.decisions import Said
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.recipients import recipients
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import Actor, Channel, ConsentOrigin, Meaning, Verdict
from preference_center.storage import database, transactions
from preference_center.storage.keyset import KeysetRange


@dataclass(frozen=True, slots=True)
class MessageRow:
    """One message that came in, as it was when read."""

    id: int
    channel: Channel
    recipient_id: int | None
    sent_to: str
    sender_number_id: int | None
    business_unit_id: int | None
    text: str | None
    """Kept while a person has to read it, and where no event of the ledger keeps it as its proof."""
    meaning: Meaning
    occurred_at: datetime
    received_at: datetime
    needs_review: bool
    verdict: Verdict | None
    settled_by: str | None
    settled_at: datetime | None


async def page(unit: BusinessUnit | None, span: KeysetRange) -> list[MessageRow]:
    """The messages that wait for review, of one unit or of all, in the order of reading."""
    values: list[Any] = [span.below, span.above, span.size]
    condition = "needs_review AND settled_at IS NULL AND id < $1 AND id > $2"
    if unit is not None:
        values.append(unit.id)
        condition += " AND business_unit_id = $4"
    rows = await database.fetch(
        f"SELECT * FROM inbound_messages WHERE {condition} ORDER BY id {span.order} LIMIT $3", *values
    )
    return [_row(row) for row in rows]


async def get_many(ids: Sequence[int]) -> dict[int, MessageRow]:
    """Messages by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT * FROM inbound_messages WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: _row(row) for row in rows}


async def settle(
    message_id: int,
    verdict: Verdict,
    actor: Actor,
    *,
    unit: BusinessUnit | None = None,
    explanation: str | None = None,
) -> MessageRow:
    """Do what a person took a message for: a STOP or a START at the message's own time (R17), or nothing.

    `unit` is needed where the number that it was sent to is not known. Raises Invalid for a message that is
    not there (NOT_FOUND), one that waits for no review, and a unit that is missing or another's
    (INVALID_VALUE). Of two who settle at once one is refused.
    """

    async def once() -> MessageRow:
        async with transactions.write_transaction():
            message = await _claim(message_id, verdict, actor)
            if verdict is Verdict.NOTHING:
                return await _close(message, message.business_unit_id, drop=True)
            sender = await _sender(message)
            about = await _unit_of(message, sender, unit)
            said = _said(message, verdict, about, sender)
            effect = await decisions.apply(said, _provenance(message, actor, explanation))
            proved = any(outcome.event_id is not None for outcome in effect.outcomes)
            return await _close(message, about.id, drop=proved or await _is_erased(message))

    return await transactions.retried(once)


async def _claim(message_id: int, verdict: Verdict, actor: Actor) -> MessageRow:
    """Mark a message as settled, against everybody else who would."""
    message = (await get_many([message_id])).get(message_id)
    if message is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such message.", "id")
    if message.recipient_id is not None:
        # First, as everybody does who changes what holds for them: whoever waits does so in one order.
        await lock_recipients([message.recipient_id])
    rows = await database.fetch(
        "UPDATE inbound_messages SET verdict = $2, settled_by = $3, settled_at = $4"
        " WHERE id = $1 AND needs_review AND settled_at IS NULL RETURNING *",
        *(message_id, verdict.value, str(actor), database.now()),
    )
    if not rows:
        settled = (await get_many([message_id]))[message_id].settled_at is not None
        words = "That message is settled already." if settled else "That message needs no review."
        raise Invalid(ErrorCode.INVALID_VALUE, words, "id")
    return _row(rows[0])


async def _is_erased(message: MessageRow) -> bool:
    """Whether its text is somebody's who was erased, and wrote again (R36)."""
    number = message.recipient_id
    known = (await recipients.get_many([number])).get(number) if number is not None else None
    return known is not None and known.erased_at is not None


async def _close(message: MessageRow, unit_id: int | None, *, drop: bool) -> MessageRow:
    """Keep what was found out; `drop` the text where nothing more needs it."""
    rows = await database.fetch(
        "UPDATE inbound_messages SET business_unit_id = $2, body = $3 WHERE id = $1 RETURNING *",
        *(message.id, unit_id, None if drop else message.text),
    )
    return _row(rows[0])


async def _sender(message: MessageRow) -> SenderNumber | None:
    """The number that it was sent to; it may have been registered since."""
    if message.sender_number_id is not None:
        return (await sender_numbers.get_many([message.sender_number_id])).get(message.sender_number_id)
    return await sender_numbers.find(message.sent_to, message.channel)


async def _unit_of(
    message: MessageRow, sender: SenderNumber | None, given: BusinessUnit | None
) -> BusinessUnit:
    known = message.business_unit_id or (sender.unit_id if sender else None)
    if known is None:
        if given is None:
            words = "The number that it was sent to is not known: say which unit it is about."
            raise Invalid(ErrorCode.INVALID_VALUE, words, "businessUnit")
        return given
    unit = (await exact_catalog()).unit_by_id(known)
    if given is not None and given.id != unit.id:
        words = f"It was sent to a number of {unit.key!r}."
        raise Invalid(ErrorCode.INVALID_VALUE, words, "businessUnit")
    return unit


def _said(message: MessageRow, verdict: Verdict, unit: BusinessUnit, sender: SenderNumber | None) -> Said:
    """The STOP or START that it is taken for (R28)."""
    if message.recipient_id is None:
        raise Invalid(ErrorCode.ADDRESS_MISSING, "Nobody is known to have sent that message.", "id")
    out = verdict is Verdict.OPT_OUT
    return Said(message.recipient_id, message.channel, unit, out, sender)


def _provenance(message: MessageRow, actor: Actor, explanation: str | None) -> Provenance:
    """The person's own word, as a named reader took it."""
    url = decisions.evidence_url(message.channel, message.sent_to)
    return Provenance(
        ConsentOrigin.KEYWORD,
        actor,
        explanation=explanation,
        occurred_at=min(message.occurred_at, database.now()),
        evidence=EvidenceFacts(url=url, shown_text=message.text),
    )


def _row(row: database.Row) -> MessageRow:
    return MessageRow(
        id=row["id"],
        channel=Channel(row["channel"]),
        recipient_id=row["recipient_id"],
        sent_to=row["sent_to"],
        sender_number_id=row["sender_number_id"],
        business_unit_id=row["business_unit_id"],
        text=row["body"],
        meaning=Meaning(row["meaning"]),
        occurred_at=database.instant(row["occurred_at"]),
        received_at=database.instant(row["received_at"]),
        needs_review=bool(row["needs_review"]),
        verdict=Verdict(row["verdict"]) if row["verdict"] else None,
        settled_by=row["settled_by"],
        settled_at=database.optional_instant(row["settled_at"]),
    )
