"""Settings and a database with the catalog of the journeys. Each test uses addresses of its own."""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest

from preference_center.catalog.catalog import invalidate_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.storage.connection import open_database
from tests.conftest import settings_for
from tests.databases import Server
from tests.journeys.catalog import make_catalog

DATABASES = ("sqlite", "postgres")


@contextmanager
def installation_on(
    request: pytest.FixtureRequest, folder: Path, *, asynchronous_commit: bool = False
) -> Iterator[Settings]:
    """Settings in force, and a database with the catalog: SQLite or PostgreSQL, by the fixture's parameter.

    With `asynchronous_commit` PostgreSQL does not wait for the disk: for long tests that kill nothing.
    """
    before = settings._current
    with _database(request, folder, asynchronous_commit) as url:
        made = settings_for(url, folder / "data")
        settings.use(made)
        invalidate_catalog()
        asyncio.run(_furnish(made))
        yield made
    settings._current = before
    invalidate_catalog()


@contextmanager
def _database(request: pytest.FixtureRequest, folder: Path, asynchronous_commit: bool) -> Iterator[str]:
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_template"), folder / "sayso.db")
        yield f"sqlite://{folder / 'sayso.db'}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    address = server.create()
    if asynchronous_commit:
        name = address.rpartition("/")[2]
        asyncio.run(server.run(f'ALTER DATABASE "{name}" SET synchronous_commit = off'))
    try:
        yield address
    finally:
        server.drop(address)


async def _furnish(made: Settings) -> None:
    async with open_database(made):
        await make_catalog()
