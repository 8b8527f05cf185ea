"""A database that goes away for a while ends nothing: the operation goes on, and does no part twice."""

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
from tests.durability import people
from tests.durability.server import PATIENCE
from tests.durability.weather import Cut, When, Wire, wire_to
from tests.journeys.installation import installation_on

PART = 50
OUTAGES = 8
"""More than an operation may fail in a row for faults of its own."""
MOMENT = 0.05


@pytest.fixture(autouse=True)
def _small_and_quick(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bulk_updates, "PART_SIZE", PART)
    monkeypatch.setattr(operation_runner, "_OUTAGE_RETRY_SECONDS", MOMENT)
    monkeypatch.setattr(worker, "POLL_SECONDS", MOMENT)


@pytest.fixture(params=["postgres"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with installation_on(request, tmp_path_factory.mktemp("installation"), asynchronous_commit=True) as made:
        yield made


@contextlib.asynccontextmanager
async def worker_on(made: Settings) -> AsyncIterator[OperationRow]:
    """A worker as in `sayso worker`, which goes on while the block runs, and a bulk update to do."""
    async with open_database(made):
        await people.settle_in()
        bulk = await people.bulk_opt_in()
        async with worker.in_background():
            yield bulk


async def _look(made: Settings, asked: OperationRow) -> tuple[str, int]:
    """State and position, seen from beside."""
    eye = await asyncpg.connect(made.database_url)
    try:
        row = await eye.fetchrow("SELECT state, position FROM operations WHERE id = $1", asked.id)
    finally:
        await eye.close()
    assert row is not None
    return row["state"], row["position"]


async def part_done(made: Settings, asked: OperationRow, after: int) -> int:
    """Wait until more parts are done; answers how many, or -1 where the operation is finished."""
    for _ in range(PATIENCE * 50):
        state, position = await _look(made, asked)
        if state not in ("QUEUED", "RUNNING"):
            return -1
        if position > after:
            return position
        await asyncio.sleep(0.02)
    raise AssertionError("the operation does not go on")


async def finish(made: Settings, asked: OperationRow) -> None:
    position = 0
    while position != -1:
        position = await part_done(made, asked, position)


def test_the_wire_is_cut_for_a_while_again_and_again(installation: Settings) -> None:
    async def play() -> None:
        async with wire_to(installation) as (wired, wire), worker_on(wired) as bulk:
            position = -1
            for _ in range(OUTAGES):
                position = await part_done(installation, bulk, position)
                wire.fall()
                await asyncio.sleep(4 * MOMENT)
                wire.down = False
            assert position > 0
            await finish(installation, bulk)
            await people.assert_done(bulk, people.OF_BULK)

    asyncio.run(play())


@pytest.mark.parametrize(
    ("word", "when"), [(b"BEGIN;", "before"), (b"COMMIT;", "before"), (b"COMMIT;", "after")]
)
def test_the_wire_is_cut_when_a_transaction_begins_or_ends(
    installation: Settings, word: bytes, when: When
) -> None:
    """After COMMIT nobody knows whether the part is done: the next look at the operation tells."""

    async def play() -> None:
        async with wire_to(installation) as (wired, wire), worker_on(wired) as bulk:
            await part_done(installation, bulk, -1)
            await cut(wire, Cut(word, when, OUTAGES))
            await finish(installation, bulk)
            await people.assert_done(bulk, people.OF_BULK)

    asyncio.run(play())


async def cut(wire: Wire, wanted: Cut) -> None:
    """Wait until all that is wanted is cut."""
    wire.cut = wanted
    for _ in range(PATIENCE * 50):
        if not wanted.times:
            return
        await asyncio.sleep(0.02)
    raise AssertionError("nobody says that word any more")


def test_the_database_throws_everybody_out_and_takes_nobody_in_for_a_while(installation: Settings) -> None:
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
                await asyncio.sleep(OUTAGES * 2 * MOMENT)
                await admin.execute(f'ALTER DATABASE "{name}" ALLOW_CONNECTIONS true')
            await admin.close()
            assert position > 0
            await finish(installation, bulk)
            await people.assert_done(bulk, people.OF_BULK)

    asyncio.run(play())


@pytest.mark.parametrize("installation", ["sqlite"], indirect=True)
def test_the_disk_is_full_for_a_while(installation: Settings) -> None:
    async def play() -> None:
        async with open_database(installation):
            await people.settle_in()
            bulk = await people.bulk_opt_in()
            pages = await database.fetch("PRAGMA page_count")
            await database.fetch(f"PRAGMA max_page_count = {pages[0]['page_count'] + 8}")
            running = asyncio.create_task(run_next(HANDLERS))
            await asyncio.sleep(OUTAGES * 2 * MOMENT)
            stuck = await operations.get(bulk.id)
            assert stuck is not None
            assert (stuck.state, stuck.attempts) == (OperationState.RUNNING, 0)
            await database.fetch("PRAGMA max_page_count = 1000000")
            await running
            while await run_next(HANDLERS):
                pass
            await people.assert_done(bulk, people.OF_BULK)

    asyncio.run(play())
