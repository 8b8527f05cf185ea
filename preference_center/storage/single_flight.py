"""One read for all who ask for the same at the same moment, and no answer from before anybody asked."""

from __future__ import annotations

import asyncio
from collections.abc import Awaitable, Callable
from typing import Generic, TypeVar

T = TypeVar("T")
_Turn = asyncio.Future[tuple[T] | None]
"""What who waits is told: the answer, or with None that it is their turn to read."""


class SingleFlight(Generic[T]):
    """Reads by key. Whoever asks while a read is under way waits for the next one, and shares it.

    So a read always begins after everybody who gets its answer has asked: it is no cache, and what was
    committed before somebody asked is in the answer they get.
    """

    def __init__(self, read: Callable[[str], Awaitable[T]]) -> None:
        self._read = read
        self._waiting: dict[str, list[_Turn[T]]] = {}
        """Who waits for the next read of a key; a key is here while it is read."""

    async def read(self, key: str) -> T:
        """Read, or share a read that is yet to begin. Raises what reading raises."""
        waiting = self._waiting.get(key)
        if waiting is None:
            self._waiting[key] = []
            return await self._read_for([], key)
        turn: _Turn[T] = asyncio.get_running_loop().create_future()
        waiting.append(turn)
        try:
            told = await turn
        except asyncio.CancelledError:
            if not turn.cancelled():  # their turn had come just now
                self._pass_on(key)
            raise
        if told is not None:
            return told[0]
        group, self._waiting[key] = self._waiting[key], []
        return await self._read_for(group, key)

    async def _read_for(self, group: list[_Turn[T]], key: str) -> T:
        try:
            answer = await self._read(key)
        except BaseException:
            self._waiting[key] = group + self._waiting[key]
            raise
        else:
            for turn in group:
                if not turn.done():
                    turn.set_result((answer,))
            return answer
        finally:
            self._pass_on(key)

    def _pass_on(self, key: str) -> None:
        """Let the next who still waits read."""
        waiting = self._waiting[key]
        while waiting:
            turn = waiting.pop(0)
            if not turn.done():
                turn.set_result(None)
                return
        del self._waiting[key]
