"""Recipients go first: while one is served, large queries of the API do not begin their next step."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from contextlib import contextmanager
from weakref import WeakKeyDictionary

_LONGEST_PAUSE = 0.05
"""In seconds: a recipient may be waiting for something else, such as the rest of a form."""
_LEAST_PATIENCE = 0.1
_PART = 0.5
"""The part of its time that a query pauses at most."""


class _Recipients:
    """The recipients that are being served."""

    def __init__(self) -> None:
        self.served = 0
        self.none = asyncio.Event()


_recipients: WeakKeyDictionary[asyncio.AbstractEventLoop, _Recipients] = WeakKeyDictionary()


def _of_loop() -> _Recipients:
    return _recipients.setdefault(asyncio.get_running_loop(), _Recipients())


@contextmanager
def serving_recipient() -> Iterator[None]:
    """Have large queries pause during the block."""
    recipients = _of_loop()
    recipients.served += 1
    recipients.none.clear()
    try:
        yield
    finally:
        recipients.served -= 1
        if not recipients.served:
            recipients.none.set()


class Patience:
    """How long one query still pauses: at most about as long as it runs, so that visitors cannot stop it."""

    __slots__ = ("_begin", "_loop", "_paused", "_recipients")

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._recipients = _of_loop()
        self._begin = self._loop.time()
        self._paused = 0.0

    async def give_way(self) -> None:
        """Wait until no recipient is served, for a moment at most."""
        if not self._recipients.served:
            return
        now = self._loop.time()
        if self._paused > _LEAST_PATIENCE + _PART * (now - self._begin):
            return
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_LONGEST_PAUSE):
                await self._recipients.none.wait()
        self._paused += self._loop.time() - now
