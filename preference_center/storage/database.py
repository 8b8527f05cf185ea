"""The connection, for both databases: SQL written once with $1 … is run on PostgreSQL and on SQLite."""

from __future__ import annotations

import json
import re
import sqlite3
from collections.abc import AsyncIterator, Callable, Iterable, Sequence
from contextlib import asynccontextmanager, closing
from datetime import UTC, datetime
from functools import lru_cache
from pathlib import Path
from typing import Any, Literal, TypeVar, cast
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, get_current_context
from tortoise.exceptions import DBConnectionError

from preference_center.config.settings import Settings

T = TypeVar("T")
Row = Any
"""A mapping by column name: asyncpg's Record or sqlite3's Row."""
APP = "preference_center"
_TABLES = (
    "preference_center.tables.access",
    "preference_center.tables.catalog",
    "preference_center.tables.consent",
    "preference_center.tables.contacts",
    "preference_center.tables.erasure",
    "preference_center.tables.evidence",
    "preference_center.tables.leaving_reasons",
    "preference_center.tables.messaging",
    "preference_center.tables.operations",
    "preference_center.tables.outbox",
    "preference_center.tables.workflows",
)
BUSY_WAIT_MS = 30_000


def utc_now() -> datetime:
    """This instant, aware, in UTC, to the microsecond."""
    return datetime.now(UTC)


clock: Callable[[], datetime] = utc_now
"""What tells the time; tests put a clock of their own here."""


def now() -> datetime:
    """This instant by `clock`."""
    return clock()


def orm_config(database_url: str, *, pool: int = 20) -> dict[str, Any]:
    """The configuration of Tortoise for a database URL (`sqlite://path`, `postgres://…`)."""
    return {
        "connections": {"default": _credentials(database_url, pool)},
        "apps": {
            APP: {
                "models": list(_TABLES),
                "migrations": f"{APP}.migrations",
            }
        },
        "use_tz": True,
        "timezone": "UTC",
    }


def _credentials(database_url: str, pool: int) -> dict[str, Any]:
    if database_url.startswith("sqlite://"):
        path = database_url.removeprefix("sqlite://")
        pragmas = {"file_path": path, "synchronous": "FULL", "busy_timeout": BUSY_WAIT_MS}
        pragmas["secure_delete"] = "ON"  # what is deleted is overwritten (R36)
        return {"engine": "tortoise.backends.sqlite", "credentials": pragmas}
    parts = urlsplit(database_url)
    credentials: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/") or "sayso",
        "minsize": 1,
        "maxsize": pool,
        "reset": _as_it_is,
    }
    options = dict(parse_qsl(parts.query))
    if "maxsize" in options:
        credentials["maxsize"] = int(options["maxsize"])
    if "sslmode" in options:
        credentials["ssl"] = options["sslmode"]
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}


async def _as_it_is(_connection: object) -> None:
    """Let a connection go back to the pool: Sayso sets nothing on a session that would have to be undone.

    asyncpg would send a statement for that, which takes as long as many a query. It ends open transactions
    all the same.
    """


def _look_at_file(path: Path) -> None:
    """Make the folder, and refuse a file that is no database: aiosqlite would wait for it for ever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        raise DBConnectionError(f"{path} cannot be opened as an SQLite database: {error}") from error


@asynccontextmanager
async def connected(settings: Settings) -> AsyncIterator[None]:
    """Hold the database open: for every task of the process, until the block ends."""
    if settings.database_url.startswith("sqlite://"):
        _look_at_file(Path(settings.database_url.removeprefix("sqlite://")))
    async with TortoiseContext() as context:
        await context.init(config=orm_config(settings.database_url), _enable_global_fallback=_first())
        yield


def _first() -> bool:
    """Whether requests, which run in tasks of their own, may find this connection."""
    from tortoise import context

    return context._global_context is None


def connection() -> BaseDBAsyncClient:
    """The connection of this task: the open transaction's where there is one."""
    return get_connection("default")


def identity() -> object:
    """What stands for the open database, the same in every task of the process."""
    return get_current_context()


def is_connected() -> bool:
    """Whether a database is open in this process."""
    return get_current_context() is not None


def dialect() -> Literal["postgres", "sqlite"]:
    """Which of the two databases this is."""
    return "sqlite" if connection().capabilities.dialect == "sqlite" else "postgres"


_PLACEHOLDER = re.compile(r"\$(\d+)")


@lru_cache(maxsize=1024)
def for_sqlite(sql: str) -> str:
    """SQL written with $1 … as SQLite takes it."""
    return _PLACEHOLDER.sub(r"?\1", sql)


