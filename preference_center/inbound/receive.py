"""Receives people's messages to the business: each acts once, and no withdrawal is dropped (R27 to R30)."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass, replace
from hashlib import sha256

from tortoise.exceptions import IntegrityError

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import BusinessUnit, exact_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.inbound import decisions, senders, waiting
from preference_center.inbound.decisions import KeywordDecision
from preference_center.inbound.message import Message
from preference_center.inbound.reading import OPT_OUTS, read_message
from preference_center.ledger.types import EvidenceFacts, Provenance
from preference_center.outbox.keyword_replies import KeywordReply, ReplyKind, language_of, reply_text
from preference_center.recipients import recipients
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import Address
from preference_center.rules.messages.classify import Reading
from preference_center.rules.types import RECIPIENT, ConsentOrigin, Meaning, RecipientKind
from preference_center.storage import database
from preference_center.storage.transactions import transaction

QueueReply = Callable[[KeywordReply], Awaitable[None]]
_MAX_TEXT_LENGTH = 10_000
_MAX_SENT_TO_LENGTH = 64
_MAX_SENDER_LENGTH = 160
_NEEDS_RECIPIENT = frozenset({*OPT_OUTS, Meaning.START, Meaning.UNCLEAR})
"""Meanings that are stored with the recipient."""
_REPLIES: dict[Meaning, ReplyKind] = {
    Meaning.STOP: "STOPPED",
    Meaning.WITHDRAWAL: "STOPPED",
    Meaning.START: "STARTED",
    Meaning.HELP: "HELPED",
}
_STORE = (
    "INSERT INTO inbound_messages (digest, channel, recipient_id, sender_number_id, business_unit_id,"
    " sent_to, meaning, answered, body, needs_review, occurred_at, received_at, sender_id, sender_name,"
    " by_provider) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15)"
    " ON CONFLICT (digest) DO NOTHING RETURNING id"
)
"""Stores a message; returns no row if it is stored already (R30)."""
_LAST_REPLIED = (
    "SELECT meaning FROM inbound_messages WHERE recipient_id = $1 AND channel = $2"
    " AND business_unit_id = $3 AND answered ORDER BY id DESC LIMIT 1"
)
"""The recipient's last message to the unit that got a reply."""


@dataclass(frozen=True, slots=True)
class _Received:
    """A message and what is known about it."""

    message: Message
    reading: Reading
    sender_number: SenderNumber | None
    business_unit: BusinessUnit | None
    recipient_id: int | None
    locale: str | None
    """The contact's language."""
    is_identified: bool
    """Whether the sender is a known phone number, perhaps by its fingerprint alone."""
    address: str | None
    """The sender's phone number, if it is known in full."""
    in_future: bool
    """Whether it is dated later than now. An opt-out then counts as now (R17)."""

    @property
    def needs_review(self) -> bool:
        """Whether a person has to read it: unclear, to an unknown number, or from an unknown sender.

        A START from the future too: an opt-in dated in the future is not applied, and no message is dropped
        (R17, R29).
        """
        meaning = self.reading.meaning
        if not self.is_identified:
            return bool(self.message.words or self.message.provider_meaning)
        if meaning is Meaning.START and (self.address is None or self.in_future):
            return True
        return self.business_unit is None or meaning is Meaning.UNCLEAR


async def receive_message(message: Message, *, queue_reply: QueueReply | None = None) -> KeywordReply | None:
    """Act on a message, once however often it is delivered, and return the reply, if there is one.

    Durable when it returns. `queue_reply` is awaited with the reply in the same transaction.
    """
    storable = _storable(message)
    try:
        return await _receive(storable, queue_reply)
    except IntegrityError:
        # The sender number was deleted meanwhile: this time it is an unknown number.
        return await _receive(storable, queue_reply)


async def learn_user_ids(user_ids: Sequence[str], phone: Address) -> None:
    """Store that these WhatsApp user ids belong to a phone number, and act on what waited for that."""
    if await senders.unknown(user_ids, phone):
        await _learn_in_transaction(user_ids, phone)


@transaction
async def _receive(message: Message, queue_reply: QueueReply | None) -> KeywordReply | None:
    if message.sender is not None and message.user_ids:
        await _learn(message.user_ids, message.sender)
    received = await _identify(message)
    stored_id = await _store(received)
    number, business_unit = received.sender_number, received.business_unit
    if stored_id is None or number is None or business_unit is None:
        return None
    if message.provider_number_id and message.provider_number_id != number.provider_id:
        await sender_numbers.store_provider_id(number.id, message.provider_number_id)
    reply = await _act(received, number, business_unit)
    if reply is not None:
        await database.execute("UPDATE inbound_messages SET answered = $2 WHERE id = $1", stored_id, True)
        if queue_reply is not None:
            await queue_reply(reply)
    return reply


async def _learn(user_ids: Sequence[str], phone: Address) -> None:
    new = await senders.learn(user_ids, phone)
    if new:
        await waiting.act_on_messages_of(new, phone)


_learn_in_transaction = transaction(_learn)


def _storable(message: Message) -> Message:
    """Return the message in characters that both databases can store."""
    return replace(
        message,
        to=_storable_text(message.to)[:_MAX_SENT_TO_LENGTH],
        text=_storable_text(message.text)[:_MAX_TEXT_LENGTH],
        user_ids=tuple(_storable_text(each)[:_MAX_SENDER_LENGTH] for each in message.user_ids),
        user_name=_storable_text(message.user_name)[:_MAX_SENDER_LENGTH],
    )


