"""Writing exports: any number of rows, in constant memory, to anything that takes bytes.

PostgreSQL writes the lines itself (COPY); from SQLite some thousand rows are read at a time. Either way a
slow reader slows the reading from the database, and one that disconnects ends it.
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any

from preference_center.calculations import in_thread
from preference_center.exports import connection as export_connection
from preference_center.exports.columns import Column, csv_line, csv_sql, header, json_line, json_sql
from preference_center.storage import database

Sink = Callable[[bytes], Awaitable[None]]
"""Takes a piece of the file, and returns when it can take more."""
_ROWS_PER_READ = 2_000
_ROWS_AT_ONCE = 100
"""How many rows are written before another calculation has its turn: some ten milliseconds."""
_BUFFER_BYTES = 64 * 1024
_PLACEHOLDER = re.compile(r"\$(\d+)")
# JSON contains no control characters, so COPY finds nothing to quote.
_COPY_JSON_OPTIONS = {"format": "csv", "quote": "\x01", "delimiter": "\x02"}
_COPY_CSV_OPTIONS = {"format": "csv"}


class Format(Enum):
    """How rows are written: lines below a header, or one JSON object a line."""

    CSV = "csv"
    NDJSON = "ndjson"


@dataclass(frozen=True, slots=True)
class Source:
    """The rows of one SELECT: its expressions, FROM and WHERE, with $1 … for `values`.

    `order` lists the columns to sort by, the last of them unique.
    """

    expressions: Sequence[str]
    tables: str
    condition: str
    values: Sequence[Any]
    order: Sequence[str]


@dataclass(frozen=True, slots=True)
class Export:
    """A file to write: its columns, and the sources of its rows, one after the other.

    `complete_row` turns a row from SQLite into the values of the columns, if the SELECT alone cannot.
    """

    columns: Sequence[Column]
    sources: Sequence[Source]
    complete_row: Callable[[Sequence[Any]], Sequence[Any]] | None = None


async def write(export: Export, file_format: Format, sink: Sink) -> None:
    """Write the whole file. An exception of the sink ends the reading too.

    The sink is first called after the database has answered, so that errors until then can still be reported.
    """
    buffer = _Buffer(sink, header(export.columns) if file_format is Format.CSV else b"")
    if database.dialect() == "sqlite":
        await _write_from_sqlite(export, file_format, buffer)
    else:
        await _write_from_postgres(export, file_format, buffer)
    await buffer.close()


async def count(export: Export) -> int:
    """Return the number of rows, to show progress."""
    total = 0
    for source in export.sources:
        sql = f"SELECT COUNT(*) FROM {source.tables} WHERE {source.condition}"
        rows = await export_connection.fetch(sql, *_values_used_by(sql, source.values))
        total += rows[0][0]
    return total


class _Buffer:
    """Collects lines into pieces of some size; the header is part of the first."""

    def __init__(self, sink: Sink, first: bytes) -> None:
        self._sink = sink
        self._bytes = bytearray(first)

    async def add(self, lines: bytes) -> None:
        self._bytes += lines
        if len(self._bytes) >= _BUFFER_BYTES:
            await self._send()

    async def close(self) -> None:
        if self._bytes:
            await self._send()

    async def _send(self) -> None:
        piece = bytes(self._bytes)
        self._bytes.clear()
        await self._sink(piece)


async def _write_from_postgres(export: Export, file_format: Format, buffer: _Buffer) -> None:
    statements: list[str] = []
    values: list[Any] = []
    for source in export.sources:
        statements.append(_renumber_placeholders(_select_line(export, source, file_format), len(values)))
        values += source.values
    sql = " UNION ALL ".join(statements)
    if len(export.sources) == 1:
        sql += f" ORDER BY {', '.join(export.sources[0].order)}"
    options = _COPY_CSV_OPTIONS if file_format is Format.CSV else _COPY_JSON_OPTIONS
    async with export_connection.postgres() as connection:
        await connection.copy_from_query(sql, *values, output=buffer.add, **options)


def _select_line(export: Export, source: Source, file_format: Format) -> str:
    if file_format is Format.CSV:
        pairs = zip(export.columns, source.expressions, strict=True)
        line = ", ".join(csv_sql(column.type, expression) for column, expression in pairs)
    else:
        line = json_sql(export.columns, source.expressions)
    return f"SELECT {line} FROM {source.tables} WHERE {source.condition}"


def _renumber_placeholders(sql: str, offset: int) -> str:
    return _PLACEHOLDER.sub(lambda found: f"${int(found[1]) + offset}", sql) if offset else sql


def _values_used_by(sql: str, values: Sequence[Any]) -> Sequence[Any]:
    """The values that a statement has placeholders for; those of the expressions come last."""
    return values[: max((int(found[1]) for found in _PLACEHOLDER.finditer(sql)), default=0)]


async def _write_from_sqlite(export: Export, file_format: Format, buffer: _Buffer) -> None:
    async with export_connection.sqlite() as connection:
        for source in export.sources:
            last: Sequence[Any] | None = None
            while True:
                sql, values = _select_next(source, last)
                rows = await export_connection.select(connection, sql, values)
                keys = len(source.order)
                await _add_lines(export, file_format, [row[keys:] for row in rows], buffer)
                if len(rows) < _ROWS_PER_READ:
                    break
                last = rows[-1][:keys]


def _select_next(source: Source, last: Sequence[Any] | None) -> tuple[str, list[Any]]:
    """Select the rows after the sort keys `last`: rows that others add or delete do not shift them."""
    keys, values = ", ".join(source.order), list(source.values)
    after_last = ""
    if last is not None:
        placeholders = ", ".join(f"${len(values) + n}" for n in range(1, len(last) + 1))
        after_last = f" AND ({keys}) > ({placeholders})"
        values += last
    expressions = ", ".join([keys, *source.expressions])
    sql = f"SELECT {expressions} FROM {source.tables} WHERE {source.condition}{after_last}"
    return f"{sql} ORDER BY {keys} LIMIT {_ROWS_PER_READ}", values


async def _add_lines(
    export: Export, file_format: Format, rows: Sequence[Sequence[Any]], buffer: _Buffer
) -> None:
    for start in range(0, len(rows), _ROWS_AT_ONCE):
        await buffer.add(await in_thread(_lines, export, file_format, rows[start : start + _ROWS_AT_ONCE]))


def _lines(export: Export, file_format: Format, rows: Sequence[Sequence[Any]]) -> bytes:
    if export.complete_row is not None:
        rows = [export.complete_row(row) for row in rows]
    if file_format is Format.CSV:
        return "".join([csv_line(export.columns, row) for row in rows]).encode()
    return b"".join([json_line(export.columns, row) for row in rows])
