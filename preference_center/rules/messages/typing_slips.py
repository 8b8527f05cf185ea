"""Typing slips: sotp, unsubcribe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

_LONG: Final = 6
"""Letters. Shorter words are too near to other words; of the short ones STOP alone is looked for."""
_MIDDLING: Final = 5
"""Letters. Among other words that make sense with it, so short a word may be a slip too."""
_VERY_LONG: Final = 9
"""Letters. In so long a word two slips may be."""
_LONGEST: Final = 24
_SHORT: Final = ("stop", "stopp")

_EVERYDAY: Final = """
    shop step stow atop top stoop spot slop strop stomp stops sop sto stor stoi stopa stopy stopu stos
    stok stol stopper stopped stope tope story storm stock estop termin termine remote removal removed
    cancer cancels canceled cancelled shoppen shoppa bestellen bestellung angular salida annual annulla
    quitter twitter ending bending sending subscribe subscriber subscription abonnement opzegging
    anmeldung aanmelding anmelden aanmelden
"""
"""Words of their own that are but one slip away from a keyword."""
_GLUED: Final = ("text", "sms", "msg", "mess", "send", "spam", "call", "it", "th", "all", "now", "pl", "me")
"""How what is written on to stop begins."""
_KNOWN: Final = frozenset(_EVERYDAY.split())


def is_near(word: str, words: frozenset[str]) -> bool:
    """True where a word may be meant for one of these."""
    if word in _KNOWN or not word.isalpha() or len(word) > _LONGEST:
        return False
    others = (*_SHORT, *_like(word, words, _LONG), *_very_long(words))
    return any(_near(word, other) for other in others)


def is_glued(word: str) -> bool:
    """True for stop with more written on to it: stoptexting."""
    return word.startswith(_SHORT[0]) and word.startswith(_GLUED, len(_SHORT[0]))


def corrected(words: Iterable[str], known: frozenset[str], wanted: frozenset[str]) -> list[str]:
    """The words, with the long ones that nobody knows put right where they are one slip from a wanted one."""
    return [word if word in known or word in _KNOWN else _correction(word, wanted) for word in words]


def _correction(word: str, wanted: frozenset[str]) -> str:
    if _near(word, "stop") and sorted(word) == sorted("stop"):
        return "stop"
    if not _MIDDLING <= len(word) <= _LONGEST:
        return word
    return min((other for other in _like(word, wanted, _MIDDLING) if _near(word, other)), default=word)


def _like(word: str, words: frozenset[str], at_least: int) -> set[str]:
    """The words of at least so many letters that may be one slip away."""
    index = _shortened(words, at_least)
    return {other for short in (word, *_without_one(word)) for other in index.get(short, ())}


@cache
def _very_long(words: frozenset[str]) -> tuple[str, ...]:
    return tuple(word for word in words if len(word) >= _VERY_LONG and word.isascii())


@cache
def _shortened(words: frozenset[str], at_least: int) -> dict[str, tuple[str, ...]]:
    """The words of at least so many letters by themselves and by what is left without any one letter."""
    index: dict[str, tuple[str, ...]] = {}
    for word in words:
        if len(word) >= at_least and word.isascii():
            for short in {word, *_without_one(word)}:
                index[short] = (*index.get(short, ()), word)
    return index


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _near(word: str, other: str) -> bool:
    allowed = 2 if min(len(word), len(other)) >= _VERY_LONG else 1
    if abs(len(word) - len(other)) > allowed or len(set(word) ^ set(other)) > 2 * allowed:
        return False
    return 0 < _slips(word, other) <= allowed


def _slips(one: str, other: str) -> int:
    """How many letters were left out, put in, mistaken or swapped with the next."""
    before: list[int] = []
    row = list(range(len(other) + 1))
    for i, a in enumerate(one, 1):
        two_before, before, row = before, row, [i]
        for j, b in enumerate(other, 1):
            best = min(before[j] + 1, row[j - 1] + 1, before[j - 1] + (a != b))
            if i > 1 and j > 1 and a == other[j - 2] and one[i - 2] == b:
                best = min(best, two_before[j - 2] + 1)
            row.append(best)
    return row[-1]
