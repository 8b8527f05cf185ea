"""What a workflow does to the contacts it enrols, and what it never does (R10, R16, R18, R19)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog

from preference_center.catalog.changes import archive_type, update_type, update_unit
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter, PropertyEquals
from preference_center.history import verification
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, Trigger
from preference_center.rules.workflows import Action, Counts, WhenPreference
from preference_center.storage import database
from preference_center.workflows import candidates, definitions, enrol, manual_enrolment, pending_triggers
from preference_center.workflows import runner as workflow_runner
from tests.conftest import ALICE, ALICE_PHONE, BOB, CHARLIE, Brands, Clock, by_recipient, by_team
from tests.use_cases.workflows.enrolling import (
    DONE,
    FAILED,
    IN,
    NEITHER,
    OUT,
    change,
    counts,
    create_contacts,
    create_workflow,
    enrolments,
    outcomes,
    run_all,
    set_status,
    statuses,
)

CREATED, UPDATED, CHANGED = Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED, Trigger.PREFERENCE_CHANGED
EMAIL, SMS = Channel.EMAIL, Channel.SMS


@pytest.mark.parametrize("provenance", [by_recipient(ConsentOrigin.ONE_CLICK), by_team()])
async def test_an_opt_out_between_trigger_and_action_wins(brands: Brands, provenance: Any) -> None:
    """R10, whoever opted the contact out."""
    welcome = await create_workflow()
    alice = await contacts.create(email=ALICE)
    await change(alice, brands.letters, OUT, provenance)
    await run_all()
    assert await outcomes(welcome) == [(alice.id, DONE, ["PREVIOUSLY_OPTED_OUT"])]
    assert await statuses(alice) == {"letters": "OPTED_OUT"}
    assert await counts(welcome) == Counts(enrolled=1, refused=1)


@pytest.mark.parametrize("provenance", [by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK), by_team()])
async def test_an_opt_out_of_all_between_trigger_and_action_wins(brands: Brands, provenance: Any) -> None:
    """R10, R12"""
    welcome = await create_workflow()
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    await preferences.opt_out_of_all(alice.email_recipient_id, EMAIL, brands.bazaar, provenance)
    await run_all()
    assert await outcomes(welcome) == [(alice.id, DONE, ["OPTED_OUT_OF_ALL"])]
    assert await statuses(alice) == {}


async def test_every_type_of_every_action_has_a_result(brands: Brands) -> None:
    """R6, R16, R19, in the order of the workflow."""
    welcome = await create_workflow(
        actions=[
            set_status("letters", "alerts", "offers", "weekly-digest"),
            set_status("alerts", channel=SMS),
            set_status("letters", status=OUT),
        ]
    )
    alice = await contacts.create(email=ALICE, processing_basis=by_team().processing_basis)
    bob = await contacts.create(phone=ALICE_PHONE)
    charlie = await contacts.create(email=CHARLIE)
    await change(alice, brands.alerts, IN, by_team())
    await run_all()
    assert await outcomes(welcome) == [
        (
            alice.id,
            DONE,
            ["CHANGED", "UNCHANGED", "PENDING", "CHANGED", "ADDRESS_MISSING", "CHANGED"],
        ),
        (bob.id, DONE, [*["ADDRESS_MISSING"] * 4, "CHANGED", "ADDRESS_MISSING"]),
        (
            charlie.id,
            DONE,
            [
                *("CHANGED", "CHANGED", "PROCESSING_BASIS_REQUIRED", "PROCESSING_BASIS_REQUIRED"),
                *("ADDRESS_MISSING", "CHANGED"),
            ],
        ),
    ]
    assert await counts(welcome) == Counts(enrolled=3, changed=3)
    expected = {"letters": "OPTED_OUT", "alerts": "OPTED_IN", "weekly-digest": "OPTED_IN"}
    assert await statuses(alice) == expected
    assert [line async for line in verification.verify()] == []


async def test_a_contact_is_enrolled_once_unless_the_workflow_re_enrols(brands: Brands) -> None:
    once = await create_workflow(UPDATED)
    again = await create_workflow(UPDATED, name="Again", reenroll=True)
    alice = await contacts.create(email=ALICE)
    for number in range(3):
        await contacts.update(alice.id, first_name=f"Alice {number}")
    await run_all()
    await contacts.update(alice.id, first_name="Alice")
    await run_all()
    assert await outcomes(once) == [(alice.id, DONE, ["CHANGED"])]
    assert await outcomes(again) == [(alice.id, DONE, ["UNCHANGED"])] * 4
    assert await counts(again) == Counts(enrolled=4, unchanged=4)
    events = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert events[0]["n"] == 1


async def test_switching_re_enrolment_off_keeps_earlier_enrolments_in_mind(brands: Brands) -> None:
    workflow = await create_workflow(UPDATED, reenroll=True)
    alice = await contacts.create(email=ALICE)
    for name, reenroll in (("A", True), ("B", True), ("C", False), ("D", True)):
        await definitions.update(workflow.id, reenroll=reenroll)
        await contacts.update(alice.id, first_name=name)
        await run_all()
    assert len(await enrolments(workflow)) == 3


async def test_triggers_of_a_contact_run_in_the_order_of_the_events(brands: Brands) -> None:
    """In one batch, each run sees the changes of the run before."""
    letters_in = WhenPreference("letters", None, IN)
    follow = await create_workflow(
        CHANGED, name="Follow", when_preference=letters_in, actions=[set_status("alerts")]
    )
    leave = await create_workflow(
        CHANGED,
        name="Leave",
        when_preference=WhenPreference("letters", None, OUT),
        actions=[set_status("alerts", status=OUT)],
    )
    early = await contacts.create(email=ALICE)
    await change(early, brands.letters, OUT, by_recipient())
    await change(early, brands.letters, IN, by_recipient())
    late = await contacts.create(email=BOB)
    await change(late, brands.letters, IN, by_recipient())
    await change(late, brands.letters, OUT, by_recipient())
    await run_all()
    assert await statuses(early) == {"letters": "OPTED_IN", "alerts": "OPTED_OUT"}
    assert await statuses(late) == {"letters": "OPTED_OUT", "alerts": "OPTED_OUT"}
    assert await outcomes(follow) == [
        (late.id, DONE, ["CHANGED"]),
        (early.id, DONE, ["PREVIOUSLY_OPTED_OUT"]),
    ]
    assert len(await outcomes(leave)) == 2


async def test_many_triggers_of_one_contact_run_in_several_batches(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(pending_triggers, "MAX_TRIGGERS_PER_CONTACT", 3)
    again = await create_workflow(UPDATED, reenroll=True)
    alice, bob = await contacts.create(email=ALICE), await contacts.create(email=BOB)
    for number in range(10):
        await contacts.update(alice.id, first_name=f"Alice {number}")
    await contacts.update(bob.id, first_name="Robert")
    assert await workflow_runner.run_due() == 3
    await run_all()
    ids = [row.contact_id for row in await enrolments(again)]
    assert (ids.count(alice.id), ids.count(bob.id)) == (10, 1)


async def _archived() -> None:
    await archive_type("letters")


async def _no_longer_offered() -> None:
    await update_type("alerts", channels=[SMS])


async def _private() -> None:
    await update_unit("bazaar", data_privacy=True)


@pytest.mark.parametrize(
    ("action", "break_it", "code"),
    [
        (set_status("letters"), _archived, "TYPE_ARCHIVED"),
        (set_status("alerts"), _no_longer_offered, "CHANNEL_NOT_OFFERED"),
        (Action(EMAIL, ("letters",), IN), _private, "LEGAL_BASIS_REQUIRED"),
    ],
)
async def test_a_broken_workflow_fails_its_enrolments_and_no_others(
    brands: Brands, action: Action, break_it: Any, code: str
) -> None:
    """Once the workflow is fixed, the failed contacts can be enrolled."""
    broken = await create_workflow(actions=[action])
    sound = await create_workflow(name="Sound", actions=[set_status("alerts", channel=SMS, status=OUT)])
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    await break_it()
    await run_all()
    assert await outcomes(broken) == [(alice.id, FAILED, [code])]
    assert (await enrolments(broken))[0].error
    assert await counts(broken) == Counts(enrolled=1, failed=1)
    assert await outcomes(sound) == [(alice.id, DONE, ["CHANGED"])]
    await definitions.update(broken.id, actions=[set_status("weekly-digest", status=OUT)])
    await manual_enrolment.enqueue(broken.id, ContactFilter(), by_team().actor)
    await run_all()
    assert [row[1:] for row in await outcomes(broken)] == [(FAILED, [code]), (DONE, ["CHANGED"])]


async def test_a_partly_broken_workflow_still_enrols_a_contact_once(brands: Brands) -> None:
    """It does not repeat a change that was reversed."""
    partly = await create_workflow(UPDATED, actions=[set_status("weekly-digest"), set_status("letters")])
    alice = await contacts.create(email=ALICE)
    await archive_type("weekly-digest")
    await contacts.update(alice.id, first_name="Alice")
    await run_all()
    assert await outcomes(partly) == [(alice.id, FAILED, ["TYPE_ARCHIVED", "CHANGED"])]
    await change(alice, brands.letters, NEITHER, by_team())
    await contacts.update(alice.id, first_name="Alicja")
    await run_all()
    assert len(await outcomes(partly)) == 1
    assert (await statuses(alice))["letters"] == "NOT_OPTED"


@pytest.mark.parametrize("where", ["filter", "action"])
async def test_an_unexpected_error_fails_only_its_workflow(
    brands: Brands, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a failed statement aborts the transaction: the other workflows run again.

    If the filter itself fails, the workflow fails for every contact that triggered it.
    """
    before = await create_workflow(name="Before", actions=[set_status("alerts")])
    faulty = await create_workflow(filter=ContactFilter(search="dora-1"))
    after = await create_workflow(name="After", actions=[set_status("weekly-digest", status=OUT)])

    async def fail(*_: Any) -> None:
        await database.fetch("SELECT missing FROM missing")

    matching_ids, apply = workflow_runner.matching_ids, enrol.record_in_transaction

    async def filter_or_fail(workflow: Any, *rest: Any) -> Any:
        return await (
            fail() if workflow.id == faulty.id and where == "filter" else matching_ids(workflow, *rest)
        )

    async def apply_or_fail(intents: Any, provenance: Any) -> Any:
        return await (
            fail() if where == "action" and provenance.actor.name == "Welcome" else apply(intents, provenance)
        )

    monkeypatch.setattr(workflow_runner, "matching_ids", filter_or_fail)
    monkeypatch.setattr(enrol, "record_in_transaction", apply_or_fail)
    people = await create_contacts(3)
    with structlog.testing.capture_logs() as lines:
        await run_all()
    assert [(line["event"], line["workflow"]) for line in lines] == [("workflow_faulted", faulty.id)]
    concerned = people if where == "filter" else people[1:2]
    assert await outcomes(faulty) == [(contact.id, FAILED, []) for contact in concerned]
    assert (await enrolments(faulty))[0].error == "An unexpected error; the log has the details."
    for sound in (before, after):
        assert await outcomes(sound) == [(contact.id, DONE, ["CHANGED"]) for contact in people]


