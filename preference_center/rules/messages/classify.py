"""Classifying a text message: a keyword, a withdrawal, unclear, or nothing about consent (R27, R29)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from preference_center.rules.messages import footers, keyword_lists, withdrawals
from preference_center.rules.messages.message_text import MAX_LENGTH, keyword_key, normalised
from preference_center.rules.types import Meaning

__all__ = ["Reading", "built_in", "classify", "normalised"]

_NONE_ADDED: Final[Mapping[str, Meaning]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message means, and its language (BCP 47; None if the word exists in several languages)."""

    meaning: Meaning
    language: str | None = None


def classify(text: str, added: Mapping[str, Meaning] = _NONE_ADDED) -> Reading:
    """Classify a message of any characters and length. `added`: the unit's own keywords, normalised.

    An added keyword never overrides an opt-out, be it a built-in keyword or a possible request (R29).
    """
    whole = keyword_key(text) if len(text.strip()) <= MAX_LENGTH else ""
    own = {keyword_key(word): meaning for word, meaning in added.items()}.get(whole) if added else None
    listed = built_in(whole)
    if listed.meaning in _KEYWORDS:
        return listed
    if own is Meaning.STOP:
        return Reading(own)
    in_own_words = _read(text)
    if in_own_words.meaning is not Meaning.NOTHING:
        return in_own_words
    if own is not None:
        return Reading(own)
    return listed if listed.meaning is Meaning.UNCLEAR else in_own_words


def _read(text: str) -> Reading:
    """Classify a message that is no listed keyword: in the person's own words, or a footer's."""
    in_own_words = Reading(*withdrawals.read(footers.separated(text)))
    if in_own_words.meaning is Meaning.WITHDRAWAL:
        return in_own_words
    as_footer = footers.read(text)
    if as_footer is Meaning.WITHDRAWAL or in_own_words.meaning is Meaning.NOTHING:
        return Reading(as_footer, in_own_words.language)
    return in_own_words


def built_in(text: str) -> Reading:
    """Classify a whole message by the keyword lists of R27 only; NOTHING if it is no keyword."""
    return _listed().get(keyword_key(text), Reading(Meaning.NOTHING))


_KEYWORDS: Final = frozenset({Meaning.STOP, Meaning.START, Meaning.HELP})


@cache
def _listed() -> Mapping[str, Reading]:
    found: dict[str, Reading] = {}
    for meaning, lists in reversed(keyword_lists.MEANINGS):
        found |= {
            word: Reading(meaning, language)
            for word, language in keyword_lists.languages_by_word(lists).items()
        }
    return MappingProxyType(found)
