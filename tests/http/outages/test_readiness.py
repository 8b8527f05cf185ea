"""`/readyz` tells within two seconds whether the process can do its work, and what is wrong if it cannot."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import asyncpg
import httpx
import pytest

from api.app import create_app
from preference_center.config.settings import Settings
from preference_center.storage import database
from preference_center.storage.connection import open_database
from preference_center.upgrade import schema_state
from tests.conftest import PUBLIC_URL
from tests.durability.proxy import proxy_to
from tests.http.log_lines import captured_logs
from tests.http.outages.test_every_route import on_postgres, on_sqlite, postgres_read_only

SECONDS = 2
TOMORROW = "9999_of_tomorrow"


def client_of(config: Settings) -> httpx.AsyncClient:
    return httpx.AsyncClient(transport=httpx.ASGITransport(create_app(config)), base_url=PUBLIC_URL)


@pytest.fixture
async def client(db: Settings) -> AsyncIterator[httpx.AsyncClient]:
    async with client_of(db) as made:
        yield made


async def problem(client: httpx.AsyncClient) -> tuple[str, list[str]]:
    """What is wrong, and the migrations that are."""
    with captured_logs() as log:
        async with asyncio.timeout(SECONDS):
            response = await client.get("/readyz")
    assert response.status_code == 503
    assert "no-store" in response.headers["cache-control"]
    assert "where" not in log.getvalue(), "there is no traceback"
    body = response.json()
    assert body["status"] == "unavailable"
    assert all(name in body["reason"] for name in body["migrations"])
    return body["problem"], body["migrations"]


async def is_ready(client: httpx.AsyncClient) -> bool:
    response = await client.get("/readyz")
    return (response.status_code, response.json()) == (200, {"status": "ready"})


async def migrate(name: str) -> None:
    await database.execute(
        "INSERT INTO tortoise_migrations (app, name, applied_at) VALUES ('preference_center', $1, $2)",
        name,
        database.now(),
    )


async def unmigrate(name: str) -> None:
    await database.execute("DELETE FROM tortoise_migrations WHERE name = $1", name)


async def test_a_migrated_database_is_ready(client: httpx.AsyncClient) -> None:
    assert await is_ready(client)


async def test_missing_migrations_are_named(client: httpx.AsyncClient) -> None:
    newest = schema_state.known()[-1]
    await unmigrate(newest)
    assert await problem(client) == ("MIGRATIONS_MISSING", [newest])
    await migrate(newest)
    assert await is_ready(client)


async def test_spellings_of_phone_numbers_that_are_to_be_merged_are_a_missing_migration(
    client: httpx.AsyncClient,
) -> None:
    await database.execute("UPDATE phone_spelling_state SET version = 0")
    assert await problem(client) == ("MIGRATIONS_MISSING", [schema_state.MERGED_PHONES])


async def test_migrations_of_a_newer_version_are_named(client: httpx.AsyncClient) -> None:
    await migrate(TOMORROW)
    assert await problem(client) == ("MIGRATIONS_UNKNOWN", [TOMORROW])
    await unmigrate(TOMORROW)
    assert await is_ready(client)


async def test_spellings_that_a_newer_version_has_merged_are_an_unknown_migration(
    client: httpx.AsyncClient,
) -> None:
    await database.execute("UPDATE phone_spelling_state SET version = 99")
    assert await problem(client) == ("MIGRATIONS_UNKNOWN", [schema_state.MERGED_PHONES])


@on_sqlite
async def test_a_database_that_was_never_migrated_lacks_all_migrations(
    config: Settings, tmp_path: Path
) -> None:
    empty = replace(config, database_url=f"sqlite://{tmp_path}/empty.db")
    async with open_database(empty), client_of(empty) as client:
        assert await problem(client) == ("MIGRATIONS_MISSING", [*schema_state.known()])


@on_postgres
async def test_a_database_that_cannot_be_reached_is_away(config: Settings) -> None:
    async with proxy_to(config) as (far, proxy), open_database(far), client_of(far) as client:
        assert await is_ready(client)
        proxy.disconnect()
        assert await problem(client) == ("DATABASE_AWAY", [])
        proxy.down = False
        assert await is_ready(client)


@on_postgres
async def test_a_database_that_does_not_answer_in_time_hangs(config: Settings) -> None:
    async with proxy_to(config) as (far, proxy), open_database(far), client_of(far) as client:
        assert await is_ready(client)
        proxy.hanging = True
        try:
            found = await asyncio.gather(*(problem(client) for _ in range(10)))
            assert found == [("DATABASE_HANGS", [])] * 10
        finally:
            proxy.hanging = False
        async with asyncio.timeout(30):
            while not await is_ready(client):  # noqa: ASYNC110 (the pool recovers in the background)
                await asyncio.sleep(0.05)


@pytest.mark.parametrize(
    ("error", "expected"),
    [
        (OSError("connection refused to postgres://sayso:hunter2@db"), "DATABASE_AWAY"),
        (asyncpg.TooManyConnectionsError("too many clients already"), "DATABASE_AWAY"),
        (asyncpg.ConnectionDoesNotExistError("closed in the middle"), "DATABASE_AWAY"),
        (asyncpg.InsufficientPrivilegeError("permission denied: hunter2"), "DATABASE_UNREADABLE"),
        (asyncpg.InvalidPasswordError("hunter2"), "DATABASE_UNREADABLE"),
    ],
)
@on_sqlite
async def test_an_error_is_not_taken_for_missing_migrations(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch, error: Exception, expected: str
) -> None:
    async def fail(*_: object) -> None:
        raise error

    monkeypatch.setattr(database, "fetch", fail)
    assert await problem(client) == (expected, [])
    assert "hunter2" not in (await client.get("/readyz")).text
    assert (await client.get("/healthz")).status_code == 200


@on_postgres
async def test_a_standby_is_read_only(config: Settings) -> None:
    async with postgres_read_only(config) as switch, client_of(config) as client:
        await switch.begin()
        assert await problem(client) == ("READ_ONLY", [])
        await switch.end()
        assert await is_ready(client)


@on_sqlite
async def test_a_file_without_write_permission_is_read_only(
    client: httpx.AsyncClient, db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    path, access = db.database_url.removeprefix("sqlite://"), os.access

    def denied(asked: Any, mode: int) -> bool:
        return str(asked) != path and access(asked, mode)

    monkeypatch.setattr(os, "access", denied)
    assert await problem(client) == ("READ_ONLY", [])


@on_sqlite
async def test_a_disk_without_room_is_full(
    client: httpx.AsyncClient, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(shutil, "disk_usage", lambda _path: SimpleNamespace(free=4096))
    assert await problem(client) == ("DISK_FULL", [])
