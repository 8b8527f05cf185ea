"""What sets workflows off, by every way in; and what is not even kept."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from dataclasses import dataclass
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter, PropertyEquals
from preference_center.erasure import erase as erasure
from preference_center.imports import contacts as contact_imports
from preference_center.imports.reception import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations.runner import run_next
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, Trigger
from preference_center.storage import database
from preference_center.workflows import definitions as workflows
from preference_center.workflows.definitions import WhenPreference
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, by_recipient, by_team
from tests.use_cases.enrolling import IN, OUT, enrolments, made, run, say, setting, statuses, told

CREATED, UPDATED, CHANGED = Trigger.CONTACT_CREATED, Trigger.CONTACT_UPDATED, Trigger.PREFERENCE_CHANGED


async def waiting() -> int:
    """How many triggers are kept."""
    return int((await database.fetch("SELECT COUNT(*) AS n FROM workflow_triggers"))[0]["n"])


async def imported(*lines: str, dry_run: bool = False) -> None:
    async def pieces() -> Any:
        yield "\n".join(lines).encode()

    grounds = by_team()
    wish = contact_imports.ContactImport(
        grounds.legal_basis, grounds.processing_basis, grounds.explanation or "", dry_run
    )
    await contact_imports.receive(wish, Upload(pieces()), TEAM)
    while await run_next(HANDLERS):
        pass


async def test_a_contact_that_is_made_is_opted_in_by_the_workflow_in_its_name(brands: Brands) -> None:
    """R18: one event, with origin, actor, basis and explanation."""
    wanted = ContactFilter(property=PropertyEquals("country", "PL"))
    welcome = await made(filter=wanted, actions=[setting("weekly-digest")])
    alice = await contacts.create(
        email=ALICE, properties={"country": "PL"}, processing_basis=by_team().processing_basis
    )
    await contacts.create(email=BOB, properties={"country": "SE"})
    await run()
    [one] = await enrolments(welcome)
    assert (one.contact_id, one.trigger, one.state.value, one.error) == (alice.id, CREATED, "DONE", None)
    assert [(r.channel, r.type, r.status, r.outcome.value, r.code) for r in one.results] == [
        (Channel.EMAIL, "weekly-digest", IN, "CHANGED", None)
    ]
    [event] = await database.fetch(
        "SELECT e.*, v.explanation FROM consent_events e JOIN evidence v ON v.event_id = e.id"
    )
    assert (event["recipient_id"], event["after"]) == (alice.email_recipient_id, "OPTED_IN")
    assert (event["origin"], event["actor"]) == ("WORKFLOW", "Welcome")
    assert (event["legal_basis"], event["explanation"]) == ("CONSENT_WITH_NOTICE", "They asked at the fair.")


async def test_a_file_sets_off_what_its_contacts_would_one_by_one(brands: Brands) -> None:
    await contacts.create(email=ALICE, properties={"country": "SE"})
    await contacts.create(email="same@example.com", properties={"country": "PL"})
    welcome = await made(CREATED)
    moved = await made(UPDATED, name="Moved", when_property="country")
    lines = ("email,first_name,country", f"{ALICE},,PL", f"{BOB},Bob,PL", "same@example.com,,PL")
    await imported(*lines, dry_run=True)
    assert await waiting() == 0
    await imported(*lines, "same@example.com,Sam,PL")
    await run()
    by_email = {address: (await contacts.select("c.email = $1", address))[0].id for address in (ALICE, BOB)}
    assert [one.contact_id for one in await enrolments(welcome)] == [by_email[BOB]]
    assert [one.contact_id for one in await enrolments(moved)] == [by_email[ALICE]]


@dataclass(frozen=True)
class Edit:
    given: dict[str, Any]
    any: bool = False
    country: bool = False


@pytest.mark.parametrize(
    "edit",
    [
        Edit({"properties": {"country": "SE", "city": "Lund"}}, any=True, country=True),
        Edit({"properties": {"city": "Lund"}}, any=True, country=True),
        Edit({"properties": {"country": "PL", "city": "Gdynia"}}, any=True),
        Edit({"properties": {"city": "Lund", "country": "PL"}}),
        Edit({"first_name": "Alicja"}, any=True),
        Edit({"first_name": "Alice"}),
        Edit({"email": " ALICE@example.com "}),
        Edit({"email": BOB}, any=True),
        Edit({"processing_basis": by_team().processing_basis}, any=True),
        Edit({}),
    ],
)
async def test_an_update_counts_where_something_is_another_than_before(brands: Brands, edit: Edit) -> None:
    properties = {"country": "PL", "city": "Lund"}
    alice = await contacts.create(email=ALICE, first_name="Alice", properties=properties)
    anything = await made(UPDATED)
    moved = await made(UPDATED, name="Moved", when_property="country")
    await contacts.update(alice.id, **edit.given)
    await run()
    assert (len(await enrolments(anything)), len(await enrolments(moved))) == (edit.any, edit.country)


@pytest.mark.parametrize(
    ("name", "given", "line"),
    [
        ("email", {"email": BOB}, None),
        ("phone", {"phone": ALICE_PHONE}, f"phone,{ALICE_PHONE}"),
        ("firstName", {"first_name": "Alicja"}, "first_name,Alicja"),
        ("lastName", {"last_name": "Nowak"}, "last_name,Nowak"),
        ("locale", {"locale": "pl"}, "locale,pl"),
        ("processingBasis", {"processing_basis": by_team().processing_basis}, None),
    ],
)
async def test_a_field_of_the_contacts_own_can_be_what_a_workflow_waits_for(
    brands: Brands, name: str, given: dict[str, Any], line: str | None
) -> None:
    basis = LegalBasis.PERFORMANCE_OF_CONTRACT
    alice = await contacts.create(email=ALICE, properties={"city": "Lund"}, processing_basis=basis)
    waiting_for = await made(UPDATED, when_property=name, reenroll=True)
    await contacts.update(alice.id, properties={"city": "Gdynia"})
    await run()
    assert await enrolments(waiting_for) == []
    if line is None:
        await contacts.update(alice.id, **given)
    else:
        column, value = line.split(",")
        await imported(f"email,{column}", f"{ALICE},{value}")
        await contacts.update(alice.id, **given)
    await run()
    assert [one.contact_id for one in await enrolments(waiting_for)] == [alice.id]


async def test_a_preference_sets_off_whom_it_is_about_and_whatever_changed_it(brands: Brands) -> None:
    alice, bob = await contacts.create(email=ALICE), await contacts.create(email=BOB)
    anything = await made(CHANGED, actions=[setting("alerts")], reenroll=True)
    left = await made(
        CHANGED,
        name="Left",
        when_preference=WhenPreference("letters", None, OUT),
        actions=[setting("alerts", status=OUT)],
    )
    await say(alice, brands.letters, IN, by_team())
    await say(bob, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))
    await say(bob, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))  # R16: that is no event
    await run()
    assert [row[0] for row in await told(anything)][:2] == [alice.id, bob.id]
    assert [row[0] for row in await told(left)] == [bob.id]
    [enrolled] = await enrolments(left)
    [event] = await database.fetch(
        "SELECT id FROM consent_events WHERE recipient_id = $1 AND origin = 'ONE_CLICK'",
        bob.email_recipient_id,
    )
    assert enrolled.event_id == event["id"]


async def test_an_opt_out_of_all_is_a_change_but_none_of_a_type(brands: Brands) -> None:
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    anything = await made(CHANGED, actions=[setting("weekly-digest", status=OUT)])
    left = await made(
        CHANGED,
        name="Left",
        when_preference=WhenPreference("letters", None, OUT),
        actions=[setting("alerts")],
    )
    await preferences.opt_out_of_all(
        alice.email_recipient_id, Channel.EMAIL, brands.bazaar, by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK)
    )
    await run()
    assert [row[0] for row in await told(anything)] == [alice.id]
    assert await told(left) == []


async def test_whoever_takes_a_teams_opt_out_over_has_not_left_again(brands: Brands) -> None:
    """R11: that is a change, but the status became nothing that it was not."""
    alice = await contacts.create(email=ALICE)
    await say(alice, brands.letters, OUT, by_team())
    anything = await made(CHANGED, actions=[setting("alerts")])
    when = WhenPreference("letters", None, OUT)
    left = await made(CHANGED, name="Left", when_preference=when, actions=[setting("alerts", status=OUT)])
    await say(alice, brands.letters, OUT, by_recipient(ConsentOrigin.ONE_CLICK))
    await run()
    assert [row[0] for row in await told(anything)] == [alice.id]
    assert await told(left) == []


async def test_a_basis_that_comes_with_an_opt_in_is_a_change_of_the_contact(brands: Brands) -> None:
    """R6"""
    alice = await contacts.create(email=ALICE)
    based = await made(UPDATED, when_property="processingBasis", actions=[setting("letters")])
    await say(alice, brands.digest, IN, by_team())
    await say(alice, brands.offers, IN, by_team())
    await run()
    assert [row[0] for row in await told(based)] == [alice.id]
    now = await contacts.get(alice.id)
    assert now
    assert now.updated_at > alice.updated_at


async def test_rows_of_a_file_that_cancel_each_other_out_are_no_change(brands: Brands) -> None:
    held = by_team().processing_basis
    await contacts.create(
        email=ALICE, first_name="Alice", properties={"country": "PL"}, processing_basis=held
    )
    anything = await made(UPDATED)
    first, second = f"{ALICE},Alicja,SE", f"{ALICE},Alice,PL"
    await imported("email,first_name,country", first, second)
    await run()
    assert await enrolments(anything) == []


async def test_a_superseded_change_sets_nothing_off(brands: Brands) -> None:
    """R17"""
    alice = await contacts.create(email=ALICE)
    await say(alice, brands.letters, OUT, by_recipient())
    anything = await made(CHANGED)
    earlier = database.now().replace(year=2020)
    await say(alice, brands.letters, IN, by_recipient(occurred_at=earlier))
    await run()
    assert await told(anything) == []


async def test_a_number_that_two_share_sets_off_both(brands: Brands) -> None:
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    both = await made(CHANGED, actions=[setting("letters")])
    await say(alice, brands.alerts, OUT, by_recipient(ConsentOrigin.KEYWORD), Channel.SMS)
    await run()
    assert sorted(row[0] for row in await told(both)) == [alice.id, bob.id]


async def test_erasing_changes_whoever_shares_the_number_and_nobody_else(brands: Brands) -> None:
    """R36: nothing runs for whoever was erased."""
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    await say(alice, brands.letters, IN, by_team())
    updated = await made(UPDATED)
    anything = await made(CHANGED, name="Changed", actions=[setting("alerts")])
    await erasure.erase_contact(alice, TEAM)
    await run()
    assert [row[0] for row in await told(updated)] == [bob.id]
    assert [row[0] for row in await told(anything)] == [bob.id]  # set off by the other workflow


async def _create() -> None:
    await contacts.create(email=BOB)


async def _update(alice: ContactRow) -> None:
    await contacts.update(alice.id, first_name="Alicja")


@pytest.mark.parametrize("trigger", [None, Trigger.MANUAL, CREATED, UPDATED, CHANGED])
async def test_nothing_is_kept_that_no_enabled_workflow_waits_for(
    brands: Brands, trigger: Trigger | None
) -> None:
    alice = await contacts.create(email=ALICE, processing_basis=by_team().processing_basis)
    if trigger is not None:
        await made(trigger)
    disabled = await made(*Trigger, name="Disabled")
    await workflows.update(disabled.id, enabled=False)
    acts: dict[Trigger, Callable[[], Awaitable[Any]]] = {
        CREATED: _create,
        UPDATED: lambda: _update(alice),
        CHANGED: lambda: say(alice, brands.letters, IN, by_team()),
    }
    for kind, act in acts.items():
        before = await waiting()
        await act()
        assert (await waiting() - before) == (kind is trigger)


async def test_what_fails_leaves_no_trigger_behind(brands: Brands) -> None:
    """R18: the trigger is in the transaction of its cause."""
    await contacts.create(email=ALICE)
    welcome = await made(*Trigger)
    for attempt in (contacts.create(email=ALICE), contacts.create(email="nobody")):
        with pytest.raises(Exception, match="address"):
            await attempt
    assert await waiting() == 0
    await run()
    assert await told(welcome) == []


async def test_whoever_is_deleted_before_it_runs_is_not_enrolled(brands: Brands) -> None:
    welcome = await made()
    alice = await contacts.create(email=ALICE)
    await contacts.delete(alice.id)
    await run()
    assert await told(welcome) == []
    assert await statuses(alice) == {}
