"""Enrolling contacts on request: an operation with parts, a dry run and refusals."""

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
from preference_center.operations.handler import PartResult
from preference_center.operations.runner import run_next
from preference_center.rules.types import Actor, Channel, ConsentOrigin, OperationState, Trigger
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import candidates, definitions, manual_enrolment
from preference_center.workflows import enrolments as workflow_enrolments
from tests.conftest import ALICE_PHONE, TEAM, Brands, by_recipient
from tests.use_cases.workflows.enrolling import (
    DONE,
    FAILED,
    OUT,
    WHY,
    change,
    create_contacts,
    create_workflow,
    enrolments,
    outcomes,
    reread,
    run_all,
    set_status,
)

PEOPLE = 25
EVERYBODY = ContactFilter()


@pytest.fixture(autouse=True)
def _small(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(manual_enrolment, "PART_SIZE", 10)


async def test_contacts_are_enrolled_on_request_and_counted(brands: Brands) -> None:
    """R10, R18: opted-out contacts are refused; the ledger names the workflow and the operation."""
    people = await create_contacts(PEOPLE)
    for contact in people[:3]:
        await change(contact, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))
    phone_only = await contacts.create(phone=ALICE_PHONE)
    welcome = await create_workflow(Trigger.MANUAL)
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    done = await reread(operation)
    assert (done.state, done.actor, done.error) == (OperationState.COMPLETED, "crm", None)
    assert (done.total, done.processed) == (PEOPLE + 1, PEOPLE + 1)
    assert (done.changed, done.unchanged, done.refused) == (PEOPLE - 3, 0, 4)
    assert done.refusals == {"PREVIOUSLY_OPTED_OUT": 3, "ADDRESS_MISSING": 1}
    rows = await enrolments(welcome)
    assert {row.contact_id for row in rows} == {*(contact.id for contact in people), phone_only.id}
    assert {(row.trigger, row.operation_id, row.state) for row in rows} == {
        (Trigger.MANUAL, operation.id, DONE)
    }
    events = await database.fetch(
        "SELECT DISTINCT e.origin, e.actor, e.operation_id, v.explanation FROM consent_events e"
        " LEFT JOIN evidence v ON v.event_id = e.id WHERE e.origin = 'WORKFLOW'"
    )
    assert [tuple(row) for row in events] == [("WORKFLOW", "Welcome", operation.id, WHY)]
    counts = (await definitions.get_many([welcome.id]))[welcome.id].counts
    assert (counts.enrolled, counts.changed, counts.refused) == (PEOPLE + 1, PEOPLE - 3, 4)


async def test_a_dry_run_reports_the_result_and_enrols_nobody(brands: Brands) -> None:
    people = await create_contacts(PEOPLE)
    await change(people[0], brands.letters, OUT, by_recipient())
    welcome = await create_workflow()
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM, dry_run=True)
    await run_all()
    done = await reread(operation)
    assert (done.total, done.changed, done.refused) == (PEOPLE, PEOPLE - 1, 1)
    assert done.refusals == {"PREVIOUSLY_OPTED_OUT": 1}
    assert await enrolments(welcome) == []
    assert (await definitions.list_all())[0].counts.enrolled == 0


async def test_contacts_must_match_both_the_selection_and_the_workflows_filter(brands: Brands) -> None:
    for number in range(8):
        country = "PL" if number % 2 else "SE"
        await contacts.create(
            email=f"dora-{number}@example.com",
            locale="pl" if number < 4 else "en",
            properties={"country": country},
        )
    welcome = await create_workflow(filter=ContactFilter(property=PropertyEquals("country", "PL")))
    dry_run = await manual_enrolment.enqueue(welcome.id, ContactFilter(locale="pl"), TEAM, dry_run=True)
    real = await manual_enrolment.enqueue(welcome.id, ContactFilter(locale="pl"), TEAM)
    await run_all()
    assert [(await reread(operation)).total for operation in (dry_run, real)] == [2, 2]
    assert len(await enrolments(welcome)) == 2


