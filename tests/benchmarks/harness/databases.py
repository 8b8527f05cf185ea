"""The databases of the benchmarks: created, filled and dropped, on the PostgreSQL of the tests."""

from __future__ import annotations

import os
import secrets
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import UTC, datetime
from pathlib import Path

import asyncpg
from rich.progress import Progress

from preference_center.access.tokens import create_token
from preference_center.catalog.catalog import invalidate_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.storage import migration
from preference_center.storage.connection import open_database
from tests.benchmarks.harness import filling

SERVER = os.environ.get("SAYSO_TEST_POSTGRES", "postgres://postgres@127.0.0.1:5432/postgres")


@dataclass(frozen=True, slots=True)
class Installation:
    """A database with a number of contacts, and the settings to serve it."""

    contacts: int
    environ: dict[str, str]
    settings: Settings
    token: str
    begun: datetime

    @property
    def dsn(self) -> str:
        return self.settings.database_url


@asynccontextmanager
async def installation(
    contacts: int, folder: Path, progress: Progress, *, keep: bool
) -> AsyncIterator[Installation]:
    """A database of this many contacts with six preferences each, dropped at the end unless `keep` is set."""
    name = f"sayso_bench_{contacts}" if keep else f"sayso_bench_{contacts}_{secrets.token_hex(4)}"
    environ = _environ(name, folder)
    try:
        if await _is_new(name):
            await _fill(environ, contacts, progress)
        yield await _opened(environ, contacts)
    except BaseException:
        await _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')
        raise
    if not keep:
        await _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@asynccontextmanager
async def temporary_database(what: str) -> AsyncIterator[str]:
    """The address of an empty PostgreSQL database, dropped at the end."""
    name = f"sayso_bench_{what}_{secrets.token_hex(4)}"
    await _on_server(f'CREATE DATABASE "{name}"')
    try:
        yield f"{SERVER.rpartition('/')[0]}/{name}"
    finally:
        await _on_server(f'DROP DATABASE IF EXISTS "{name}" WITH (FORCE)')


@asynccontextmanager
async def opened(config: Settings) -> AsyncIterator[None]:
    """Connect this process to a database as a server does, with its settings in force."""
    before = settings._current
    settings.use(config)
    invalidate_catalog()
    async with open_database(config):
        yield
    settings._current = before


async def still_opted_in(of: Installation, type_key: str = filling.TYPES[0][0]) -> list[int]:
    """The recipients who are opted in to a type, the first unless given, in a random order."""
    db = await asyncpg.connect(of.dsn)
    try:
        rows = await db.fetch(
            "SELECT p.recipient_id FROM preferences p"
            " JOIN subscription_types t ON t.id = p.subscription_type_id"
            " WHERE t.key = $1 AND p.status = 'OPTED_IN' ORDER BY md5(p.recipient_id::text)",
            type_key,
        )
    finally:
        await db.close()
    return [row["recipient_id"] for row in rows]


def _environ(name: str, folder: Path) -> dict[str, str]:
    """The environment of a server in production, whose logs are written and discarded."""
    keys = ("SECRET_KEYS", "WITHDRAW_KEYS", "MANAGE_KEYS", "FINGERPRINT_KEY")
    return {
        "SAYSO_ENV": "production",
        "SAYSO_DATABASE_URL": f"{SERVER.rpartition('/')[0]}/{name}",
        "SAYSO_DATA_DIR": str(folder),
        "SAYSO_PUBLIC_URL": "https://preferences.example.com",
        **{f"SAYSO_{key}": f"{key.lower()}-of-the-benchmarks-0123456789abcdef" for key in keys},
    }


async def _is_new(name: str) -> bool:
    try:
        await _on_server(f'CREATE DATABASE "{name}"')
    except asyncpg.DuplicateDatabaseError:
        return False
    return True


async def _on_server(sql: str) -> None:
    admin = await asyncpg.connect(SERVER)
    try:
        await admin.execute(sql)
    finally:
        await admin.close()


async def _fill(environ: dict[str, str], contacts: int, progress: Progress) -> None:
    config = settings.load(environ)
    async with opened(config):
        await migration.migrate(config)
        types = await filling.make_catalog()
    await filling.fill(config, contacts, types, progress)


async def _opened(environ: dict[str, str], contacts: int) -> Installation:
    config = settings.load(environ)
    async with opened(config):
        await migration.migrate(config)  # a database that was kept may be older than the code
        token = await create_token(f"bench {secrets.token_hex(8)}", ["admin"])
    return Installation(contacts, environ, config, token, datetime.now(UTC))
