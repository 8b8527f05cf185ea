"""SQL for a search: words in the names, the email address or the phone number of a contact `c`."""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Final

from preference_center.contacts.fields import folded
from preference_center.contacts.placeholders import Placeholders
from preference_center.storage import database

AFTER_ALL_TEXT: Final = "\U0010ffff"
"""Sorts after every text, in byte order."""
_LENGTH_OF_ENTRIES: Final = 3
"""Both indexes hold every three characters that follow one another."""
_TELEPHONE: Final = re.compile(r"[0-9 +().\-/]+")
_WRITTEN_BEFORE_NUMBERS: Final = "0"
"""A number without its country code begins with zeros that are not a part of it."""
_STARTS: Final = ("c.email", "c.folded_first_name", "c.folded_last_name")
# As the migration writes it: the index is of this expression.
_TEXT_ON_POSTGRES: Final = (
    "((c.folded_first_name || ' ' || c.folded_last_name || E'\\n' || COALESCE(c.email, '') || E'\\n'"
    " || COALESCE(c.phone, '')) COLLATE \"C\")"
)
_TEXT_ON_SQLITE: Final = (
    "(c.folded_first_name || ' ' || c.folded_last_name || char(10) || COALESCE(c.email, '') || char(10)"
    " || COALESCE(c.phone, ''))"
)


def search(given: Placeholders, text: str) -> list[str]:
    """Every word is in the names, the email address or the phone number; digits may be spaced out.

    A word with fewer than three letters or digits is in no index: a name or the email address begins with
    it. Text without words matches everybody.
    """
    alternatives = [words] if (words := folded(text).split()) else []
    if _TELEPHONE.fullmatch(text) and is_long(digits := _digits(text)) and words != [digits]:
        alternatives.append([digits])
    if not alternatives:
        return []
    wanted = " OR ".join(
        "(" + " AND ".join(_word(given, word) for word in words) + ")" for words in alternatives
    )
    entries = _entries(alternatives)
    if entries is None or database.dialect() != "sqlite":  # PostgreSQL finds them by the conditions
        return [f"({wanted})"]
    select = "SELECT rowid AS id FROM contact_search WHERE contact_search MATCH "
    return [given.among(lambda: select + given.placeholder(entries), f"({wanted})")]


def is_long(word: str) -> bool:
    """Whether a word is looked for anywhere, and not at the beginning only."""
    return sum(map(str.isalnum, word)) >= _LENGTH_OF_ENTRIES


def _digits(text: str) -> str:
    return "".join(filter(str.isdigit, text)).lstrip(_WRITTEN_BEFORE_NUMBERS)


def _word(given: Placeholders, word: str) -> str:
    if not is_long(word):
        return _starts_with(given, word)
    if database.dialect() == "sqlite":
        return f"instr({_TEXT_ON_SQLITE}, {given.placeholder(word)}) > 0"
    pattern = re.sub(r"([\\%_])", r"\\\1", word)
    return f"{_TEXT_ON_POSTGRES} LIKE {given.placeholder(f'%{pattern}%')}"


def _starts_with(given: Placeholders, word: str) -> str:
    low, high = given.placeholder(word), given.placeholder(word + AFTER_ALL_TEXT)
    return "(" + " OR ".join(f"({column} >= {low} AND {column} < {high})" for column in _STARTS) + ")"


def _entries(alternatives: Sequence[Sequence[str]]) -> str | None:
    """The entries of every long word, as a query of FTS5; None if an alternative has no long word."""
    long = [[word for word in words if is_long(word)] for words in alternatives]
    if not all(long):
        return None
    return " OR ".join("(" + " AND ".join(map(_entries_of, words)) + ")" for words in long)


def _entries_of(word: str) -> str:
    """The entries that cover a word, as a part of a query."""
    last = len(word) - _LENGTH_OF_ENTRIES
    starts = sorted({*range(0, last, _LENGTH_OF_ENTRIES), last})
    entries = (word[start : start + _LENGTH_OF_ENTRIES].replace('"', '""') for start in starts)
    return " AND ".join(f'"{entry}"' for entry in entries)
