"""How many operations run at a time: the others wait, so that the event loop has time for everything else."""

from __future__ import annotations

import asyncio
from enum import Enum
from weakref import WeakKeyDictionary


class Kind(Enum):
    """Kinds of operations, with how many of each run at a time."""

    QUERY = 8
    LARGE_QUERY = 3
    MUTATION = 4


_turns: WeakKeyDictionary[asyncio.AbstractEventLoop, dict[Kind, asyncio.Semaphore]] = WeakKeyDictionary()


def turn(kind: Kind) -> asyncio.Semaphore:
    """Return what to hold while an operation of a kind runs. Each event loop has its own."""
    turns = _turns.setdefault(asyncio.get_running_loop(), {})
    if kind not in turns:
        turns[kind] = asyncio.Semaphore(kind.value)
    return turns[kind]
