"""Reads the messages in what WhatsApp's Cloud API posts, whatever shape the JSON has."""

from __future__ import annotations

import json
import math
import re
from collections.abc import Iterator
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

from preference_center.inbound.receive import Message
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.phone_numbers import PhoneNumberError, business_number, parse_provider_number
from preference_center.rules.types import Channel, ConsentOrigin, Meaning, RecipientKind
from preference_center.storage import database

_SECONDS = re.compile("[1-9][0-9]{9}", re.ASCII)
"""Unix time from 2001 to 2286; anything else is not a time."""
_MAX_DIGITS = 20
_UNSTORABLE = re.compile("[\ud800-\udfff]")
_TEXT_PATHS = (
    ("text", "body"),
    ("button", "text"),
    ("interactive", "button_reply", "title"),
    ("interactive", "list_reply", "title"),
    ("image", "caption"),
    ("video", "caption"),
    ("document", "caption"),
)
"""Where the text of a message is, for each type of message."""
_BUTTON_PATHS = (
    ("button", "payload"),
    ("interactive", "button_reply", "id"),
    ("interactive", "list_reply", "id"),
)
"""Where the id is that the team gave to the pressed button."""
_STOP_BUTTONS = frozenset({"stop", "stopall", "unsubscribe", "optout", "stoppromotions", "stopmarketing"})
_PREFERENCES = {"stop": Meaning.STOP, "resume": Meaning.START}


class Unreadable(ValueError):
    """A body that is not JSON."""


@dataclass(frozen=True, slots=True)
class Batch:
    """The messages of a body, oldest first (R17)."""

    messages: list[Message]
    skipped: int
    """How many messages and settings could not be used, for example without a sender."""


def read_batch(body: bytes) -> Batch:
    """Read a body. Raises Unreadable if it is not JSON."""
    try:
        payload = json.loads(body, parse_int=_bounded_int)
    except (ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None
    found = list(_messages(payload))
    messages = [message for message in found if message is not None]
    now = database.now()
    messages.sort(key=lambda message: message.occurred_at or now)
    return Batch(messages, len(found) - len(messages))


def _messages(payload: Any) -> Iterator[Message | None]:
    for entry in _objects(payload, "entry"):
        for change in _objects(entry, "changes"):
            value = change.get("value")
            if change.get("field") == "messages":
                yield from (_message(item, value) for item in _objects(value, "messages"))
            elif change.get("field") == "user_preferences":
                yield from (_preference(item, value) for item in _objects(value, "user_preferences"))


def _message(item: dict[str, Any], value: Any) -> Message | None:
    """A message that a person wrote, or a button that they pressed."""
    sender, message_id = _sender(item, "from", value), _text(item, "id")
    if sender is None or not message_id:
        return None
    pressed = next(filter(None, (_text(item, *path) for path in _BUTTON_PATHS)), "")
    return Message(
        provider="whatsapp",
        message_id=message_id,
        channel=Channel.WHATSAPP,
        sender=sender,
        to=business_number(_text(value, "metadata", "display_phone_number")),
        text=next(filter(None, (_text(item, *path) for path in _TEXT_PATHS)), pressed),
        occurred_at=_instant(item),
        provider_meaning=Meaning.STOP if _is_stop(pressed) else None,
        provider_number_id=_text(value, "metadata", "phone_number_id") or None,
    )


def _is_stop(pressed: str) -> bool:
    """Whether the id of a button means an opt-out. No button id means an opt-in."""
    return "".join(filter(str.isalnum, pressed.casefold())) in _STOP_BUTTONS


def _preference(item: dict[str, Any], value: Any) -> Message | None:
    """A person's choice in WhatsApp's own settings. WhatsApp confirms it to them itself."""
    sender, meaning = _sender(item, "wa_id", value), _PREFERENCES.get(_text(item, "value").lower())
    if sender is None or meaning is None or _text(item, "category") != "marketing_messages":
        return None
    occurred_at, number_id = _instant(item), _text(value, "metadata", "phone_number_id")
    if occurred_at is None and meaning is Meaning.START:
        return None  # it may be older than an opt-out
    at = occurred_at or database.now()
    return Message(
        provider="whatsapp",
        # The id outlives an erasure: it must not contain the phone number, which could be guessed (R36).
        message_id=f"{meaning.value}:{recipients.fingerprint_of(sender).hex()}:{number_id}:{at.isoformat()}",
        channel=Channel.WHATSAPP,
        sender=sender,
        to=business_number(_text(value, "metadata", "display_phone_number")),
        text=_text(item, "detail"),
        occurred_at=occurred_at,
        provider_meaning=meaning,
        origin=ConsentOrigin.PROVIDER,
        provider_number_id=number_id or None,
        provider_replied=True,
    )


def _sender(item: dict[str, Any], name: str, value: Any) -> Address | None:
    """The sender; without one, the contact that comes with the message, if there is only one."""
    contacts = _objects(value, "contacts")
    number = _text(item, name) or (_text(contacts[0], "wa_id") if len(contacts) == 1 else "")
    try:
        return Address(RecipientKind.PHONE, parse_provider_number(number))
    except PhoneNumberError:
        return None


def _instant(item: dict[str, Any]) -> datetime | None:
    seconds = _text(item, "timestamp")
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _objects(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list; none if it is not a list."""
    items = value.get(name) if isinstance(value, dict) else None
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def _text(value: Any, *path: str) -> str:
    """The text or number at a path, in characters that both databases can store; else empty."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub("\ufffd", value.replace("\x00", "")).strip()


def _bounded_int(digits: str) -> int:
    """An integer of a plausible length, else 0; Python refuses to convert very long ones."""
    return int(digits) if len(digits) <= _MAX_DIGITS else 0
