"""How long a query may take: until the time limit, or until the client leaves."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from types import TracebackType

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


class limited:  # noqa: N801 (used like a function)
    """Cancels the block when the time is over or the client leaves. Raises TimeLimitExceeded, ClientLeft.

    Most queries end before anything has to be watched: for those there is one timer.
    """

    def __init__(self, left: Left) -> None:
        self._left = left
        self._has_left = False
        self._watching: asyncio.Task[None] | None = None

    async def __aenter__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._until = self._loop.time() + QUERY_SECONDS
        self._timeout = asyncio.Timeout(None)
        await self._timeout.__aenter__()
        self._begin = self._loop.call_later(min(_PATIENCE, QUERY_SECONDS), self._watch)

    async def __aexit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._begin.cancel()
        if self._watching is not None:
            self._watching.cancel()
        try:
            await self._timeout.__aexit__(kind, error, trace)
            if not (isinstance(error, TimeoutError) and self._timeout.expired()):
                return
        except TimeoutError:
            pass
        raise ClientLeft if self._has_left else TimeLimitExceeded from None

    def _watch(self) -> None:
        self._timeout.reschedule(self._until)
        self._watching = self._loop.create_task(self._wait())

    async def _wait(self) -> None:
        await self._left()
        if not self._timeout.expired():
            self._has_left = True
            self._timeout.reschedule(self._loop.time())
