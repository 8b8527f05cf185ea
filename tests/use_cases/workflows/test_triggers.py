"""Which events trigger workflows, from every source, and which are not stored at all."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter, PropertyEquals
from preference_center.erasure.erase import erase_contact
from preference_center.imports import contacts as contact_imports
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, Trigger
from preference_center.rules.workflows import WhenPreference
from preference_center.storage import database
from preference_center.workflows import definitions
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, by_recipient, by_team
from tests.use_cases.workflows.enrolling import (
    IN,
    OUT,
    change,
    create_workflow,
    enrolments,
    outcomes,
    run_all,
    set_status,
    statuses,
)

CREATED, UPDATED, CHANGED = Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED, Trigger.PREFERENCE_CHANGED


async def pending() -> int:
    """The number of stored triggers."""
    return int((await database.fetch("SELECT COUNT(*) AS n FROM workflow_triggers"))[0]["n"])


async def imported(*lines: str, dry_run: bool = False) -> None:
    async def chunks() -> Any:
        yield "\n".join(lines).encode()

    provenance = by_team()
    request = contact_imports.ContactImport(
        provenance.legal_basis, provenance.processing_basis, provenance.explanation or "", dry_run
    )
    await contact_imports.receive(request, Upload(chunks()), TEAM)
    while await run_next(HANDLERS):
        pass


async def test_a_new_contact_is_opted_in_and_the_event_names_the_workflow(brands: Brands) -> None:
    """R18: one event, with origin, actor, legal basis and explanation."""
    in_poland = ContactFilter(property=PropertyEquals("country", "PL"))
    welcome = await create_workflow(filter=in_poland, actions=[set_status("weekly-digest")])
    alice = await contacts.create(
        email=ALICE, properties={"country": "PL"}, processing_basis=by_team().processing_basis
    )
    await contacts.create(email=BOB, properties={"country": "SE"})
    await run_all()
    [enrolment] = await enrolments(welcome)
    assert (enrolment.contact_id, enrolment.trigger, enrolment.state.value, enrolment.error) == (
        alice.id,
        CREATED,
        "DONE",
        None,
    )
    assert [(r.channel, r.type, r.status, r.outcome.value, r.code) for r in enrolment.results] == [
        (Channel.EMAIL, "weekly-digest", IN, "CHANGED", None)
    ]
    [event] = await database.fetch(
        "SELECT e.*, v.explanation FROM consent_events e JOIN evidence v ON v.event_id = e.id"
    )
    assert (event["recipient_id"], event["after"]) == (alice.email_recipient_id, "OPTED_IN")
    assert (event["origin"], event["actor"]) == ("WORKFLOW", "Welcome")
    assert (event["legal_basis"], event["explanation"]) == ("CONSENT_WITH_NOTICE", "They asked at the fair.")


async def test_an_import_triggers_the_same_workflows_as_single_contacts(brands: Brands) -> None:
    await contacts.create(email=ALICE, properties={"country": "SE"})
    await contacts.create(email="same@example.com", properties={"country": "PL"})
    welcome = await create_workflow(CREATED)
    moved = await create_workflow(UPDATED, name="Moved", when_property="country")
    lines = ("email,first_name,country", f"{ALICE},,PL", f"{BOB},Bob,PL", "same@example.com,,PL")
    await imported(*lines, dry_run=True)
    assert await pending() == 0
    await imported(*lines, "same@example.com,Sam,PL")
    await run_all()
    by_email = {address: (await contacts.select("c.email = $1", address))[0].id for address in (ALICE, BOB)}
    assert [row.contact_id for row in await enrolments(welcome)] == [by_email[BOB]]
    assert [row.contact_id for row in await enrolments(moved)] == [by_email[ALICE]]


@dataclass(frozen=True)
class Edit:
    fields: dict[str, Any]
    is_change: bool = False
    changes_country: bool = False


@pytest.mark.parametrize(
    "edit",
    [
        Edit({"properties": {"country": "SE", "city": "Lund"}}, is_change=True, changes_country=True),
        Edit({"replace_properties": {"city": "Lund"}}, is_change=True, changes_country=True),
        Edit({"properties": {"country": None}}, is_change=True, changes_country=True),
        Edit({"properties": {"city": "Lund"}}),
        Edit({"properties": {"country": "PL", "city": "Gdynia"}}, is_change=True),
        Edit({"properties": {"city": "Lund", "country": "PL"}}),
        Edit({"first_name": "Alicja"}, is_change=True),
        Edit({"first_name": "Alice"}),
        Edit({"email": " ALICE@example.com "}),
        Edit({"email": BOB}, is_change=True),
        Edit({"processing_basis": by_team().processing_basis}, is_change=True),
        Edit({}),
    ],
)
async def test_an_update_triggers_workflows_only_if_a_value_changed(brands: Brands, edit: Edit) -> None:
    properties = {"country": "PL", "city": "Lund"}
    alice = await contacts.create(email=ALICE, first_name="Alice", properties=properties)
    anything = await create_workflow(UPDATED)
    moved = await create_workflow(UPDATED, name="Moved", when_property="country")
    await contacts.update(alice.id, **edit.fields)
    await run_all()
    assert (len(await enrolments(anything)), len(await enrolments(moved))) == (
        edit.is_change,
        edit.changes_country,
    )


@pytest.mark.parametrize(
    ("field", "changes", "line"),
    [
        ("email", {"email": BOB}, None),
        ("phone", {"phone": ALICE_PHONE}, f"phone,{ALICE_PHONE}"),
        ("firstName", {"first_name": "Alicja"}, "first_name,Alicja"),
        ("lastName", {"last_name": "Nowak"}, "last_name,Nowak"),
        ("locale", {"locale": "pl"}, "locale,pl"),
        ("processingBasis", {"processing_basis": by_team().processing_basis}, None),
    ],
)
async def test_a_workflow_can_wait_for_a_field_of_the_contact(
    brands: Brands, field: str, changes: dict[str, Any], line: str | None
) -> None:
    basis = LegalBasis.PERFORMANCE_OF_CONTRACT
    alice = await contacts.create(email=ALICE, properties={"city": "Lund"}, processing_basis=basis)
    listening = await create_workflow(UPDATED, when_property=field, reenroll=True)
    await contacts.update(alice.id, properties={"city": "Gdynia"})
    await run_all()
    assert await enrolments(listening) == []
    if line is None:
        await contacts.update(alice.id, **changes)
    else:
        column, value = line.split(",")
        await imported(f"email,{column}", f"{ALICE},{value}")
        await contacts.update(alice.id, **changes)
    await run_all()
    assert [row.contact_id for row in await enrolments(listening)] == [alice.id]


async def test_a_changed_preference_triggers_workflows_whatever_changed_it(brands: Brands) -> None:
    alice, bob = await contacts.create(email=ALICE), await contacts.create(email=BOB)
    anything = await create_workflow(CHANGED, actions=[set_status("alerts")], reenroll=True)
    left = await create_workflow(
        CHANGED,
        name="Left",
        when_preference=WhenPreference("letters", None, OUT),
        actions=[set_status("alerts", status=OUT)],
    )
    await change(alice, brands.letters, IN, by_team())
    await change(bob, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))
    await change(bob, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))  # R16: no event
    await run_all()
    assert [row[0] for row in await outcomes(anything)][:2] == [alice.id, bob.id]
    assert [row[0] for row in await outcomes(left)] == [bob.id]
    [enrolled] = await enrolments(left)
    [event] = await database.fetch(
        "SELECT id FROM consent_events WHERE recipient_id = $1 AND origin = 'ONE_CLICK'",
        bob.email_recipient_id,
    )
    assert enrolled.event_id == event["id"]


async def test_an_opt_out_of_all_is_a_change_of_no_single_type(brands: Brands) -> None:
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    anything = await create_workflow(CHANGED, actions=[set_status("weekly-digest", status=OUT)])
    left = await create_workflow(
        CHANGED,
        name="Left",
        when_preference=WhenPreference("letters", None, OUT),
        actions=[set_status("alerts")],
    )
    await preferences.opt_out_of_all(
        alice.email_recipient_id, Channel.EMAIL, brands.bazaar, by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK)
    )
    await run_all()
    assert [row[0] for row in await outcomes(anything)] == [alice.id]
    assert await outcomes(left) == []


async def test_taking_over_a_teams_opt_out_is_not_a_new_opt_out(brands: Brands) -> None:
    """R11: it is a change, but the status is the same as before."""
    alice = await contacts.create(email=ALICE)
    await change(alice, brands.letters, OUT, by_team())
    anything = await create_workflow(CHANGED, actions=[set_status("alerts")])
    when = WhenPreference("letters", None, OUT)
    left = await create_workflow(
        CHANGED, name="Left", when_preference=when, actions=[set_status("alerts", status=OUT)]
    )
    await change(alice, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))
    await run_all()
    assert [row[0] for row in await outcomes(anything)] == [alice.id]
    assert await outcomes(left) == []


async def test_a_processing_basis_given_with_an_opt_in_is_a_change_of_the_contact(brands: Brands) -> None:
    """R6"""
    alice = await contacts.create(email=ALICE)
    listening = await create_workflow(
        UPDATED, when_property="processingBasis", actions=[set_status("letters")]
    )
    await change(alice, brands.digest, IN, by_team())
    await change(alice, brands.offers, IN, by_team())
    await run_all()
    assert [row[0] for row in await outcomes(listening)] == [alice.id]
    now = await contacts.get(alice.id)
    assert now
    assert now.updated_at > alice.updated_at


async def test_rows_of_a_file_that_cancel_each_other_out_trigger_nothing(brands: Brands) -> None:
    basis = by_team().processing_basis
    await contacts.create(
        email=ALICE, first_name="Alice", properties={"country": "PL"}, processing_basis=basis
    )
    anything = await create_workflow(UPDATED)
    first, second = f"{ALICE},Alicja,SE", f"{ALICE},Alice,PL"
    await imported("email,first_name,country", first, second)
    await run_all()
    assert await enrolments(anything) == []


async def test_a_superseded_change_triggers_nothing(brands: Brands) -> None:
    """R17"""
    alice = await contacts.create(email=ALICE)
    await change(alice, brands.letters, OUT, by_recipient())
    anything = await create_workflow(CHANGED)
    earlier = database.now().replace(year=2020)
    await change(alice, brands.letters, IN, by_recipient(occurred_at=earlier))
    await run_all()
    assert await outcomes(anything) == []


async def test_a_change_of_a_shared_number_triggers_for_both_contacts(brands: Brands) -> None:
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    both = await create_workflow(CHANGED, actions=[set_status("letters")])
    await change(alice, brands.alerts, OUT, by_recipient(ConsentOrigin.KEYWORD), Channel.SMS)
    await run_all()
    assert sorted(row[0] for row in await outcomes(both)) == [alice.id, bob.id]


async def test_an_erasure_is_an_update_of_contacts_that_shared_the_number_only(brands: Brands) -> None:
    """R36: nothing runs for the erased contact."""
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    await change(alice, brands.letters, IN, by_team())
    updated = await create_workflow(UPDATED)
    anything = await create_workflow(CHANGED, name="Changed", actions=[set_status("alerts")])
    await erase_contact(alice, TEAM)
    await run_all()
    assert [row[0] for row in await outcomes(updated)] == [bob.id]
    assert [row[0] for row in await outcomes(anything)] == [bob.id]  # triggered by the other workflow


async def _create() -> None:
    await contacts.create(email=BOB)


async def _update(alice: ContactRow) -> None:
    await contacts.update(alice.id, first_name="Alicja")


@pytest.mark.parametrize("trigger", [None, Trigger.MANUAL, CREATED, UPDATED, CHANGED])
async def test_events_that_no_enabled_workflow_waits_for_are_not_stored(
    brands: Brands, trigger: Trigger | None
) -> None:
    alice = await contacts.create(email=ALICE, processing_basis=by_team().processing_basis)
    if trigger is not None:
        await create_workflow(trigger)
    disabled = await create_workflow(*Trigger, name="Disabled")
    await definitions.update(disabled.id, enabled=False)
    acts: dict[Trigger, Callable[[], Awaitable[Any]]] = {
        CREATED: _create,
        UPDATED: lambda: _update(alice),
        CHANGED: lambda: change(alice, brands.letters, IN, by_team()),
    }
    for event, act in acts.items():
        before = await pending()
        await act()
        assert (await pending() - before) == (event is trigger)


async def test_a_failed_change_stores_no_trigger(brands: Brands) -> None:
    """R18: the trigger is in the transaction of its cause."""
    await contacts.create(email=ALICE)
    welcome = await create_workflow(*Trigger)
    for attempt in (contacts.create(email=ALICE), contacts.create(email="nobody")):
        with pytest.raises(Exception, match="address"):
            await attempt
    assert await pending() == 0
    await run_all()
    assert await outcomes(welcome) == []


async def test_a_contact_deleted_before_the_trigger_runs_is_not_enrolled(brands: Brands) -> None:
    welcome = await create_workflow()
    alice = await contacts.create(email=ALICE)
    await contacts.delete(alice.id)
    await run_all()
    assert await outcomes(welcome) == []
    assert await statuses(alice) == {}
