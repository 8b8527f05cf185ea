"""Whatever is killed, and whenever: an operation does each of its parts once, and comes to its end (R18)."""

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
from tests.durability import people
from tests.durability.people import CRM
from tests.durability.server import PATIENCE, verified
from tests.durability.workers import Mortal, Worker, part_for, someone_who_works
from tests.journeys.catalog import INSIDERS
from tests.journeys.installation import DATABASES, installation_on

ENOUGH = 30
"""How many deaths there should be at least, on each database."""
TOO_MANY = 1_000
PARTS_OF_A_LIFE = 12
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
    monkeypatch.setattr(upload, "PART_SIZE", part_for(installation))

    async def play() -> int:
        async with open_database(installation):
            await people.settle_in()
            rehearsal = await people.bulk_opt_in(INSIDERS, dry_run=True)
            bulk, out = await people.bulk_opt_in(), await people.opt_out_list()
            fire = Fire(installation)
            await fire.keep_up(rehearsal, bulk, out)
            undone = await reversals.enqueue(bulk.id, "It was the wrong list.", CRM)
            new = await people.newcomers()
            await fire.keep_up(undone, new)
            await people.assert_done(rehearsal, people.OF_REHEARSAL)
            await people.assert_done(bulk, people.OF_BULK)
            await people.assert_done(out, people.OF_LIST)
            await people.assert_done(new, people.OF_NEWCOMERS)
            await people.assert_done(undone, people.OF_REVERSAL)
            return fire.deaths

    assert asyncio.run(play()) >= ENOUGH
    result = verified(installation)
    assert result.returncode == 0, result.stdout


def test_a_worker_that_is_asked_to_stop_leaves_its_operation_to_the_next_at_once(
    installation: Settings,
) -> None:
    async def play() -> None:
        async with open_database(installation):
            await people.settle_in()
            bulk = await people.bulk_opt_in()
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
            await people.assert_done(bulk, people.OF_BULK)

    asyncio.run(asyncio.wait_for(play(), PATIENCE / 2))


async def until(reached: Callable[[OperationRow], bool], asked: OperationRow) -> None:
    """Look at an operation until it is there."""
    for _ in range(PATIENCE * 100):
        row = await operations.get(asked.id)
        if row is not None and reached(row):
            return
        await asyncio.sleep(0.01)
    raise AssertionError("the operation does not go on")


class Fire:
    """Two are at work; at a moment of chance one, mostly the older, is killed and another takes its place."""

    def __init__(self, made: Settings) -> None:
        self.made = made
        self.deaths = 0
        self._chance = random.Random(3)
        self._hired = 0

    async def keep_up(self, *asked: OperationRow) -> None:
        """Go on until the operations are at their ends."""
        crew: list[Mortal] = []
        try:
            while await self._unfinished(asked):
                while len(crew) < AT_ONCE:
                    crew.append(someone_who_works(self.made, self._hired))
                    self._hired += 1
                await self._moment(asked)
                self._kill(crew.pop(self._chance.random() > 0.7))
                await a_lease_passes()
                assert self.deaths < TOO_MANY
        finally:
            for survivor in crew:
                self._kill(survivor)

    async def _moment(self, asked: Sequence[OperationRow]) -> None:
        """Mostly while something is done, at times before anything is."""
        if self._chance.random() < 0.8:
            enough = await self._done_of(asked) + self._chance.randint(1, PARTS_OF_A_LIFE)
            for _ in range(PATIENCE * 200):
                if await self._done_of(asked) >= enough or not await self._unfinished(asked):
                    break
                await asyncio.sleep(0.005)
            else:
                raise AssertionError((self.made.data_dir / "worker.log").read_text()[-5_000:])
        await asyncio.sleep(self._chance.uniform(0, 0.02))

    def _kill(self, victim: Mortal) -> None:
        victim.kill()
        victim.bury()
        self.deaths += 1

    @staticmethod
    async def _unfinished(asked: Sequence[OperationRow]) -> bool:
        rows = await operations.get_many([one.id for one in asked])
        return any(row.state not in FINISHED for row in rows.values())

    @staticmethod
    async def _done_of(asked: Sequence[OperationRow]) -> int:
        rows = await operations.get_many([one.id for one in asked])
        return sum(row.position for row in rows.values())


async def a_lease_passes() -> None:
    """What the dead had may be taken over now, and also what another still has."""
    rows = await database.fetch("SELECT id, lease_until FROM operations WHERE lease_until IS NOT NULL")
    for row in rows:
        before = database.instant(row["lease_until"]) - LEASE - timedelta(seconds=1)
        await database.execute(
            "UPDATE operations SET lease_until = $2 WHERE id = $1 AND lease_until IS NOT NULL",
            row["id"],
            before,
        )
