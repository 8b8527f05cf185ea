"""Work that takes long, in a thread beside the event loop, which serves other requests meanwhile."""

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
"""How long the event loop waits at most for its turn while a thread works. Python's default is 0.005."""


class WorkThread:
    """One thread. Several would take turns with the event loop, which would get a fraction of the time."""

    def __init__(self, name: str) -> None:
        self._executor = ThreadPoolExecutor(1, name, sys.setswitchinterval, (_SWITCH_SECONDS,))

    async def run(self, function: Callable[P, Result], *args: P.args, **kwargs: P.kwargs) -> Result:
        """Call a function in the thread, after what was asked for before.

        If the caller is cancelled, the function does not begin; one that has begun is finished.
        """
        context = contextvars.copy_context()
        call = functools.partial(context.run, function, *args, **kwargs)
        return await asyncio.get_running_loop().run_in_executor(self._executor, call)
