"""Messages whose meaning only a person can tell: listed and settled (R29)."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any, TypedDict, Unpack

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.errors import ErrorCode, Invalid
from preference_center.inbound import decisions
from preference_center.inbound.decisions import KeywordDecision
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.recipients import recipients
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import Actor, Channel, ConsentOrigin, Meaning, Verdict
from preference_center.storage import database
from preference_center.storage.conditions import Conditions
from preference_center.storage.counting import Count, count_rows
from preference_center.storage.keyset import KeysetRange
from preference_center.storage.transactions import transaction

_SETTLE = (
    "UPDATE inbound_messages SET verdict = $2, settled_by = $3, settled_at = $4,"
    " recipient_id = COALESCE(recipient_id, $5), sender_id = NULL, sender_name = NULL"
    " WHERE id = $1 AND needs_review AND settled_at IS NULL RETURNING *"
)
"""Settles a message; returns no row if it needs no review or is settled already."""


@dataclass(frozen=True, slots=True)
class MessageRow:
    """A message that was received, as it was when read."""

    id: int
    channel: Channel
    recipient_id: int | None
    sent_to: str
    sender_id: str | None
    """What identifies a sender whose phone number is unknown."""
    sender_name: str | None
    by_provider: bool
    sender_number_id: int | None
    business_unit_id: int | None
    text: str | None
    """Kept until a person has read it, and after that unless an event of the ledger keeps it as evidence."""
    meaning: Meaning
    occurred_at: datetime
    received_at: datetime
    needs_review: bool
    verdict: Verdict | None
    settled_by: str | None
    settled_at: datetime | None

    @property
    def origin(self) -> ConsentOrigin:
        """The origin of the change that it makes."""
        return ConsentOrigin.PROVIDER if self.by_provider else ConsentOrigin.KEYWORD


class Facts(TypedDict, total=False):
    """What a reviewer knows about a message."""

    business_unit: BusinessUnit | None
    """Whom it was meant for. Needed if the number it was sent to is unknown."""
    recipient_id: int | None
    """Who sent it. Needed if the sender is unknown."""
    explanation: str | None


async def page(business_unit: BusinessUnit | None, span: KeysetRange) -> list[MessageRow]:
    """Return the messages that wait for review, of one unit or of all, in the order of the range."""
    values: list[Any] = [span.below, span.above, span.size]
    condition = "needs_review AND settled_at IS NULL AND id < $1 AND id > $2"
    if business_unit is not None:
        values.append(business_unit.id)
        condition += " AND business_unit_id = $4"
    rows = await database.fetch(
        f"SELECT * FROM inbound_messages WHERE {condition} ORDER BY id {span.order} LIMIT $3", *values
    )
    return [message_row(row) for row in rows]


async def count(business_unit: BusinessUnit | None = None) -> Count:
    """Return how many messages wait for review, of one unit or of all."""
    conditions = Conditions("needs_review AND settled_at IS NULL")
    conditions.add("business_unit_id =", business_unit.id if business_unit is not None else None)
    return await count_rows(f"inbound_messages WHERE {conditions.sql}", conditions.values)


async def get_many(ids: Sequence[int]) -> dict[int, MessageRow]:
    """Return messages by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT * FROM inbound_messages WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: message_row(row) for row in rows}


@transaction
async def settle(
    message_id: int,
    verdict: Verdict,
    actor: Actor,
    **facts: Unpack[Facts],
) -> MessageRow:
    """Settle a message: as a STOP or a START at the time it was sent (R17), or as neither.

    Raises Invalid for an unknown message (NOT_FOUND), one that needs no review or is settled already, a
    missing or wrong unit (INVALID_VALUE), and a missing (ADDRESS_MISSING) or wrong (INVALID_VALUE) recipient.
    """
    message = await _claim(message_id, verdict, actor, facts.get("recipient_id"))
    if verdict is Verdict.NOTHING:
        return await _close(message, message.business_unit_id, delete_text=True)
    number = await _sender_number(message)
    business_unit = await _unit_of(message, number, facts.get("business_unit"))
    decision = _decision(message, verdict, business_unit, number)
    applied = await decisions.apply(decision, _provenance(message, actor, facts.get("explanation")))
    is_evidence = any(outcome.event_id is not None for outcome in applied.outcomes)
    return await _close(message, business_unit.id, delete_text=is_evidence or await _is_erased(message))


