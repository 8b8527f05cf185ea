"""Normalising Unicode text of any length."""

from __future__ import annotations

import unicodedata
from typing import Final, Literal

_SHORT: Final = 1_000
_MOST_MARKS: Final = 30
"""Combining characters in a row, as in Unicode's stream-safe text format (UAX #15)."""


def normalised(form: Literal["NFC", "NFD", "NFKC", "NFKD"], text: str) -> str:
    """Normalise text as `unicodedata.normalize` does, in a time that grows with its length.

    A character has at most 30 combining characters: ordering more takes time that grows with their square.
    """
    if len(text) > _SHORT and not text.isascii():
        text = _with_few_marks(text)
    return unicodedata.normalize(form, text)


def _with_few_marks(text: str) -> str:
    kept: list[str] = []
    marks = 0
    for char in text:
        marks = marks + 1 if unicodedata.combining(char) else 0
        if marks <= _MOST_MARKS:
            kept.append(char)
    return "".join(kept)
