"""SQLite connections for reading: they wait for no writer, and see what was committed before they began."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import aiosqlite

from preference_center.storage.drivers.sqlite_turns import Statement, finish, stop, wait_for_turn
from preference_center.storage.shares import Limits

T = TypeVar("T")
_CACHE_KIB = 8 * 1024
_BUSY_MS = 5_000
"""How long a reader waits while another process recovers the log after a crash."""


class Readers:
    """The connections of one share, opened when they are needed."""

    def __init__(self, path: str, limits: Limits) -> None:
        self._path = path
        self._limits = limits
        self._free = asyncio.Semaphore(limits.readers)
        self._open: list[aiosqlite.Connection] = []
        self._idle: list[aiosqlite.Connection] = []

    async def read(self, run: Callable[[aiosqlite.Connection], Awaitable[T]]) -> T:
        """Run one statement.

        Raises StatementTimeout; TimeoutError if no connection becomes free.
        """
        async with self._reader() as reader:
            try:
                with Statement(reader, self._limits.statement):
                    return await run(reader)
            except asyncio.CancelledError:
                await finish(stop(reader))
                raise

    @asynccontextmanager
    async def _reader(self) -> AsyncIterator[aiosqlite.Connection]:
        await wait_for_turn(self._free, asyncio.get_running_loop().time() + self._limits.acquire)
        try:
            reader = self._idle.pop() if self._idle else await self._opened()
            try:
                yield reader
            finally:
                self._idle.append(reader)
        finally:
            self._free.release()

    async def _opened(self) -> aiosqlite.Connection:
        # Not mode=ro: such a connection cannot open the log if it is the first to use it.
        reader = await aiosqlite.connect(self._path, isolation_level=None)
        self._open.append(reader)
        reader._conn.row_factory = sqlite3.Row
        await reader.execute("PRAGMA query_only = ON")
        await reader.execute(f"PRAGMA busy_timeout = {_BUSY_MS}")
        await reader.execute(f"PRAGMA cache_size = -{_CACHE_KIB}")
        return reader

    async def close(self) -> None:
        """Stop what still reads, and close the connections."""
        opened, self._open, self._idle = self._open, [], []
        for reader in opened:
            await stop(reader)
            await reader.close()