async def _claim(message_id: int, verdict: Verdict, actor: Actor, recipient_id: int | None) -> MessageRow:
    """Mark a message as settled, so that nobody else can settle it."""
    message = (await get_many([message_id])).get(message_id)
    if message is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no message with this id.", "id")
    known_id = message.recipient_id
    if known_id is not None and recipient_id not in (None, known_id):
        raise Invalid(
            ErrorCode.INVALID_VALUE,
            "This message is from another recipient. Leave `recipient` out: the sender is known.",
            "recipient",
        )
    sender_id = known_id or recipient_id
    if sender_id is not None:
        # First, as in every change of consent: all transactions lock in the same order.
        await lock_recipients([sender_id])
    now = database.now()
    rows = await database.fetch(_SETTLE, message_id, verdict.value, str(actor), now, sender_id)
    if not rows:
        is_settled = (await get_many([message_id]))[message_id].settled_at is not None
        settled, unneeded = "This message was settled before.", "This message needs no review."
        problem = f"{settled if is_settled else unneeded} Nothing was changed."
        raise Invalid(ErrorCode.INVALID_VALUE, problem, "id")
    return message_row(rows[0])


async def _is_erased(message: MessageRow) -> bool:
    """Whether it is from a recipient who was erased and wrote again (R36)."""
    if message.recipient_id is None:
        return False
    recipient = (await recipients.get_many([message.recipient_id])).get(message.recipient_id)
    return recipient is not None and recipient.erased_at is not None


async def _close(message: MessageRow, unit_id: int | None, *, delete_text: bool) -> MessageRow:
    """Store the unit of a settled message, and delete its text if nothing needs it any more."""
    rows = await database.fetch(
        "UPDATE inbound_messages SET business_unit_id = $2, body = $3 WHERE id = $1 RETURNING *",
        message.id,
        unit_id,
        None if delete_text else message.text,
    )
    return message_row(rows[0])


async def _sender_number(message: MessageRow) -> SenderNumber | None:
    """The number it was sent to, which may have been registered since."""
    if message.sender_number_id is not None:
        return await sender_numbers.find_by_id(message.sender_number_id)
    return await sender_numbers.find(message.sent_to, message.channel)


async def _unit_of(
    message: MessageRow, number: SenderNumber | None, requested: BusinessUnit | None
) -> BusinessUnit:
    known_id = message.business_unit_id or (number.unit_id if number else None)
    if known_id is None:
        if requested is None:
            problem = "Name the business unit: the number that this message was sent to is unknown."
            raise Invalid(ErrorCode.INVALID_VALUE, problem, "businessUnit")
        return requested
    business_unit = (await exact_catalog()).unit_by_id(known_id)
    if requested is not None and requested.id != business_unit.id:
        problem = (
            f"This message was sent to a number of {business_unit.key!r}. Name that business unit, or none."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, problem, "businessUnit")
    return business_unit


def _decision(
    message: MessageRow, verdict: Verdict, business_unit: BusinessUnit, number: SenderNumber | None
) -> KeywordDecision:
    """The STOP or START that a person settled the message as (R28)."""
    if message.recipient_id is None:
        problem = "Name the recipient: the sender of this message is unknown."
        raise Invalid(ErrorCode.ADDRESS_MISSING, problem, "recipient")
    is_opt_out = verdict is Verdict.OPT_OUT
    return KeywordDecision(message.recipient_id, message.channel, business_unit, is_opt_out, number)


def _provenance(message: MessageRow, actor: Actor, explanation: str | None) -> Provenance:
    """The person's own words, as a team member read them."""
    url = decisions.evidence_url(message.channel, message.sent_to)
    return Provenance(
        message.origin,
        actor,
        explanation=explanation,
        occurred_at=min(message.occurred_at, database.now()),
        evidence=EvidenceFacts(url=url, shown_text=message.text),
    )


def message_row(row: database.Row) -> MessageRow:
    """Return the message in a row of `inbound_messages`."""
    return MessageRow(
        id=row["id"],
        channel=Channel(row["channel"]),
        recipient_id=row["recipient_id"],
        sent_to=row["sent_to"],
        sender_id=row["sender_id"],
        sender_name=row["sender_name"],
        by_provider=bool(row["by_provider"]),
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
