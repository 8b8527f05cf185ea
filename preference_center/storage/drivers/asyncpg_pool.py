"""The connections of one share: opened when they are needed, at most so many, the last used first.

Lending and taking back an open connection takes no task, no timer and no message to the server. asyncpg's own
pool needs a task for each return, which takes longer than many a query.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import Awaitable, Callable
from typing import Final

import asyncpg

IDLE_SECONDS: Final = 300.0
"""How long a connection may be unused before it is closed."""


class Pool:
    """A pool of at most `size` connections. Tasks that wait for one get it in the order of their arrival."""

    def __init__(self, connect: Callable[[], Awaitable[asyncpg.Connection]], size: int) -> None:
        self._connect = connect
        self._free = size
        """How many more may be lent."""
        self._idle: list[tuple[asyncpg.Connection, float]] = []
        """The open ones that nobody uses, each with the time since when."""
        self._lent: set[asyncpg.Connection] = set()
        self._waiters: deque[asyncio.Future[None]] = deque()
        self._tidying: asyncio.TimerHandle | None = None
        self._closed = False
        self._returned = asyncio.Event()

    def take(self) -> asyncpg.Connection | None:
        """Return an open connection that nobody uses; None if there is none."""
        while self._idle and self._free:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                self._free -= 1
                self._lent.add(connection)
                return connection
        return None

    async def acquire(self) -> asyncpg.Connection:
        """Return a connection: wait for one, or open one. Raises what connecting raises."""
        await self._turn()
        while self._idle:
            connection, _ = self._idle.pop()
            if not connection.is_closed():
                self._lent.add(connection)
                return connection
        try:
            connection = await self._connect()
        except BaseException:
            self._end_turn()
            raise
        self._lent.add(connection)
        if self._closed:
            self.drop(connection)
            raise _closing()
        return connection

    async def _turn(self) -> None:
        """Wait until one more may be lent."""
        if self._closed:
            raise _closing()
        if self._free and not self._waiters:
            self._free -= 1
            return
        waiter: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._waiters.append(waiter)
        try:
            await waiter
        except asyncio.CancelledError:
            if waiter.done() and not waiter.cancelled() and waiter.exception() is None:
                self._end_turn()  # it had just got its turn
            raise

    def _end_turn(self) -> None:
        while self._waiters:
            waiter = self._waiters.popleft()
            if not waiter.done():
                waiter.set_result(None)
                return
        self._free += 1

    def release(self, connection: asyncpg.Connection) -> None:
        """Take a connection back. One that is closed, or still in a transaction, is dropped."""
        if connection not in self._lent:
            return
        if self._closed or connection.is_closed() or connection.is_in_transaction():
            self.drop(connection)
            return
        self._lent.discard(connection)
        loop = asyncio.get_running_loop()
        self._idle.append((connection, loop.time()))
        self._end_turn()
        if self._tidying is None:
            self._tidying = loop.call_later(IDLE_SECONDS, self._tidy)

    def drop(self, connection: asyncpg.Connection) -> None:
        """Close a connection that is lent, without asking the server; another may be opened in its place."""
        if connection not in self._lent:
            return
        self._lent.discard(connection)
        with contextlib.suppress(asyncpg.InterfaceError):
            connection.terminate()
        self._end_turn()
        self._returned.set()

    def drop_idle(self) -> None:
        """Close the connections that nobody uses."""
        idle, self._idle = self._idle, []
        for connection, _ in idle:
            connection.terminate()

    def _tidy(self) -> None:
        """Close what was not used for long."""
        loop = asyncio.get_running_loop()
        before = loop.time() - IDLE_SECONDS
        old = [connection for connection, since in self._idle if since <= before]
        self._idle = [each for each in self._idle if each[1] > before]
        for connection in old:
            connection.terminate()
        self._tidying = loop.call_later(IDLE_SECONDS, self._tidy) if self._idle else None

    async def close(self) -> None:
        """Lend nothing more, wait until everything has been returned, and close it."""
        self._closed = True
        if self._tidying is not None:
            self._tidying.cancel()
        for waiter in self._waiters:
            if not waiter.done():
                waiter.set_exception(_closing())
        self._waiters.clear()
        idle, self._idle = self._idle, []
        await asyncio.gather(*(connection.close() for connection, _ in idle), return_exceptions=True)
        while self._lent:
            self._returned.clear()
            await self._returned.wait()

    def terminate(self) -> None:
        """Close every connection at once."""
        self._closed = True
        self.drop_idle()
        for connection in list(self._lent):
            self.drop(connection)


def _closing() -> asyncpg.InterfaceError:
    return asyncpg.InterfaceError("the connections are being closed")
