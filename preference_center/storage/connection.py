"""Opening the database: Tortoise's configuration and connection, for SQLite and for PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, closing
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

from tortoise import context
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, get_current_context
from tortoise.exceptions import DBConnectionError

from preference_center.config.settings import Settings

APP = "preference_center"
"""The name of Tortoise's app, which its migrations are recorded under."""
BUSY_WAIT_MS = 30_000
"""How long SQLite waits for another writer."""
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


@asynccontextmanager
async def open_database(settings: Settings) -> AsyncIterator[None]:
    """Hold the database open for every task of the process, until the block ends.

    Raises tortoise's DBConnectionError for a file that is no SQLite database.
    """
    if settings.database_url.startswith("sqlite://"):
        _check_file(Path(settings.database_url.removeprefix("sqlite://")))
    # Tortoise caches statements by the name of the connection, also those of another kind of database.
    EXECUTOR_CACHE.clear()
    async with TortoiseContext() as opened:
        await opened.init(config=orm_config(settings.database_url), _enable_global_fallback=_is_first())
        yield


def connection() -> BaseDBAsyncClient:
    """Return the connection of this task: the open transaction's, if there is one."""
    return get_connection("default")


def open_database_key() -> object:
    """Return an object that identifies the open database, the same one in every task of the process."""
    return get_current_context()


def orm_config(database_url: str, *, pool: int = 20) -> dict[str, Any]:
    """Return Tortoise's configuration for a database URL (`sqlite://path`, `postgres://…`)."""
    app = {"models": list(_TABLES), "migrations": f"{APP}.migrations"}
    credentials = (
        _sqlite_credentials(database_url)
        if database_url.startswith("sqlite://")
        else _postgres_credentials(database_url, pool)
    )
    return {
        "connections": {"default": credentials},
        "apps": {APP: app},
        "use_tz": True,
        "timezone": "UTC",
    }


def _sqlite_credentials(database_url: str) -> dict[str, Any]:
    credentials = {
        "file_path": database_url.removeprefix("sqlite://"),
        "synchronous": "FULL",
        "busy_timeout": BUSY_WAIT_MS,
        "secure_delete": "ON",  # deleted rows are overwritten (R36)
    }
    return {"engine": "tortoise.backends.sqlite", "credentials": credentials}


def _postgres_credentials(database_url: str, pool: int) -> dict[str, Any]:
    parts = urlsplit(database_url)
    credentials: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": parts.path.lstrip("/") or "sayso",
        "minsize": 1,
        "maxsize": pool,
        "reset": _keep_session,
    }
    options = dict(parse_qsl(parts.query))
    if "maxsize" in options:
        credentials["maxsize"] = int(options["maxsize"])
    if "sslmode" in options:
        credentials["ssl"] = options["sslmode"]
    return {"engine": "tortoise.backends.asyncpg", "credentials": credentials}


async def _keep_session(_connection: object) -> None:
    """Return a connection to the pool without resetting the session: Sayso sets nothing on it.

    asyncpg's reset is a statement that takes as long as many a query. Open transactions are ended anyway.
    """


def _check_file(path: Path) -> None:
    """Create the folder, and refuse a file that is no database: aiosqlite would wait for it forever."""
    path.parent.mkdir(parents=True, exist_ok=True)
    try:
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        raise DBConnectionError(f"{path} cannot be opened as an SQLite database: {error}") from error


def _is_first() -> bool:
    """Whether requests, which run in tasks of their own, may find this connection."""
    return context._global_context is None
