"""Tells whether this process can do its work with the database, and if not, why."""

from __future__ import annotations

import asyncio
import os
import shutil
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import Final

import asyncpg
from tortoise.exceptions import BaseORMException

from preference_center.config import settings
from preference_center.storage import sqlite_file
from preference_center.storage.outages import StatementTimeout, is_unavailable
from preference_center.upgrade import schema_state

_LEAST_FREE_BYTES: Final = 64 * 1024
"""With less room on the disk, SQLite cannot write."""


class Problem(Enum):
    """Why a process cannot work."""

    DATABASE_AWAY = "the database does not answer"
    DATABASE_HANGS = "the database does not answer in time"
    DATABASE_UNREADABLE = "the database answers with an error"
    MIGRATIONS_MISSING = "migrations are missing"
    MIGRATIONS_UNKNOWN = "a newer version of Sayso has migrated the database"
    READ_ONLY = "the database is read-only"
    DISK_FULL = "the disk is full"


@dataclass(frozen=True, slots=True)
class Readiness:
    """Whether the process can work; the names of the migrations that are the problem, and the error."""

    problem: Problem | None = None
    migrations: tuple[str, ...] = ()
    error: BaseException | None = None


async def check_within(seconds: float) -> Readiness:
    """Check, and return after that time at the latest, whatever the database does."""
    checking = asyncio.create_task(_check())
    _checking.add(checking)
    checking.add_done_callback(_checking.discard)
    # Not asyncio.timeout: a cancelled statement keeps its connection until the database confirms it.
    done, _ = await asyncio.wait({checking}, timeout=seconds)
    if done:
        return checking.result()
    checking.cancel()
    return Readiness(Problem.DATABASE_HANGS)


_checking: set[asyncio.Task[Readiness]] = set()
"""The checks that run, so that they are not collected as garbage."""


async def _check() -> Readiness:
    try:
        state = await schema_state.read()
    except Exception as error:
        away = is_unavailable(error)
        return Readiness(Problem.DATABASE_AWAY if away else Problem.DATABASE_UNREADABLE, error=error)
    if state.unknown:
        return Readiness(Problem.MIGRATIONS_UNKNOWN, state.unknown)
    if state.missing:
        return Readiness(Problem.MIGRATIONS_MISSING, state.missing)
    if state.read_only:
        return Readiness(Problem.READ_ONLY)
    path = sqlite_file.path_of(settings.current())
    return Readiness(await asyncio.to_thread(_why_not_writable, path) if path else None)


def _why_not_writable(path: Path) -> Problem | None:
    """Why this process cannot write the file and the write-ahead log beside it."""
    if not (os.access(path, os.W_OK) and os.access(path.parent, os.W_OK)):
        return Problem.READ_ONLY
    return Problem.DISK_FULL if shutil.disk_usage(path.parent).free < _LEAST_FREE_BYTES else None


async def is_outage(error: BaseException) -> bool:
    """Whether a later retry can succeed: the database is unavailable, too slow, or being migrated.

    While the schema is not that of this version, statements that are right for this version fail.
    """
    if is_unavailable(error) or isinstance(error, StatementTimeout):
        return True
    if not isinstance(error, asyncpg.PostgresError | BaseORMException):
        return False
    try:
        return not (await schema_state.read()).is_current
    except Exception as unreadable:
        return is_unavailable(unreadable)