async def test_the_filter_is_applied_again_when_a_part_runs(brands: Brands) -> None:
    """Parts run with the workflow as it is then."""
    people = await create_contacts(PEOPLE)
    welcome = await create_workflow(Trigger.MANUAL)
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    handler, parts = HANDLERS[operation.kind], list[int]()

    async def run_part(running: operations.OperationRow, part: list[int]) -> PartResult:
        parts.append(len(part))
        return await handler.run_part(running, part)

    stop = asyncio.Event()

    async def run_part_and_stop(running: operations.OperationRow, part: list[int]) -> PartResult:
        stop.set()
        return await run_part(running, part)

    await run_next({operation.kind: replace(handler, run_part=run_part_and_stop)}, stop)
    await definitions.update(welcome.id, filter=ContactFilter(locale="pl"))
    while await run_next({operation.kind: replace(handler, run_part=run_part)}):
        pass
    done = await reread(operation)
    assert (done.total, done.changed, done.unchanged) == (PEOPLE, parts[0], PEOPLE - parts[0])
    assert {row.contact_id for row in await enrolments(welcome)} < {contact.id for contact in people}


async def test_parts_are_smaller_for_workflows_with_many_actions(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MAX_STEPS", 8)
    await create_contacts(PEOPLE)
    welcome = await create_workflow(Trigger.MANUAL, actions=[set_status("letters"), set_status("alerts")])
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    handler, parts = HANDLERS[operation.kind], list[int]()

    async def run_part(running: operations.OperationRow, part: list[int]) -> PartResult:
        parts.append(len(part))
        return await handler.run_part(running, part)

    while await run_next({operation.kind: replace(handler, run_part=run_part)}):
        pass
    assert (max(parts), sum(parts)) == (4, PEOPLE)


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_no_worker_takes_over_a_long_dry_run(brands: Brands, db: Settings) -> None:
    await create_contacts(3)
    welcome = await create_workflow(Trigger.MANUAL)
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM, dry_run=True)
    handler, unlocked = HANDLERS[operation.kind], list[Any]()

    async def run_part(running: operations.OperationRow, part: list[int]) -> PartResult:
        other = await asyncpg.connect(db.database_url)
        try:
            claim = "SELECT id FROM operations WHERE id = $1 FOR UPDATE SKIP LOCKED"
            unlocked.extend(await other.fetch(claim, running.id))
        finally:
            await other.close()
        return await handler.run_part(running, part)

    while await run_next({operation.kind: replace(handler, run_part=run_part)}):
        pass
    assert unlocked == []
    assert (await reread(operation)).changed == 3


async def test_contacts_enrolled_before_are_left_unchanged(brands: Brands) -> None:
    people = await create_contacts(3)
    welcome = await create_workflow()
    await manual_enrolment.enqueue(welcome.id, ContactFilter(ids=[people[0].id]), TEAM)
    await run_all()
    again = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    done = await reread(again)
    assert (done.total, done.changed, done.unchanged) == (3, 2, 1)
    assert len(await enrolments(welcome)) == 3
    await definitions.update(welcome.id, reenroll=True)
    await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    assert len(await enrolments(welcome)) == 6


async def test_an_idempotency_key_queues_one_operation(brands: Brands) -> None:
    welcome, other = await create_workflow(), await create_workflow(name="Other")
    first = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    again = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    assert again.id == first.id
    with pytest.raises(Invalid) as refused:
        await manual_enrolment.enqueue(other.id, EVERYBODY, TEAM, idempotency_key="k")
    assert refused.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


async def test_a_retry_returns_its_operation_after_the_workflow_was_disabled(brands: Brands) -> None:
    welcome = await create_workflow()
    first = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    await definitions.update(welcome.id, enabled=False)
    again = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM, idempotency_key="k")
    assert again.id == first.id


