"""Two PostgreSQL servers of a test's own: a primary, and a standby made by pg_basebackup that follows it."""

from __future__ import annotations

import contextlib
import os
import pwd
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from tests.conftest import missing

_PATIENCE = 60
_FAST = "-c fsync=off -c full_page_writes=off -c synchronous_commit=off -c shared_buffers=16MB"


@dataclass(frozen=True)
class Cluster:
    """A server of the test: its data, and its port."""

    programs: Path
    data: Path
    port: int

    def url(self, database: str) -> str:
        return f"postgres://postgres@127.0.0.1:{self.port}/{database}"

    def start(self) -> None:
        options = (
            f"-p {self.port} -c listen_addresses=127.0.0.1 -c unix_socket_directories={self.data} {_FAST}"
        )
        log = self.data.with_suffix(".log")
        self._control("start", "-w", "-t", str(_PATIENCE), "-l", str(log), "-o", options)

    def stop(self) -> None:
        """End it as a crash would."""
        self._control("stop", "-m", "immediate")

    def _control(self, *words: str) -> None:
        run([str(self.programs / "pg_ctl"), "-s", "-D", str(self.data), *words])


def programs() -> Path:
    """The folder of PostgreSQL's server programs; a test that needs them is skipped without."""
    found = sorted(Path("/usr/lib/postgresql").glob("*/bin/initdb"), key=lambda path: int(path.parts[4]))
    on_path = shutil.which("initdb")
    if not found and on_path is None:
        missing("postgres", "the programs of the PostgreSQL server (initdb) are not installed")
    return found[-1].parent if found else Path(on_path or "").parent


def run(command: list[str]) -> None:
    """Run a program of the server, which refuses to run as root."""
    user = "postgres" if os.getuid() == 0 else None
    subprocess.run(
        command, cwd="/", user=user, group=user, check=True, stdout=subprocess.DEVNULL, timeout=120
    )


@contextlib.contextmanager
def primary_and_standby(folders: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Cluster]]:
    """Both servers, running. The standby follows the primary by streaming replication."""
    where = programs()
    folder = _folder(folders)
    primary, standby = [Cluster(where, folder / name, _free_port()) for name in ("primary", "standby")]
    try:
        initdb = ["--auth=trust", "-U", "postgres", "-E", "UTF8", "--locale=C.UTF-8", "--no-sync"]
        run([str(where / "initdb"), "-D", str(primary.data), *initdb])
        primary.start()
        source = f"postgres://postgres@127.0.0.1:{primary.port}/postgres"
        options = ["--write-recovery-conf", "--checkpoint=fast", "--no-sync", "--wal-method=stream"]
        run([str(where / "pg_basebackup"), "-d", source, "-D", str(standby.data), *options])
        standby.start()
        yield primary, standby
    finally:
        for server in (standby, primary):
            with contextlib.suppress(subprocess.CalledProcessError):
                server.stop()
        shutil.rmtree(folder, ignore_errors=True)


def _folder(folders: pytest.TempPathFactory) -> Path:
    """A folder that the servers' user may write to: pytest's are their owner's alone."""
    if os.getuid() != 0:
        return folders.mktemp("servers")
    folder = Path(f"/tmp/sayso-standby-{os.getpid()}")
    folder.mkdir(mode=0o700)
    owner = pwd.getpwnam("postgres")
    os.chown(folder, owner.pw_uid, owner.pw_gid)
    return folder


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
