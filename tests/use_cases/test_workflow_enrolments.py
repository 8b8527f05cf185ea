"""Enrolling contacts by hand: an operation with parts, a rehearsal, and refusals that can be read."""

from __future__ import annotations

import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from preference_center.catalog.changes import archive_type
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter, PropertyEquals
from preference_center.errors import ErrorCode, Invalid
from preference_center.jobs import HANDLERS
from preference_center.operations import operations, reversals
from preference_center.operations.runner import PartResult, run_next
from preference_center.rules.types import Actor, Channel, ConsentOrigin, OperationState, Trigger
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrol as workflow_actions
from preference_center.workflows import enrolments as workflow_enrolments
from tests.conftest import ALICE_PHONE, TEAM, Brands, by_recipient
from tests.use_cases.enrolling import (
    DONE,
    FAILED,
    OUT,
    WHY,
    asked_again,
    enrolments,
    everybody,
    made,
    run,
    say,
    setting,
    told,
)

PEOPLE = 25
EVERYBODY = ContactFilter()


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(workflow_enrolments, "PART", 10)


async def test_contacts_are_enrolled_by_hand_and_counted(brands: Brands) -> None:
    """R10, R18: whoever left is refused, and the ledger has the workflow and the operation."""
    people = await everybody(PEOPLE)
    for one in people[:3]:
        await say(one, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))
    phone_alone = await contacts.create(phone=ALICE_PHONE)
    welcome = await made(Trigger.MANUAL)
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    done = await asked_again(asked)
    assert (done.state, done.actor, done.error) == (OperationState.COMPLETED, "crm", None)
    assert (done.total, done.processed) == (PEOPLE + 1, PEOPLE + 1)
    assert (done.changed, done.unchanged, done.refused) == (PEOPLE - 3, 0, 4)
    assert done.refusals == {"PREVIOUSLY_OPTED_OUT": 3, "ADDRESS_MISSING": 1}
    rows = await enrolments(welcome)
    assert {row.contact_id for row in rows} == {*(one.id for one in people), phone_alone.id}
    assert {(row.trigger, row.operation_id, row.state) for row in rows} == {(Trigger.MANUAL, asked.id, DONE)}
    events = await database.fetch(
        "SELECT DISTINCT e.origin, e.actor, e.operation_id, v.explanation FROM consent_events e"
        " LEFT JOIN evidence v ON v.event_id = e.id WHERE e.origin = 'WORKFLOW'"
    )
    assert [tuple(row) for row in events] == [("WORKFLOW", "Welcome", asked.id, WHY)]
    counts = (await workflows.get_many([welcome.id]))[welcome.id].counts
    assert (counts.enrolled, counts.changed, counts.refused) == (PEOPLE + 1, PEOPLE - 3, 4)


async def test_a_rehearsal_says_what_would_be_and_enrols_nobody(brands: Brands) -> None:
    people = await everybody(PEOPLE)
    await say(people[0], brands.letters, OUT, by_recipient())
    welcome = await made()
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM, dry_run=True)
    await run()
    done = await asked_again(asked)
    assert (done.total, done.changed, done.refused) == (PEOPLE, PEOPLE - 1, 1)
    assert done.refusals == {"PREVIOUSLY_OPTED_OUT": 1}
    assert await enrolments(welcome) == []
    assert (await workflows.all_())[0].counts.enrolled == 0


async def test_those_are_meant_who_fit_both_the_selection_and_the_workflow(brands: Brands) -> None:
    for number in range(8):
        country = "PL" if number % 2 else "SE"
        await contacts.create(
            email=f"dora-{number}@example.com",
            locale="pl" if number < 4 else "en",
            properties={"country": country},
        )
    welcome = await made(filter=ContactFilter(property=PropertyEquals("country", "PL")))
    rehearsal = await workflow_enrolments.ask(welcome.id, ContactFilter(locale="pl"), TEAM, dry_run=True)
    asked = await workflow_enrolments.ask(welcome.id, ContactFilter(locale="pl"), TEAM)
    await run()
    assert [(await asked_again(one)).total for one in (rehearsal, asked)] == [2, 2]
    assert len(await enrolments(welcome)) == 2


