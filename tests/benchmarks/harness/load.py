"""The load generator: a process of its own that keeps connections busy and counts the answers."""

from __future__ import annotations

import asyncio
import multiprocessing
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from multiprocessing.connection import Connection as Pipe
from typing import Any, cast

import uvloop

from tests.benchmarks.harness.servers import LOAD_CORE, pin


class LoadFailed(Exception):
    """A server did not answer with 200, or closed the connection."""


@dataclass(slots=True)
class Target:
    """Requests for one server. Those that may be sent only once are removed when sent."""

    port: int
    requests: Sequence[bytes]
    once: bool = False
    at: int = 0

    def next_request(self) -> bytes | None:
        if self.at == len(self.requests):
            if self.once:
                return None
            self.at = 0
        self.at += 1
        return self.requests[self.at - 1]


@dataclass(frozen=True, slots=True)
class Slice:
    """The answers of a slice of time."""

    answers: int
    seconds: float

    @property
    def rate(self) -> float:
        """Answers a second."""
        return self.answers / self.seconds


class Generator:
    """A handle to the process."""

    def __init__(self, pipe: Pipe) -> None:
        self._pipe = pipe
        self._ports: list[int] = []

    def target(self, port: int, requests: Sequence[bytes], *, once: bool = False) -> int:
        """Send requests to the process, and return their key."""
        self._pipe.send(("target", Target(port, requests, once)))
        self._ports.append(port)
        return len(self._ports) - 1

    def port(self, target: int) -> int:
        """The port that the requests of a target are sent to."""
        return self._ports[target]

    def run(self, target: int, connections: int, seconds: float) -> Slice:
        """Keep this many connections busy for this long. Raises LoadFailed."""
        self._pipe.send(("run", (target, connections, seconds)))
        result = self._pipe.recv()
        if isinstance(result, Slice):
            return result
        raise LoadFailed(result)


@contextmanager
def generating() -> Iterator[Generator]:
    """A load generator on the core that the servers do not use."""
    here, there = multiprocessing.Pipe()
    process = multiprocessing.get_context("spawn").Process(target=_work, args=(there,), daemon=True)
    process.start()
    there.close()
    try:
        yield Generator(here)
    finally:
        process.terminate()
        process.join()


def _work(pipe: Pipe) -> None:
    pin(LOAD_CORE)
    targets: list[Target] = []
    while True:
        what, given = pipe.recv()
        if what == "target":
            targets.append(given)
            continue
        number, connections, seconds = given
        try:
            result: Any = uvloop.run(_slice(targets[number], connections, seconds))
        except (LoadFailed, OSError) as error:
            result = f"{type(error).__name__}: {error}"
        pipe.send(result)


async def _slice(target: Target, connections: int, seconds: float) -> Slice:
    """Open the connections, then send request after request on each until the time is over."""
    loop = asyncio.get_running_loop()
    done: asyncio.Future[None] = loop.create_future()
    tally = _Tally(target, done)
    lines = []
    for _ in range(connections):
        _, line = await loop.create_connection(lambda: _Line(tally), "127.0.0.1", target.port)
        lines.append(line)
    begin = time.perf_counter()
    tally.until, tally.busy = begin + seconds, connections
    for line in lines:
        line.send_next()
    await done
    for line in lines:
        line.close()
    return Slice(tally.answers, tally.last - begin)


@dataclass(slots=True)
class _Tally:
    """The shared state of the connections of a slice."""

    target: Target
    done: asyncio.Future[None]
    until: float = 0.0
    answers: int = 0
    last: float = 0.0
    busy: int = 0
    next_request: Callable[[], bytes | None] = field(init=False)

    def __post_init__(self) -> None:
        self.next_request = self.target.next_request

    def rest(self) -> None:
        self.busy -= 1
        if self.busy == 0 and not self.done.done():
            self.done.set_result(None)

    def fail(self, why: str) -> None:
        if not self.done.done():
            self.done.set_exception(LoadFailed(why))


class _Line(asyncio.Protocol):
    """One keep-alive connection."""

    def __init__(self, tally: _Tally) -> None:
        self._tally = tally
        self._held = b""
        self._wanted = 0
        self._transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # No isinstance: uvloop's transports do not say whose children they are.
        self._transport = cast(asyncio.Transport, transport)

    def close(self) -> None:
        self._tally.busy = -1
        self._transport.abort()

    def send_next(self) -> None:
        request = self._tally.next_request() if time.perf_counter() < self._tally.until else None
        if request is None:
            self._tally.rest()
        else:
            self._transport.write(request)

    def data_received(self, data: bytes) -> None:
        held = self._held + data if self._held else data
        if not self._wanted:
            end = held.find(b"\r\n\r\n")
            if end < 0:
                self._held = held
                return
            self._wanted = end + 4 + _length(held[:end], self._tally)
        if len(held) < self._wanted:
            self._held = held
            return
        self._held, self._wanted = b"", 0
        self._tally.answers += 1
        self._tally.last = time.perf_counter()
        self.send_next()

    def connection_lost(self, exc: Exception | None) -> None:
        if self._tally.busy > 0:
            self._tally.fail(f"the server hung up: {exc}")


def _length(head: bytes, tally: _Tally) -> int:
    """The length of the body. Any status but 200 ends the slice."""
    if not head.startswith(b"HTTP/1.1 200"):
        tally.fail(head.partition(b"\r\n")[0].decode(errors="replace"))
        return 0
    _, _, after = head.lower().partition(b"content-length:")
    return int(after.partition(b"\r\n")[0] or 0)
