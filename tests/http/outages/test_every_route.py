"""During an outage of the database every route answers 503 with Retry-After, and works again afterwards."""

from __future__ import annotations

import contextlib
import io
import json
import resource
import sqlite3
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import dataclass

import asyncpg
import httpx
import pytest
from starlette.routing import Route

from api.app import create_app
from preference_center.catalog.catalog import exact_catalog, invalidate_catalog
from preference_center.config.settings import Settings
from preference_center.storage import database, transactions
from preference_center.storage.connection import open_database
from preference_center.storage.drivers import sqlite_client
from tests.conftest import Brands
from tests.durability.proxy import proxy_to
from tests.http.log_lines import captured_logs
from tests.http.outages.every_route import Call, client_of, every_call

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
on_postgres = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
NO_DATABASE = {"/healthz", "/metrics", "/graphql/assets/{name}", "/"}
SAME_AS_ANOTHER = {f"/{kind}{end}" for kind in "ucfvs" for end in ("", "/{rest:path}")}


@dataclass(frozen=True)
class Switch:
    """Begins and ends an outage."""

    begin: Callable[[], Awaitable[object]]
    end: Callable[[], Awaitable[object]]


Outage = Callable[[Settings], AbstractAsyncContextManager[Switch]]


@contextlib.asynccontextmanager
async def connections_cut(config: Settings) -> AsyncIterator[Switch]:
    """PostgreSQL cannot be reached."""
    async with proxy_to(config) as (far, proxy), open_database(far):

        async def begin() -> None:
            proxy.disconnect()

        async def end() -> None:
            proxy.down = False

        yield Switch(begin, end)


@contextlib.asynccontextmanager
async def connections_refused(config: Settings) -> AsyncIterator[Switch]:
    """PostgreSQL ends all connections and accepts no new ones, as while it shuts down or starts."""
    async with _altered(config, "ALLOW_CONNECTIONS false", "ALLOW_CONNECTIONS true") as switch:
        yield switch


@contextlib.asynccontextmanager
async def postgres_read_only(config: Settings) -> AsyncIterator[Switch]:
    """PostgreSQL ends all connections, and new ones can only read, as on a standby."""
    read_only = "SET default_transaction_read_only = on"
    async with _altered(config, read_only, "RESET default_transaction_read_only") as switch:
        yield switch


@contextlib.asynccontextmanager
async def _altered(config: Settings, change: str, back: str) -> AsyncIterator[Switch]:
    server, _, name = config.database_url.rpartition("/")
    async with open_database(config):
        admin = await asyncpg.connect(f"{server}/postgres")

        async def alter(to: str) -> None:
            await admin.execute(f'ALTER DATABASE "{name}" {to}')
            await admin.execute(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE datname = $1", name
            )

        try:
            yield Switch(lambda: alter(change), lambda: alter(back))
        finally:
            await admin.execute(f'ALTER DATABASE "{name}" {back}')
            await admin.close()


@contextlib.asynccontextmanager
async def sqlite_read_only(config: Settings) -> AsyncIterator[Switch]:
    """SQLite may not write its file."""
    async with open_database(config):
        yield Switch(lambda: _query_only("ON"), lambda: _query_only("OFF"))


async def _query_only(value: str) -> None:
    await database.fetch(f"PRAGMA query_only = {value}")


@contextlib.asynccontextmanager
async def no_room(config: Settings) -> AsyncIterator[Switch]:
    """The operating system refuses every write to a file, as on a full disk."""
    before = resource.getrlimit(resource.RLIMIT_FSIZE)

    async def begin() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, before[1]))

    async def end() -> None:
        resource.setrlimit(resource.RLIMIT_FSIZE, before)

    async with open_database(config):
        try:
            yield Switch(begin, end)
        finally:
            await end()


@contextlib.asynccontextmanager
async def locked(config: Settings) -> AsyncIterator[Switch]:
    """Another process writes to the SQLite file all the time."""
    other = sqlite3.connect(config.database_url.removeprefix("sqlite://"), isolation_level=None)

    async def begin() -> None:
        other.execute("BEGIN IMMEDIATE")

    async def end() -> None:
        other.execute("ROLLBACK")

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(sqlite_client, "BUSY_SLICE_MS", 10)
        patch.setattr(sqlite_client, "WRITER_SECONDS", 0.02)
        patch.setattr(transactions, "_RETRY_SECONDS", 0)
        async with open_database(config):
            yield Switch(begin, end)
    other.close()


Responses = dict[Call, httpx.Response]


async def answers(client: httpx.AsyncClient, calls: list[Call]) -> Responses:
    found: Responses = {}
    for call in calls:
        invalidate_catalog()  # so that all of them need the database
        found[call] = await call.send(client)
    return found


async def play(config: Settings, brands: Brands, outage: Outage) -> Responses:
    """Send every call during the outage, and again after it. Returns the responses during the outage."""
    async with outage(config) as switch, client_of(config) as client:
        calls = await every_call(client, config, brands)
        await exact_catalog()
        with captured_logs() as log:
            await switch.begin()
            during = await answers(client, calls)
            await switch.end()
            after = await answers(client, calls)
    assert {call: response.status_code for call, response in after.items()} == {
        call: call.status for call in calls
    }
    for call, response in during.items():
        assert response.status_code in (503, call.status), (call, response.text)
        if response.status_code == 503:
            assert int(response.headers["retry-after"]) > 0, call
            assert response.headers["cache-control"] == "no-store", call
    assert_logged(log, sum(response.status_code == 503 for response in during.values()))
    return during


def assert_logged(log: io.StringIO, unavailable: int) -> None:
    """Each has one short line, without a traceback."""
    lines = [json.loads(line) for line in log.getvalue().splitlines()]
    assert [line["event"] for line in lines if "where" in line] == []
    assert [line["event"] for line in lines].count("database_unavailable") == unavailable


@on_postgres
@pytest.mark.parametrize("outage", [connections_cut, connections_refused])
async def test_every_route_is_unavailable_while_the_database_is_away(
    config: Settings, brands: Brands, outage: Outage
) -> None:
    during = await play(config, brands, outage)
    assert {call: response.status_code for call, response in during.items()} == dict.fromkeys(during, 503)


@pytest.mark.parametrize(
    ("database_url", "outage"),
    [
        ("postgres", postgres_read_only),
        ("sqlite", sqlite_read_only),
        ("sqlite", locked),
        ("sqlite", no_room),
    ],
    indirect=["database_url"],
)
async def test_reading_works_while_nothing_can_be_written(
    config: Settings, brands: Brands, outage: Outage
) -> None:
    during = await play(config, brands, outage)
    read = {call: response.status_code for call, response in during.items() if not call.writes}
    assert read == {call: call.status for call in read}
    written = [response.status_code for call, response in during.items() if call.writes]
    assert written == [503] * len(written)


@on_sqlite
async def test_every_route_that_needs_the_database_is_called(db: Settings, brands: Brands) -> None:
    async with client_of(db) as client:
        called = {call.route for call in await every_call(client, db, brands)}
    routes = {route.path.rstrip("/") or "/" for route in create_app(db).routes if isinstance(route, Route)}
    assert routes - NO_DATABASE - SAME_AS_ANOTHER - {"/readyz"} == called
