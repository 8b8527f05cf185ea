"""Installations on both databases."""

import asyncio
import shutil
import uuid
from collections.abc import Iterator
from pathlib import Path

import pytest

from tests.cli.installation import Installation
from tests.databases import Server


@pytest.fixture
def installation(database_url: str, tmp_path: Path) -> Installation:
    """A migrated, empty database and a data folder without keys."""
    return Installation(database_url, tmp_path / "data")


@pytest.fixture(params=["sqlite", "postgres"])
def bare(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[Installation]:
    """An installation whose database has no tables yet."""
    if request.param == "sqlite":
        yield Installation(f"sqlite://{tmp_path}/new/sayso.db", tmp_path / "data")
        return
    server: Server = request.getfixturevalue("postgres_server")
    name = f"sayso_test_{uuid.uuid4().hex[:12]}"
    asyncio.run(server.run(f'CREATE DATABASE "{name}"'))
    address = server.address_of(name)
    try:
        yield Installation(address, tmp_path / "data")
    finally:
        server.drop(address)


@pytest.fixture
def small(sqlite_template: Path, tmp_path: Path) -> Installation:
    """A migrated SQLite installation, for tests that do not depend on the database."""
    shutil.copy(sqlite_template, tmp_path / "sayso.db")
    return Installation(f"sqlite://{tmp_path}/sayso.db", tmp_path / "data")
