"""A separate connection for each export: it may read for minutes without blocking anything else."""

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

APPLICATION_NAME = "sayso export"
"""Shown in pg_stat_activity."""
_CLOSE_SECONDS = 5.0
_SETTINGS = {
    "application_name": APPLICATION_NAME,
    "timezone": "UTC",
    "default_transaction_read_only": "on",
    # Compiling hundreds of expressions takes longer than most exports.
    "jit": "off",
}


@asynccontextmanager
async def postgres() -> AsyncIterator[asyncpg.Connection]:
    """A read-only connection; leaving the block stops the statement that runs on it."""
    credentials = _credentials()
    names = ("host", "port", "user", "password", "database", "ssl")
    connection = await asyncpg.connect(
        **{name: credentials[name] for name in names if name in credentials}, server_settings=_SETTINGS
    )
    try:
        yield connection
    finally:
        await _close(connection)


async def _close(connection: asyncpg.Connection) -> None:
    """Cancel what runs and close the connection; drop it if that takes too long."""
    try:
        await connection.close(timeout=_CLOSE_SECONDS)
    except (OSError, TimeoutError, asyncpg.PostgresError, asyncpg.InterfaceError):
        connection.terminate()


@asynccontextmanager
async def sqlite() -> AsyncIterator[aiosqlite.Connection]:
    """A read-only connection to the SQLite file: the process's own is shared by all requests."""
    async with aiosqlite.connect(_read_only(_credentials()["file_path"]), uri=True) as connection:
        connection.row_factory = None
        await connection.execute(f"PRAGMA busy_timeout = {BUSY_WAIT_MS}")
        yield connection


def _read_only(path: str) -> str:
    return f"{Path(path).absolute().as_uri()}?mode=ro"


async def fetch(sql: str, *values: Any) -> Sequence[Row]:
    """The rows of one statement that may take long, as tuples."""
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
