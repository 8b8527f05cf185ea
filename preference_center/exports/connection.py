"""A connection of an export's own: it may read for minutes, and nobody else has to wait for it."""

from __future__ import annotations

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import aiosqlite
import asyncpg

from preference_center.config import settings
from preference_center.storage import database
from preference_center.storage.connection import BUSY_WAIT_MS, orm_config
from preference_center.storage.database import Row

NAME = "sayso export"
"""What the connection is called in pg_stat_activity."""
_GOODBYE_SECONDS = 5.0
_SETTINGS = {
    "application_name": NAME,
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    # Compiling some hundred expressions takes longer than most exports.
    "jit": "off",
}


@asynccontextmanager
async def postgres() -> AsyncIterator[asyncpg.Connection]:
    """A connection that only reads; whatever runs on it is stopped when the block is left."""
    given = _credentials()
    names = ("host", "port", "user", "password", "database", "ssl")
    connection = await asyncpg.connect(
        **{name: given[name] for name in names if name in given}, server_settings=_SETTINGS
    )
    try:
        yield connection
    finally:
        await _close(connection)


async def _close(connection: asyncpg.Connection) -> None:
    """Say goodbye, after the server was told to stop what it does; hang up where that takes too long."""
    try:
        await connection.close(timeout=_GOODBYE_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


@asynccontextmanager
async def sqlite() -> AsyncIterator[aiosqlite.Connection]:
    """The same on SQLite, where the process's one connection would be shared with every request."""
    async with aiosqlite.connect(_read_only(_credentials()["file_path"]), uri=True) as connection:
        connection.row_factory = None
        await connection.execute(f"PRAGMA busy_timeout = {BUSY_WAIT_MS}")
        yield connection


def _read_only(path: str) -> str:
    return f"{Path(path).absolute().as_uri()}?mode=ro"


async def fetch(sql: str, *values: Any) -> Sequence[Row]:
    """The rows of one statement that may take its time, by position."""
    if database.dialect() == "sqlite":
        async with sqlite() as connection:
            return await select(connection, sql, values)
    async with postgres() as server:
        rows: Sequence[Row] = await server.fetch(sql, *values)
        return rows


async def select(connection: aiosqlite.Connection, sql: str, values: Sequence[Any]) -> list[Row]:
    """The rows of one statement on SQLite, written with $1 …, as tuples."""
    adapted = [database.sqlite_value(value) for value in values]
    return list(await connection.execute_fetchall(database.for_sqlite(sql), adapted))


def _credentials() -> dict[str, Any]:
    config = orm_config(settings.current().database_url)
    credentials: dict[str, Any] = config["connections"]["default"]["credentials"]
    return credentials