async def test_the_filter_is_asked_again_when_a_part_runs(brands: Brands) -> None:
    """Not only when the operation starts: what waits runs as the workflow is then."""
    people = await everybody(PEOPLE)
    welcome = await made(Trigger.MANUAL)
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    work, parts = HANDLERS[asked.kind], list[int]()

    async def run_part(operation: operations.OperationRow, part: list[int]) -> PartResult:
        parts.append(len(part))
        return await work.run_part(operation, part)

    stop = asyncio.Event()

    async def and_edited(operation: operations.OperationRow, part: list[int]) -> PartResult:
        stop.set()
        return await run_part(operation, part)

    await run_next({asked.kind: replace(work, run_part=and_edited)}, stop)
    await workflows.update(welcome.id, filter=ContactFilter(locale="pl"))
    while await run_next({asked.kind: replace(work, run_part=run_part)}):
        pass
    done = await asked_again(asked)
    assert (done.total, done.changed, done.unchanged) == (PEOPLE, parts[0], PEOPLE - parts[0])
    assert {row.contact_id for row in await enrolments(welcome)} < {one.id for one in people}


async def test_where_much_is_done_to_each_a_part_has_fewer(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow_actions, "MOST_STEPS", 8)
    await everybody(PEOPLE)
    welcome = await made(Trigger.MANUAL, actions=[setting("letters"), setting("alerts")])
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    work, parts = HANDLERS[asked.kind], list[int]()

    async def run_part(operation: operations.OperationRow, part: list[int]) -> PartResult:
        parts.append(len(part))
        return await work.run_part(operation, part)

    while await run_next({asked.kind: replace(work, run_part=run_part)}):
        pass
    assert (max(parts), sum(parts)) == (4, PEOPLE)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_nobody_takes_over_a_rehearsal_that_takes_long(brands: Brands, db: Settings) -> None:
    await everybody(3)
    welcome = await made(Trigger.MANUAL)
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM, dry_run=True)
    work, free = HANDLERS[asked.kind], list[Any]()

    async def run_part(operation: operations.OperationRow, part: list[int]) -> PartResult:
        other = await asyncpg.connect(db.database_url)
        try:
            claim = "SELECT id FROM operations WHERE id = $1 FOR UPDATE SKIP LOCKED"
            free.extend(await other.fetch(claim, operation.id))
        finally:
            await other.close()
        return await work.run_part(operation, part)

    while await run_next({asked.kind: replace(work, run_part=run_part)}):
        pass
    assert free == []
    assert (await asked_again(asked)).changed == 3


async def test_whoever_was_enrolled_before_is_left_alone(brands: Brands) -> None:
    people = await everybody(3)
    welcome = await made()
    await workflow_enrolments.ask(welcome.id, ContactFilter(ids=[people[0].id]), TEAM)
    await run()
    again = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    done = await asked_again(again)
    assert (done.total, done.changed, done.unchanged) == (3, 2, 1)
    assert len(await enrolments(welcome)) == 3
    await workflows.update(welcome.id, reenroll=True)
    await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    assert len(await enrolments(welcome)) == 6


async def test_one_key_is_one_operation(brands: Brands) -> None:
    welcome, other = await made(), await made(name="Other")
    first = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    again = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    assert again.id == first.id
    with pytest.raises(Invalid) as refused:
        await workflow_enrolments.ask(other.id, EVERYBODY, TEAM, idempotency_key="k")
    assert refused.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


async def test_a_retry_is_answered_though_the_workflow_is_disabled_since(brands: Brands) -> None:
    welcome = await made()
    first = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    await workflows.update(welcome.id, enabled=False)
    again = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    assert again.id == first.id


