"""Whether a failure says that the database is away, and not that what it was asked is wrong."""

from __future__ import annotations

import sqlite3

import asyncpg
from tortoise.exceptions import DBConnectionError

_AWAY = (
    OSError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,  # no room on the disk, no connection free
    asyncpg.OperatorInterventionError,  # shut down, or starting up
    asyncpg.ObjectNotInPrerequisiteStateError,  # it takes no connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is about to take over
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_WRONG = (ValueError, asyncpg.QueryCanceledError)
"""What asyncpg puts among those above: values that fit no column, a statement that takes too long."""
_SQLITE_AWAY = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


def is_away(error: BaseException) -> bool:
    """True where trying again later will do: nothing was written, or it is not known whether."""
    return any(_says_so(one) for one in (error, *_within(error)))


def _says_so(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "").startswith(_SQLITE_AWAY)
    return isinstance(error, _AWAY) and not isinstance(error, _WRONG)


def _within(error: BaseException) -> list[BaseException]:
    """The driver's error that Tortoise's carries."""
    return [one for one in error.args if isinstance(one, BaseException)]
