"""A real server in a process of its own, which can be killed at any time."""

from __future__ import annotations

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from preference_center.config.settings import Settings
from tests.processes import Process

SAYSO = Path(sys.executable).parent / "sayso"
PATIENCE = 60
Port = int


def environment(made: Settings) -> dict[str, str]:
    """The settings as the environment of a process."""
    plain = {name: value for name, value in os.environ.items() if not name.startswith("SAYSO_")}
    if made.twilio_account_sid:
        plain |= {
            "SAYSO_TWILIO_ACCOUNT_SID": made.twilio_account_sid,
            "SAYSO_TWILIO_AUTH_TOKEN": ",".join(made.twilio_auth_tokens),
            "SAYSO_TWILIO_API_URL": made.twilio_api_url,
        }
    if made.smtp:
        plain |= {"SAYSO_SMTP_URL": made.smtp.url, "SAYSO_MAIL_FROM": made.mail_from}
    return plain | {
        "SAYSO_DATABASE_URL": made.database_url,
        "SAYSO_DATA_DIR": str(made.data_dir),
        "SAYSO_PUBLIC_URL": made.public_url,
        "SAYSO_SECRET_KEYS": b",".join(made.secret_keys).decode(),
        "SAYSO_WITHDRAW_KEYS": b",".join(made.withdraw_keys).decode(),
        "SAYSO_MANAGE_KEYS": b",".join(made.manage_keys).decode(),
        "SAYSO_FINGERPRINT_KEY": made.fingerprint_key.decode(),
    }


class Server:
    """`sayso serve`, started."""

    def __init__(self, made: Settings) -> None:
        self.port = _free_port()
        self._log = (made.data_dir / "server.log").open("ab")
        self._process = Process(["serve", "--port", str(self.port)], environment(made), self._log)
        self.pid = self._process.pid

    def kill(self) -> None:
        """kill -9: nothing is flushed or closed."""
        self._process.send_signal(signal.SIGKILL)

    def wait_until_ended(self) -> None:
        """Wait until the process has ended."""
        self._process.wait(PATIENCE)
        self._log.close()

    def post(self, path: str, body: str, headers: str = "") -> socket.socket:
        """Send a POST and return the connection, its answer not yet read."""
        connection = socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE)
        content = headers or "Content-Type: application/x-www-form-urlencoded\r\n"
        head = f"POST {path} HTTP/1.1\r\nHost: sayso.test\r\n{content}Content-Length: {len(body)}\r\n\r\n"
        connection.sendall(head.encode() + body.encode())
        return connection

    def wait_until_ready(self) -> None:
        """Wait until it is ready. Fails with its log if it ends instead."""
        deadline = time.monotonic() + PATIENCE
        while time.monotonic() < deadline:
            assert self._process.poll() is None, Path(self._log.name).read_text()
            try:
                with socket.create_connection(("127.0.0.1", self.port), timeout=PATIENCE) as probe:
                    probe.sendall(b"GET /readyz HTTP/1.1\r\nHost: sayso.test\r\n\r\n")
                    if probe.recv(64).startswith(b"HTTP/1.1 200"):
                        return
            except OSError:
                pass
            time.sleep(0.02)
        raise AssertionError("the server did not come up")


@contextmanager
def serving(made: Settings) -> Iterator[Server]:
    """A server, which is killed at the end."""
    made.data_dir.mkdir(parents=True, exist_ok=True)
    server = Server(made)
    try:
        server.wait_until_ready()
        yield server
    finally:
        server.kill()
        server.wait_until_ended()


def verified(made: Settings) -> subprocess.CompletedProcess[str]:
    """Run `sayso verify`."""
    process = Process(["verify"], environment(made))
    said, wrong = process.communicate(PATIENCE * 3)
    return subprocess.CompletedProcess(process.args, process.wait(), said, wrong)


def _free_port() -> Port:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
