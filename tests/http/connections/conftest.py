"""One server for all tests of a module, on SQLite: what they test happens before any database is asked."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.installation import PATIENCE, Installation, Server, free_port
from tests.http.connections import impatient
from tests.http.connections.impatient import Impatient
from tests.processes import Process


@pytest.fixture(scope="module")
def installation(sqlite_brands: Path, tmp_path_factory: pytest.TempPathFactory) -> Installation:
    """An installation with the two brands."""
    folder = tmp_path_factory.mktemp("connections")
    shutil.copy(sqlite_brands, folder / "sayso.db")
    return Installation(f"sqlite://{folder / 'sayso.db'}", folder / "data")


@pytest.fixture(scope="module")
def server(installation: Installation, tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    """`sayso serve`. Its log is a file: a pipe that nobody reads would hold it up."""
    log, port = tmp_path_factory.mktemp("log") / "log", free_port()
    with log.open("wb") as output:
        process = Process(["serve", "--port", str(port)], installation.environment, output)
    running = Server(process, port)
    try:
        running.wait_until_ready()
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)
    assert "Traceback" not in log.read_text()


@pytest.fixture(scope="module")
def impatient_server(installation: Installation) -> Iterator[Impatient]:
    """A server with small limits of time and open files."""
    with impatient.serving(installation) as running:
        yield running
    assert "Traceback" not in running.log
