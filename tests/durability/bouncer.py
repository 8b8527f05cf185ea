"""PgBouncer between Sayso and PostgreSQL: it lends a connection for one transaction only."""

from __future__ import annotations

import contextlib
import os
import shutil
import socket
import subprocess
import time
from collections.abc import Iterator
from urllib.parse import unquote, urlsplit

import pytest

from tests.conftest import missing

PATIENCE = 30
SIZE = 3
"""How many connections to PostgreSQL it has."""


def program() -> str:
    """The path of PgBouncer; a test that needs it is skipped without it."""
    found = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if found is None:
        missing("pgbouncer", "pgbouncer is not installed")
    assert found is not None
    return found


@contextlib.contextmanager
def bouncer_before(
    database_url: str, folder: pytest.TempPathFactory, *, ignored: str = "extra_float_digits"
) -> Iterator[str]:
    """The URL of the database through a PgBouncer of its own.

    `ignored` names the startup parameters that it accepts and does not apply.
    """
    parts = urlsplit(database_url)
    name, user = parts.path.lstrip("/"), unquote(parts.username or "postgres")
    password = f" password={unquote(parts.password)}" if parts.password else ""
    port = _free_port()
    file = folder.mktemp("bouncer") / "pgbouncer.ini"
    file.write_text(
        f"[databases]\n{name} = host={parts.hostname} port={parts.port or 5432} user={user}{password}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {SIZE}\nmax_client_conn = 200\n"
        f"ignore_startup_parameters = {ignored}\n"
    )
    as_user = ["-u", "postgres"] if os.getuid() == 0 else []  # it refuses to run as root
    process = subprocess.Popen(
        [program(), "-q", *as_user, str(file)], stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL
    )
    try:
        _wait_until_open(process, port)
        yield f"postgres://{user}@127.0.0.1:{port}/{name}"
    finally:
        process.terminate()
        process.wait(PATIENCE)


def _wait_until_open(process: subprocess.Popen[bytes], port: int) -> None:
    for _ in range(PATIENCE * 50):
        assert process.poll() is None, "pgbouncer ended"
        with contextlib.suppress(OSError), socket.create_connection(("127.0.0.1", port), timeout=PATIENCE):
            return
        time.sleep(0.02)
    raise AssertionError("pgbouncer does not listen")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
