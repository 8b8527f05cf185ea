"""Names of months and weekdays, and marks of morning and afternoon, in the languages of CLDR."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Iterator
from functools import lru_cache
from typing import Final

from babel import Locale

_LANGUAGES: Final = (
    "en de fr es pt it nl pl sv da nb fi cs sk hu ro hr sl sr_Latn uk ru bg el tr et lv lt ca".split()  # noqa: SIM905
)
_MORNING: Final = ("am", "a.m.", "上午", "午前", "오전")
_AFTERNOON: Final = ("pm", "p.m.", "下午", "午後", "오후")
HALVES: Final = {**dict.fromkeys(_MORNING, 0), **dict.fromkeys(_AFTERNOON, 12)}
"""The hour with which each half of the day begins, by its mark."""


@lru_cache(maxsize=1)
def months() -> dict[str, set[int]]:
    """The months that each name means: "listopad" is November in Polish and October in Croatian."""
    meanings: defaultdict[str, set[int]] = defaultdict(set)
    for language in _LANGUAGES:
        for number, name in _names(Locale.parse(language).months):
            meanings[name].add(number)
    # English wins where a short name of another language is the same.
    english = {name: {number} for number, name in _names(Locale.parse("en").months)}
    return {**meanings, **english, "sept": {9}}


@lru_cache(maxsize=1)
def weekdays() -> frozenset[str]:
    """The names of weekdays."""
    return frozenset(name for language in _LANGUAGES for _, name in _names(Locale.parse(language).days))


def _names(forms: object) -> Iterator[tuple[int, str]]:
    """Numbers and names, full and short, from CLDR's tables."""
    for widths in dict(forms).values():  # type: ignore[call-overload]
        for width in ("wide", "abbreviated"):
            for number, name in dict(widths).get(width, {}).items():
                yield number, name.casefold().rstrip(".")