async def test_a_missing_or_disabled_workflow_is_refused(brands: Brands) -> None:
    disabled = await create_workflow(enabled=False)
    for workflow_id, code in ((disabled.id, ErrorCode.INVALID_VALUE), (12_345, ErrorCode.NOT_FOUND)):
        with pytest.raises(Invalid) as refused:
            await manual_enrolment.enqueue(workflow_id, EVERYBODY, TEAM)
        assert (refused.value.code, refused.value.field) == (code, ("workflow",))


@pytest.mark.parametrize("deleted", [False, True])
async def test_a_workflow_disabled_meanwhile_enrols_nobody(brands: Brands, deleted: bool) -> None:
    await create_contacts(3)
    welcome = await create_workflow()
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await definitions.update(welcome.id, enabled=False)
    if deleted:
        await definitions.delete(welcome.id)
    await run_all()
    done = await reread(operation)
    assert (done.state, done.refused, done.refusals) == (OperationState.COMPLETED, 3, {"INVALID_VALUE": 3})
    assert await enrolments(welcome) == []


async def test_a_contact_deleted_meanwhile_is_refused(brands: Brands) -> None:
    people = await create_contacts(3)
    welcome = await create_workflow()
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    handler = HANDLERS[operation.kind]

    async def run_part(running: operations.OperationRow, part: list[int]) -> PartResult:
        await contacts.delete(people[1].id)
        return await handler.run_part(running, part)

    while await run_next({operation.kind: replace(handler, run_part=run_part)}):
        pass
    done = await reread(operation)
    assert (done.changed, done.refusals) == (2, {"NOT_FOUND": 1})


async def test_a_broken_workflow_refuses_contacts_with_the_reason(brands: Brands) -> None:
    await create_contacts(2)
    welcome = await create_workflow()
    await archive_type("letters")
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    done = await reread(operation)
    assert (done.refused, done.refusals) == (2, {"TYPE_ARCHIVED": 2})
    assert {row[1] for row in await outcomes(welcome)} == {FAILED}


async def test_enrolments_on_request_trigger_other_workflows(brands: Brands) -> None:
    [alice] = await create_contacts(1)
    welcome = await create_workflow(Trigger.MANUAL)
    follow = await create_workflow(
        Trigger.PREFERENCE_CHANGED, name="Follow", actions=[set_status("alerts")], reenroll=True
    )
    await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    assert await outcomes(follow) == [(alice.id, DONE, ["CHANGED"])]


async def test_contacts_that_share_a_number_are_each_enrolled_and_the_number_changes_once(
    brands: Brands,
) -> None:
    for number in range(12):
        await contacts.create(email=f"dora-{number}@example.com", phone=ALICE_PHONE)
    welcome = await create_workflow(actions=[set_status("alerts", channel=Channel.SMS)])
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    done = await reread(operation)
    assert (done.total, done.changed, done.unchanged) == (12, 1, 11)
    assert len(await enrolments(welcome)) == 12


async def test_an_enrolment_operation_cannot_be_undone(brands: Brands) -> None:
    """R20 covers bulk updates and imports."""
    await create_contacts(1)
    welcome = await create_workflow()
    operation = await manual_enrolment.enqueue(welcome.id, EVERYBODY, Actor("crm", on_behalf_of="jane"))
    await run_all()
    with pytest.raises(Invalid) as refused:
        await reversals.enqueue(operation.id, "The wrong list.", TEAM)
    assert refused.value.code is ErrorCode.NOT_REVERSIBLE


async def test_enrolments_are_read_in_pages(brands: Brands) -> None:
    await create_contacts(5)
    welcome = await create_workflow()
    await manual_enrolment.enqueue(welcome.id, EVERYBODY, TEAM)
    await run_all()
    ids = [row.id for row in await enrolments(welcome)]
    newest = await workflow_enrolments.page(welcome.id, KeysetRange(2))
    assert [row.id for row in newest] == ids[:-3:-1]
    before = await workflow_enrolments.page(welcome.id, KeysetRange(2, below=newest[-1].id))
    assert [row.id for row in before] == ids[-3:-5:-1]
    assert set(await workflow_enrolments.get_many(ids[:2])) == set(ids[:2])
