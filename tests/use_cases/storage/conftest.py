"""Databases with the schema of an old version, which tests migrate from there."""

from __future__ import annotations

import asyncio
import shutil
import uuid
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import pytest
from tortoise.migrations.executor import MigrationTarget

from preference_center.catalog.catalog import invalidate_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.storage import migration
from preference_center.storage.connection import APP, open_database
from tests.conftest import settings_for
from tests.databases import Server

BEFORE_0017 = [MigrationTarget(APP, "0016_refusal_constraints")]


async def _migrate(database_url: str, data_dir: Path) -> None:
    config = settings_for(database_url, data_dir)
    async with open_database(config):
        await migration._executor(config).migrate(BEFORE_0017)


@pytest.fixture(scope="session")
def sqlite_before_0017(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """An SQLite database to copy."""
    folder = tmp_path_factory.mktemp("before-0017")
    asyncio.run(_migrate(f"sqlite://{folder}/sayso.db", folder))
    return folder / "sayso.db"


@pytest.fixture(scope="session")
def postgres_before_0017(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The name of a PostgreSQL database to copy."""
    name = f"sayso_before_0017_{uuid.uuid4().hex[:12]}"
    asyncio.run(postgres_server.run(f'CREATE DATABASE "{name}"'))
    address = postgres_server.address_of(name)
    try:
        asyncio.run(_migrate(address, tmp_path_factory.mktemp("before-0017")))
        yield name
    finally:
        postgres_server.drop(address)


@pytest.fixture(params=["sqlite", "postgres"])
def old_database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a database before migration 0017, of this test alone."""
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_before_0017"), tmp_path / "sayso.db")
        yield f"sqlite://{tmp_path}/sayso.db"
        return
    server: Server = request.getfixturevalue("postgres_server")
    template, name = request.getfixturevalue("postgres_before_0017"), f"sayso_test_{uuid.uuid4().hex[:12]}"
    asyncio.run(server.run(f'CREATE DATABASE "{name}" TEMPLATE "{template}"'))
    try:
        yield server.address_of(name)
    finally:
        server.drop(server.address_of(name))


@pytest.fixture
async def before_0017(old_database_url: str, tmp_path: Path) -> AsyncIterator[Settings]:
    """An open database before migration 0017, with its settings in force."""
    kept, config = settings._current, settings_for(old_database_url, tmp_path / "data")
    settings.use(config)
    invalidate_catalog()
    async with open_database(config):
        yield config
    settings._current = kept
    invalidate_catalog()
