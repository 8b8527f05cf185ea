"""Whatever is killed, and whenever: everybody whom a file brings is enrolled exactly once (R18)."""

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
from tests.durability.people import CRM, GROUNDS, upload
from tests.durability.server import PATIENCE
from tests.durability.test_operations_killed import a_lease_passes
from tests.durability.workers import Worker
from tests.journeys.catalog import EMAIL, OFFERS, RECEIPTS
from tests.journeys.installation import DATABASES, installation_on
from tests.journeys.model import IN

PEOPLE = {"postgres": 8_000, "sqlite": 4_000}
"""Who matches the first workflow; every tenth of them matches the second, which the first sets off."""
ELSEWHERE = 500
"""Who matches neither."""
PART = 500
ENOUGH = 2
"""How many deaths there should be at least; a quick machine gets far in a life."""
AT_ONCE = 2
LIFE = 2_000
"""How many contacts are imported or enrolled while a worker lives, at most."""


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
                actions=[Action(EMAIL, (RECEIPTS.key,), IN, GROUNDS.legal_basis, "Follows the offers.")],
            )
            people = PEOPLE[database.dialect()]
            asked = await _brought_in(people)
            deaths = await keep_up(installation, asked)
            done = await operations.get(asked.id)
            assert done is not None
            assert (done.state, done.changed) == (OperationState.COMPLETED, people + ELSEWHERE)
            await assert_each_is_enrolled_once(welcome, people)
            await assert_each_is_enrolled_once(follow, people // 10)
            await assert_the_ledger_agrees(people + people // 10)
            return deaths

    assert asyncio.run(play()) >= ENOUGH


async def _brought_in(people: int) -> OperationRow:
    rows = [f"dora-{n}@example.com,PL,{'no' if n % 10 else 'yes'}" for n in range(people)]
    rows += [f"elsa-{n}@example.com,SE,yes" for n in range(ELSEWHERE)]
    random.Random(5).shuffle(rows)
    return await contact_imports.receive(GROUNDS, upload(["email,country,tenth", *rows]), CRM)


async def keep_up(installation: Settings, asked: OperationRow) -> int:
    """Two are at work until nothing waits; now and then one dies. Answers how many deaths there were."""
    chance, deaths = random.Random(11), 0
    crew: list[Worker] = []
    try:
        while await _waits(asked):
            crew += [Worker(installation) for _ in range(AT_ONCE - len(crew))]
            await _moment(installation, asked, chance)
            victim = crew.pop(chance.randrange(len(crew)))
            victim.kill()
            victim.bury()
            deaths += 1
            await a_lease_passes()
    finally:
        for survivor in crew:
            survivor.kill()
            survivor.bury()
    return deaths


async def _waits(asked: OperationRow) -> bool:
    row = await operations.get(asked.id)
    triggers = await database.fetch("SELECT 1 FROM workflow_triggers LIMIT 1")
    return row is None or row.state not in FINISHED or bool(triggers)


async def _done() -> int:
    rows = await database.fetch(
        "SELECT (SELECT SUM(processed) FROM operations) + (SELECT SUM(enrolled) FROM workflows) AS n"
    )
    return int(rows[0]["n"])


async def _moment(installation: Settings, asked: OperationRow, chance: random.Random) -> None:
    """Wait until more is done than before, and a little."""
    enough = await _done() + chance.randint(1, LIFE)
    for _ in range(PATIENCE * 100):
        if await _done() >= enough or not await _waits(asked):
            await asyncio.sleep(chance.uniform(0, 0.05))
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
    """One event for each enrolment, about the same person and by the same workflow; and no other."""
    [row] = await database.fetch(
        "SELECT COUNT(*) AS n, COUNT(DISTINCT m.id) AS enrolments FROM consent_events e"
        " JOIN contacts c ON c.email_recipient_id = e.recipient_id"
        " JOIN enrolments m ON m.contact_id = c.id JOIN workflows w ON w.id = m.workflow_id"
        " WHERE w.name = e.actor AND e.origin = 'WORKFLOW'"
    )
    assert (row["n"], row["enrolments"]) == (enrolments, enrolments)
    assert (await database.fetch("SELECT COUNT(*) AS n FROM consent_events"))[0]["n"] == enrolments
    assert [line async for line in verification.verify()] == []
