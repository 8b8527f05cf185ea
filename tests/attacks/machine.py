"""How long the machine itself holds up a bare server, and what others take of it, during an attack."""

from __future__ import annotations

import asyncio
import contextlib
import os
import time
from collections.abc import Collection, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection as Pipe
from pathlib import Path

from tests.attacks.wire import exchange
from tests.benchmarks.harness import messages
from tests.processes import forkserver

LONGEST_STALL = 0.04
"""How long the bare server may take to answer, in seconds. On a quiet machine it takes less than half."""
OPT_OUTS_BEHIND_ONE = 4
"""An opt-out waits for those before it: so many times what each of them is held up by the machine."""
MOST_FOR_OTHERS = 0.15
"""The part of the processors that other programs, and other machines on the same hardware, may take."""
_PATIENCE = 20.0
_STATEMENTS = 10
_WRITTEN = bytes(8_192)
_REQUEST = messages.get("/")
_ANSWER = b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\nConnection: close\r\n\r\n"
_TICKS = os.sysconf("SC_CLK_TCK")
_PROCESSORS = os.cpu_count() or 1


@dataclass(frozen=True, slots=True)
class Noise:
    """What the machine did beside an attack and the server that it attacked."""

    stall: float
    """The longest wait for the bare server, in seconds."""
    others: float
    """The part of the processors' time that others took."""

    @property
    def is_quiet(self) -> bool:
        """Whether waits tell about the server that was attacked."""
        return self.stall <= LONGEST_STALL and self.others <= MOST_FOR_OTHERS

    @property
    def allowance(self) -> float:
        """How much of an opt-out's wait is the machine's own, in seconds: nothing on a quiet one."""
        return OPT_OUTS_BEHIND_ONE * max(0.0, self.stall - LONGEST_STALL)

    def __str__(self) -> str:
        return f"a bare server took {self.stall * 1000:,.0f} ms, others {self.others:.0%} of the processors"


@contextmanager
def bare_server(folder: Path) -> Iterator[tuple[int, int]]:
    """A server that changes threads, writes to a file in a folder, and answers: its port and process id.

    That is what is left of an opt-out without Sayso: a connection, SQLite's thread for each statement, and a
    commit that waits for the disk.
    """
    here, there = forkserver.Pipe()
    process = forkserver.Process(target=_serve, args=(there, folder), daemon=True)
    process.start()
    there.close()
    try:
        port = here.recv()
        assert process.pid
        yield port, process.pid
    finally:
        process.kill()
        process.join()
        here.close()


def _serve(pipe: Pipe, folder: Path) -> None:
    file = os.open(folder / "written", os.O_RDWR | os.O_CREAT)

    def write() -> None:
        os.pwrite(file, _WRITTEN, 0)
        os.fsync(file)

    async def answer(reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(OSError, asyncio.IncompleteReadError):
            await reader.readuntil(b"\r\n\r\n")
            for _ in range(_STATEMENTS - 1):
                await asyncio.to_thread(os.getpid)
            await asyncio.to_thread(write)
            writer.write(_ANSWER)
            await writer.drain()
        writer.close()

    async def serve() -> None:
        server = await asyncio.start_server(answer, "127.0.0.1", 0)
        pipe.send(server.sockets[0].getsockname()[1])
        await server.serve_forever()

    asyncio.run(serve())


async def longest_stall(port: int, stop: asyncio.Task[None], pause: float) -> float:
    """The longest wait for the bare server's answers until the task is done."""
    longest = 0.0
    while not stop.done():
        begin = time.perf_counter()
        await exchange(port, _REQUEST, _PATIENCE)
        longest = max(longest, time.perf_counter() - begin)
        await asyncio.wait([stop], timeout=pause)
    return longest


class Others:
    """Counts the processors' time that others take from now on: all but PostgreSQL and some processes."""

    def __init__(self, own: Collection[int]) -> None:
        """`own` are the ids of the processes that belong to the measurement."""
        self._own = own
        self._begin = time.monotonic()
        self._busy_before = _busy()
        self._own_before = self._ticks()

    def part(self) -> float:
        """The part that others took since the beginning."""
        busy, seconds = _busy() - self._busy_before, time.monotonic() - self._begin
        own = sum(ticks - self._own_before.get(pid, 0) for pid, ticks in self._ticks().items())
        return max(0, busy - own) / _TICKS / (_PROCESSORS * max(seconds, 0.001))

    def _ticks(self) -> dict[int, int]:
        found = {}
        for process in Path("/proc").iterdir():
            if process.name.isdecimal():
                with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                    start, _, fields = (process / "stat").read_text().rpartition(") ")
                    user, system = fields.split()[11:13]
                    if int(process.name) in self._own or start.endswith("(postgres"):
                        found[int(process.name)] = int(user) + int(system)
        return found


def _busy() -> int:
    """The time that all processors have been busy, for this machine or for others on the same hardware."""
    user, nice, system, _idle, _waiting, interrupts, soft_interrupts, stolen, *_ = map(
        int, Path("/proc/stat").read_text().partition("\n")[0].split()[1:]
    )
    return user + nice + system + interrupts + soft_interrupts + stolen
