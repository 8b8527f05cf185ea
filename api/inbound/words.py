"""The words in a person's message, wherever its JSON has them (R29)."""

from __future__ import annotations

import json
import re
from dataclasses import dataclass, field
from typing import Any

from api.inbound.json_values import storable

METADATA_FIELDS = frozenset(
    [
        *(
            "id",
            "from",
            "from_user_id",
            "from_parent_user_id",
            "wa_id",
            "user_id",
            "parent_user_id",
            "username",
        ),
        *(
            "to",
            "timestamp",
            "type",
            "profile",
            "group_id",
            "recipient_type",
            "metadata",
            "identity",
            "origin",
        ),
        *("context", "referral", "errors", "unsupported", "system"),
        *("contacts", "location", "sticker", "audio", "voice"),
        *("call_permission_reply", "request_welcome", "revoke"),
    ]
)
"""Parts of a message that are metadata, not written by a person to the business.

Who sent it and when. What it refers to: a quoted message, an advertisement, an error of WhatsApp, WhatsApp's
own words about a changed number. Contact cards, places, stickers and sounds. Whether they may be called.
"""
_TECHNICAL = frozenset(
    [
        *("id", "from", "timestamp", "type", "context", "message_id", "original_message_id", "flow_token"),
        *("mime_type", "sha256", "url", "link", "filename", "file_size", "animated", "voice", "status"),
        *("catalog_id", "product_retailer_id", "product_items", "currency", "description"),
        *("call_permission_reply", "referral", "errors"),
    ]
)
"""Names of values inside a message that are metadata. A list item's description is the team's."""
_TECHNICAL_VALUE = re.compile(r"(?:wamid\.|https?://)\S*")
_YES = frozenset(
    ["true", "yes", "on", "1", "checked", "selected", "ja", "oui", "si", "sí", "sim", "tak", "是"]
)
_MAX_DEPTH = 12
_MAX_PARTS, _MAX_CHARACTERS = 60, 6_000
"""How much of a message is read part by part. What is more is read as one text, that is its start and end."""


@dataclass(slots=True)
class Words:
    """What a message says. The first text is what the person typed, or the title of what they pressed."""

    texts: list[str] = field(default_factory=list)
    answers: list[str] = field(default_factory=list)
    """Texts and choices in a form."""
    payloads: list[str] = field(default_factory=list)
    """Ids that the team gave to what the person pressed or ticked."""
    _rest: list[str] = field(default_factory=list)
    _characters: int = 0

    def add(self, found: list[str], value: Any) -> None:
        """Add a text to one of the lists."""
        text = storable(value) if isinstance(value, str) else ""
        if not text or _TECHNICAL_VALUE.fullmatch(text):
            return
        self._characters += len(text)
        parts = len(self.texts) + len(self.answers) + len(self.payloads)
        is_first = not parts
        fits = parts < _MAX_PARTS and self._characters <= _MAX_CHARACTERS
        (found if fits or is_first else self._rest).append(text)

    def finished(self) -> Words:
        """Return them with what was too much to be read part by part."""
        if self._rest:
            self.answers.append("\n".join(self._rest))
        return self

    @property
    def is_empty(self) -> bool:
        """Whether it says nothing."""
        return not (self.texts or self.answers or self.payloads)


def words_of(message: dict[str, Any]) -> Words:
    """Return the words of a message of WhatsApp, of any type."""
    words = Words()
    for name, value in message.items():
        if name not in METADATA_FIELDS:
            _read(name, value, words, 0)
    return words.finished()


def answers_of(form: str) -> Words:
    """Return the words of the JSON with which a form was answered."""
    words = Words()
    _read_answers(form, words, 0)
    return words.finished()


def _read(name: str, value: Any, words: Words, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        words.add(words.texts, value)
    elif isinstance(value, list):
        for each in value:
            _read(name, each, words, depth + 1)
    elif isinstance(value, dict):
        _read_object(name, value, words, depth)


def _read_object(name: str, value: dict[str, Any], words: Words, depth: int) -> None:
    if "response_json" in value:
        # The rest is the form's name and what WhatsApp shows instead of the answers.
        _read_answers(value["response_json"], words, depth + 1)
        return
    for key, inner in value.items():
        is_reply = name.endswith("_reply") or "title" in value
        if key == "payload" or (key == "id" and is_reply):
            words.add(words.payloads, inner)
        elif key not in _TECHNICAL:
            _read(key, inner, words, depth + 1)


def _read_answers(value: Any, words: Words, depth: int) -> None:
    if depth > _MAX_DEPTH:
        return
    if isinstance(value, str):
        inner = _parsed(value)
        if inner is None:
            words.add(words.answers, value)
        else:
            _read_answers(inner, words, depth + 1)
    elif isinstance(value, list):
        for each in value:
            _read_answers(each, words, depth + 1)
    elif isinstance(value, dict):
        for key, inner in value.items():
            if key != "flow_token":
                if _is_ticked(inner):
                    words.add(words.payloads, key)
                _read_answers(inner, words, depth + 1)


def _is_ticked(value: Any) -> bool:
    """Whether it is the value of a box that was ticked."""
    return value is True or (isinstance(value, str) and value.strip().casefold() in _YES)


def _parsed(text: str) -> Any:
    """The JSON object or list that a text is; None for any other text."""
    if not text.lstrip().startswith(("{", "[")):
        return None
    try:
        return json.loads(text, parse_int=lambda _: 0)
    except (ValueError, RecursionError):
        return None
