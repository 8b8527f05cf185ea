"""Workflows run while people opt out, teams edit and workers race: each contact is enrolled once (R10)."""

from __future__ import annotations

import asyncio
import random
from collections.abc import Iterator

import pytest

from preference_center.catalog.changes import update_unit
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.history import verification
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.recipients import recipients
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import ConsentOrigin, Maker, Trigger
from preference_center.rules.workflows import Action, WhenPreference, Workflow
from preference_center.storage import database, transactions
from preference_center.workflows import definitions, manual_enrolment
from preference_center.workflows import runner as workflow_runner
from tests.concurrency.clients import held, on, perform
from tests.concurrency.orders import Act
from tests.durability.population import CRM
from tests.journeys.catalog import EMAIL, OFFERS, RECEIPTS
from tests.journeys.driver.installation import DATABASES, installation_on
from tests.journeys.values import IN, OUT, ChangeRequest

PEOPLE = [f"dora-{number}@example.com" for number in range(150)]
LEAVING = random.Random(7).sample(PEOPLE, 60)


@pytest.fixture(params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    monkeypatch.setattr(workflow_runner, "BATCH", 10)
    monkeypatch.setattr(manual_enrolment, "PART_SIZE", 10)
    with installation_on(request, tmp_path_factory.mktemp("installation"), asynchronous_commit=True) as made:
        yield made


async def welcome(*triggers: Trigger, name: str = "Welcome", reenroll: bool = False) -> Workflow:
    action = Action(EMAIL, (OFFERS.key,), IN)
    return await definitions.create(name=name, triggers=triggers, actions=[action], reenroll=reenroll)


async def arrive() -> None:
    for address in PEOPLE:
        await contacts.create(email=address)


async def run() -> None:
    """Run stored triggers like one of several workers, until there are none."""
    while await database.fetch("SELECT 1 FROM workflow_triggers LIMIT 1"):
        await workflow_runner.run_due()
        await asyncio.sleep(0)


async def enrol(workflow: Workflow) -> None:
    await manual_enrolment.enqueue(workflow.id, ContactFilter(), CRM)
    while await run_next(HANDLERS):
        pass


async def leave(addresses: list[str]) -> None:
    for address in addresses:
        await perform(Act(address, EMAIL, OFFERS, ChangeRequest(OUT, ConsentOrigin.ONE_CLICK)))


async def assert_every_contact_is_enrolled_once(workflow: Workflow) -> None:
    rows = await database.fetch(
        "SELECT c.email, COUNT(*) AS n FROM enrolments e JOIN contacts c ON c.id = e.contact_id"
        " WHERE e.workflow_id = $1 GROUP BY c.email",
        workflow.id,
    )
    assert {row["email"]: row["n"] for row in rows} == dict.fromkeys(PEOPLE, 1)
    [counted] = (await definitions.get_many([workflow.id])).values()
    assert counted.counts.enrolled == len(PEOPLE)
    assert [line async for line in verification.verify()] == []


def test_two_workers_enrol_each_contact_once_while_people_opt_out(installation: Settings) -> None:
    """R10: an opt-out holds, whether it comes before or after the enrolment."""

    async def scenario() -> None:
        workflow = await welcome(Trigger.CONTACT_CREATED, reenroll=True)
        other = await definitions.create(
            name="Receipts",
            triggers=[Trigger.PREFERENCE_CHANGED],
            when_preference=WhenPreference(OFFERS.key, None, OUT),
            actions=[Action(EMAIL, (RECEIPTS.key,), OUT)],
        )
        await arrive()
        await asyncio.gather(run(), run(), leave(LEAVING[::2]), leave(LEAVING[1::2]))
        await run()
        await assert_every_contact_is_enrolled_once(workflow)
        state = await held()
        expected = dict.fromkeys(PEOPLE, (IN, Maker.TEAM)) | dict.fromkeys(LEAVING, (OUT, Maker.RECIPIENT))
        assert {address: state[address, EMAIL, OFFERS.key] for address in PEOPLE} == expected
        gone = {address for address, _, about in state if about == RECEIPTS.key}
        assert gone == set(LEAVING)
        [counted] = (await definitions.get_many([other.id])).values()
        assert (counted.counts.enrolled, counted.counts.changed) == (len(LEAVING), len(LEAVING))

    on(installation, scenario)


def test_a_contact_enrolled_on_request_and_by_a_trigger_at_once_is_enrolled_once(
    installation: Settings,
) -> None:
    async def scenario() -> None:
        workflow = await welcome(Trigger.CONTACT_CREATED)
        await arrive()
        await asyncio.gather(run(), enrol(workflow), run(), enrol(workflow))
        await assert_every_contact_is_enrolled_once(workflow)

    on(installation, scenario)


def test_edits_meanwhile_skip_no_contact_and_enrol_none_twice(installation: Settings) -> None:
    async def edit(workflow: Workflow) -> None:
        for number in range(20):
            await definitions.update(workflow.id, name=f"Welcome {number}", reenroll=False)
            await asyncio.sleep(0)

    async def scenario() -> None:
        workflow, other = await welcome(Trigger.CONTACT_CREATED), await welcome(Trigger.MANUAL, name="Other")
        await arrive()
        await asyncio.gather(run(), edit(workflow), edit_unit(), enrol(other), run())
        await run()
        await assert_every_contact_is_enrolled_once(workflow)
        await assert_every_contact_is_enrolled_once(other)

    async def edit_unit() -> None:
        for number in range(10):
            await update_unit("bazaar", name=f"Bazaar {number}")
            await asyncio.sleep(0)

    on(installation, scenario)


@pytest.mark.parametrize("event", ["created", "updated"])
def test_changes_of_a_contact_and_of_its_preferences_are_serialised(
    installation: Settings, event: str
) -> None:
    """R18: otherwise the first event might run last."""

    async def scenario() -> None:
        await welcome(Trigger.PREFERENCE_CHANGED, Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED)
        address, locked = PEOPLE[0], asyncio.Event()
        if event == "updated":
            await contacts.create(email=address)
        recipient = (await recipients.ensure([parse(address)]))[parse(address)]
        before = await pending()

        async def write() -> None:
            await locked.wait()
            if event == "created":
                await contacts.create(email=address)
            else:
                [row] = await contacts.select("c.email = $1", address)
                await contacts.update(row.id, first_name="Dora")

        writing = asyncio.create_task(write())
        async with transactions.write_transaction():
            await lock_recipients([recipient])  # as the ledger does
            locked.set()
            done, _ = await asyncio.wait([writing], timeout=0.5)
            assert not done
        await writing
        assert await pending() == before + 1

    async def pending() -> int:
        return len(await database.fetch("SELECT id FROM workflow_triggers"))

    on(installation, scenario)


def test_contacts_deleted_meanwhile_block_nothing(installation: Settings) -> None:
    async def delete() -> None:
        for address in LEAVING:
            [row] = await contacts.select("c.email = $1", address)
            await contacts.delete(row.id)

    async def scenario() -> None:
        workflow = await welcome(Trigger.CONTACT_CREATED)
        await arrive()
        await asyncio.gather(run(), delete(), run())
        left = await database.fetch(
            "SELECT COUNT(*) AS n FROM contacts c JOIN enrolments e ON e.contact_id = c.id"
            " WHERE e.workflow_id = $1",
            workflow.id,
        )
        assert left[0]["n"] == len(PEOPLE) - len(LEAVING)
        assert await database.fetch("SELECT 1 FROM workflow_triggers") == []

    on(installation, scenario)
