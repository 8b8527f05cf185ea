"""Whatever is killed, and whenever, each contact of a file is enrolled exactly once (R18)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from preference_center.config.settings import Settings
from preference_center.contacts.filter import ContactFilter, PropertyEquals
from preference_center.history import verification
from preference_center.imports import contacts as contact_imports
from preference_center.imports import upload as import_upload
from preference_center.operations import operations
from preference_center.operations.operations import FINISHED, OperationRow
from preference_center.rules.types import OperationState, Trigger
from preference_center.rules.workflows import Action, Counts, WhenPreference, Workflow
from preference_center.storage import database
from preference_center.storage.connection import open_database
from preference_center.workflows import definitions
from tests.durability.population import CONTACT_IMPORT, CRM, upload
from tests.durability.server import PATIENCE
from tests.durability.test_operations_killed import expire_leases
from tests.durability.workers import Worker
from tests.journeys.catalog import EMAIL, OFFERS, RECEIPTS
from tests.journeys.driver.installation import DATABASES, installation_on
from tests.journeys.values import IN

PEOPLE = {"postgres": 8_000, "sqlite": 8_000}
"""Contacts that match the first workflow. A tenth of them match the second, which the first triggers."""
ELSEWHERE = 500
"""Contacts that match neither."""
PART = 500
FEWEST_KILLS = 2
"""The number of kills that a run needs. On a fast machine a worker does much before it is killed."""
AT_ONCE = 2
MOST_CONTACTS_OF_A_WORKER = 2_000
"""The most contacts that are imported or enrolled before a worker is killed."""


@pytest.fixture(params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    monkeypatch.setattr(import_upload, "PART_SIZE", PART)
    with installation_on(request, tmp_path_factory.mktemp("installation"), asynchronous_commit=True) as made:
        made.data_dir.mkdir(parents=True)
        yield made


def test_a_file_full_of_contacts_is_enrolled_once_though_workers_are_killed(installation: Settings) -> None:
    async def play() -> int:
        async with open_database(installation):
            welcome = await definitions.create(
                name="Welcome",
                triggers=[Trigger.CONTACT_CREATED],
                filter=ContactFilter(property=PropertyEquals("country", "PL")),
                actions=[Action(EMAIL, (OFFERS.key,), IN, explanation="From the fair.")],
            )
            follow = await definitions.create(
                name="Follow",
                triggers=[Trigger.PREFERENCE_CHANGED],
                filter=ContactFilter(property=PropertyEquals("tenth", "yes")),
                when_preference=WhenPreference(OFFERS.key, EMAIL, IN),
                actions=[
                    Action(EMAIL, (RECEIPTS.key,), IN, CONTACT_IMPORT.legal_basis, "Follows the offers.")
                ],
            )
            people = PEOPLE[database.dialect()]
            operation = await _brought_in(people)
            kills = await run_until_finished(installation, operation)
            done = await operations.get(operation.id)
            assert done is not None
            assert (done.state, done.changed) == (OperationState.COMPLETED, people + ELSEWHERE)
            await assert_each_is_enrolled_once(welcome, people)
            await assert_each_is_enrolled_once(follow, people // 10)
            await assert_the_ledger_agrees(people + people // 10)
            return kills

    assert asyncio.run(play()) >= FEWEST_KILLS


async def _brought_in(people: int) -> OperationRow:
    rows = [f"dora-{n}@example.com,PL,{'no' if n % 10 else 'yes'}" for n in range(people)]
    rows += [f"elsa-{n}@example.com,SE,yes" for n in range(ELSEWHERE)]
    random.Random(5).shuffle(rows)
    return await contact_imports.receive(CONTACT_IMPORT, upload(["email,country,tenth", *rows]), CRM)


async def run_until_finished(installation: Settings, operation: OperationRow) -> int:
    """Run two workers until nothing is left, and kill one now and then. Returns the number of kills."""
    random_, kills = random.Random(11), 0
    workers: list[Worker] = []
    try:
        while await _waits(operation):
            workers += [Worker(installation) for _ in range(AT_ONCE - len(workers))]
            await _wait_for_progress(installation, operation, random_)
            victim = workers.pop(random_.randrange(len(workers)))
            victim.kill()
            victim.wait_until_ended()
            kills += 1
            await expire_leases()
    finally:
        for worker in workers:
            worker.kill()
            worker.wait_until_ended()
    return kills


async def _waits(operation: OperationRow) -> bool:
    row = await operations.get(operation.id)
    triggers = await database.fetch("SELECT 1 FROM workflow_triggers LIMIT 1")
    return row is None or row.state not in FINISHED or bool(triggers)


async def _done() -> int:
    rows = await database.fetch(
        "SELECT (SELECT SUM(processed) FROM operations) + (SELECT SUM(enrolled) FROM workflows) AS n"
    )
    return int(rows[0]["n"])


async def _wait_for_progress(installation: Settings, operation: OperationRow, random_: random.Random) -> None:
    """Wait until more is done than before, and a little longer."""
    enough = await _done() + random_.randint(1, MOST_CONTACTS_OF_A_WORKER)
    for _ in range(PATIENCE * 100):
        if await _done() >= enough or not await _waits(operation):
            await asyncio.sleep(random_.uniform(0, 0.05))
            return
        await asyncio.sleep(0.02)
    raise AssertionError((installation.data_dir / "worker.log").read_text()[-5_000:])


async def assert_each_is_enrolled_once(workflow: Workflow, people: int) -> None:
    [row] = await database.fetch(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT contact_id) AS people FROM enrolments"
        " WHERE workflow_id = $1 AND state = 'DONE' AND is_first",
        workflow.id,
    )
    assert (row["n"], row["people"]) == (people, people)
    [counted] = (await definitions.get_many([workflow.id])).values()
    assert counted.counts == Counts(enrolled=people, changed=people)


async def assert_the_ledger_agrees(enrolments: int) -> None:
    """There is one event for each enrolment, of the same contact and workflow, and no other."""
    [row] = await database.fetch(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT m.id) AS enrolments FROM consent_events e"
        " JOIN contacts c ON c.email_recipient_id = e.recipient_id"
        " JOIN enrolments m ON m.contact_id = c.id JOIN workflows w ON w.id = m.workflow_id"
        " WHERE w.name = e.actor AND e.origin = 'WORKFLOW'"
    )
    assert (row["n"], row["enrolments"]) == (enrolments, enrolments)
    assert (await database.fetch("SELECT COUNT(*) AS n FROM consent_events"))[0]["n"] == enrolments
    assert [line async for line in verification.verify()] == []
