"""Compact rows: what one statement reads of an object, and as JSON text the rows that belong to it.

PostgreSQL writes a list of short arrays in half the time that it takes for objects with names, and SQLite
writes the same text. The names of an answer are added where it is written.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, NamedTuple

import orjson

from preference_center.storage import database


class Kind(Enum):
    """What a column holds, as far as it matters for writing it as JSON."""

    NUMBER = "number"
    """An integer or a boolean, which SQLite stores as 0 or 1."""
    WORD = "word"
    """Text that JSON has to escape nothing of, such as OPTED_IN."""
    TEXT = "text"
    INSTANT = "instant"


class Column(NamedTuple):
    """An SQL expression."""

    sql: str
    kind: Kind
    nullable: bool = True


@dataclass(frozen=True, slots=True)
class Reading:
    """The columns that a statement reads, and the values of the placeholders in them, from $1."""

    columns: Sequence[str]
    values: Sequence[Any]

    @property
    def sql(self) -> str:
        """The columns, to follow SELECT."""
        return ", ".join(self.columns) or "1"


def nested(columns: Sequence[Column], source: str) -> str:
    """Return SQL for rows as JSON arrays, joined by commas: NULL without any. `source` follows FROM."""
    sqlite = database.dialect() == "sqlite"
    row = " || ',' || ".join(_json(column, sqlite=sqlite) for column in columns)
    join = "group_concat" if sqlite else "string_agg"
    return f"(SELECT {join}('[' || {row} || ']', ',') FROM {source})"


def rows_of(text: str | None) -> list[list[Any]]:
    """Return the rows that `nested` wrote."""
    rows: list[list[Any]] = orjson.loads(f"[{text}]") if text else []
    return rows


def _json(column: Column, *, sqlite: bool) -> str:
    sql, kind, nullable = column
    if kind is Kind.TEXT:
        written = f"json_quote({sql})" if sqlite else f"to_json({sql})::text"
    elif kind is Kind.INSTANT and not sqlite:
        written = f"to_json({sql})::text"
    elif kind is Kind.NUMBER:
        written = sql if sqlite else f"({sql})::text"
    else:
        written = f"'\"' || {sql} || '\"'"
    return f"COALESCE({written}, 'null')" if nullable else written