async def test_a_workflow_that_is_not_there_or_disabled_enrols_nobody(brands: Brands) -> None:
    disabled = await made(enabled=False)
    for number, code in ((disabled.id, ErrorCode.INVALID_VALUE), (12_345, ErrorCode.NOT_FOUND)):
        with pytest.raises(Invalid) as refused:
            await workflow_enrolments.ask(number, EVERYBODY, TEAM)
        assert (refused.value.code, refused.value.field) == (code, ("workflow",))


@pytest.mark.parametrize("deleted", [False, True])
async def test_one_that_is_disabled_meanwhile_enrols_nobody_any_more(brands: Brands, deleted: bool) -> None:
    await everybody(3)
    welcome = await made()
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await workflows.update(welcome.id, enabled=False)
    if deleted:
        await workflows.delete(welcome.id)
    await run()
    done = await asked_again(asked)
    assert (done.state, done.refused, done.refusals) == (OperationState.COMPLETED, 3, {"INVALID_VALUE": 3})
    assert await enrolments(welcome) == []


async def test_a_contact_that_was_deleted_meanwhile_is_refused(brands: Brands) -> None:
    people = await everybody(3)
    welcome = await made()
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    work = HANDLERS[asked.kind]

    async def run_part(operation: operations.OperationRow, part: list[int]) -> PartResult:
        await contacts.delete(people[1].id)
        return await work.run_part(operation, part)

    while await run_next({asked.kind: replace(work, run_part=run_part)}):
        pass
    done = await asked_again(asked)
    assert (done.changed, done.refusals) == (2, {"NOT_FOUND": 1})


async def test_a_broken_workflow_refuses_with_the_reason(brands: Brands) -> None:
    await everybody(2)
    welcome = await made()
    await archive_type("letters")
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    done = await asked_again(asked)
    assert (done.refused, done.refusals) == (2, {"TYPE_ARCHIVED": 2})
    assert {row[1] for row in await told(welcome)} == {FAILED}


async def test_what_it_does_sets_off_other_workflows(brands: Brands) -> None:
    [alice] = await everybody(1)
    welcome = await made(Trigger.MANUAL)
    follow = await made(Trigger.PREFERENCE_CHANGED, name="Follow", actions=[setting("alerts")], reenroll=True)
    await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    assert await told(follow) == [(alice.id, DONE, ["CHANGED"])]


async def test_people_who_share_a_number_are_each_enrolled_and_changed_once(brands: Brands) -> None:
    for number in range(12):
        await contacts.create(email=f"dora-{number}@example.com", phone=ALICE_PHONE)
    welcome = await made(actions=[setting("alerts", channel=Channel.SMS)])
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    done = await asked_again(asked)
    assert (done.total, done.changed, done.unchanged) == (12, 1, 11)
    assert len(await enrolments(welcome)) == 12


async def test_an_enrolment_is_not_undone_as_an_operation(brands: Brands) -> None:
    """R20 is for bulk updates and imports."""
    await everybody(1)
    welcome = await made()
    asked = await workflow_enrolments.ask(welcome.id, EVERYBODY, Actor("crm", on_behalf_of="jane"))
    await run()
    with pytest.raises(Invalid) as refused:
        await reversals.enqueue(asked.id, "The wrong list.", TEAM)
    assert refused.value.code is ErrorCode.NOT_REVERSIBLE


async def test_enrolments_are_read_a_page_at_a_time(brands: Brands) -> None:
    await everybody(5)
    welcome = await made()
    await workflow_enrolments.ask(welcome.id, EVERYBODY, TEAM)
    await run()
    ids = [row.id for row in await enrolments(welcome)]
    newest = await workflow_enrolments.page(welcome.id, KeysetRange(2))
    assert [row.id for row in newest] == ids[:-3:-1]
    before = await workflow_enrolments.page(welcome.id, KeysetRange(2, below=newest[-1].id))
    assert [row.id for row in before] == ids[-3:-5:-1]
    assert set(await workflow_enrolments.get_many(ids[:2])) == set(ids[:2])
