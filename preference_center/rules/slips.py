"""Typing slips: sotp, unsubcribe."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from functools import cache
from typing import Final

_LONG: Final = 6
"""Letters. Shorter words are too near to other words; of the short ones STOP alone is looked for."""
_VERY_LONG: Final = 9
"""Letters. In so long a word two slips may be."""
_SHORT: Final = ("stop", "stopp")

_EVERYDAY: Final = frozenset(
    [
        "shop",
        "step",
        "stow",
        "atop",
        "top",
        "stoop",
        "spot",
        "slop",
        "strop",
        "stomp",
        "stops",
        "sop",
        "sto",
        "stor",
        "stoi",
        "stopa",
        "stopy",
        "stopu",
        "stos",
        "stok",
        "stol",
        "stopper",
        "stopped",
        "stope",
        "tope",
        "story",
        "storm",
        "stock",
        "estop",
        "termin",
        "termine",
        "remote",
        "removal",
        "removed",
        "cancer",
        "cancels",
        "canceled",
        "cancelled",
        "shoppen",
        "shoppa",
        "bestellen",
        "bestellung",
        "angular",
        "salida",
        "annual",
        "annulla",
        "quitter",
        "twitter",
        "ending",
        "bending",
        "sending",
        "subscribe",
        "subscriber",
        "subscription",
        "abonnement",
        "opzegging",
    ]
)
"""Words of their own that are but one slip away from a keyword."""


def is_near(word: str, words: Iterable[str]) -> bool:
    """True where a word may be meant for one of these."""
    if word in _EVERYDAY or not word.isalpha():
        return False
    return any(_near(word, other) for other in _SHORT) or any(_near(word, other) for other in _long(words))


def corrected(words: Iterable[str], known: frozenset[str], wanted: frozenset[str]) -> list[str]:
    """The words, with the long ones that nobody knows put right where they are one slip from a wanted one."""
    return [word if word in known or word in _EVERYDAY else _correction(word, wanted) for word in words]


def _correction(word: str, wanted: frozenset[str]) -> str:
    if _near(word, "stop") and sorted(word) == sorted("stop"):
        return "stop"
    if len(word) < _LONG - 1:
        return word
    index = _shortened(wanted)
    found = {other for short in (word, *_without_one(word)) for other in index.get(short, ())}
    return min((other for other in found if _near(word, other)), default=word)


@cache
def _shortened(words: frozenset[str]) -> dict[str, tuple[str, ...]]:
    """The long words by themselves and by what is left of them without any one letter."""
    index: dict[str, tuple[str, ...]] = {}
    for word in _long(words):
        for short in {word, *_without_one(word)}:
            index[short] = (*index.get(short, ()), word)
    return index


def _without_one(word: str) -> Iterator[str]:
    return (word[:at] + word[at + 1 :] for at in range(len(word)))


def _long(words: Iterable[str]) -> Iterator[str]:
    return (word for word in words if len(word) >= _LONG and word.isascii())


def _near(word: str, other: str) -> bool:
    allowed = 2 if min(len(word), len(other)) >= _VERY_LONG else 1
    return abs(len(word) - len(other)) <= allowed and 0 < _slips(word, other) <= allowed


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
