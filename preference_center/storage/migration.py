"""Bringing a database to the newest schema, by several processes at once if need be."""

from __future__ import annotations

import asyncio
import fcntl
import sqlite3
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import structlog
from tortoise.migrations.executor import MigrationExecutor, MigrationTarget

from preference_center.config.settings import Settings
from preference_center.storage import sqlite_file
from preference_center.storage.connection import APP, connection, orm_config
from preference_center.storage.database import dialect

log = structlog.get_logger()
_LOCK = 0x5A150
_CLEAN_SINCE = "0020_erasure"
"""From here on deleted rows are overwritten."""
_LATEST = [MigrationTarget(APP, "__latest__")]


async def migrate(settings: Settings) -> list[str]:
    """Apply what is missing and return its names; empty where all was in order.

    One process at a time does it, the others wait and find it done. Needs an open connection.
    """
    async with _alone(settings):
        executor = _executor(settings)
        await _clean_once(settings, executor)
        applied: list[str] = []

        def note(event: str, _app: str, name: str) -> None:
            if event == "apply_done":
                applied.append(name)

        await executor.migrate(_LATEST, progress=note)
        return applied


async def _clean_once(settings: Settings, executor: MigrationExecutor) -> None:
    """Write an SQLite file of old anew, whose free space still has what was deleted from it (R36)."""
    path = sqlite_file.path_of(settings)
    if path is None:
        return
    lacks = {step.migration.name for step in await executor.plan(_LATEST)}
    if _CLEAN_SINCE not in lacks or "0001_initial" in lacks:
        return
    try:
        await sqlite_file.rewrite(path)
        await sqlite_file.empty_log(path)
    except sqlite3.OperationalError as error:
        # Too busy, or no room on the disk: the first erasure will have it done.
        log.warning("free_space_not_cleaned", reason=str(error))


async def missing(settings: Settings) -> list[str]:
    """The names of the migrations that this database lacks."""
    return [step.migration.name for step in await _executor(settings).plan(_LATEST)]


def _executor(settings: Settings) -> MigrationExecutor:
    apps = orm_config(settings.database_url)["apps"]
    return MigrationExecutor(connection(), {APP: apps[APP]})


@asynccontextmanager
async def _alone(settings: Settings) -> AsyncIterator[None]:
    """Hold the lock that only one migrating process can hold."""
    if dialect() == "sqlite":
        async with _file_lock(Path(settings.database_url.removeprefix("sqlite://") + ".migrating")):
            yield
        return
    async with connection().acquire_connection() as holder:
        await holder.execute("SELECT pg_advisory_lock($1)", _LOCK)
        try:
            yield
        finally:
            await holder.execute("SELECT pg_advisory_unlock($1)", _LOCK)


@asynccontextmanager
async def _file_lock(path: Path) -> AsyncIterator[None]:
    """A lock of the operating system: a process that dies lets go of it."""
    with path.open("w") as file:
        await asyncio.to_thread(fcntl.flock, file, fcntl.LOCK_EX)
        yield
