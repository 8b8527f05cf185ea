"""Reads what WhatsApp's Cloud API posts: messages, settings and refusals, whatever shape the JSON has."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import UTC, datetime
from typing import Any

from api.inbound.json_values import objects, text_at
from api.inbound.whatsapp_senders import Sender, sender_of
from api.inbound.words import words_of
from preference_center.inbound.message import Message
from preference_center.inbound.refusals import Refusal
from preference_center.inbound.senders import keyed_digest
from preference_center.outbox.text_messages.providers import OPT_OUT_CODES
from preference_center.rules.phone_numbers import business_number
from preference_center.rules.types import Channel, ConsentOrigin, Meaning
from preference_center.storage import database

_SECONDS = re.compile("[1-9][0-9]{9}", re.ASCII)
"""Unix time from 2001 to 2286; anything else is not a time."""
_CODE = re.compile("[0-9]{1,9}", re.ASCII)
_MAX_DIGITS = 20
_FIELDS = ("messages", "user_preferences")
"""The fields that are read. Others are about the account, or copies of conversations that Sayso has or that
the business itself wrote: `history`, `smb_message_echoes`."""
_PREFERENCES = {"stop": Meaning.STOP, "resume": Meaning.START}


class Unreadable(ValueError):
    """A body that is not JSON."""


@dataclass(slots=True)
class Batch:
    """The contents of a body."""

    messages: list[Message] = field(default_factory=list)
    """Oldest first (R17)."""
    refusals: list[Refusal] = field(default_factory=list)
    senders: list[Sender] = field(default_factory=list)
    """People whose phone number comes together with user ids in the status of a message to them."""
    skipped: int = 0
    """How many messages are empty and have no sender."""


def read_batch(body: bytes) -> Batch:
    """Read a body. Raises Unreadable if it is not JSON."""
    try:
        payload = json.loads(body, parse_int=_bounded_int)
    except (ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None
    batch = Batch()
    for entry in objects(payload, "entry"):
        for change in objects(entry, "changes"):
            if change.get("field") in _FIELDS:
                _read_value(change.get("value"), batch)
    now = database.now()
    batch.messages.sort(key=lambda message: message.occurred_at or now)
    return batch


def _read_value(value: Any, batch: Batch) -> None:
    for message in (*_messages(value), *_preferences(value)):
        if message is None:
            batch.skipped += 1
        else:
            batch.messages.append(message)
    statuses = objects(value, "statuses")
    for status in statuses:
        recipient = sender_of(status, value, len(statuses))
        if recipient.phone is not None and recipient.user_ids and recipient not in batch.senders:
            batch.senders.append(recipient)
        batch.refusals.extend(_refusals(status, recipient, value))


def _messages(value: Any) -> Iterator[Message | None]:
    items = objects(value, "messages")
    return (_message(item, sender_of(item, value, len(items)), value) for item in items)


def _message(item: dict[str, Any], sender: Sender, value: Any) -> Message | None:
    """A message that a person wrote, or a button that they pressed; None if it is empty and from nobody."""
    words = words_of(item)
    if sender.phone is None and words.is_empty:
        return None
    return Message(
        provider="whatsapp",
        message_id=text_at(item, "id") or keyed_digest(json.dumps(item, sort_keys=True)),
        channel=Channel.WHATSAPP,
        sender=sender.phone,
        to=business_number(text_at(value, "metadata", "display_phone_number")),
        text=words.texts[0] if words.texts else "",
        more_texts=tuple(words.texts[1:]),
        answers=tuple(words.answers),
        payloads=tuple(words.payloads),
        user_ids=sender.user_ids,
        user_name=sender.name,
        occurred_at=_instant(item),
        provider_number_id=_number_id(value),
    )


def _preferences(value: Any) -> Iterator[Message]:
    items = objects(value, "user_preferences")
    return (_preference(item, sender_of(item, value, len(items)), value) for item in items)


def _preference(item: dict[str, Any], sender: Sender, value: Any) -> Message:
    """A person's choice in WhatsApp's own settings. WhatsApp confirms it to them itself.

    A choice that Sayso does not know is unclear, and so is a START without a time: it may be older than an
    opt-out.
    """
    category, choice = text_at(item, "category"), text_at(item, "value").lower()
    occurred_at, number_id = _instant(item), _number_id(value)
    meaning = _PREFERENCES.get(choice, Meaning.UNCLEAR)
    if category != "marketing_messages" or (occurred_at is None and meaning is Meaning.START):
        meaning = Meaning.UNCLEAR
    # The id outlives an erasure: it must not contain the phone number, which could be guessed (R36).
    who = keyed_digest(sender.phone.value if sender.phone else "/".join(sender.user_ids))
    at = occurred_at or database.now()
    return Message(
        provider="whatsapp",
        message_id=f"{choice[:20]}:{category[:40]}:{who}:{number_id}:{at.isoformat()}",
        channel=Channel.WHATSAPP,
        sender=sender.phone,
        to=business_number(text_at(value, "metadata", "display_phone_number")),
        text=text_at(item, "detail") or f"{category}: {choice}",
        user_ids=sender.user_ids,
        user_name=sender.name,
        occurred_at=occurred_at,
        provider_meaning=meaning,
        origin=ConsentOrigin.PROVIDER,
        provider_number_id=number_id,
        provider_replied=True,
    )


def _refusals(status: dict[str, Any], recipient: Sender, value: Any) -> Iterator[Refusal]:
    """The refusal that the status of a message reports. Any other status says nothing about consent."""
    codes = [text_at(error, "code") for error in objects(status, "errors")]
    opt_outs = [int(code) for code in codes if _CODE.fullmatch(code) and int(code) in OPT_OUT_CODES]
    if opt_outs and recipient.is_known:
        yield Refusal(
            provider="whatsapp",
            message_id=text_at(status, "id") or keyed_digest(json.dumps(status, sort_keys=True)),
            channel=Channel.WHATSAPP,
            recipient=recipient.phone,
            sent_from=business_number(text_at(value, "metadata", "display_phone_number")),
            code=opt_outs[0],
            user_ids=recipient.user_ids,
            occurred_at=_instant(status),
            provider_number_id=_number_id(value),
        )


def _number_id(value: Any) -> str | None:
    return text_at(value, "metadata", "phone_number_id") or None


def _instant(item: dict[str, Any]) -> datetime | None:
    seconds = text_at(item, "timestamp")
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _bounded_int(digits: str) -> int:
    """An integer of a plausible length, else 0; Python refuses to convert very long ones."""
    return int(digits) if len(digits) <= _MAX_DIGITS else 0
