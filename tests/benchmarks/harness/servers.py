"""Server processes, Sayso's and the bare one, with the same uvicorn settings, pinned to the first core."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

CORES = sorted(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else [0]
SERVER_CORE, LOAD_CORE = CORES[0], CORES[-1]
OURS = "api.cli.serving:without_work"
BARE = "tests.benchmarks.harness.bare:create_app"
_SETTINGS = (
    "--factory --loop uvloop --http httptools --ws none --lifespan on --no-access-log --no-server-header"
    " --timeout-keep-alive 600 --log-level warning"
)
_PATIENCE = 60.0


def pin(core: int) -> None:
    """Keep this process on one core, where the system supports it."""
    if hasattr(os, "sched_setaffinity"):
        os.sched_setaffinity(0, {core})


@dataclass(frozen=True, slots=True)
class Server:
    """A server process that runs."""

    port: int
    pid: int

    def cpu_seconds(self) -> float:
        """How long it has been on a processor, with all threads and the processes that it started."""
        return sum(map(_cpu_seconds, [self.pid, *_children(self.pid)]))


def _cpu_seconds(pid: int) -> float:
    tasks = Path(f"/proc/{pid}/task").glob("*/schedstat")
    return sum(int(task.read_text().split()[0]) for task in tasks) / 1e9


def _children(pid: int) -> list[int]:
    found: list[int] = []
    for children in Path(f"/proc/{pid}/task").glob("*/children"):
        for child in map(int, children.read_text().split()):
            found += [child, *_children(child)]
    return found


@contextmanager
def serving(application: str, environ: Mapping[str, str], workers: int = 1) -> Iterator[Server]:
    """A server of an application factory. Its logs are written and discarded.

    One process is pinned to the first core; several have all cores, which they share with the load.
    """
    more = ["--workers", str(workers)] if workers > 1 else []

    def command(port: int) -> list[str]:
        settings = [*_SETTINGS.split(), *more]
        return [sys.executable, "-m", "uvicorn", application, "--port", str(port), *settings]

    with running(command, {**os.environ, **environ}, pinned=workers == 1) as server:
        yield server


@contextmanager
def running(
    command: Callable[[int], list[str]],
    environ: Mapping[str, str],
    folder: Path | None = None,
    *,
    pinned: bool = True,
) -> Iterator[Server]:
    """A server process, started by the command for a free port. Its logs are written and discarded."""
    port = _free_port()
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command(port),
            env=environ,
            cwd=folder,
            stdout=log,
            stderr=log,
            preexec_fn=(lambda: pin(SERVER_CORE)) if pinned else None,
        )
        try:
            _wait_for(port, process)
            yield Server(port, process.pid)
        except BaseException:
            log.seek(0)
            sys.stderr.write(log.read()[-4000:].decode(errors="replace"))
            raise
        finally:
            process.terminate()
            process.wait()


def _free_port() -> int:
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port: int = free.getsockname()[1]
        return port


def _wait_for(port: int, process: subprocess.Popen[bytes]) -> None:
    """Uvicorn listens once the application has started."""
    until = time.monotonic() + _PATIENCE
    while time.monotonic() < until:
        if process.poll() is not None:
            raise RuntimeError("the server did not start")
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1).close()
            return
        except OSError:
            time.sleep(0.1)
    raise RuntimeError("the server does not listen")
