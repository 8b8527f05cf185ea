"""Checks texts that are given by language, such as the names of a subscription type."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.validation import check_locale, check_text


@dataclass(frozen=True, slots=True)
class TextLimits:
    """What is accepted for a text that is given by language."""

    max_length: int
    required: bool = False
    """Whether there must be a text, and none may be empty."""
    example: str = '{"en": "Weekly digest"}'


def checked_texts(texts: Any, limits: TextLimits, *field: str) -> dict[str, str]:
    """Return a text by language, such as {"en": …}. Raises Invalid, naming the field and the language."""
    if not isinstance(texts, dict) or (limits.required and not texts):
        message = f"Give a text for each language, such as {limits.example}."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *field)
    checked: dict[str, str] = {}
    with Faults() as faults:
        for written, text in texts.items():
            locale = faults.of(check_locale, written, *field, written) or written
            if locale in checked:
                faults.add(_given_twice(locale, *field, written))
            checked[locale] = faults.of(
                check_text, text, *field, written, max_length=limits.max_length, required=limits.required
            )
    return checked


def checked_changes(texts: Any, limits: TextLimits, *field: str) -> dict[str, str | None]:
    """Return changes of a text by language, None where it is removed; nothing for None. Raises Invalid."""
    if not isinstance(texts, dict):
        return {} if texts is None else {**checked_texts(texts, limits, *field)}
    removed = [locale for locale, text in texts.items() if text is None]
    kept = {locale: text for locale, text in texts.items() if text is not None}
    with Faults() as faults:
        locales = {faults.of(check_locale, locale, *field, locale) or locale for locale in removed}
        changes = faults.of(checked_texts, kept, limits, *field) if kept or not removed else {}
        for locale in sorted(locales & (changes or {}).keys()):
            faults.add(_given_twice(locale, *field))
    return {**changes, **dict.fromkeys(locales)}


def _given_twice(locale: str, *field: str) -> Invalid:
    message = f"The language {locale} is given twice. Give each language once."
    return Invalid(ErrorCode.INVALID_VALUE, message, *field)
