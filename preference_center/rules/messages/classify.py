"""What a text message says about being written to (R27, R29)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from types import MappingProxyType
from typing import Final

from preference_center.rules.messages import keyword_lists, withdrawals
from preference_center.rules.messages.message_text import READ, key, normalised
from preference_center.rules.types import Meaning

__all__ = ["Reading", "built_in", "classify", "normalised"]

_NONE_ADDED: Final[Mapping[str, Meaning]] = MappingProxyType({})


@dataclass(frozen=True, slots=True)
class Reading:
    """What a message means, and the language that tells so (BCP 47; None where several have the word)."""

    meaning: Meaning
    language: str | None = None


def classify(text: str, added: Mapping[str, Meaning] = _NONE_ADDED) -> Reading:
    """Read a message of any characters and length; `added` are the unit's own words, normalised.

    No added word takes an opt-out away: neither a built-in keyword nor anything that may be a request (R29).
    """
    whole = key(text) if len(text.strip()) <= READ else ""
    own = {key(word): meaning for word, meaning in added.items()}.get(whole) if added else None
    listed = built_in(whole)
    if listed.meaning in _KEYWORDS:
        return listed
    if own is Meaning.STOP:
        return Reading(own)
    said = Reading(*withdrawals.read(text))
    if said.meaning is not Meaning.NOTHING or own is None:
        return listed if listed.meaning is Meaning.UNCLEAR and said.meaning is Meaning.NOTHING else said
    return Reading(own)


def built_in(text: str) -> Reading:
    """What a whole message means by the lists of R27 alone; NOTHING where it is no keyword."""
    return _listed().get(key(text), Reading(Meaning.NOTHING))


_KEYWORDS: Final = frozenset({Meaning.STOP, Meaning.START, Meaning.HELP})


@cache
def _listed() -> Mapping[str, Reading]:
    found: dict[str, Reading] = {}
    for meaning, lists in reversed(keyword_lists.MEANINGS):
        found |= {word: Reading(meaning, language) for word, language in keyword_lists.words(lists).items()}
    return MappingProxyType(found)
