"""Comparing words and names of columns without case, accents, spaces and punctuation."""

from __future__ import annotations

import re
from collections.abc import Iterable

from preference_center.rules.unicode_text import normalised


def fold(text: str) -> str:
    """Only letters and digits, without case and accents: "Désabonné(e)" is "desabonnee"."""
    decomposed = normalised("NFKD", text.casefold().replace("ı", "i"))
    return "".join(char for char in decomposed if char.isalnum())


def folded_words(text: str) -> frozenset[str]:
    """The words of a text that separates them by " / " or line ends, folded."""
    return frozenset(fold(word) for word in re.split(r"\s/\s|\n", text) if fold(word))


def any_of(words: Iterable[str]) -> re.Pattern[str]:
    """A pattern that finds any of the words, which are folded, in a folded text."""
    return re.compile("|".join(sorted(map(re.escape, words), key=len, reverse=True)))
