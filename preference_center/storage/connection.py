"""Opening the database: Tortoise's configuration and connection, for SQLite and for PostgreSQL."""

from __future__ import annotations

import sqlite3
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager, asynccontextmanager, closing, nullcontext
from pathlib import Path
from typing import Any
from urllib.parse import parse_qsl, unquote, urlsplit

import asyncpg
from tortoise import context
from tortoise.backends.base.client import BaseDBAsyncClient
from tortoise.backends.base.executor import EXECUTOR_CACHE
from tortoise.connection import get_connection
from tortoise.context import TortoiseContext, get_current_context
from tortoise.exceptions import DBConnectionError

from preference_center.config import private_files
from preference_center.config.settings import Settings
from preference_center.storage import shares, sqlite_file
from preference_center.storage.drivers import changes
from preference_center.storage.drivers.asyncpg_server import Server
from preference_center.storage.drivers.changes import Changes
from preference_center.storage.drivers.replica import Replica
from preference_center.storage.shares import Limits

APP = "preference_center"
"""The name of Tortoise's app, which its migrations are recorded under."""
_CLOSE_SECONDS = 5.0
_TABLES = (
    "preference_center.tables.access",
    "preference_center.tables.catalog",
    "preference_center.tables.consent",
    "preference_center.tables.contacts",
    "preference_center.tables.erasure",
    "preference_center.tables.evidence",
    "preference_center.tables.leaving_reasons",
    "preference_center.tables.links",
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
    path = sqlite_file.path_of(settings)
    if path is not None:
        _check_file(path)
    private_files.tighten(settings.data_dir, *(sqlite_file.files_of(path) if path else ()))
    # Tortoise caches statements by the name of the connection, also those of another kind of database.
    EXECUTOR_CACHE.clear()
    async with TortoiseContext() as opened:
        await opened.init(config=orm_config(settings), _enable_global_fallback=_is_first())
        async with _replica_watched():
            yield


def _replica_watched() -> AbstractAsyncContextManager[None]:
    """Watch the read replica, if there is one."""
    replica: Replica | None = getattr(connection(), "replica", None)
    return nullcontext() if replica is None else replica.watched()


def connection() -> BaseDBAsyncClient:
    """Return the connection of this task: the open transaction's, if there is one."""
    return get_connection("default")


def open_database_key() -> object:
    """Return an object that identifies the open database, the same one in every task of the process."""
    return get_current_context()


APPS = {APP: {"models": list(_TABLES), "migrations": f"{APP}.migrations"}}
"""Tortoise's description of the app."""


def orm_config(settings: Settings) -> dict[str, Any]:
    """Return Tortoise's configuration for the database of the settings."""
    is_sqlite = settings.database_url.startswith("sqlite://")
    kind = _sqlite(settings) if is_sqlite else _postgres(settings)
    return {"connections": {"default": kind}, "apps": APPS, "use_tz": True, "timezone": "UTC"}


def _sqlite(settings: Settings) -> dict[str, Any]:
    credentials = {
        "file_path": settings.database_url.removeprefix("sqlite://"),
        "limits": shares.limits(settings.database_connections, settings.statement_timeout),
        "synchronous": "FULL",
        "secure_delete": "ON",  # deleted rows are overwritten (R36)
    }
    return {"engine": "preference_center.storage.drivers.sqlite_client", "credentials": credentials}


def _postgres(settings: Settings) -> dict[str, Any]:
    options = dict(parse_qsl(urlsplit(settings.database_url).query))
    connections = int(options.get("maxsize", settings.database_connections))
    credentials = {
        **_credentials(settings.database_url),
        "limits": shares.limits(connections, settings.statement_timeout),
    }
    if settings.database_read_url is not None:
        credentials["replica"] = _credentials(settings.database_read_url)
    return {"engine": "preference_center.storage.drivers.asyncpg_client", "credentials": credentials}


def _credentials(url: str) -> dict[str, Any]:
    """Return the address of a PostgreSQL server as asyncpg takes it."""
    parts = urlsplit(url)
    options = dict(parse_qsl(parts.query))
    address: dict[str, Any] = {
        "host": parts.hostname or "127.0.0.1",
        "port": parts.port or 5432,
        "user": unquote(parts.username or "postgres"),
        "password": unquote(parts.password) if parts.password else None,
        "database": unquote(parts.path.lstrip("/")) or "sayso",
    }
    return {**address, "ssl": options["sslmode"]} if "sslmode" in options else address


@asynccontextmanager
async def noticing_changes(channel: str, act: Callable[[], object]) -> AsyncIterator[Changes]:
    """Notice what other processes change in the open database.

    PostgreSQL calls `act` at once for each notification on the channel, where it can be reached directly.
    """
    client: Any = connection()
    if client.capabilities.dialect == "sqlite":
        async with changes.of_file(client.filename) as in_file:
            yield in_file
    else:
        async with changes.of_server(client.server, channel, act) as on_server:
            yield on_server


@asynccontextmanager
async def postgres_connection(limits: Limits, *, name: str, read_only: bool = False) -> AsyncIterator[Any]:
    """Open a connection to PostgreSQL apart from those of the process, with one transaction.

    The end of the block stops what runs on it, and rolls back. `name` is shown in pg_stat_activity.
    """
    client: Any = connection()
    server: Server = client.server
    settings = {"application_name": name, "timezone": "UTC"}
    opened = await _of_replica(client.replica, limits, settings) if read_only else None
    opened = opened or await server.connect(limits, settings)
    try:
        local = {"timezone": "UTC", **({"transaction_read_only": "on"} if read_only else {})}
        await server.begin(opened, limits, local)
        yield opened
    finally:
        await _close(opened)


async def _of_replica(replica: Replica | None, limits: Limits, settings: dict[str, str]) -> Any:
    """Connect to the replica; None if it cannot be used, or if this task may read nothing old."""
    if replica is None or not replica.is_usable or not shares.lags_allowed():
        return None
    try:
        return await replica.server.connect(limits, settings)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError) as error:
        if not replica.fails_with(error):
            raise
        return None


async def _close(opened: Any) -> None:
    """Stop what runs on a connection and close it; drop it if the server does not answer."""
    try:
        await opened.close(timeout=_CLOSE_SECONDS)
    except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
        opened.terminate()


@asynccontextmanager
async def postgres_without_transaction() -> AsyncIterator[Any]:
    """Hold a connection to PostgreSQL for statements that cannot run in a transaction, such as VACUUM.

    They cannot have parameters.
    """
    client: Any = connection()
    async with client.outside_transaction() as held:
        yield held


def _check_file(path: Path) -> None:
    """Create the folder, and refuse a file that is no database: aiosqlite would wait for it forever."""
    sqlite_file.create(path)
    try:
        with closing(sqlite3.connect(path)) as file:
            file.execute("PRAGMA schema_version")
    except sqlite3.DatabaseError as error:
        raise DBConnectionError(f"{path} cannot be opened as an SQLite database: {error}") from error


def _is_first() -> bool:
    """Whether requests, which run in tasks of their own, may find this connection."""
    return context._global_context is None