def _storable_text(text: str) -> str:
    return text.replace("\x00", "").encode("utf-8", "replace").decode()


async def _identify(message: Message) -> _Received:
    """Find the unit, the meaning and the recipient of a message."""
    number = await _sender_number(message)
    business_unit = (await exact_catalog()).unit_by_id(number.unit_id) if number else None
    reading = read_message(message, business_unit)
    visitor = await senders.find_sender(message)
    known = visitor.recipient if visitor else None
    recipient_id, address = (known.id, known.address) if known else (None, None)
    if visitor and (business_unit is None or reading.meaning in _NEEDS_RECIPIENT):
        recipient_id = await _ensure_recipient(message, reading, visitor)
    return _Received(
        message,
        reading,
        number,
        business_unit,
        recipient_id,
        visitor.locale if visitor else None,
        visitor is not None,
        message.sender.value if message.sender else address,
        message.occurred_at is not None and message.occurred_at > database.now(),
    )


async def _sender_number(message: Message) -> SenderNumber | None:
    """The number it was sent to; by the provider's id if it is written differently than registered."""
    found = await sender_numbers.find(message.to, message.channel)
    if found is None and message.provider_number_id:
        return await sender_numbers.find_by_provider_id(message.provider_number_id, message.channel)
    return found


async def _ensure_recipient(message: Message, reading: Reading, visitor: Visitor) -> int:
    """Return the recipient's id; creates an unknown recipient (R2).

    Only a START restores the address of a recipient who was erased (R36).
    """
    known = visitor.recipient
    if known and (known.address or (known.erased_at and reading.meaning is not Meaning.START)):
        return known.id
    if message.sender is None:
        return await recipients.ensure_fingerprint(RecipientKind.PHONE, visitor.fingerprint)
    return (await recipients.ensure([message.sender]))[message.sender]


async def _store(received: _Received) -> int | None:
    """Store the message, with its text if a person has to read it; None if it was stored before (R30)."""
    message, meaning, now = received.message, received.reading.meaning, database.now()
    needs_review = received.needs_review
    is_unknown = needs_review and not received.is_identified
    message_id = f"{message.provider}:{message.message_id}".encode("utf-8", "surrogatepass")
    rows = await database.fetch(
        _STORE,
        sha256(message_id).digest(),
        message.channel.value,
        received.recipient_id,
        received.sender_number.id if received.sender_number else None,
        received.business_unit.id if received.business_unit else None,
        message.to,
        meaning.value,
        False,
        _storable_text(message.words)[:_MAX_TEXT_LENGTH] if needs_review else None,
        needs_review,
        min(message.occurred_at or now, now),
        now,
        message.user_ids[0] if is_unknown and message.user_ids else None,
        (message.user_name or None) if is_unknown else None,
        message.origin is ConsentOrigin.PROVIDER,
    )
    return int(rows[0]["id"]) if rows else None


async def _act(received: _Received, number: SenderNumber, business_unit: BusinessUnit) -> KeywordReply | None:
    """Do what the message means; return the reply, if the person is to get one."""
    meaning, channel = received.reading.meaning, received.message.channel
    kind = _REPLIES.get(meaning)
    if kind is None or (received.needs_review and meaning is not Meaning.HELP):
        return None
    gets_reply = await _decide(received, number, business_unit)
    if not gets_reply or received.message.provider_replied:
        return None
    language = language_of(received.locale, received.reading.language, business_unit.default_locale)
    text = reply_text(kind, channel, business_unit, language)
    return KeywordReply(kind, text, language, number.id, received.address)


async def _decide(received: _Received, number: SenderNumber, business_unit: BusinessUnit) -> bool:
    """Record a STOP or START; return whether it gets a reply."""
    message, meaning = received.message, received.reading.meaning
    if meaning is Meaning.HELP or received.recipient_id is None:
        return True
    decision = KeywordDecision(
        received.recipient_id,
        message.channel,
        business_unit,
        is_opt_out=meaning in OPT_OUTS,
        sender_number=number,
        keeps_type_opt_outs=message.origin is ConsentOrigin.PROVIDER,
    )
    applied = await decisions.apply(decision, _provenance(message, received.reading))
    if decision.is_opt_out and not applied.changed:
        return applied.is_newest and not await _last_reply_was_stop(decision)
    return applied.is_newest


async def _last_reply_was_stop(decision: KeywordDecision) -> bool:
    """Whether the last reply said that they are opted out: a machine that replies STOP gets one (R28)."""
    rows = await database.fetch(
        _LAST_REPLIED, decision.recipient_id, decision.channel.value, decision.business_unit.id
    )
    return bool(rows) and Meaning(rows[0]["meaning"]) in OPT_OUTS


def _provenance(message: Message, reading: Reading) -> Provenance:
    occurred_at = min(message.occurred_at, database.now()) if message.occurred_at else None
    url = decisions.evidence_url(message.channel, message.to)
    words = _storable_text(message.words)[:_MAX_TEXT_LENGTH]
    evidence = EvidenceFacts(url=url, shown_text=words or None, locale=reading.language)
    return Provenance(message.origin, RECIPIENT, occurred_at=occurred_at, evidence=evidence)
