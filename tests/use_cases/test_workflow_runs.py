"""What a workflow does to those whom it enrols, and what it never does (R10, R16, R18, R19)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest
import structlog

from preference_center.catalog.changes import archive_type, update_type, update_unit
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter, PropertyEquals
from preference_center.history import verification
from preference_center.ledger import record as ledger
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, Trigger
from preference_center.storage import database
from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrol as workflow_actions
from preference_center.workflows import enrolments as workflow_enrolments
from preference_center.workflows import runner as workflow_runner
from preference_center.workflows.definitions import Counts, WhenPreference
from tests.conftest import ALICE, ALICE_PHONE, BOB, CHARLIE, Brands, Clock, by_recipient, by_team
from tests.use_cases.enrolling import (
    DONE,
    FAILED,
    IN,
    NEITHER,
    OUT,
    counts,
    enrolments,
    everybody,
    made,
    run,
    say,
    setting,
    statuses,
    told,
)

CREATED, UPDATED, CHANGED = Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED, Trigger.PREFERENCE_CHANGED
EMAIL, SMS = Channel.EMAIL, Channel.SMS


@pytest.mark.parametrize("way", [by_recipient(ConsentOrigin.ONE_CLICK), by_team()])
async def test_an_opt_out_between_trigger_and_action_wins(brands: Brands, way: Any) -> None:
    """R10: whoever made it."""
    welcome = await made()
    alice = await contacts.create(email=ALICE)
    await say(alice, brands.letters, OUT, way)
    await run()
    assert await told(welcome) == [(alice.id, DONE, ["PREVIOUSLY_OPTED_OUT"])]
    assert await statuses(alice) == {"letters": "OPTED_OUT"}
    assert await counts(welcome) == Counts(enrolled=1, refused=1)


@pytest.mark.parametrize("way", [by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK), by_team()])
async def test_an_opt_out_of_all_between_trigger_and_action_wins(brands: Brands, way: Any) -> None:
    """R10, R12"""
    welcome = await made()
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    await preferences.opt_out_of_all(alice.email_recipient_id, EMAIL, brands.bazaar, way)
    await run()
    assert await told(welcome) == [(alice.id, DONE, ["OPTED_OUT_OF_ALL"])]
    assert await statuses(alice) == {}


async def test_each_action_and_type_has_a_result_of_its_own(brands: Brands) -> None:
    """R6, R16, R19, in the order in which the workflow names them."""
    welcome = await made(
        actions=[
            setting("letters", "alerts", "offers", "weekly-digest"),
            setting("alerts", channel=SMS),
            setting("letters", status=OUT),
        ]
    )
    alice = await contacts.create(email=ALICE, processing_basis=by_team().processing_basis)
    bob = await contacts.create(phone=ALICE_PHONE)
    charlie = await contacts.create(email=CHARLIE)
    await say(alice, brands.alerts, IN, by_team())
    await run()
    assert await told(welcome) == [
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
    held = {"letters": "OPTED_OUT", "alerts": "OPTED_IN", "weekly-digest": "OPTED_IN"}
    assert await statuses(alice) == held
    assert [line async for line in verification.verify()] == []


async def test_nobody_is_enrolled_twice_unless_that_is_asked_for(brands: Brands) -> None:
    once = await made(UPDATED)
    again = await made(UPDATED, name="Again", reenroll=True)
    alice = await contacts.create(email=ALICE)
    for number in range(3):
        await contacts.update(alice.id, first_name=f"Alice {number}")
    await run()
    await contacts.update(alice.id, first_name="Alice")
    await run()
    assert await told(once) == [(alice.id, DONE, ["CHANGED"])]
    assert await told(again) == [(alice.id, DONE, ["UNCHANGED"])] * 4
    assert await counts(again) == Counts(enrolled=4, unchanged=4)
    events = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert events[0]["n"] == 1


async def test_re_enrolment_that_is_switched_off_again_remembers_who_was_there(brands: Brands) -> None:
    one = await made(UPDATED, reenroll=True)
    alice = await contacts.create(email=ALICE)
    for name, reenroll in (("A", True), ("B", True), ("C", False), ("D", True)):
        await workflows.update(one.id, reenroll=reenroll)
        await contacts.update(alice.id, first_name=name)
        await run()
    assert len(await enrolments(one)) == 3


async def test_what_happens_to_a_contact_runs_in_the_order_in_which_it_happened(brands: Brands) -> None:
    """In one batch, each seeing what the one before did."""
    letters_in = WhenPreference("letters", None, IN)
    follow = await made(CHANGED, name="Follow", when_preference=letters_in, actions=[setting("alerts")])
    leave = await made(
        CHANGED,
        name="Leave",
        when_preference=WhenPreference("letters", None, OUT),
        actions=[setting("alerts", status=OUT)],
    )
    early = await contacts.create(email=ALICE)
    await say(early, brands.letters, OUT, by_recipient())
    await say(early, brands.letters, IN, by_recipient())
    late = await contacts.create(email=BOB)
    await say(late, brands.letters, IN, by_recipient())
    await say(late, brands.letters, OUT, by_recipient())
    await run()
    assert await statuses(early) == {"letters": "OPTED_IN", "alerts": "OPTED_OUT"}
    assert await statuses(late) == {"letters": "OPTED_OUT", "alerts": "OPTED_OUT"}
    assert await told(follow) == [(late.id, DONE, ["CHANGED"]), (early.id, DONE, ["PREVIOUSLY_OPTED_OUT"])]
    assert len(await told(leave)) == 2


async def test_a_contact_to_whom_much_happened_is_gone_through_in_several_batches(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow_runner, "MOST_IN_A_ROW", 3)
    again = await made(UPDATED, reenroll=True)
    alice, bob = await contacts.create(email=ALICE), await contacts.create(email=BOB)
    for number in range(10):
        await contacts.update(alice.id, first_name=f"Alice {number}")
    await contacts.update(bob.id, first_name="Robert")
    assert await workflow_runner.run_due() == 3
    await run()
    ids = [row.contact_id for row in await enrolments(again)]
    assert (ids.count(alice.id), ids.count(bob.id)) == (10, 1)


async def _archived() -> None:
    await archive_type("letters")


async def _withdrawn_from_the_channel() -> None:
    await update_type("alerts", channels=[SMS])


async def _private() -> None:
    await update_unit("bazaar", data_privacy=True)


@pytest.mark.parametrize(
    ("action", "breaks", "code"),
    [
        (setting("letters"), _archived, "TYPE_ARCHIVED"),
        (setting("alerts"), _withdrawn_from_the_channel, "CHANNEL_NOT_OFFERED"),
        (workflows.Action(EMAIL, ("letters",), IN), _private, "LEGAL_BASIS_REQUIRED"),
    ],
)
async def test_a_broken_workflow_fails_its_enrolments_and_disturbs_no_other(
    brands: Brands, action: workflows.Action, breaks: Any, code: str
) -> None:
    """Once it is mended, those that failed can be enrolled."""
    broken = await made(actions=[action])
    sound = await made(name="Sound", actions=[setting("alerts", channel=SMS, status=OUT)])
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    await breaks()
    await run()
    assert await told(broken) == [(alice.id, FAILED, [code])]
    assert (await enrolments(broken))[0].error
    assert await counts(broken) == Counts(enrolled=1, failed=1)
    assert await told(sound) == [(alice.id, DONE, ["CHANGED"])]
    await workflows.update(broken.id, actions=[setting("weekly-digest", status=OUT)])
    await workflow_enrolments.ask(broken.id, ContactFilter(), by_team().actor)
    await run()
    assert [row[1:] for row in await told(broken)] == [(FAILED, [code]), (DONE, ["CHANGED"])]


async def test_a_workflow_that_is_broken_in_part_goes_through_once_all_the_same(brands: Brands) -> None:
    """What it did, and somebody took back, it does not do again."""
    partly = await made(UPDATED, actions=[setting("weekly-digest"), setting("letters")])
    alice = await contacts.create(email=ALICE)
    await archive_type("weekly-digest")
    await contacts.update(alice.id, first_name="Alice")
    await run()
    assert await told(partly) == [(alice.id, FAILED, ["TYPE_ARCHIVED", "CHANGED"])]
    await say(alice, brands.letters, NEITHER, by_team())
    await contacts.update(alice.id, first_name="Alicja")
    await run()
    assert len(await told(partly)) == 1
    assert (await statuses(alice))["letters"] == "NOT_OPTED"


@pytest.mark.parametrize("where", ["filter", "action"])
async def test_a_workflow_that_faults_fails_alone(
    brands: Brands, where: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """On PostgreSQL a statement that fails ends its transaction: all the others are done again.

    Where the filter itself can't be asked, it fails for whoever set it off.
    """
    before = await made(name="Before", actions=[setting("alerts")])
    faulty = await made(filter=ContactFilter(search="dora-1"))
    after = await made(name="After", actions=[setting("weekly-digest", status=OUT)])

    async def roof(*_: Any) -> None:
        await database.fetch("SELECT falls FROM roof")

    meant, applied = workflow_runner.meant, workflow_actions.ledger.apply

    async def filtered(workflow: Any, *rest: Any) -> Any:
        return await (roof() if workflow.id == faulty.id and where == "filter" else meant(workflow, *rest))

    async def acted(intents: Any, provenance: Any) -> Any:
        return await (
            roof()
            if where == "action" and provenance.actor.name == "Welcome"
            else applied(intents, provenance)
        )

    monkeypatch.setattr(workflow_runner, "meant", filtered)
    monkeypatch.setattr(ledger, "apply", acted)
    people = await everybody(3)
    with structlog.testing.capture_logs() as lines:
        await run()
    assert [(line["event"], line["workflow"]) for line in lines] == [("workflow_faulted", faulty.id)]
    meant_for = people if where == "filter" else people[1:2]
    assert await told(faulty) == [(one.id, FAILED, []) for one in meant_for]
    assert (await enrolments(faulty))[0].error == "An unexpected fault; the log tells more."
    for sound in (before, after):
        assert await told(sound) == [(one.id, DONE, ["CHANGED"]) for one in people]


async def test_what_waits_runs_as_the_workflow_is_then(brands: Brands) -> None:
    one = await made(filter=ContactFilter(property=PropertyEquals("country", "PL")))
    gone = await made(name="Gone", actions=[setting("weekly-digest", status=OUT)])
    alice = await contacts.create(email=ALICE, properties={"country": "SE"})
    await workflows.update(one.id, filter=None, actions=[setting("alerts")])
    await workflows.update(gone.id, enabled=False)
    await run()
    assert await statuses(alice) == {"alerts": "OPTED_IN"}
    assert await told(gone) == []


async def test_a_new_workflow_does_not_run_what_happened_before_it(brands: Brands, clock: Clock) -> None:
    first = await made(name="First", actions=[setting("alerts")])
    early = await contacts.create(email=ALICE)
    clock.forward(seconds=1)
    late = await made(name="Late")
    clock.forward(seconds=1)
    bob = await contacts.create(email=BOB)
    await run()
    assert [row[0] for row in await told(first)] == [early.id, bob.id]
    assert [row[0] for row in await told(late)] == [bob.id]


async def test_editing_changes_nothing_of_what_past_enrolments_say(brands: Brands) -> None:
    one = await made()
    await contacts.create(email=ALICE)
    await run()
    past = await enrolments(one)
    await workflows.update(one.id, name="Hello", actions=[setting("alerts", status=OUT)], enabled=False)
    await archive_type("letters")
    assert await enrolments(one) == past
    assert past[0].results[0].type == "letters"


async def test_a_filter_looks_at_the_contact_as_it_is_when_it_runs(brands: Brands) -> None:
    one = await made(filter=ContactFilter(property=PropertyEquals("country", "PL")))
    alice = await contacts.create(email=ALICE, properties={"country": "SE"})
    bob = await contacts.create(email=BOB, properties={"country": "PL"})
    await contacts.update(alice.id, properties={"country": "PL"})
    await contacts.update(bob.id, properties={"country": "SE"})
    await run()
    assert [row[0] for row in await told(one)] == [alice.id]


async def test_a_crash_loses_nothing_and_repeats_nothing(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18: enrolments, events and triggers are one transaction."""
    one = await made()
    people = await everybody(3)
    with monkeypatch.context() as patched:

        async def crash(*_: Any) -> None:
            raise asyncio.CancelledError

        patched.setattr(workflow_actions, "_count", crash)
        with pytest.raises(asyncio.CancelledError):
            await workflow_runner.run_due()
    assert await told(one) == []
    assert await database.fetch("SELECT 1 FROM consent_events") == []
    await run()
    assert await told(one) == [(person.id, DONE, ["CHANGED"]) for person in people]


async def test_a_deleted_contacts_enrolment_stays_and_names_nobody(brands: Brands) -> None:
    one = await made()
    alice = await contacts.create(email=ALICE)
    await run()
    await contacts.delete(alice.id)
    bob = await contacts.create(email=BOB)
    assert bob.id != alice.id
    [past] = await enrolments(one)
    assert past.contact_id == alice.id
    assert await contacts.get(past.contact_id) is None


async def test_with_many_workflows_a_transaction_takes_fewer_triggers(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(workflow_actions, "MOST_STEPS", 4)
    many = [setting("alerts"), setting("weekly-digest", status=OUT), setting("letters")]
    by_hand = await made(Trigger.MANUAL, name="By hand", actions=many)  # no trigger is for this one
    await made(CREATED, name="A")
    await made(CREATED, name="B")
    await everybody(5)
    assert await workflow_runner.run_due() == 2
    await run()
    rows = await database.fetch("SELECT enrolled AS n FROM workflows WHERE id <> $1", by_hand.id)
    assert {row["n"] for row in rows} == {5}
