"""What may be written into a text field, and what a language tag is."""

from __future__ import annotations

import re
import unicodedata
from typing import Any

from preference_center.errors import ErrorCode, Invalid

_LOCALE = re.compile(r"[a-z]{2,3}(?:-[A-Z][a-z]{3})?(?:-(?:[A-Z]{2}|[0-9]{3}))?", re.ASCII)

_UNSEEN = frozenset({"Cf", "Zs", "Zl", "Zp"})
"""Spaces, and what has no width."""


def check_text(value: Any, *field: str, longest: int, required: bool = False) -> str:
    """A text without NUL and lone surrogates, trimmed; "" where nothing of it can be seen.

    Raises Invalid naming the field.
    """
    if not isinstance(value, str):
        raise Invalid(ErrorCode.INVALID_VALUE, "A text is needed.", *field)
    text = value.strip()
    if all(unicodedata.category(character) in _UNSEEN for character in text):
        text = ""
    if required and not text:
        raise Invalid(ErrorCode.INVALID_VALUE, "This may not be empty.", *field)
    if len(text) > longest:
        raise Invalid(ErrorCode.INVALID_VALUE, f"At most {longest} characters.", *field)
    if not storable(text):
        raise Invalid(ErrorCode.INVALID_VALUE, "The text has a character that cannot be kept.", *field)
    return text


def storable(text: str) -> bool:
    """Whether both databases can keep the text: no NUL, no lone surrogate."""
    return "\x00" not in text and not any("\ud800" <= character <= "\udfff" for character in text)


def check_locale(value: Any, *field: str) -> str:
    """A language tag (BCP 47: language, script, region), in its usual case. Raises Invalid."""
    text = str(value).strip().replace("_", "-")
    parts = text.split("-")
    usual = "-".join([parts[0].lower(), *(p.title() if len(p) == 4 else p.upper() for p in parts[1:])])
    if not _LOCALE.fullmatch(usual):
        raise Invalid(
            ErrorCode.INVALID_VALUE, f"{text[:40]!r} is no language tag such as en or pt-BR.", *field
        )
    return usual
