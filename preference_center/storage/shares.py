"""Who may use how many database connections, and for how long: no kind of work takes what another needs."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from dataclasses import dataclass
from enum import Enum


class Share(Enum):
    """A kind of work with database connections and time limits of its own."""

    RECIPIENTS = "recipients"
    """Opt-outs, pages, webhooks and health checks: whatever does not ask for another share."""
    CHANGES = "changes"
    """Mutations of the API, and files that are received."""
    QUERIES = "queries"
    """Queries of the API."""
    JOBS = "jobs"
    """Background work and commands, whose statements may take long."""
    MIGRATIONS = "migrations"
    """`sayso migrate`, which somebody watches: no limit."""


@dataclass(frozen=True, slots=True)
class Limits:
    """The limits of a share. A time of None is unlimited; times are in seconds."""

    connections: int
    """On PostgreSQL."""
    readers: int
    """Connections for reading on SQLite, where one more writes for all shares."""
    acquire: float
    """How long a task waits for one of the connections."""
    statement: float | None
    lock: float | None
    """How long a statement waits for a lock of another transaction."""
    idle: float | None
    """How long a transaction may be open without a statement."""


_JOB_SECONDS = 3600.0
_EXPORT_SECONDS = 6 * 3600.0
_JOB_LOCK_SECONDS = 60.0
_JOB_ACQUIRE_SECONDS = 60.0
_JOB_IDLE_SECONDS = 600.0
_REQUEST_IDLE_SECONDS = 60.0
_PARTS = {Share.RECIPIENTS: 4, Share.CHANGES: 4, Share.QUERIES: 9, Share.JOBS: 3}
"""How the connections of a process are divided: these parts of 20."""
MIGRATION = Limits(
    connections=2, readers=2, acquire=_JOB_ACQUIRE_SECONDS, statement=None, lock=None, idle=None
)
EXPORT = Limits(
    connections=1,
    readers=1,
    acquire=_JOB_ACQUIRE_SECONDS,
    statement=_EXPORT_SECONDS,
    lock=_JOB_LOCK_SECONDS,
    idle=_EXPORT_SECONDS,
)
"""An export, on a connection of its own: one statement, at the pace of its reader."""


def limits(connections: int, statement_seconds: float) -> dict[Share, Limits]:
    """Return the limits of each share, for a process with that many connections.

    `statement_seconds` is how long a statement of a request may take.
    """
    found: dict[Share, Limits] = {
        share: Limits(
            connections=max(1, connections * part // sum(_PARTS.values())),
            readers=2,
            acquire=statement_seconds,
            statement=statement_seconds,
            lock=statement_seconds,
            idle=_REQUEST_IDLE_SECONDS,
        )
        for share, part in _PARTS.items()
        if share is not Share.JOBS
    }
    jobs = Limits(
        connections=max(1, connections * _PARTS[Share.JOBS] // sum(_PARTS.values())),
        readers=2,
        acquire=_JOB_ACQUIRE_SECONDS,
        statement=_JOB_SECONDS,
        lock=_JOB_LOCK_SECONDS,
        idle=_JOB_IDLE_SECONDS,
    )
    return {**found, Share.JOBS: jobs, Share.MIGRATIONS: MIGRATION}


_may_lag: ContextVar[bool] = ContextVar("may_lag", default=False)
_current: ContextVar[Share] = ContextVar("share", default=Share.RECIPIENTS)


def current() -> Share:
    """Return the share that this task uses."""
    return _current.get()


@contextmanager
def using(share: Share) -> Iterator[None]:
    """Use a share for the statements of the block, and of the tasks that it starts."""
    before = _current.set(share)
    try:
        yield
    finally:
        _current.reset(before)


def lags_allowed() -> bool:
    """Return whether what this task reads may be some seconds old."""
    return _may_lag.get()


@contextmanager
def may_lag(allowed: bool = True) -> Iterator[None]:
    """Let the statements of the block read from a replica, if there is one; False demands the primary."""
    before = _may_lag.set(allowed)
    try:
        yield
    finally:
        _may_lag.reset(before)
