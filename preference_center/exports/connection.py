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
from preference_center.storage.connection import postgres_connection
from preference_center.storage.database import Row
from preference_center.storage.shares import EXPORT

APPLICATION_NAME = "sayso export"
"""Shown in pg_stat_activity."""
_BUSY_WAIT_MS = 30_000


@asynccontextmanager
async def postgres() -> AsyncIterator[asyncpg.Connection]:
    """A read-only connection; leaving the block stops the statement that runs on it."""
    async with postgres_connection(EXPORT, name=APPLICATION_NAME, read_only=True) as connection:
        yield connection


@asynccontextmanager
async def sqlite() -> AsyncIterator[aiosqlite.Connection]:
    """A read-only connection to the SQLite file: the process's own is shared by all requests."""
    async with aiosqlite.connect(_read_only_uri(), uri=True) as connection:
        connection.row_factory = None
        await connection.execute(f"PRAGMA busy_timeout = {_BUSY_WAIT_MS}")
        try:
            yield connection
        finally:
            await connection.interrupt()


def _read_only_uri() -> str:
    path = settings.current().database_url.removeprefix("sqlite://")
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
