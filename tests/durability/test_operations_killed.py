"""Whatever is killed, and whenever, an operation does each of its parts once and completes (R18)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Callable, Iterator, Sequence
from datetime import timedelta

import pytest

from preference_center.config.settings import Settings
from preference_center.imports import upload
from preference_center.jobs import HANDLERS
from preference_center.operations import operations, reversals
from preference_center.operations.leases import LEASE
from preference_center.operations.operations import FINISHED, OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import OperationState
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.durability import population
from tests.durability.population import CRM
from tests.durability.server import PATIENCE, verified
from tests.durability.workers import BackgroundProcess, Worker, part_size, start_process
from tests.journeys.catalog import INSIDERS
from tests.journeys.driver.installation import DATABASES, installation_on

FEWEST_KILLS = 30
"""The number of kills that a run on each database needs."""
MOST_KILLS = 1_000
MOST_PARTS_OF_A_WORKER = 12
AT_ONCE = 2


@pytest.fixture(params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Settings]:
    with installation_on(request, tmp_path_factory.mktemp("installation")) as made:
        made.data_dir.mkdir(parents=True)
        yield made


def test_operations_whose_workers_and_servers_are_killed_again_and_again(
    installation: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", part_size(installation))

    async def play() -> int:
        async with open_database(installation):
            await population.create_contacts()
            dry_run = await population.bulk_opt_in(INSIDERS, dry_run=True)
            bulk, out = await population.bulk_opt_in(), await population.import_opt_out_list()
            kill_loop = KillLoop(installation)
            await kill_loop.run_until_finished(dry_run, bulk, out)
            undone = await reversals.enqueue(bulk.id, "It was the wrong list.", CRM)
            new = await population.import_new_contacts()
            await kill_loop.run_until_finished(undone, new)
            await population.assert_completed(dry_run, population.DRY_RUN_EXPECTED)
            await population.assert_completed(bulk, population.BULK_EXPECTED)
            await population.assert_completed(out, population.OPT_OUT_LIST_EXPECTED)
            await population.assert_completed(new, population.NEW_CONTACTS_EXPECTED)
            await population.assert_completed(undone, population.REVERSAL_EXPECTED)
            return kill_loop.kills

    assert asyncio.run(play()) >= FEWEST_KILLS
    result = verified(installation)
    assert result.returncode == 0, result.stdout


def test_a_worker_that_is_asked_to_stop_leaves_its_operation_to_the_next_at_once(
    installation: Settings,
) -> None:
    async def play() -> None:
        async with open_database(installation):
            await population.create_contacts()
            bulk = await population.bulk_opt_in()
            first = Worker(installation)
            await until(lambda row: row.position >= 3, bulk)
            assert first.stop() == 0
            left = await operations.get(bulk.id)
            assert left is not None
            assert left.state is OperationState.RUNNING
            second = Worker(installation)
            await until(lambda row: row.position > left.position, bulk)  # nobody waits for a lease here
            assert second.stop() == 0
            while await run_next(HANDLERS):
                pass
            await population.assert_completed(bulk, population.BULK_EXPECTED)

    asyncio.run(asyncio.wait_for(play(), PATIENCE / 2))


async def until(reached: Callable[[OperationRow], bool], operation: OperationRow) -> None:
    """Wait until an operation has reached a state."""
    for _ in range(PATIENCE * 100):
        row = await operations.get(operation.id)
        if row is not None and reached(row):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the operation does not continue")


class KillLoop:
    """Runs two processes; at random times one is killed, mostly the older, and another is started."""

    def __init__(self, made: Settings) -> None:
        self.made = made
        self.kills = 0
        self._random = random.Random(3)
        self._started = 0

    async def run_until_finished(self, *operation: OperationRow) -> None:
        """Continue until the operations are finished."""
        workers: list[BackgroundProcess] = []
        try:
            while await self._unfinished(operation):
                while len(workers) < AT_ONCE:
                    workers.append(start_process(self.made, self._started))
                    self._started += 1
                await self._wait_for_progress(operation)
                self._kill(workers.pop(self._random.random() > 0.7))
                await expire_leases()
                assert self.kills < MOST_KILLS
        finally:
            for worker in workers:
                self._kill(worker)

    async def _wait_for_progress(self, operation: Sequence[OperationRow]) -> None:
        """Wait, mostly until parts are done, at times until before the first is."""
        if self._random.random() < 0.8:
            enough = await self._done_of(operation) + self._random.randint(1, MOST_PARTS_OF_A_WORKER)
            for _ in range(PATIENCE * 200):
                if await self._done_of(operation) >= enough or not await self._unfinished(operation):
                    break
                await asyncio.sleep(0.005)
            else:
                raise AssertionError((self.made.data_dir / "worker.log").read_text()[-5_000:])
        await asyncio.sleep(self._random.uniform(0, 0.02))

    def _kill(self, victim: BackgroundProcess) -> None:
        victim.kill()
        victim.wait_until_ended()
        self.kills += 1

    @staticmethod
    async def _unfinished(operation: Sequence[OperationRow]) -> bool:
        rows = await operations.get_many([one.id for one in operation])
        return any(row.state not in FINISHED for row in rows.values())

    @staticmethod
    async def _done_of(operation: Sequence[OperationRow]) -> int:
        rows = await operations.get_many([one.id for one in operation])
        return sum(row.position for row in rows.values())


async def expire_leases() -> None:
    """Expire all leases: those of killed processes, and those of the others."""
    rows = await database.fetch("SELECT id, lease_until FROM operations WHERE lease_until IS NOT NULL")
    for row in rows:
        before = database.instant(row["lease_until"]) - LEASE - timedelta(seconds=1)
        await database.execute(
            "UPDATE operations SET lease_until = $2 WHERE id = $1 AND lease_until IS NOT NULL",
            row["id"],
            before,
        )
