"""SQL for both databases: statements written once with $1 … run on PostgreSQL and on SQLite."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import Callable, Iterable, Sequence
from datetime import UTC, datetime
from functools import lru_cache
from typing import Any, Literal, cast

import tortoise.backends.sqlite.executor  # noqa: F401 (registers the adapter replaced below)

from preference_center.storage.connection import connection

Row = Any
"""A mapping by column name: asyncpg's Record or sqlite3's Row."""
_PLACEHOLDER = re.compile(r"\$(\d+)")
_MAX_CACHED_SQL = 20_000
"""In characters. The statement of a long filter is not cached: it is hardly ever the same twice."""


def _utc_now() -> datetime:
    return datetime.now(UTC)


clock: Callable[[], datetime] = _utc_now
"""Tells the time; tests replace it."""


def now() -> datetime:
    """Return the current time by `clock`: aware, in UTC, to the microsecond."""
    return clock()


def dialect() -> Literal["postgres", "sqlite"]:
    """Return which of the two databases is open."""
    return "sqlite" if connection().capabilities.dialect == "sqlite" else "postgres"


def for_sqlite(sql: str) -> str:
    """Translate the placeholders of a statement ($1 …) to SQLite's (?1 …)."""
    return _for_sqlite(sql) if len(sql) <= _MAX_CACHED_SQL else _PLACEHOLDER.sub(r"?\1", sql)


@lru_cache(maxsize=1024)
def _for_sqlite(sql: str) -> str:
    return _PLACEHOLDER.sub(r"?\1", sql)


def sqlite_instant(value: datetime) -> str:
    """Convert a time to the text that SQLite stores, in which later times sort after earlier ones."""
    return value.astimezone(UTC).isoformat(" ", "microseconds")


# Tortoise registers an adapter that omits microseconds of zero, when its SQLite backend is imported.
sqlite3.register_adapter(datetime, sqlite_instant)


def sqlite_value(value: Any) -> Any:
    """Convert a value to what SQLite stores: times and lists become text."""
    if isinstance(value, datetime):
        return sqlite_instant(value)
    if isinstance(value, list | tuple):
        return json.dumps(list(value))
    return value


async def fetch(sql: str, *values: Any) -> Sequence[Row]:
    """Run one statement and return its rows, also those of RETURNING. Pass a list for `any_of`."""
    client: Any = connection()
    if client.capabilities.dialect == "sqlite":
        _, rows = await client.execute_query(for_sqlite(sql), [sqlite_value(v) for v in values])
        return cast("Sequence[Row]", rows)
    if sql.startswith("SELECT"):
        # Reading violates no constraint: Tortoise has no error to translate, and its layers take time.
        return cast("Sequence[Row]", await client.fetch(sql, values))
    if sql.startswith("WITH"):
        _, rows = await client.execute_query(sql, list(values))
        return cast("Sequence[Row]", rows)
    return cast("Sequence[Row]", await client.execute_query_dict(sql, list(values)))


async def check_connection() -> None:
    """Raise the driver's error if the database does not answer."""
    await fetch("SELECT 1")


async def execute(sql: str, *values: Any) -> int:
    """Run one UPDATE, DELETE or INSERT; returns the number of rows that the first two changed."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        changed, _ = await client.execute_query(for_sqlite(sql), [sqlite_value(v) for v in values])
    else:
        changed, _ = await client.execute_query(sql, list(values))
    return changed


async def insert(table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]], then: str = "") -> None:
    """Insert any number of rows in one statement; none if there are no rows.

    `columns` maps names to PostgreSQL types; `then` follows the rows, such as ON CONFLICT …
    """
    inserted = list(rows)
    if not inserted:
        return
    names = ", ".join(columns)
    client = connection()
    if client.capabilities.dialect == "sqlite":
        parameters = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({names}) VALUES ({parameters}) {then}"
        await client.execute_many(sql, [[sqlite_value(v) for v in row] for row in inserted])
        return
    source, values = unnested(columns, inserted)
    await client.execute_query(f"INSERT INTO {table} ({names}) {source} {then}", values)


def unnested(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """Return a SELECT that yields these rows on PostgreSQL, and its values.

    Each column is an array, or a single value if all rows share it. A single row needs no arrays, for which
    PostgreSQL would make a new plan each time.
    """
    if len(rows) == 1:
        return _select_of_one_row(tuple(columns.values())), list(rows[0])
    outputs: list[str] = []
    arrays: list[str] = []
    names: list[str] = []
    values: list[Any] = []
    for (name, sql_type), column in zip(columns.items(), zip(*rows, strict=True), strict=True):
        parameter = f"${len(values) + 1}::{sql_type}"
        if column.count(column[0]) == len(column) and len(column) > 1:
            outputs.append(parameter)
            values.append(column[0])
            continue
        outputs.append(f"source.{name}")
        arrays.append(parameter + "[]")
        names.append(name)
        values.append(column)
    if not arrays:  # all rows are equal: an array of their positions gives their number
        arrays, names = [f"${len(values) + 1}::int[]"], ["position"]
        values.append(list(range(len(rows))))
    return (
        f"SELECT {', '.join(outputs)} FROM unnest({', '.join(arrays)}) AS source ({', '.join(names)})",
        values,
    )


@lru_cache(maxsize=256)
def _select_of_one_row(sql_types: tuple[str, ...]) -> str:
    return "SELECT " + ", ".join(f"${n}::{sql_type}" for n, sql_type in enumerate(sql_types, 1))


def any_of(parameter: int) -> str:
    """Return SQL for "is in the list" of numbers or text that the parameter holds: `any_of(1)` for $1."""
    if dialect() == "sqlite":
        return f"IN (SELECT value FROM json_each(${parameter}))"
    return f"= ANY(${parameter})"


def any_of_values(parameter: int, values: Sequence[Any]) -> tuple[str, Any]:
    """Return SQL for "is one of these values", and what to pass for the parameter: a single value or a list.

    PostgreSQL keeps its plan for a single value and plans anew for a list, whose length it cannot know:
    planning takes longer than finding the rows of one recipient.
    """
    if len(values) == 1:
        return f"= ${parameter}", values[0]
    return any_of(parameter), list(values)


def recordset(parameter: int, columns: dict[str, str]) -> str:
    """Return SQL for a table from JSON text, a list of objects: `recordset(1, {"id": "bigint"})` for $1.

    `columns` maps names to PostgreSQL types. For UPDATE … FROM; give it an alias.
    """
    if dialect() == "sqlite":
        outputs = ", ".join(f"json_extract(value, '$.{name}') AS {name}" for name in columns)
        return f"(SELECT {outputs} FROM json_each(${parameter}))"
    outputs = ", ".join(f"{name} {sql_type}" for name, sql_type in columns.items())
    return f"(SELECT * FROM jsonb_to_recordset(${parameter}::jsonb) AS source ({outputs}))"


def instant(value: Any) -> datetime:
    """Read a column with a time, which SQLite stores as text: aware, in UTC.

    asyncpg reads PostgreSQL's -infinity and infinity as the first and last time of Python, without a zone.
    """
    read = value if isinstance(value, datetime) else datetime.fromisoformat(value)
    if read.tzinfo is UTC:
        return read
    return read.replace(tzinfo=UTC) if read.tzinfo is None else read.astimezone(UTC)


def optional_instant(value: Any) -> datetime | None:
    """Read a column with a time that may be null."""
    return None if value is None else instant(value)


def json_value(value: Any) -> Any:
    """Read a JSON column, which the drivers return as text."""
    return json.loads(value) if isinstance(value, str | bytes) else value
