"""An installation, operated by running `sayso` in processes."""

from __future__ import annotations

import contextlib
import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

import httpx

from tests.processes import ROOT, Process

__all__ = ["PATIENCE", "ROOT", "SAYSO", "Installation", "Server", "free_port"]
SAYSO = Path(sys.executable).parent / "sayso"
PATIENCE = 60


@dataclass
class Installation:
    """A database URL and a data folder; everything else is as on a new machine."""

    database_url: str
    data_dir: Path
    extra: dict[str, str] = field(default_factory=dict)

    @property
    def environment(self) -> dict[str, str]:
        plain = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
        return plain | {
            "SAYSO_DATABASE_URL": self.database_url,
            "SAYSO_DATA_DIR": str(self.data_dir),
            "SAYSO_LOG_FORMAT": "json",
            **self.extra,
        }

    def run(self, *arguments: str, **environment: str) -> subprocess.CompletedProcess[str]:
        process = Process(arguments, self.environment | environment)
        said, wrong = process.communicate(PATIENCE * 3)
        return subprocess.CompletedProcess(process.args, process.wait(), said, wrong)

    def says(self, *arguments: str) -> str:
        """The output of a command that must succeed."""
        result = self.run(*arguments)
        assert result.returncode == 0, result.stdout + result.stderr
        return result.stdout

    def start(self, *arguments: str) -> Process:
        return Process(arguments, self.environment)

    @contextlib.contextmanager
    def serving(self, *arguments: str) -> Iterator[Server]:
        port = free_port()
        server = Server(self.start("serve", "--port", str(port), *arguments), port)
        try:
            server.wait_until_ready()
            yield server
        finally:
            if server.process.poll() is None:
                server.stop()


@dataclass
class Server:
    """A running `sayso serve`."""

    process: Process
    port: int
    log: str = ""

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self.port}"

    def wait_until_ready(self) -> None:
        with httpx.Client(verify=False) as client:  # without TLS, whose setup takes longer than the request
            for _ in range(PATIENCE * 50):
                assert self.process.poll() is None, self.process.communicate()
                with contextlib.suppress(httpx.TransportError):
                    if client.get(f"{self.url}/readyz").status_code == 200:
                        return
                time.sleep(0.02)
        raise AssertionError("the server did not come up")

    def ask_to_stop(self) -> None:
        self.process.send_signal(signal.SIGTERM)

    def stop(self) -> int:
        """Stop it, keep its log, and return its exit code."""
        self.ask_to_stop()
        _, self.log = self.process.communicate(timeout=PATIENCE)
        return self.process.wait()


def free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
