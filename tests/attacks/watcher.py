"""A process that opts people out every 50 ms by one-click, and measures how long each waits."""

from __future__ import annotations

import asyncio
import contextlib
import time
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from itertools import cycle
from multiprocessing.connection import Connection as Pipe

from tests.attacks.machine import longest_stall
from tests.attacks.wire import Answer, exchange
from tests.benchmarks.harness import messages
from tests.processes import forkserver

_PAUSE = 0.05
_PATIENCE = 20.0
"""How long an opt-out is waited for."""
_READY = messages.get("/readyz")


@dataclass(frozen=True, slots=True)
class Waits:
    """How long people waited while they were watched, in seconds."""

    longest: float
    """The longest wait of an opt-out."""
    answered: int
    failed: int
    """Opt-outs that were not answered with 200."""
    readiness: float
    """The longest wait of `/readyz`."""
    bare: float
    """The longest wait for the bare server of the machine."""


class Watcher:
    """A handle to the process."""

    def __init__(self, pipe: Pipe, pid: int) -> None:
        self._pipe = pipe
        self.pid = pid

    def begin(self, port: int, tokens: Sequence[str], bare_port: int) -> None:
        """Begin to opt people out with these withdraw tokens, and to ask the bare server."""
        self._pipe.send((port, tokens, bare_port))

    def end(self) -> Waits:
        """Stop once every opt-out that has begun is answered or given up."""
        self._pipe.send(None)
        waits = self._pipe.recv()
        assert isinstance(waits, Waits)
        return waits


@contextmanager
def watching() -> Iterator[Watcher]:
    """The process, ended at the end."""
    here, there = forkserver.Pipe()
    process = forkserver.Process(target=_work, args=(there,), daemon=True)
    process.start()
    there.close()
    assert process.pid
    try:
        yield Watcher(here, process.pid)
    finally:
        process.kill()
        process.join()
        here.close()


def _work(pipe: Pipe) -> None:
    with contextlib.suppress(EOFError):
        asyncio.run(_serve(pipe))


async def _serve(pipe: Pipe) -> None:
    while True:
        port, tokens, bare_port = await asyncio.to_thread(pipe.recv)
        pipe.send(await _watch(pipe, port, cycle(tokens), bare_port))


async def _watch(pipe: Pipe, port: int, tokens: Iterator[str], bare_port: int) -> Waits:
    stop = asyncio.create_task(asyncio.to_thread(pipe.recv))
    stall = asyncio.create_task(longest_stall(bare_port, stop, _PAUSE))
    readiness = asyncio.create_task(_watch_readiness(port, stop))
    begun = []
    while not stop.done():
        click = messages.form(f"/u/{next(tokens)}", **{"List-Unsubscribe": "One-Click"})
        begun.append(asyncio.create_task(_timed(port, click)))
        await asyncio.wait([stop], timeout=_PAUSE)
    opt_outs = [await each for each in begun]
    statuses = [answer.status for _, answer in opt_outs]
    failed = sum(status != 200 for status in statuses)
    longest = max(waited for waited, _ in opt_outs)
    return Waits(longest, len(opt_outs) - failed, failed, await readiness, await stall)


async def _watch_readiness(port: int, stop: asyncio.Task[None]) -> float:
    longest = 0.0
    while not stop.done():
        waited, _ = await _timed(port, _READY)
        longest = max(longest, waited)
        await asyncio.wait([stop], timeout=4 * _PAUSE)
    return longest


async def _timed(port: int, request: bytes) -> tuple[float, Answer]:
    begin = time.perf_counter()
    answer = await exchange(port, request, _PATIENCE)
    return time.perf_counter() - begin, answer
