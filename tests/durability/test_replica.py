"""A read replica answers lists and exports; one that lags or is away never gives a wrong eligibility."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import httpx
import pytest
from graphql import OperationDefinitionNode, parse
from structlog.testing import capture_logs

from api.app import create_app
from api.graphql.freshness import may_lag
from preference_center.access.tokens import create_token
from preference_center.catalog.catalog import invalidate_catalog
from preference_center.catalog.changes import archive_type
from preference_center.config import settings
from preference_center.contacts import contacts
from preference_center.storage import migration
from preference_center.storage.connection import connection, open_database
from preference_center.storage.drivers import replica
from preference_center.storage.drivers.replica import Replica
from tests.conftest import PUBLIC_URL, create_brands, settings_for
from tests.durability.standby import Cluster, primary_and_standby

LIST = "{ contacts(first: 100) { nodes { email } } }"
FRESH_LIST = (
    "{ contacts(first: 100) { nodes { email preferences(channel: EMAIL) { eligibility { allowed } } } } }"
)
ONE = '{ contact(by: {email: "zoe@example.com"}) { email } }'
ELIGIBILITY = (
    '{ eligibility(subscriptionType: "letters", channel: EMAIL, addresses: ["zoe@example.com"])'
    " { eligibility { reason } } }"
)
_DATABASE = "sayso"


@pytest.fixture(scope="module")
def pair(tmp_path_factory: pytest.TempPathFactory) -> Iterator[tuple[Cluster, Cluster]]:
    """A primary with a migrated database with the two brands, and its standby."""
    with primary_and_standby(tmp_path_factory) as (primary, standby):
        asyncio.run(_prepare(primary, tmp_path_factory.mktemp("data")))
        yield primary, standby


async def _prepare(primary: Cluster, data_dir: Path) -> None:
    admin = await asyncpg.connect(primary.url("postgres"))
    await admin.execute(f"CREATE DATABASE {_DATABASE}")
    await admin.close()
    before, config = settings._current, settings_for(primary.url(_DATABASE), data_dir)
    settings.use(config)
    invalidate_catalog()
    async with open_database(config):
        await migration.migrate(config)
        await create_brands()
    settings._current = before
    invalidate_catalog()


class World:
    """An application with a replica, and the standby that it reads from."""

    def __init__(self, http: httpx.AsyncClient, standby: Cluster) -> None:
        self.http, self.standby = http, standby

    @property
    def replica(self) -> Replica:
        found: Any = connection()
        assert isinstance(found.replica, Replica)
        return found.replica

    async def until_used(self, used: bool) -> None:
        for _ in range(400):
            if self.replica.is_usable is used:
                return
            await asyncio.sleep(0.05)
        raise AssertionError(f"the replica is {'not ' if used else ''}used")

    async def on_standby(self, sql: str) -> Any:
        server = await asyncpg.connect(self.standby.url(_DATABASE))
        try:
            return await server.fetchval(sql)
        finally:
            await server.close()

    async def ask(self, query: str) -> Any:
        answer = (await self.http.post("/graphql", json={"query": query})).json()
        assert "errors" not in answer, answer
        return answer["data"]

    async def listed(self, query: str = LIST) -> set[str]:
        return {node["email"] for node in (await self.ask(query))["contacts"]["nodes"]}

    async def reason(self) -> str | None:
        return str((await self.ask(ELIGIBILITY))["eligibility"][0]["eligibility"]["reason"])

    async def streamed_reason(self) -> str:
        path = "/eligibility?subscription_type=letters&channel=EMAIL"
        headers = {"Content-Type": "text/plain"}
        answer = await self.http.post(path, content=b"zoe@example.com", headers=headers)
        return str(answer.json()["reason"])


@pytest.fixture
async def world(
    pair: tuple[Cluster, Cluster], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> AsyncIterator[World]:
    primary, standby = pair
    monkeypatch.setattr(replica, "_CHECK_SECONDS", 0.1)
    monkeypatch.setattr(replica, "MAX_LAG_SECONDS", 60.0)
    config = replace(settings_for(primary.url(_DATABASE), tmp_path), database_read_url=standby.url(_DATABASE))
    before = settings._current
    settings.use(config)
    invalidate_catalog()
    async with open_database(config):
        token = await create_token(f"reader {tmp_path.name}", ["admin"])
        async with httpx.AsyncClient(
            transport=httpx.ASGITransport(create_app(config)),
            base_url=PUBLIC_URL,
            headers={"Authorization": f"Bearer {token}"},
        ) as client:
            made = World(client, standby)
            await made.until_used(True)
            yield made
    settings._current = before
    invalidate_catalog()


async def test_a_replica_that_lags_answers_lists_for_a_while_and_nothing_that_must_be_fresh(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert "zoe@example.com" not in await world.listed()
    await world.on_standby("SELECT pg_wal_replay_pause()")
    try:
        await contacts.create(email="zoe@example.com")
        await archive_type("letters")

        assert "zoe@example.com" not in await world.listed(), "the standby answers lists"
        assert "zoe@example.com" not in (await world.http.get("/exports/contacts")).text, "and exports"
        assert "zoe@example.com" in await world.listed(FRESH_LIST)
        assert (await world.ask(ONE))["contact"]["email"] == "zoe@example.com"
        assert await world.reason() == await world.streamed_reason() == "TYPE_UNAVAILABLE"

        with capture_logs() as logs:
            monkeypatch.setattr(replica, "MAX_LAG_SECONDS", 0.3)
            await world.until_used(False)
        assert [(line["event"], line["reason"]) for line in logs] == [("replica_away", "lags")]
        assert "zoe@example.com" in await world.listed(), "the primary answers"
        assert "zoe@example.com" in (await world.http.get("/exports/contacts")).text
        assert "sayso_replica_used 0.0" in (await world.http.get("/metrics")).text
    finally:
        await world.on_standby("SELECT pg_wal_replay_resume()")
    await world.until_used(True)
    assert "zoe@example.com" in await world.listed()
    assert "sayso_replica_used 1.0" in (await world.http.get("/metrics")).text


async def test_while_the_replica_is_away_the_primary_answers_and_nothing_fails(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(replica, "_CHECK_SECONDS", 3600.0)
    await asyncio.sleep(0.3)  # the last of the quick checks
    await contacts.create(email="ann@example.com")
    assert await world.on_standby("SELECT pg_is_in_recovery()")
    await asyncio.to_thread(world.standby.stop)
    try:
        assert world.replica.is_usable, "nobody has noticed"
        assert "ann@example.com" in await world.listed(), "the first request after it has gone"
        assert not world.replica.is_usable
        assert "ann@example.com" in (await world.http.get("/exports/contacts")).text
    finally:
        await asyncio.to_thread(world.standby.start)
    await world.replica._check()
    assert world.replica.is_usable
    assert "ann@example.com" in await world.listed()


async def test_a_server_that_is_no_standby_is_not_used(pair: tuple[Cluster, Cluster], tmp_path: Path) -> None:
    url = pair[0].url(_DATABASE)
    config = replace(settings_for(url, tmp_path), database_read_url=url)
    with capture_logs() as logs:
        async with open_database(config):
            found: Any = connection()
            assert not found.replica.is_usable
    assert logs == []


@pytest.mark.parametrize(
    ("query", "allowed"),
    [
        (LIST, True),
        ("{ a: contacts { totalCount } preferenceCounts { count } __typename }", True),
        ("query Q { ...R } fragment R on Query { consentEvents { nodes { id } } }", True),
        (FRESH_LIST, False),
        ("{ contacts { nodes { ...C } } } fragment C on Contact { callPermission { allowed } }", False),
        ("{ contacts { nodes { preferences { ... on Preference { e: actions { name } } } } } }", False),
        (ONE, False),
        (ELIGIBILITY, False),
        ("{ contacts { totalCount } viewer { name } }", False),
        ("mutation { contacts: updateContact { contact { id } } }", False),
        ("query Q { ...R } fragment R on Query { contact(by: {}) { id } }", False),
    ],
)
def test_only_lists_and_statistics_may_be_some_seconds_old(query: str, allowed: bool) -> None:
    document = parse(query)
    [operation] = [each for each in document.definitions if isinstance(each, OperationDefinitionNode)]
    assert may_lag(document, operation) is allowed
