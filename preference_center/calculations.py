"""Long calculations, in a thread of their own: meanwhile the event loop serves other requests."""

from __future__ import annotations

import asyncio
import contextvars
import functools
import sys
from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from typing import ParamSpec, TypeVar

P = ParamSpec("P")
Result = TypeVar("Result")

_SWITCH_SECONDS = 0.001
"""How long another thread waits for its turn while this one calculates. Python's default is 0.005.

An opt-out on SQLite changes threads about twenty times.
"""
_thread = ThreadPoolExecutor(
    1, "calculations", initializer=sys.setswitchinterval, initargs=(_SWITCH_SECONDS,)
)
"""One thread: several would take turns with the event loop, which would then get a fraction of the time."""


_MANY = 500
"""Fewer values are calculated at once: that takes less time than the thread would."""


async def calculate(size: int, function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Call a function on that many values: in the thread if they are many."""
    if size > _MANY:
        return await in_thread(function, *args, **kwargs)
    return function(*args, **kwargs)


async def in_thread(function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
    """Call a function in the thread, after the calculations that were asked for before.

    If the caller is cancelled, the function does not begin; one that has begun is finished.
    """
    context = contextvars.copy_context()
    call = functools.partial(context.run, function, *args, **kwargs)
    return await asyncio.get_running_loop().run_in_executor(_thread, call)