async def test_pending_triggers_run_with_the_current_workflow(brands: Brands) -> None:
    workflow = await create_workflow(filter=ContactFilter(property=PropertyEquals("country", "PL")))
    disabled = await create_workflow(name="Disabled", actions=[set_status("weekly-digest", status=OUT)])
    alice = await contacts.create(email=ALICE, properties={"country": "SE"})
    await definitions.update(workflow.id, filter=None, actions=[set_status("alerts")])
    await definitions.update(disabled.id, enabled=False)
    await run_all()
    assert await statuses(alice) == {"alerts": "OPTED_IN"}
    assert await outcomes(disabled) == []


async def test_a_new_workflow_ignores_earlier_events(brands: Brands, clock: Clock) -> None:
    first = await create_workflow(name="First", actions=[set_status("alerts")])
    early = await contacts.create(email=ALICE)
    clock.forward(seconds=1)
    late = await create_workflow(name="Late")
    clock.forward(seconds=1)
    bob = await contacts.create(email=BOB)
    await run_all()
    assert [row[0] for row in await outcomes(first)] == [early.id, bob.id]
    assert [row[0] for row in await outcomes(late)] == [bob.id]


async def test_editing_a_workflow_leaves_past_enrolments_unchanged(brands: Brands) -> None:
    workflow = await create_workflow()
    await contacts.create(email=ALICE)
    await run_all()
    past = await enrolments(workflow)
    await definitions.update(
        workflow.id, name="Hello", actions=[set_status("alerts", status=OUT)], enabled=False
    )
    await archive_type("letters")
    assert await enrolments(workflow) == past
    assert past[0].results[0].type == "letters"


