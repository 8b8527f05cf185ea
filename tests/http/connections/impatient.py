"""A server whose limits of time and of open files are small, so that the tests need not wait for them."""

from __future__ import annotations

import contextlib
import os
import resource
import sys
import time
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path

from tests.cli.installation import PATIENCE, Installation, free_port
from tests.http.connections.wire import get, statuses
from tests.processes import forkserver

SECONDS = 1.0
"""How long a connection may be silent, a body or a reader may take too little."""
OPEN_FILES = 200
"""The soft limit of open files; the hard one is HARD_LIMIT."""
HARD_LIMIT = 300


@dataclass(frozen=True, slots=True)
class Impatient:
    """The running server."""

    port: int
    pid: int
    log_file: Path

    @property
    def log(self) -> str:
        """What it has logged so far."""
        return self.log_file.read_text()


@contextlib.contextmanager
def serving(installation: Installation) -> Iterator[Impatient]:
    """Run the server."""
    port, log_file = free_port(), installation.data_dir / "log"
    installation.data_dir.mkdir(parents=True, exist_ok=True)
    process = forkserver.Process(target=_serve, args=(installation.environment, port, log_file))
    process.start()
    assert process.pid
    try:
        _wait_until_ready(port)
        yield Impatient(port, process.pid, log_file)
    finally:
        process.terminate()
        process.join(PATIENCE)


def _wait_until_ready(port: int) -> None:
    for _ in range(PATIENCE * 20):
        with contextlib.suppress(ConnectionError):
            if statuses(get(port, "/readyz")) == [200]:
                return
        time.sleep(0.05)
    raise AssertionError("the server did not come up")


def _serve(environment: Mapping[str, str], port: int, log_file: Path) -> None:
    os.environ.clear()
    os.environ.update(environment)
    sys.stderr = log_file.open("w", buffering=1)
    resource.setrlimit(resource.RLIMIT_NOFILE, (OPEN_FILES, HARD_LIMIT))
    from api.cli import app
    from api.http import bodies
    from api.http.connections import watch

    watch.HEAD_SECONDS = watch.STALL_SECONDS = bodies.GRACE_SECONDS = SECONDS  # type: ignore[misc]
    sys.argv = ["sayso", "serve", "--port", str(port)]
    app()
