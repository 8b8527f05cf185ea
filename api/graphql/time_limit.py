"""How long a query may take: until the time limit, or until the client leaves."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Awaitable, Callable

QUERY_SECONDS = 20
_PATIENCE = 0.05
"""How many seconds a query runs before it is worth to look whether the client is still there."""

Left = Callable[[], Awaitable[object]]
"""Returns when the client has left, or does not want the answer any more."""


async def never() -> None:
    """Wait for a client that does not leave."""
    await asyncio.Event().wait()


class ClientLeft(Exception):
    """The client left before the query was answered. The query was stopped."""


class TimeLimitExceeded(Exception):
    """A query took longer than QUERY_SECONDS. It was stopped."""


@contextlib.asynccontextmanager
async def limited(left: Left) -> AsyncIterator[None]:
    """Cancel the block when the time is over or the client leaves. Raises TimeLimitExceeded, ClientLeft."""
    try:
        async with asyncio.timeout(QUERY_SECONDS) as timeout:
            watch = _Watch(left, timeout)
            try:
                yield
            finally:
                watch.stop()
    except TimeoutError:
        if watch.has_left:
            raise ClientLeft from None
        if timeout.expired():
            raise TimeLimitExceeded from None
        raise


class _Watch:
    """Ends a timeout early when the client leaves."""

    def __init__(self, left: Left, timeout: asyncio.Timeout) -> None:
        self.has_left = False
        self._left = left
        self._timeout = timeout
        self._task: asyncio.Task[None] | None = None
        self._loop = asyncio.get_running_loop()
        self._begin = self._loop.call_later(_PATIENCE, self._start)

    def stop(self) -> None:
        """Watch no longer."""
        self._begin.cancel()
        if self._task is not None:
            self._task.cancel()

    def _start(self) -> None:
        self._task = self._loop.create_task(self._wait())

    async def _wait(self) -> None:
        await self._left()
        if not self._timeout.expired():
            self.has_left = True
            self._timeout.reschedule(self._loop.time())
