"""Checks for values that come from outside: text, JSON, language tags, times."""

from __future__ import annotations

import re
import unicodedata
from datetime import UTC, datetime
from typing import Any, Final

from preference_center.errors import ErrorCode, Invalid

EXPLANATION_MAX_LENGTH = 2_000
"""Characters in the explanation of a change, a call, an operation or a workflow action."""
FIRST_INSTANT: Final = datetime(1970, 1, 1, tzinfo=UTC)
LAST_INSTANT: Final = datetime(9998, 12, 31, 23, 59, 59, 999_999, tzinfo=UTC)
"""Times from outside are in this range. The first and last time that Python has are infinite to PostgreSQL,
and other systems write them for "none"."""

_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")
_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?", re.ASCII)
_MAX_LOCALE_SHOWN = 40
"""In characters, of which a language tag has at most 11."""
_INVISIBLE = frozenset({"Cf", "Zs", "Zl", "Zp"})
"""Unicode categories of spaces and zero-width characters."""


def check_text(value: Any, *field: str, max_length: int, required: bool = False) -> str:
    """Return the text trimmed; "" if it has no visible character.

    Raises Invalid, naming the field, for anything but text, for text that is too long or cannot be stored,
    and for empty text if `required`.
    """
    if not isinstance(value, str):
        raise Invalid(ErrorCode.INVALID_VALUE, "This must be text.", *field)
    text = value.strip()
    if all(unicodedata.category(character) in _INVISIBLE for character in text):
        text = ""
    if required and not text:
        raise Invalid(ErrorCode.INVALID_VALUE, "This must not be empty.", *field)
    if len(text) > max_length:
        raise Invalid(
            ErrorCode.INVALID_VALUE, f"This is too long: at most {max_length:,} characters.", *field
        )
    return check_storable(text, *field)


def check_explanation(value: str | None, *field: str) -> str | None:
    """Return an explanation trimmed, or None if it is empty. Raises Invalid as `check_text` does."""
    return check_text(value or "", *field, max_length=EXPLANATION_MAX_LENGTH) or None


def check_required_explanation(value: str | None, *field: str, missing: str) -> str:
    """Return an explanation trimmed (R6, R14, R25).

    Raises Invalid: EXPLANATION_REQUIRED with the message `missing` if it is empty, and as `check_text` does.
    """
    text = check_explanation(value, *field)
    if text is None:
        raise Invalid(ErrorCode.EXPLANATION_REQUIRED, missing, *field)
    return text


def check_storable(text: str, *field: str) -> str:
    """Return the text if both databases can store it. Raises Invalid naming the field."""
    if not storable(text):
        message = "The text contains a character that cannot be stored: NUL, or half of a surrogate pair."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *field)
    return text


def storable(text: str) -> bool:
    """Whether both databases can store the text: no NUL, no lone surrogate."""
    return _UNSTORABLE.search(text) is None


def check_storable_json(value: Any, *field: str) -> None:
    """Check that both databases can store a JSON value. Raises Invalid naming the field."""
    level = [value]
    while level:
        for text in level:
            if isinstance(text, str):
                check_storable(text, *field)
        level = [part for item in level for part in _parts(item)]


def _parts(value: Any) -> list[Any]:
    if isinstance(value, dict):
        return [*value.keys(), *value.values()]
    return list(value) if isinstance(value, list | tuple) else []


def is_accepted_instant(instant: datetime) -> bool:
    """Whether an aware time is in the range of times that are accepted from outside."""
    return FIRST_INSTANT <= instant <= LAST_INSTANT


def check_locale(value: Any, *field: str) -> str:
    """Return a language tag (BCP 47: language, script, region) in its usual case. Raises Invalid."""
    text = str(value).strip()[:_MAX_LOCALE_SHOWN].replace("_", "-")
    language, *subtags = text.split("-")
    usual = "-".join([language.lower(), *(s.title() if len(s) == 4 else s.upper() for s in subtags)])
    if not _LOCALE.fullmatch(usual):
        message = f"{text!r} is not a language tag such as en or pt-BR."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *field)
    return usual
