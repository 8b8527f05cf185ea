"""Messages that people send to the business: each acts once, and no withdrawal is dropped (R27-R30)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, replace
from datetime import datetime
from hashlib import sha256
from typing import Literal

from tortoise.exceptions import IntegrityError

from preference_center.catalog import keywords, sender_numbers
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.inbound import decisions
from preference_center.inbound.decisions import Said
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.outbox import keyword_replies as replies
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.recipients import recipients, visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.messages.classify import Reading, classify
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, Meaning
from preference_center.storage import database, transactions

Answering = Callable[[KeywordReply], Awaitable[None]]
_LONGEST_TEXT = 10_000
_LONGEST_SENT_TO = 64
_OPT_OUTS = frozenset({Meaning.STOP, Meaning.WITHDRAWAL})
_NAMING = frozenset({*_OPT_OUTS, Meaning.START, Meaning.UNCLEAR})
"""What has to be kept with who said it."""
_KINDS: dict[Meaning, replies.ReplyKind] = {
    Meaning.STOP: "STOPPED",
    Meaning.WITHDRAWAL: "STOPPED",
    Meaning.START: "STARTED",
    Meaning.HELP: "HELPED",
}


@dataclass(frozen=True, slots=True)
class Message:
    """A message as a provider delivers it."""

    provider: Literal["twilio", "whatsapp"]
    message_id: str
    channel: Channel
    """SMS or WHATSAPP."""
    sender: Address
    """The person's number."""
    to: str
    """The business's number, as `phone_numbers.of_the_business` gives it."""
    text: str
    occurred_at: datetime | None = None
    """By the provider's clock; None for now."""
    told: Meaning | None = None
    """STOP, START or HELP where the provider itself says what the message means."""
    origin: ConsentOrigin = ConsentOrigin.KEYWORD
    provider_number_id: str | None = None
    """What the provider's API calls the business's number."""
    silent: bool = False
    """Whether the provider has answered it already."""


@dataclass(frozen=True, slots=True)
class _Case:
    """A message, and what is known of it."""

    message: Message
    reading: Reading
    sender: SenderNumber | None
    unit: BusinessUnit | None
    recipient_id: int | None
    locale: str | None
    """The language in the contact's record."""


async def take_in(message: Message, *, answer: Answering | None = None) -> KeywordReply | None:
    """Do what a message says, once however often it comes, and return what to answer, if anything.

    Durable when it returns. `answer` is awaited inside the transaction, with what is returned then.
    """

    async def once() -> KeywordReply | None:
        async with transactions.write_transaction():
            return await _taken_in(_storable(message), answer)

    try:
        return await transactions.retried(once)
    except IntegrityError:
        # The number that it was sent to was removed at this very moment: it is not known any more.
        return await transactions.retried(once)


async def _taken_in(message: Message, answering: Answering | None) -> KeywordReply | None:
    case = await _case(message)
    claimed = await _claim(case)
    if claimed is None or case.sender is None or case.unit is None:
        return None
    if message.provider_number_id and message.provider_number_id != case.sender.provider_id:
        await sender_numbers.learn_provider_id(case.sender.id, message.provider_number_id)
    answer = await _answer(case, case.sender, case.unit)
    if answer is not None:
        await database.execute("UPDATE inbound_messages SET answered = $2 WHERE id = $1", claimed, True)
        if answering is not None:
            await answering(answer)
    return answer


def _storable(message: Message) -> Message:
    """The same in characters that both databases can keep."""
    to, text = (
        given.replace("\x00", "").encode("utf-8", "replace").decode() for given in (message.to, message.text)
    )
    return replace(message, to=to[:_LONGEST_SENT_TO], text=text[:_LONGEST_TEXT])


async def _case(message: Message) -> _Case:
    sender = await _sender(message)
    unit = (await exact_catalog()).unit_by_id(sender.unit_id) if sender else None
    reading = keywords.read(message.text, unit) if unit else classify(message.text)
    if message.told:
        reading = replace(reading, meaning=message.told)
    fingerprint = recipients.fingerprint_of(message.sender)
    visitor = await visitors.find_visitor(message.sender.kind, fingerprint)
    recipient_id = visitor.recipient.id if visitor.recipient else None
    if unit is None or reading.meaning in _NAMING:
        recipient_id = await _named(message, reading, visitor)
    return _Case(message, reading, sender, unit, recipient_id, visitor.locale)