async def test_the_filter_sees_the_contact_as_it_is_when_the_trigger_runs(brands: Brands) -> None:
    workflow = await create_workflow(filter=ContactFilter(property=PropertyEquals("country", "PL")))
    alice = await contacts.create(email=ALICE, properties={"country": "SE"})
    bob = await contacts.create(email=BOB, properties={"country": "PL"})
    await contacts.update(alice.id, properties={"country": "PL"})
    await contacts.update(bob.id, properties={"country": "SE"})
    await run_all()
    assert [row[0] for row in await outcomes(workflow)] == [alice.id]


async def test_a_crash_loses_nothing_and_repeats_nothing(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: enrolments, events and triggers are one transaction."""
    workflow = await create_workflow()
    people = await create_contacts(3)
    with monkeypatch.context() as patched:

        async def crash(*_: Any) -> None:
            raise asyncio.CancelledError

        patched.setattr(enrol, "_count", crash)
        with pytest.raises(asyncio.CancelledError):
            await workflow_runner.run_due()
    assert await outcomes(workflow) == []
    assert await database.fetch("SELECT 1 FROM consent_events") == []
    await run_all()
    assert await outcomes(workflow) == [(person.id, DONE, ["CHANGED"]) for person in people]


async def test_the_enrolment_of_a_deleted_contact_stays_and_identifies_nobody(brands: Brands) -> None:
    workflow = await create_workflow()
    alice = await contacts.create(email=ALICE)
    await run_all()
    await contacts.delete(alice.id)
    bob = await contacts.create(email=BOB)
    assert bob.id != alice.id
    [past] = await enrolments(workflow)
    assert past.contact_id == alice.id
    assert await contacts.get(past.contact_id) is None


async def test_with_many_actions_a_transaction_runs_fewer_triggers(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(candidates, "MAX_STEPS", 4)
    many = [set_status("alerts"), set_status("weekly-digest", status=OUT), set_status("letters")]
    manual = await create_workflow(Trigger.MANUAL, name="Manual", actions=many)  # has no events
    await create_workflow(CREATED, name="A")
    await create_workflow(CREATED, name="B")
    await create_contacts(5)
    assert await workflow_runner.run_due() == 2
    await run_all()
    rows = await database.fetch("SELECT enrolled AS n FROM workflows WHERE id <> $1", manual.id)
    assert {row["n"] for row in rows} == {5}
