"""Finding mistyped words: sotp, unsubcribe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

_LONG_WORD: Final = 6
"""Letters. Shorter words are too similar to other words; of these, only slips of STOP are found."""
_MEDIUM_WORD: Final = 5
"""Letters. Within a phrase that makes sense, a word of this length may also be a slip."""
_VERY_LONG_WORD: Final = 9
"""Letters. A word of this length may have two slips."""
_LONGEST: Final = 24
_SHORT: Final = ("stop", "stopp")

_CORRECT_WORDS: Final = """
    shop step stow atop top stoop spot slop strop stomp stops sop sto stor stoi stopa stopy stopu stos
    stok stol stopper stopped stope tope story storm stock estop termin termine remote removal removed
    cancer cancels canceled cancelled shoppen shoppa bestellen bestellung angular salida annual annulla
    quitter twitter ending bending sending subscribe subscriber subscription abonnement opzegging
    anmeldung aanmelding anmelden aanmelden
"""
"""Correct words that are one slip away from a keyword."""
_GLUED_PREFIXES: Final = (
    "text",
    "sms",
    "msg",
    "mess",
    "send",
    "spam",
    "call",
    "it",
    "th",
    "all",
    "now",
    "pl",
    "me",
)
"""What may be glued to stop: stoptexting."""
_KNOWN: Final = frozenset(_CORRECT_WORDS.split())


def is_slip_of_any(word: str, words: frozenset[str]) -> bool:
    """Whether a word may be a mistyped one of these words."""
    if word in _KNOWN or not word.isalpha() or len(word) > _LONGEST:
        return False
    others = (*_SHORT, *_candidates(word, words, _LONG_WORD), *_very_long(words))
    return any(_is_slip_of(word, other) for other in others)


def is_glued(word: str) -> bool:
    """Whether a word is stop with more glued to it: stoptexting."""
    return word.startswith(_SHORT[0]) and word.startswith(_GLUED_PREFIXES, len(_SHORT[0]))


def corrected(words: Iterable[str], known: frozenset[str], wanted: frozenset[str]) -> list[str]:
    """Return the words, replacing longer unknown words that are one slip away from a wanted word."""
    return [word if word in known or word in _KNOWN else _correction(word, wanted) for word in words]


def _correction(word: str, wanted: frozenset[str]) -> str:
    if _is_slip_of(word, "stop") and sorted(word) == sorted("stop"):
        return "stop"
    if not _MEDIUM_WORD <= len(word) <= _LONGEST:
        return word
    return min(
        (other for other in _candidates(word, wanted, _MEDIUM_WORD) if _is_slip_of(word, other)), default=word
    )


def _candidates(word: str, words: frozenset[str], at_least: int) -> set[str]:
    """The words of at least this many letters that may be one slip away."""
    index = _shortened(words, at_least)
    return {other for short in (word, *_without_one(word)) for other in index.get(short, ())}


@cache
def _very_long(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in words if len(word) >= _VERY_LONG_WORD and word.isascii())


@cache
def _shortened(words: frozenset[str], at_least: int) -> dict[str, tuple[str, ...]]:
    """Index words of at least this many letters by themselves and by themselves without any one letter."""
    index: dict[str, tuple[str, ...]] = {}
    for word in words:
        if len(word) >= at_least and word.isascii():
            for short in {word, *_without_one(word)}:
                index[short] = (*index.get(short, ()), word)
    return index


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _is_slip_of(word: str, other: str) -> bool:
    allowed = 2 if min(len(word), len(other)) >= _VERY_LONG_WORD else 1
    if abs(len(word) - len(other)) > allowed or len(set(word) ^ set(other)) > 2 * allowed:
        return False
    return 0 < _distance(word, other) <= allowed


def _distance(word: str, other: str) -> int:
    """The number of letters that were omitted, inserted, replaced or swapped with the next one."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(word, 1):
        two_before, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and word[i - 2] == b:
                best = min(best, two_before[j - 2] + 1)
            row.append(best)
    return row[-1]
