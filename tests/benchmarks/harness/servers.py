"""Server processes, Sayso's and the bare one, with the same uvicorn settings, pinned to the first core."""

from __future__ import annotations

import os
import socket
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager

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


@contextmanager
def serving(application: str, environ: Mapping[str, str]) -> Iterator[int]:
    """A server process of an application factory, and its port. Its logs are written and discarded."""
    port = _free_port()
    command = [sys.executable, "-m", "uvicorn", application, "--port", str(port), *_SETTINGS.split()]
    with tempfile.TemporaryFile() as log:
        process = subprocess.Popen(
            command,
            env={**os.environ, **environ},
            stdout=log,
            stderr=log,
            preexec_fn=lambda: pin(SERVER_CORE),
        )
        try:
            _wait_for(port, process)
            yield port
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
