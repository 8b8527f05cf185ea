"""No kind of work takes the connections of another, and every statement ends."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator
from dataclasses import replace

import pytest

from preference_center.config.settings import Settings
from preference_center.storage import database, shares
from preference_center.storage.connection import open_database
from preference_center.storage.outages import StatementTimeout, is_unavailable
from preference_center.storage.shares import Share
from preference_center.storage.transactions import transaction, write_transaction
from tests.use_cases.storage.endless import read_endlessly, running

PATIENCE = 20
INSTANT = 0.2
MANY = 22
_CHANGE = "UPDATE catalog_state SET version = version + 1 WHERE id = 1"


async def version() -> int:
    return int((await database.fetch("SELECT version FROM catalog_state WHERE id = 1"))[0]["version"])


@transaction
async def change() -> None:
    await database.execute(_CHANGE)


@pytest.fixture
async def impatient(config: Settings) -> AsyncIterator[Settings]:
    """An open database whose statements may take an instant."""
    async with open_database(replace(config, statement_timeout=INSTANT)):
        yield config


@contextlib.asynccontextmanager
async def busy(share: Share) -> AsyncIterator[list[asyncio.Task[None]]]:
    """Many slow reads of a share while the block runs."""
    with shares.using(share):
        slow = [asyncio.create_task(read_endlessly()) for _ in range(MANY)]
    await asyncio.sleep(INSTANT)
    try:
        yield slow
    finally:
        for task in slow:
            task.cancel()
        await asyncio.wait(slow)


@pytest.mark.parametrize("share", [share for share in Share if share is not Share.QUERIES])
async def test_slow_queries_hold_up_no_other_work(db: Settings, share: Share) -> None:
    before = await version()
    async with busy(Share.QUERIES), asyncio.timeout(PATIENCE):
        with shares.using(share):
            await change()
            assert await version() == before + 1


async def test_a_read_that_takes_too_long_is_stopped(impatient: Settings) -> None:
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StatementTimeout) as stopped:
            await read_endlessly()
        assert not is_unavailable(stopped.value)
        await version()


async def test_a_transaction_that_takes_too_long_changes_nothing(impatient: Settings) -> None:
    @transaction
    async def change_slowly() -> None:
        await database.execute(_CHANGE)
        await read_endlessly()

    before = await version()
    async with asyncio.timeout(PATIENCE):
        with pytest.raises(StatementTimeout):
            await change_slowly()
        assert await version() == before
        await change()


async def test_who_gets_no_connection_in_time_is_told_of_an_outage(impatient: Settings) -> None:
    """The first ones are stopped for their own slowness, or the next would find no connection."""
    async with asyncio.timeout(PATIENCE):
        outcomes = await asyncio.gather(*(read_endlessly() for _ in range(MANY)), return_exceptions=True)
    assert all(isinstance(each, StatementTimeout | TimeoutError) for each in outcomes), outcomes
    assert any(isinstance(each, TimeoutError) and is_unavailable(each) for each in outcomes)


@pytest.mark.parametrize("in_transaction", [False, True])
async def test_the_statement_of_a_cancelled_task_stops(db: Settings, in_transaction: bool) -> None:
    """What the task held is free for the next one."""

    async def read() -> None:
        async with write_transaction() if in_transaction else contextlib.nullcontext():
            await read_endlessly()

    for _ in range(MANY):
        with pytest.raises(TimeoutError):
            async with asyncio.timeout(0.01):
                await read()
    async with asyncio.timeout(PATIENCE):
        await change()
        await version()
        while database.dialect() == "postgres" and await running():  # noqa: ASYNC110 (on the server)
            await asyncio.sleep(0.05)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_statements_are_not_compiled_and_wait_for_no_lock_for_ever(db: Settings) -> None:
    names = ["jit", "statement_timeout", "lock_timeout"]
    found = {}
    for share in Share:
        with shares.using(share):
            rows = await database.fetch(
                "SELECT name, setting FROM pg_settings WHERE name = ANY($1) ORDER BY name", names
            )
        found[share] = [row["setting"] for row in rows]
    assert found == {
        Share.RECIPIENTS: ["off", "10000", "10000"],
        Share.CHANGES: ["off", "10000", "10000"],
        Share.QUERIES: ["off", "10000", "10000"],
        Share.JOBS: ["off", "60000", "3600000"],
        Share.MIGRATIONS: ["off", "0", "0"],
    }


@pytest.mark.parametrize("connections", [1, 4, 20, 100])
def test_the_shares_of_a_process_divide_its_connections(connections: int) -> None:
    found = shares.limits(connections, 10)
    divided = [found[share].connections for share in Share if share is not Share.MIGRATIONS]
    assert min(divided) >= 1
    assert sum(divided) <= max(connections, len(divided))
