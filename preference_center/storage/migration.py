"""Migrating a database to the newest schema. Several processes may start it at the same time."""

from __future__ import annotations

import asyncio
import fcntl
import os
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from preference_center.config import private_files
from preference_center.config.settings import Settings
from preference_center.storage import shares, sqlite_file
from preference_center.storage.connection import APP, APPS, connection, postgres_connection
from preference_center.storage.database import dialect
from preference_center.storage.migration_state import Executor
from preference_center.storage.shares import MIGRATION, Share

log = structlog.get_logger()
_LOCK = 0x5A150
_OVERWRITES_DELETED_ROWS = "0020_erasure"
"""From this migration on, deleted rows are overwritten."""
_LATEST = [MigrationTarget(APP, "__latest__")]


async def migrate(settings: Settings) -> list[str]:
    """Apply the missing migrations and return their names; needs an open database.

    One process at a time migrates; the others wait and find nothing left to do.
    """
    async with exclusive(settings):
        executor = _executor(settings)
        await _clean_once(settings, executor)
        applied: list[str] = []

        def note(event: str, _app: str, name: str) -> None:
            if event == "apply_done":
                applied.append(name)

        await executor.migrate(_LATEST, progress=note)
        return applied


async def _clean_once(settings: Settings, executor: MigrationExecutor) -> None:
    """Rewrite an SQLite file of an earlier version: its free space still holds deleted rows (R36)."""
    path = sqlite_file.path_of(settings)
    if path is None:
        return
    pending = {step.migration.name for step in await executor.plan(_LATEST)}
    if _OVERWRITES_DELETED_ROWS not in pending or "0001_initial" in pending:
        return
    try:
        await sqlite_file.rewrite(path)
        await sqlite_file.empty_log(path)
    except sqlite3.OperationalError as error:
        # Others write, or the disk is full: the first erasure rewrites the file.
        log.warning("free_space_not_cleaned", reason=str(error))


async def missing(settings: Settings) -> list[str]:
    """Return the names of the migrations that this database lacks."""
    return [step.migration.name for step in await _executor(settings).plan(_LATEST)]


def _executor(settings: Settings) -> MigrationExecutor:
    return Executor(connection(), APPS)


@asynccontextmanager
async def exclusive(settings: Settings) -> AsyncIterator[None]:
    """Hold the migration lock, which one process can hold at a time. Statements have no time limit then."""
    async with _lock(settings):
        with shares.using(Share.MIGRATIONS):
            yield


@asynccontextmanager
async def _lock(settings: Settings) -> AsyncIterator[None]:
    if dialect() == "sqlite":
        async with _file_lock(Path(settings.database_url.removeprefix("sqlite://") + ".migrating")):
            yield
        return
    async with postgres_connection(MIGRATION, name="sayso migration lock") as holder:
        # A transaction's lock: a pooler lends a connection for one transaction.
        await holder.execute(f"SELECT pg_advisory_xact_lock({_LOCK})")
        yield


@asynccontextmanager
async def _file_lock(path: Path) -> AsyncIterator[None]:
    """Hold a lock of the operating system, which is released when the process dies."""
    with os.fdopen(private_files.create(path, os.O_WRONLY), "w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
