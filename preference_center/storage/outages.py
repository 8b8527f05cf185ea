"""Telling whether an error means that the database is unavailable, rather than that a statement is wrong."""

from __future__ import annotations

import sqlite3

import asyncpg
from tortoise.exceptions import DBConnectionError

_UNAVAILABLE = (
    OSError,
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.OperatorInterventionError,  # shutting down, or starting up
    asyncpg.ObjectNotInPrerequisiteStateError,  # accepts no connections
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is about to take over
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_WRONG_STATEMENT = (ValueError, asyncpg.QueryCanceledError)
"""Subclasses of the errors above: a value that fits no column, a statement that takes too long."""
_SQLITE_UNAVAILABLE = ("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN")


def is_unavailable(error: BaseException) -> bool:
    """Return whether a later retry can succeed. What was written before the error may be committed or not."""
    return any(_means_unavailable(each) for each in (error, *_wrapped(error)))


def _means_unavailable(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "").startswith(_SQLITE_UNAVAILABLE)
    return isinstance(error, _UNAVAILABLE) and not isinstance(error, _WRONG_STATEMENT)


def _wrapped(error: BaseException) -> list[BaseException]:
    """The driver's error that an error of Tortoise carries."""
    return [arg for arg in error.args if isinstance(arg, BaseException)]