def sqlite_value(value: Any) -> Any:
    """A value as SQLite keeps it: instants and lists as text."""
    if isinstance(value, datetime):
        return value.astimezone(UTC).isoformat(" ", "microseconds")
    if isinstance(value, list | tuple):
        return json.dumps(list(value))
    return value


async def fetch(sql: str, *values: Any) -> Sequence[Row]:
    """Run one statement and return its rows, of RETURNING too. Lists are given for `any_of`."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        _, rows = await client.execute_query(for_sqlite(sql), [sqlite_value(v) for v in values])
        return rows
    if sql.startswith("SELECT"):
        # Reading breaks no constraint: there is nothing for Tortoise to translate, and its layers take time.
        async with client.acquire_connection() as held:
            return cast("Sequence[Row]", await held.fetch(sql, *values))
    if sql.startswith("WITH"):
        _, rows = await client.execute_query(sql, list(values))
        return rows
    return await client.execute_query_dict(sql, list(values))


async def execute(sql: str, *values: Any) -> int:
    """Run one UPDATE, DELETE or INSERT; returns how many rows the first two changed."""
    client = connection()
    if client.capabilities.dialect == "sqlite":
        changed, _ = await client.execute_query(for_sqlite(sql), [sqlite_value(v) for v in values])
    else:
        changed, _ = await client.execute_query(sql, list(values))
    return changed


async def insert(table: str, columns: dict[str, str], rows: Iterable[Sequence[Any]], then: str = "") -> None:
    """Insert rows in one statement, whatever their number.

    `columns` maps names to PostgreSQL types; `then` is what follows, such as ON CONFLICT …
    """
    given = list(rows)
    if not given:
        return
    names = ", ".join(columns)
    client = connection()
    if client.capabilities.dialect == "sqlite":
        places = ", ".join("?" for _ in columns)
        sql = f"INSERT INTO {table} ({names}) VALUES ({places}) {then}"
        await client.execute_many(sql, [[sqlite_value(v) for v in row] for row in given])
        return
    source, values = unnested(columns, given)
    await client.execute_query(f"INSERT INTO {table} ({names}) {source} {then}", values)


def unnested(columns: dict[str, str], rows: Sequence[Sequence[Any]]) -> tuple[str, list[Any]]:
    """A SELECT of rows for PostgreSQL, and its values: an array for each column, or the one value of all.

    A single row needs no arrays, which PostgreSQL would plan for anew each time.
    """
    if len(rows) == 1:
        return _one_row(tuple(columns.values())), list(rows[0])
    outputs: list[str] = []
    arrays: list[str] = []
    names: list[str] = []
    values: list[Any] = []
    for name, kind, column in zip(columns, columns.values(), zip(*rows, strict=True), strict=True):
        place = f"${len(values) + 1}::{kind}"
        if column.count(column[0]) == len(column) and len(column) > 1:
            outputs.append(place)
            values.append(column[0])
            continue
        outputs.append(f"given.{name}")
        arrays.append(place + "[]")
        names.append(name)
        values.append(column)
    if not arrays:
        arrays, names = [f"${len(values) + 1}::int[]"], ["place"]
        values.append(list(range(len(rows))))
    return (
        f"SELECT {', '.join(outputs)} FROM unnest({', '.join(arrays)}) AS given ({', '.join(names)})",
        values,
    )


@lru_cache(maxsize=256)
def _one_row(kinds: tuple[str, ...]) -> str:
    return "SELECT " + ", ".join(f"${n}::{kind}" for n, kind in enumerate(kinds, 1))


def any_of(place: int) -> str:
    """SQL for "is one of the list at $place": numbers or texts."""
    if dialect() == "sqlite":
        return f"IN (SELECT value FROM json_each(${place}))"
    return f"= ANY(${place})"


def one_of(place: int, values: Sequence[Any]) -> tuple[str, Any]:
    """SQL for "is one of these, at $place", and what to give for it: of a single value the value itself.

    PostgreSQL keeps its plan for a single value, and makes a new one each time for a list, whose length it
    can't know beforehand: that takes longer than finding the rows of one recipient.
    """
    if len(values) == 1:
        return f"= ${place}", values[0]
    return any_of(place), list(values)


def instant(value: Any) -> datetime:
    """A column's instant, which SQLite keeps as text, aware and in UTC."""
    if isinstance(value, datetime):
        return value if value.tzinfo is UTC else value.astimezone(UTC)
    return datetime.fromisoformat(value).astimezone(UTC)


def optional_instant(value: Any) -> datetime | None:
    """The same where the column may be null."""
    return None if value is None else instant(value)


def json_value(value: Any) -> Any:
    """A JSON column's value, which comes as text."""
    return json.loads(value) if isinstance(value, str | bytes) else value
