"""How many operations run at a time: the others wait, so that the event loop has time for everything else."""

from __future__ import annotations

import asyncio
from enum import Enum
from weakref import WeakKeyDictionary


class Kind(Enum):
    """Kinds of work, with how much of each is done at a time."""

    QUERY = 8
    LARGE_QUERY = 3
    MUTATION = 4
    LARGE_BODY = 1
    START = 1
    """Of an operation over WebSocket: finding its token, and parsing it."""


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Kind, asyncio.Semaphore]] = WeakKeyDictionary()


def turn(kind: Kind) -> asyncio.Semaphore:
    """Return what to hold while work of a kind is done. Each event loop has its own."""
    turns = _turns.setdefault(asyncio.get_running_loop(), {})
    if kind not in turns:
        turns[kind] = asyncio.Semaphore(kind.value)
    return turns[kind]
