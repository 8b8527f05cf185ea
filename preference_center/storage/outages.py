"""Tells what an error means: the database is unavailable, a connection is lost, a statement is too slow."""

from __future__ import annotations

import sqlite3

import asyncpg
from tortoise.exceptions import DBConnectionError


class StatementTimeout(Exception):
    """A statement took longer than its share allows, and was stopped. It changed nothing."""

    def __init__(self) -> None:
        super().__init__("The statement took too long and was stopped.")


_UNAVAILABLE = (
    OSError,  # TimeoutError among them: no answer, or no free connection
    DBConnectionError,
    asyncpg.PostgresConnectionError,
    asyncpg.InterfaceError,
    asyncpg.InternalClientError,  # of a connection that the server is closing
    asyncpg.InsufficientResourcesError,  # disk full, too many connections
    asyncpg.OperatorInterventionError,  # shutting down, or starting up
    asyncpg.ObjectNotInPrerequisiteStateError,  # accepts no connections, or waits too long for a lock
    asyncpg.ReadOnlySQLTransactionError,  # a standby that is about to take over
    asyncpg.IdleInTransactionSessionTimeoutError,
)
_WRONG_STATEMENT = (ValueError, asyncpg.QueryCanceledError)
"""Subclasses of the errors above: a value that fits no column, a statement that takes too long."""
_LOST = (
    ConnectionError,
    asyncpg.ConnectionDoesNotExistError,
    asyncpg.ConnectionFailureError,
    asyncpg.InternalClientError,
    asyncpg.AdminShutdownError,
    asyncpg.CrashShutdownError,
    asyncpg.IdleSessionTimeoutError,
)
_NOT_LOST = (ConnectionRefusedError, asyncpg.ProtocolViolationError)
"""Subclasses of the errors above after which nothing is better with a new connection."""
_SQLITE_UNAVAILABLE = (
    *("SQLITE_BUSY", "SQLITE_LOCKED", "SQLITE_FULL", "SQLITE_IOERR", "SQLITE_CANTOPEN"),
    "SQLITE_READONLY",  # the permissions of the file, or a file system that was mounted again to be checked
)


def is_unavailable(error: BaseException) -> bool:
    """Return whether a later retry can succeed. What was written before the error may be committed or not."""
    return any(_means_unavailable(each) for each in (error, *_wrapped(error)))


def is_lost(error: BaseException) -> bool:
    """Return whether the connection is gone, so that a new one may do at once. What ran on it is unknown."""
    if isinstance(error, asyncpg.InterfaceError):
        return "connection is closed" in str(error) or "connection was closed" in str(error)
    return isinstance(error, _LOST) and not isinstance(error, _NOT_LOST)


def is_busy(error: BaseException) -> bool:
    """Return whether SQLite refused to write because another connection writes."""
    names = (getattr(each, "sqlite_errorname", "") for each in (error, *_wrapped(error)))
    return any(name.startswith(("SQLITE_BUSY", "SQLITE_LOCKED")) for name in names)


def _means_unavailable(error: BaseException) -> bool:
    if isinstance(error, sqlite3.Error):
        return getattr(error, "sqlite_errorname", "").startswith(_SQLITE_UNAVAILABLE)
    return isinstance(error, _UNAVAILABLE) and not isinstance(error, _WRONG_STATEMENT)


def _wrapped(error: BaseException) -> list[BaseException]:
    """The driver's error that an error of Tortoise carries."""
    return [arg for arg in error.args if isinstance(arg, BaseException)]
