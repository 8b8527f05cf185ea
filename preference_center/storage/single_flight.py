"""Sharing one read among callers that ask for the same key at the same time."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_Waiter = asyncio.Future[tuple[T] | None]
"""Resolves to the result in a tuple or to the error, or to None when this waiter has to read."""


class SingleFlight(Generic[T]):
    """Reads by key. Callers that arrive while a read is running wait for the next one and share it.

    A read always starts after every caller that gets its result has asked. So this is no cache: what was
    committed before a caller asked is in the result that the caller gets.
    """

    def __init__(self, read: Callable[[str], Awaitable[T]]) -> None:
        self._read = read
        self._waiters: dict[str, list[_Waiter[T]]] = {}
        """The callers that wait for the next read of a key. A key is present while it is being read."""

    async def read(self, key: str) -> T:
        """Read, or share a read that has not started yet. Raises what the read raises."""
        waiters = self._waiters.get(key)
        if waiters is None:
            self._waiters[key] = []
            return await self._read_for([], key)
        waiter: _Waiter[T] = asyncio.get_running_loop().create_future()
        waiters.append(waiter)
        try:
            shared = await waiter
        except asyncio.CancelledError:
            if not waiter.cancelled():  # it had just been told to read
                self._wake_next(key)
            raise
        if shared is not None:
            return shared[0]
        group, self._waiters[key] = self._waiters[key], []
        return await self._read_for(group, key)

    async def _read_for(self, group: list[_Waiter[T]], key: str) -> T:
        """Read, and give the result or the error to the group: nobody queues while the database hangs.

        If the caller that reads is cancelled, the group waits for the next read.
        """
        try:
            result = await self._read(key)
        except Exception as error:
            for waiter in group:
                if not waiter.done():
                    waiter.set_exception(error)
            raise
        except BaseException:
            self._waiters[key] = group + self._waiters[key]
            raise
        else:
            for waiter in group:
                if not waiter.done():
                    waiter.set_result((result,))
            return result
        finally:
            self._wake_next(key)

    def _wake_next(self, key: str) -> None:
        """Let the first waiter that was not cancelled read."""
        waiters = self._waiters[key]
        while waiters:
            waiter = waiters.pop(0)
            if not waiter.done():
                waiter.set_result(None)
                return
        del self._waiters[key]
