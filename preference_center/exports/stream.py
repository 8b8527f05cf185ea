"""Exports: any number of rows, in constant memory, to whatever takes bytes.

On PostgreSQL the database writes the lines itself (COPY), on SQLite they are read some thousand at a time.
Either way a reader that is slow slows the reading, and one that goes away ends it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from preference_center.exports import connection as exports_connection
from preference_center.exports.columns import Column, csv_line, csv_sql, header, json_line, json_sql
from preference_center.storage import database

Sink = Callable[[bytes], Awaitable[None]]
"""Takes a piece of the file, and answers when there may be more."""
_CHUNK_ROWS = 2_000
_PIECE_BYTES = 64 * 1024
_PLACE = re.compile(r"\$(\d+)")
# JSON has no control characters in it, so COPY finds nothing to quote.
_LINES = {"format": "csv", "quote": "\x01", "delimiter": "\x02"}


class Format(Enum):
    """How rows are written: with a header, or each as an object that names its columns."""

    CSV = "csv"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Source:
    """Rows of one SELECT: its expressions, FROM and WHERE, with $1 … for `values`.

    `order` lists columns that place a row among the others, the last of them unique.
    """

    expressions: Sequence[str]
    tables: str
    condition: str
    values: Sequence[Any]
    order: Sequence[str]


@dataclass(frozen=True, slots=True)
class Export:
    """A file to be written: its columns, and the rows, one source after the other.

    `complete` makes a row of SQLite's into the columns' values, where the SELECT alone does not.
    """

    columns: Sequence[Column]
    sources: Sequence[Source]
    complete: Callable[[Sequence[Any]], Sequence[Any]] | None = None


async def write(export: Export, written: Format, sink: Sink) -> None:
    """Write the whole file; whatever the sink raises ends the reading too.

    The sink is first called when the database has answered, so that an error before that is seen as one.
    """
    pieces = _Pieces(sink, header(export.columns) if written is Format.CSV else b"")
    if database.dialect() == "sqlite":
        await _from_sqlite(export, written, pieces)
    else:
        await _from_postgres(export, written, pieces)
    await pieces.end()


async def count(export: Export) -> int:
    """How many rows there are, for who wants to see how far it is."""
    total = 0
    for source in export.sources:
        sql = f"SELECT COUNT(*) FROM {source.tables} WHERE {source.condition}"
        total += (await exports_connection.fetch(sql, *_used(sql, source.values)))[0][0]
    return total


class _Pieces:
    """Gathers lines into pieces that are worth being sent; the header goes with the first."""

    def __init__(self, sink: Sink, first: bytes) -> None:
        self._sink = sink
        self._held = bytearray(first)

    async def add(self, lines: bytes) -> None:
        self._held += lines
        if len(self._held) >= _PIECE_BYTES:
            await self._send()

    async def end(self) -> None:
        if self._held:
            await self._send()

    async def _send(self) -> None:
        piece = bytes(self._held)
        self._held.clear()
        await self._sink(piece)


async def _from_postgres(export: Export, written: Format, pieces: _Pieces) -> None:
    statements: list[str] = []
    values: list[Any] = []
    for source in export.sources:
        statements.append(_shifted(_select(export, source, written), len(values)))
        values += source.values
    sql = " UNION ALL ".join(statements)
    if len(export.sources) == 1:
        sql += f" ORDER BY {', '.join(export.sources[0].order)}"
    options = {"format": "csv"} if written is Format.CSV else _LINES
    async with exports_connection.postgres() as connection:
        await connection.copy_from_query(sql, *values, output=pieces.add, **options)


def _select(export: Export, source: Source, written: Format) -> str:
    if written is Format.CSV:
        pairs = zip(export.columns, source.expressions, strict=True)
        line = ", ".join(csv_sql(column.kind, value) for column, value in pairs)
    else:
        line = json_sql(export.columns, source.expressions)
    return f"SELECT {line} FROM {source.tables} WHERE {source.condition}"


def _shifted(sql: str, by: int) -> str:
    """The same statement with its places counted from further on."""
    return _PLACE.sub(lambda place: f"${int(place[1]) + by}", sql) if by else sql


def _used(sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """The values that a statement has places for; those of its expressions come last."""
    return values[: max((int(place[1]) for place in _PLACE.finditer(sql)), default=0)]


async def _from_sqlite(export: Export, written: Format, pieces: _Pieces) -> None:
    async with exports_connection.sqlite() as connection:
        for source in export.sources:
            last: Sequence[Any] | None = None
            while True:
                sql, values = _chunk(source, last)
                rows = await exports_connection.select(connection, sql, values)
                await pieces.add(_lines(export, written, [row[len(source.order) :] for row in rows]))
                if len(rows) < _CHUNK_ROWS:
                    break
                last = rows[-1][: len(source.order)]


def _chunk(source: Source, last: Sequence[Any] | None) -> tuple[str, list[Any]]:
    """The rows that come after the last one read: what is added or deleted meanwhile moves none of them."""
    places, values = ", ".join(source.order), list(source.values)
    beyond = ""
    if last is not None:
        marks = ", ".join(f"${len(values) + n}" for n in range(1, len(last) + 1))
        beyond = f" AND ({places}) > ({marks})"
        values += last
    expressions = ", ".join([places, *source.expressions])
    sql = f"SELECT {expressions} FROM {source.tables} WHERE {source.condition}{beyond}"
    return f"{sql} ORDER BY {places} LIMIT {_CHUNK_ROWS}", values


def _lines(export: Export, written: Format, rows: Sequence[Sequence[Any]]) -> bytes:
    if export.complete is not None:
        rows = [export.complete(row) for row in rows]
    if written is Format.CSV:
        return "".join([csv_line(export.columns, row) for row in rows]).encode()
    return b"".join([json_line(export.columns, row) for row in rows])