async def _sender(message: Message) -> SenderNumber | None:
    """The number that it was sent to; by its id where it is written otherwise than it was registered."""
    found = await sender_numbers.find(message.to, message.channel)
    if found is None and message.provider_number_id:
        return await sender_numbers.by_provider_id(message.provider_number_id, message.channel)
    return found


async def _named(message: Message, reading: Reading, visitor: Visitor) -> int:
    """The recipient's id. Whom nobody spoke of yet is made known (R2); whoever was erased only by a START."""
    known = visitor.recipient
    if known and (known.address or (known.erased_at and reading.meaning is not Meaning.START)):
        return known.id
    return (await recipients.ensure([message.sender]))[message.sender]


async def _claim(case: _Case) -> int | None:
    """Keep the message, with its text where a person has to read it; None where it was kept before (R30)."""
    message, meaning, now = case.message, case.reading.meaning, database.now()
    review = case.unit is None or meaning is Meaning.UNCLEAR
    digest = sha256(f"{message.provider}:{message.message_id}".encode("utf-8", "surrogatepass")).digest()
    rows = await database.fetch(
        "INSERT INTO inbound_messages (digest, channel, recipient_id, sender_number_id, business_unit_id,"
        " sent_to, meaning, answered, body, needs_review, occurred_at, received_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12)"
        " ON CONFLICT (digest) DO NOTHING RETURNING id",
        digest,
        message.channel.value,
        case.recipient_id,
        case.sender.id if case.sender else None,
        case.unit.id if case.unit else None,
        message.to,
        meaning.value,
        False,
        message.text if review else None,
        review,
        min(message.occurred_at or now, now),
        now,
    )
    return int(rows[0]["id"]) if rows else None


async def _answer(case: _Case, sender: SenderNumber, unit: BusinessUnit) -> KeywordReply | None:
    """Do what the message says; what to answer, where the person is to get one."""
    meaning, channel = case.reading.meaning, case.message.channel
    kind = _KINDS.get(meaning)
    if kind is None or not await _done(case, sender, unit) or case.message.silent:
        return None
    language = replies.language_of(case.locale, case.reading.language, unit.default_locale)
    return KeywordReply(kind, replies.reply_text(kind, channel, unit, language), language, sender.id)


async def _done(case: _Case, sender: SenderNumber, unit: BusinessUnit) -> bool:
    """Take a STOP or START to the ledger; whether that is to be answered."""
    message, meaning = case.message, case.reading.meaning
    if meaning is Meaning.HELP or case.recipient_id is None:
        return True
    out, relayed = meaning in _OPT_OUTS, message.origin is ConsentOrigin.PROVIDER
    said = Said(case.recipient_id, message.channel, unit, out, sender, spare_opted_out=relayed)
    effect = await decisions.apply(said, _provenance(message, case.reading))
    if out and not effect.changed:
        return effect.holds and not await _told_so(said)
    return effect.holds


async def _told_so(said: Said) -> bool:
    """Whether the last answer was that they are out: a machine that answers STOP gets one (R28)."""
    rows = await database.fetch(
        "SELECT meaning FROM inbound_messages WHERE recipient_id = $1 AND channel = $2"
        " AND business_unit_id = $3 AND answered ORDER BY id DESC LIMIT 1",
        *(said.recipient_id, said.channel.value, said.unit.id),
    )
    return bool(rows) and Meaning(rows[0]["meaning"]) in _OPT_OUTS


def _provenance(message: Message, reading: Reading) -> Provenance:
    occurred = min(message.occurred_at, database.now()) if message.occurred_at else None
    url = decisions.evidence_url(message.channel, message.to)
    evidence = EvidenceFacts(url=url, shown_text=message.text or None, locale=reading.language)
    return Provenance(message.origin, RECIPIENT, occurred_at=occurred, evidence=evidence)
