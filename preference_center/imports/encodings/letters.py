"""How common letters are after one another in each language, and characters in Chinese, Japanese and Korean.

`letters.json` has costs: negative logarithms of probabilities, in half nats, as digits to the base 36. They
come from names of people and cities, and from CLDR's names of countries, languages and months.
"""

from __future__ import annotations

import json
import math
import re
from functools import lru_cache
from pathlib import Path
from typing import Final

_FILE: Final = Path(__file__).parent / "letters.json"
UNKNOWN_LETTER: Final = 14.0
"""The cost of a letter that the language does not have."""
ASCII_LETTER: Final = 3.0
"""The cost of an ASCII letter beside characters of another script."""
_RARE_PAIR: Final = 3.5
"""What a pair costs that the language has not shown, on top of its letter."""
_RARE_ASCII_LETTER: Final = 6.5
_RARE_CHARACTER: Final = 13.0
_COMMON_CHARACTER: Final = 9.5
_LETTER, _BOUNDARY = " ", "$"
_LATIN: Final = re.compile("[a-z]")


class Alphabet:
    """The letter pairs of one language."""

    def __init__(self, table: dict[str, str]) -> None:
        self._pairs = {
            (before, text[n]): int(text[n + 1], 36) / 2
            for before, text in table.items()
            if before != _LETTER
            for n in range(0, len(text), 2)
        }
        self._is_latin = any("a" <= before <= "z" for before in table)
        text = table.get(_LETTER, "")
        self._letters = {text[n]: int(text[n + 1], 36) / 2 for n in range(0, len(text), 2)}

    def cost(self, word: str) -> float:
        """The cost of a word in lower case: the sum of its pairs'."""
        total, before = 0.0, "^"
        for letter in f"{word}{_BOUNDARY}":
            cost = self._pairs.get((before, letter))
            total += self._rare(before, letter) if cost is None else cost
            before = letter
        return total

    def _rare(self, before: str, letter: str) -> float:
        if not self._is_latin and _LATIN.search(before + letter):
            return ASCII_LETTER if (before + letter).isascii() else UNKNOWN_LETTER
        if letter.isascii():
            return _RARE_ASCII_LETTER
        return min(UNKNOWN_LETTER, self._letters.get(letter, UNKNOWN_LETTER) + _RARE_PAIR)


class Characters:
    """The characters of a language that writes thousands of them."""

    def __init__(self, table: dict[str, str], common: tuple[str, range]) -> None:
        self._costs = {char: int(cost, 36) / 2 for cost, chars in table.items() for char in chars}
        self._encoding, self._rows = common

    def cost(self, char: str) -> float:
        """The cost of one character."""
        cost = self._costs.get(char)
        if cost is None:
            cost = self._costs[char] = _COMMON_CHARACTER if self._is_common(char) else _RARE_CHARACTER
        return cost

    def _is_common(self, char: str) -> bool:
        try:
            encoded = char.encode(self._encoding)
        except UnicodeEncodeError:
            return False
        return len(encoded) == 2 and encoded[0] in self._rows


_COMMON_ROWS: Final = {
    "zh_Hans": ("gb2312", range(0xB0, 0xD8)),
    "zh_Hant": ("big5", range(0xA4, 0xC9)),
    "ja": ("euc_jp", range(0xB0, 0xD0)),
    "ko": ("euc_kr", range(0xB0, 0xC9)),
}
"""The rows of each standard that have its common characters."""


@lru_cache(maxsize=1)
def _tables() -> dict[str, dict[str, dict[str, str]]]:
    tables: dict[str, dict[str, dict[str, str]]] = json.loads(_FILE.read_text(encoding="utf-8"))
    return tables


@lru_cache(maxsize=64)
def alphabet(language: str) -> Alphabet:
    """The letter pairs of a language."""
    return Alphabet(_tables()["pairs"][language])


@lru_cache(maxsize=8)
def characters(language: str) -> Characters:
    """The characters of Chinese, Japanese or Korean."""
    return Characters(_tables()["characters"][language], _COMMON_ROWS[language])


def likeliest(costs: list[float]) -> float:
    """The cost of the best of several equally likely explanations."""
    return min(costs) + math.log(len(costs))
