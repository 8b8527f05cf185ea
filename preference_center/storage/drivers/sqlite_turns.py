"""One statement on an SQLite connection: its turn, its time limit, and its end when the task is cancelled."""

from __future__ import annotations

import asyncio
import contextlib
import sqlite3
from collections.abc import Coroutine
from typing import Any, Protocol

import aiosqlite

from preference_center.storage.outages import StatementTimeout

_INTERRUPT_SECONDS = 0.05
_STOP_SECONDS = 2.0
"""How long a cancelled task waits for its statement to stop."""


class Queue(Protocol):
    """Lets one task through at a time, or some of them: a lock or a semaphore."""

    async def acquire(self) -> Any:
        """Wait for a turn."""

    def release(self) -> None:
        """End a turn."""


class Statement:
    """A statement that runs on a connection, which no other task uses meanwhile.

    Raises StatementTimeout after the time limit. If the task is cancelled, it waits until SQLite has stopped.
    """

    __slots__ = ("_connection", "_is_late", "_seconds", "_timer")

    def __init__(self, connection: aiosqlite.Connection, seconds: float | None) -> None:
        self._connection = connection
        self._seconds = seconds
        self._is_late = False

    def __enter__(self) -> None:
        loop = asyncio.get_running_loop()
        self._timer = None if self._seconds is None else loop.call_later(self._seconds, self._interrupt)

    def _interrupt(self) -> None:
        self._is_late = True
        with contextlib.suppress(ValueError):  # closed
            self._connection._conn.interrupt()

    def __exit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if self._timer is not None:
            self._timer.cancel()
        if self._is_late and isinstance(error, sqlite3.OperationalError):
            raise StatementTimeout from error


async def stop(connection: aiosqlite.Connection) -> None:
    """Stop the statement that runs on a connection; returns when it has ended."""
    # It waits in the connection's queue behind the statement.
    ended = asyncio.ensure_future(connection._execute(lambda: None))  # type: ignore[no-untyped-call]
    deadline = asyncio.get_running_loop().time() + _STOP_SECONDS
    while not ended.done() and asyncio.get_running_loop().time() < deadline:
        with contextlib.suppress(ValueError):  # closed
            connection._conn.interrupt()
        await asyncio.wait({ended}, timeout=_INTERRUPT_SECONDS)


async def finish(act: Coroutine[Any, Any, Any]) -> None:
    """Await to the end, even if this task is cancelled again."""
    task = asyncio.ensure_future(act)
    while not task.done():
        with contextlib.suppress(asyncio.CancelledError):
            await asyncio.shield(task)


async def wait_for_turn(queue: Queue, deadline: float) -> None:
    """Take a turn until a time of the loop's clock. Raises TimeoutError."""
    async with asyncio.timeout_at(deadline):
        await queue.acquire()
