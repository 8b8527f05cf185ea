"""Reading what WhatsApp's Cloud API posts: any JSON in, the messages that can be made out of it."""

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
from preference_center.rules.phone_numbers import PhoneNumberError, from_provider, of_the_business
from preference_center.rules.types import Channel, ConsentOrigin, Meaning, RecipientKind
from preference_center.storage import database

_SECONDS = re.compile("[1-9][0-9]{9}", re.ASCII)
"""Unix time from 2001 to 2286: what else stands there is no time."""
_LONGEST_NUMBER = 20
_UNSTORABLE = re.compile("[\ud800-\udfff]")
_SAID = (
    ("text", "body"),
    ("button", "text"),
    ("interactive", "button_reply", "title"),
    ("interactive", "list_reply", "title"),
    ("image", "caption"),
    ("video", "caption"),
    ("document", "caption"),
)
"""Where a message's words stand, each kind of message having its own place."""
_PRESSED = (
    ("button", "payload"),
    ("interactive", "button_reply", "id"),
    ("interactive", "list_reply", "id"),
)
"""What the business itself calls the button that was pressed."""
_STOP_BUTTONS = frozenset({"stop", "stopall", "unsubscribe", "optout", "stoppromotions", "stopmarketing"})
_PREFERENCES = {"stop": Meaning.STOP, "resume": Meaning.START}


class Unreadable(ValueError):
    """A body that is no JSON."""


@dataclass(frozen=True, slots=True)
class Batch:
    """What a body holds, in the order in which it was written (R17)."""

    messages: list[Message]
    passed_over: int
    """Messages that say neither who wrote them nor when: nothing can be made of them."""


def read(body: bytes) -> Batch:
    """Read a body, whatever its shape. Raises Unreadable for what is no JSON."""
    try:
        payload = json.loads(body, parse_int=_whole_number)
    except (ValueError, RecursionError) as error:
        raise Unreadable(type(error).__name__) from None
    found = list(_found(payload))
    messages = [message for message in found if message is not None]
    now = database.now()
    messages.sort(key=lambda message: message.occurred_at or now)
    return Batch(messages, len(found) - len(messages))


def _found(payload: Any) -> Iterator[Message | None]:
    for entry in _objects(payload, "entry"):
        for change in _objects(entry, "changes"):
            value = change.get("value")
            if change.get("field") == "messages":
                yield from (_typed(item, value) for item in _objects(value, "messages"))
            elif change.get("field") == "user_preferences":
                yield from (_preference(item, value) for item in _objects(value, "user_preferences"))


def _typed(item: dict[str, Any], value: Any) -> Message | None:
    """What a person wrote or pressed."""
    sender, message_id = _sender(item, "from", value), _text(item, "id")
    if sender is None or not message_id:
        return None
    pressed = next(filter(None, (_text(item, *path) for path in _PRESSED)), "")
    return Message(
        provider="whatsapp",
        message_id=message_id,
        channel=Channel.WHATSAPP,
        sender=sender,
        to=of_the_business(_text(value, "metadata", "display_phone_number")),
        text=next(filter(None, (_text(item, *path) for path in _SAID)), pressed),
        occurred_at=_instant(item),
        told=Meaning.STOP if _is_stop(pressed) else None,
        provider_number_id=_text(value, "metadata", "phone_number_id") or None,
    )


def _is_stop(pressed: str) -> bool:
    """Whether the business made a button for stopping, whatever its words; none is made to opt anybody in."""
    return "".join(filter(str.isalnum, pressed.casefold())) in _STOP_BUTTONS


def _preference(item: dict[str, Any], value: Any) -> Message | None:
    """What a person chose in WhatsApp's own settings, which WhatsApp itself tells them of."""
    sender, told = _sender(item, "wa_id", value), _PREFERENCES.get(_text(item, "value").lower())
    if sender is None or told is None or _text(item, "category") != "marketing_messages":
        return None
    occurred_at, number_id = _instant(item), _text(value, "metadata", "phone_number_id")
    if occurred_at is None and told is Meaning.START:
        return None  # it may be older than a stop: nobody is opted in on a guess
    at = occurred_at or database.now()
    return Message(
        provider="whatsapp",
        # Without the number in it: what is kept of an id outlives an erasure, and could be guessed (R36).
        message_id=f"{told.value}:{recipients.fingerprint_of(sender).hex()}:{number_id}:{at.isoformat()}",
        channel=Channel.WHATSAPP,
        sender=sender,
        to=of_the_business(_text(value, "metadata", "display_phone_number")),
        text=_text(item, "detail"),
        occurred_at=occurred_at,
        told=told,
        origin=ConsentOrigin.PROVIDER,
        provider_number_id=number_id or None,
        silent=True,
    )


def _sender(item: dict[str, Any], name: str, value: Any) -> Address | None:
    """Who it is from; where that is left out, the one contact that comes with it."""
    contacts = _objects(value, "contacts")
    written = _text(item, name) or (_text(contacts[0], "wa_id") if len(contacts) == 1 else "")
    try:
        return Address(RecipientKind.PHONE, from_provider(written))
    except PhoneNumberError:
        return None


def _instant(item: dict[str, Any]) -> datetime | None:
    seconds = _text(item, "timestamp")
    return datetime.fromtimestamp(int(seconds), UTC) if _SECONDS.fullmatch(seconds) else None


def _objects(value: Any, name: str) -> list[dict[str, Any]]:
    """The objects in a list, where there is one."""
    found = value.get(name) if isinstance(value, dict) else None
    return [one for one in found if isinstance(one, dict)] if isinstance(found, list) else []


def _text(value: Any, *path: str) -> str:
    """The text or number at a place, as both databases can keep it; empty where there is none."""
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    if isinstance(value, float) and math.isfinite(value):
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool):
        value = str(value)
    if not isinstance(value, str):
        return ""
    return _UNSTORABLE.sub("\ufffd", value.replace("\x00", "")).strip()


def _whole_number(digits: str) -> int:
    """A number of a length that anybody means; Python refuses to read the longest."""
    return int(digits) if len(digits) <= _LONGEST_NUMBER else 0
