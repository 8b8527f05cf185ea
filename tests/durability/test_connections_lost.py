"""A dead connection is replaced without an error; a database that hangs is an outage after a limited time."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import asyncpg
import pytest

from preference_center.config.settings import Settings
from preference_center.storage import database
from preference_center.storage.connection import open_database
from preference_center.storage.drivers import asyncpg_pools, asyncpg_server
from preference_center.storage.outages import is_unavailable
from preference_center.storage.transactions import transaction
from preference_center.tables.catalog import CatalogState
from tests.durability.proxy import Cut, Proxy, proxy_to

pytestmark = pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
PATIENCE = 20
INSTANT = 0.2


async def version() -> int:
    return int((await database.fetch("SELECT version FROM catalog_state WHERE id = 1"))[0]["version"])


async def version_by_tortoise() -> int:
    rows = await CatalogState.filter(id=1).values("version")
    return int(rows[0]["version"])


@transaction
async def change() -> int:
    await database.execute("UPDATE catalog_state SET version = version + 1 WHERE id = 1")
    return await version()


@contextlib.asynccontextmanager
async def opened_through_proxy(config: Settings) -> AsyncIterator[Proxy]:
    async with proxy_to(config) as (proxied, proxy), open_database(proxied):
        yield proxy


@pytest.mark.parametrize("read", [version, version_by_tortoise])
async def test_a_read_on_dead_connections_succeeds(config: Settings, read: object) -> None:
    assert callable(read)
    async with opened_through_proxy(config) as proxy:
        before = await asyncio.gather(*(read() for _ in range(4)))
        proxy.disconnect()
        proxy.down = False
        assert await asyncio.gather(*(read() for _ in range(4))) == before


@pytest.mark.parametrize("read", [version, version_by_tortoise])
async def test_connections_that_the_server_has_ended_are_replaced(config: Settings, read: object) -> None:
    assert callable(read)
    admin = await asyncpg.connect(config.database_url)
    async with open_database(config):
        for _ in range(5):
            before = max(await asyncio.gather(*(read() for _ in range(4))))
            await admin.execute(
                "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
                " WHERE datname = current_database() AND pid <> pg_backend_pid()"
            )
            assert await read() == before
            assert sorted(await asyncio.gather(change(), change())) == [before + 1, before + 2]
    await admin.close()


@pytest.mark.parametrize("word", [b"BEGIN;", b"UPDATE catalog_state"])
async def test_a_transaction_whose_connection_is_lost_before_the_commit_runs_again_once(
    config: Settings, word: bytes
) -> None:
    async with opened_through_proxy(config) as proxy:
        before = await change()
        proxy.cut = Cut(word, "before", 1)
        assert await change() == before + 1
        assert proxy.cut.times == 0
        assert await version() == before + 1


@pytest.mark.parametrize("when", ["before", "after"])
async def test_a_transaction_whose_connection_is_lost_at_the_commit_does_not_run_again(
    config: Settings, when: str
) -> None:
    async with opened_through_proxy(config) as proxy:
        before = await change()
        proxy.cut = Cut(b"COMMIT;", "after" if when == "after" else "before", 1)
        with pytest.raises(Exception) as lost:
            await change()
        assert is_unavailable(lost.value)
        assert await version() == before + (when == "after")


async def test_a_database_that_stays_away_is_asked_twice_at_most(config: Settings) -> None:
    async with opened_through_proxy(config) as proxy:
        await version()
        proxy.disconnect()
        for act in (version, version_by_tortoise, change):
            with pytest.raises(Exception) as away:
                await act()
            assert is_unavailable(away.value)


@pytest.fixture
def impatient(config: Settings, monkeypatch: pytest.MonkeyPatch) -> Settings:
    """Settings with which nothing may take longer than an instant."""
    monkeypatch.setattr(asyncpg_server, "_GRACE_SECONDS", INSTANT)
    monkeypatch.setattr(asyncpg_server, "CONNECT_SECONDS", INSTANT)
    monkeypatch.setattr(asyncpg_pools, "_END_SECONDS", INSTANT)
    monkeypatch.setattr(asyncpg_pools, "_CLOSE_SECONDS", INSTANT)
    return replace(config, statement_timeout=INSTANT)


@pytest.mark.parametrize("connected", [True, False])
async def test_a_database_that_hangs_is_an_outage_after_a_limited_time(
    impatient: Settings, connected: bool
) -> None:
    async with (
        opened_through_proxy(impatient) as proxy,
        asyncio.timeout(PATIENCE),
    ):
        if connected:
            await asyncio.gather(*(version() for _ in range(4)))
        proxy.hanging = True
        acts = [version(), version(), version_by_tortoise(), change(), change()]
        outcomes = await asyncio.gather(*acts, return_exceptions=True)
        assert all(isinstance(each, Exception) and is_unavailable(each) for each in outcomes), outcomes
        proxy.hanging = False
        assert await change() == await version()


async def test_a_database_that_hangs_in_a_transaction_holds_up_nobody(impatient: Settings) -> None:
    async with (
        opened_through_proxy(impatient) as proxy,
        asyncio.timeout(PATIENCE),
    ):

        @transaction
        async def interrupted() -> None:
            proxy.hanging = True
            await change()

        before = await change()
        with pytest.raises(TimeoutError):
            await interrupted()
        proxy.hanging = False
        assert await change() == before + 1


async def test_a_database_that_hangs_does_not_hold_a_cancelled_task(impatient: Settings) -> None:
    async with opened_through_proxy(impatient) as proxy, asyncio.timeout(PATIENCE):
        before = await change()
        proxy.hanging = True
        acts = [asyncio.create_task(act()) for act in (version, version_by_tortoise, change)]
        await asyncio.sleep(INSTANT)
        for task in acts:
            task.cancel()
        await asyncio.wait(acts)
        assert all(task.cancelled() for task in acts)
        proxy.hanging = False
        assert await change() == before + 1
