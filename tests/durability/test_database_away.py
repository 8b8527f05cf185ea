"""An outage of the database ends no operation: it continues, and does no part twice."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Iterator

import asyncpg
import pytest

from api import worker
from preference_center.config.settings import Settings
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations
from preference_center.operations import runner as operation_runner
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import OperationState
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.durability import population
from tests.durability.proxy import Cut, Proxy, When, proxy_to
from tests.durability.server import PATIENCE
from tests.journeys.driver.installation import installation_on

PART = 50
OUTAGES = 8
"""More than the failures in a row after which an operation fails."""
INSTANT = 0.05


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_updates, "PART_SIZE", PART)
    monkeypatch.setattr(operation_runner, "_OUTAGE_RETRY_SECONDS", INSTANT)
    monkeypatch.setattr(worker, "POLL_SECONDS", INSTANT)


@pytest.fixture(params=["postgres"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with installation_on(request, tmp_path_factory.mktemp("installation"), asynchronous_commit=True) as made:
        yield made


@contextlib.asynccontextmanager
async def worker_on(made: Settings) -> AsyncIterator[OperationRow]:
    """A worker as in `sayso worker` while the block runs, and a bulk update for it."""
    async with open_database(made):
        await population.create_contacts()
        bulk = await population.bulk_opt_in()
        async with worker.in_background():
            yield bulk


async def _state_and_position(made: Settings, operation: OperationRow) -> tuple[str, int]:
    """The state and position, over a connection of its own."""
    observer = await asyncpg.connect(made.database_url)
    try:
        row = await observer.fetchrow("SELECT state, position FROM operations WHERE id = $1", operation.id)
    finally:
        await observer.close()
    assert row is not None
    return row["state"], row["position"]


async def part_done(made: Settings, operation: OperationRow, after: int) -> int:
    """Wait until more parts are done. Returns how many, or -1 if the operation is finished."""
    for _ in range(PATIENCE * 50):
        state, position = await _state_and_position(made, operation)
        if state not in ("QUEUED", "RUNNING"):
            return -1
        if position > after:
            return position
        await asyncio.sleep(0.02)
    raise AssertionError("the operation does not continue")


async def finish(made: Settings, operation: OperationRow) -> None:
    position = 0
    while position != -1:
        position = await part_done(made, operation, position)


def test_connections_are_cut_for_a_while_again_and_again(installation: Settings) -> None:
    async def play() -> None:
        async with proxy_to(installation) as (proxied, proxy), worker_on(proxied) as bulk:
            position = -1
            for _ in range(OUTAGES):
                position = await part_done(installation, bulk, position)
                proxy.disconnect()
                await asyncio.sleep(4 * INSTANT)
                proxy.down = False
            assert position > 0
            await finish(installation, bulk)
            await population.assert_completed(bulk, population.BULK_EXPECTED)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("word", "when"), [(b"BEGIN;", "before"), (b"COMMIT;", "before"), (b"COMMIT;", "after")]
)
def test_a_connection_is_cut_when_a_transaction_begins_or_ends(
    installation: Settings, word: bytes, when: When
) -> None:
    """After COMMIT the worker does not know whether the part is done, and reads the operation again."""

    async def play() -> None:
        async with proxy_to(installation) as (proxied, proxy), worker_on(proxied) as bulk:
            await part_done(installation, bulk, -1)
            await cut(proxy, Cut(word, when, OUTAGES))
            await finish(installation, bulk)
            await population.assert_completed(bulk, population.BULK_EXPECTED)

    asyncio.run(play())


async def cut(proxy: Proxy, wanted: Cut) -> None:
    """Wait until the connection was cut as often as wanted."""
    proxy.cut = wanted
    for _ in range(PATIENCE * 50):
        if not wanted.times:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("the word was not sent any more")


def test_the_database_ends_all_connections_and_accepts_none_for_a_while(installation: Settings) -> None:
    name = installation.database_url.rpartition("/")[2]

    async def play() -> None:
        async with worker_on(installation) as bulk:
            admin = await asyncpg.connect(installation.database_url.rpartition("/")[0] + "/postgres")
            position = -1
            for _ in range(3):
                position = await part_done(installation, bulk, position)
                await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS false')
                await admin.execute(
                    "SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE datname = $1", name
                )
                await asyncio.sleep(OUTAGES * 2 * INSTANT)
                await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await admin.close()
            assert position > 0
            await finish(installation, bulk)
            await population.assert_completed(bulk, population.BULK_EXPECTED)

    asyncio.run(play())


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_disk_is_full_for_a_while(installation: Settings) -> None:
    async def play() -> None:
        async with open_database(installation):
            await population.create_contacts()
            bulk = await population.bulk_opt_in()
            pages = await database.fetch("PRAGMA page_count")
            await database.fetch(f"PRAGMA max_page_count = {pages[0]['page_count'] + 8}")
            running = asyncio.create_task(run_next(HANDLERS))
            await asyncio.sleep(OUTAGES * 2 * INSTANT)
            stuck = await operations.get(bulk.id)
            assert stuck is not None
            assert (stuck.state, stuck.attempts) == (OperationState.RUNNING, 0)
            await database.fetch("PRAGMA max_page_count = 1000000")
            await running
            while await run_next(HANDLERS):
                pass
            await population.assert_completed(bulk, population.BULK_EXPECTED)

    asyncio.run(play())
