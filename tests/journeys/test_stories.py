"""Stories over every way in, on both databases: what a person, the team and a sender would notice."""

from __future__ import annotations

from datetime import timedelta

import pytest

from tests.journeys.catalog import ACME, ALERTS, BAZAAR, DIGEST, INSIDERS, OFFERS, RECEIPTS, TRIAL
from tests.journeys.driver import operations
from tests.journeys.driver.application import Application
from tests.journeys.story_person import LEGAL_BASES, Person


@pytest.fixture
def alice(application: Application) -> Person:
    """A contact, whom nobody has asked anything yet."""
    person = Person(application, f"alice-{next(application.numbers)}@example.com")
    create_contact(person)
    return person


@pytest.fixture
def bob(application: Application) -> Person:
    """Somebody of whom Sayso has never heard."""
    return Person(application, f"bob-{next(application.numbers)}@example.com")


def create_contact(person: Person, **more: str) -> str:
    sent = {"email": person.address, **more}
    answer = person.application.ask(operations.CREATE_CONTACT, input=sent)["createContact"]
    assert not answer["userErrors"]
    return str(answer["contact"]["id"])


def confirm_anyway(person: Person, link: str) -> int:
    """Press the button of a page opened earlier, whatever the page says now; answers the status."""
    return person.application.post(link, do="confirm").status_code


def test_every_way_in_ends_in_one_history(alice: Person) -> None:  # R4 R6 R7 R9 R12 R18 R19
    assert alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES) == "changed"
    alice.saves(DIGEST)
    assert alice.updated(DIGEST, "OPTED_IN", "integration", **LEGAL_BASES) == "OPTED_OUT_BY_RECIPIENT"
    assert alice.blocked(DIGEST) == "OPTED_OUT"
    assert alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES) == "changed"
    alice.one_clicks(DIGEST)
    alice.unsubscribes(unit=ACME)
    assert alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES) == "OPTED_OUT_OF_ALL"
    assert alice.opt_out_of_all_removed(ACME) == ["OPTED_OUT_BY_RECIPIENT"]
    alice.saves(DIGEST)
    assert alice.blocked(DIGEST) is None
    assert alice.updated(TRIAL, "OPTED_IN", **LEGAL_BASES) == "unchanged"
    assert alice.blocked(TRIAL) == "CONFIRMATION_PENDING"
    assert alice.confirms().status == 200
    assert alice.blocked(TRIAL) is None
    assert alice.history_lines() == [
        "digest CONTACT_RECORD NOT_OPTED OPTED_IN",
        "digest PREFERENCE_PAGE OPTED_IN OPTED_OUT",
        "digest CONTACT_RECORD OPTED_OUT OPTED_IN",
        "digest ONE_CLICK OPTED_IN OPTED_OUT",
        "all UNSUBSCRIBE_LINK NOT_OPTED OPTED_OUT",
        "digest PREFERENCE_PAGE OPTED_OUT OPTED_IN",
        "all PREFERENCE_PAGE OPTED_OUT NOT_OPTED",
        "trial CONFIRMATION NOT_OPTED OPTED_IN",
    ]
    assert alice.application.differences() == []


def test_an_opt_out_survives_the_contact_and_meets_the_next_one(alice: Person) -> None:  # R1 R3
    alice.one_clicks(DIGEST)
    contact = alice.application.ask("query($e: String!) { contact(by: {email: $e}) { id } }", e=alice.address)
    alice.application.ask(operations.DELETE_CONTACT, input={"id": contact["contact"]["id"]})
    again = Person(alice.application, f"  {alice.address.upper()} ")
    create_contact(again)
    assert alice.blocked(DIGEST) == again.blocked(DIGEST) == "OPTED_OUT"
    assert Person(alice.application, "dots." + alice.address).blocked(DIGEST) == "NOT_OPTED_IN"


def get_another_address(person: Person, address: str, **more: bool) -> None:
    """The team gives the contact another email address."""
    ask = person.application.ask
    contact = ask("query($e: String!) { contact(by: {email: $e}) { id } }", e=person.address)["contact"]
    sent = {"id": contact["id"], "email": address, **more}
    update = "mutation($i: UpdateContactInput!) { updateContact(input: $i) { userErrors { code } } }"
    assert ask(update, i=sent)["updateContact"]["userErrors"] == []


def test_a_new_address_has_its_own_opt_ins_and_her_opt_outs_follow(alice: Person, bob: Person) -> None:
    # R1 R38
    alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES)
    alice.one_clicks(OFFERS)
    alice.unsubscribes(INSIDERS)
    assert bob.updated(OFFERS, "OPTED_IN", **LEGAL_BASES) == "changed"
    get_another_address(alice, bob.address)
    assert (bob.blocked(OFFERS), bob.blocked(DIGEST)) == ("OPTED_OUT", "NOT_OPTED_IN")
    assert (alice.blocked(OFFERS), alice.blocked(DIGEST)) == ("OPTED_OUT", None)
    assert bob.updated(OFFERS, "OPTED_IN", "integration", **LEGAL_BASES) == "OPTED_OUT_BY_RECIPIENT"
    assert bob.history_lines() == [
        "offers CONTACT_RECORD NOT_OPTED OPTED_IN",
        "offers ONE_CLICK OPTED_IN OPTED_OUT",
        "insiders UNSUBSCRIBE_LINK NOT_OPTED OPTED_OUT",
    ]
    originals = {event["subscriptionType"]["key"]: event["id"] for event in alice.history()}
    for event in bob.history()[1:]:
        assert event["carriedFrom"] == originals[event["subscriptionType"]["key"]]
        assert event["actor"] == "recipient"
    assert alice.application.differences() == []


def test_an_address_with_a_decision_of_its_own_keeps_it(alice: Person, bob: Person) -> None:  # R38
    alice.unsubscribes(unit=ACME)
    alice.unsubscribes(unit=BAZAAR)
    bob.saves(DIGEST)
    get_another_address(alice, bob.address)
    assert (bob.blocked(DIGEST), bob.blocked(OFFERS)) == (None, "OPTED_OUT_OF_ALL")


def test_one_update_can_leave_the_opt_outs_behind(alice: Person, bob: Person) -> None:  # R38
    alice.unsubscribes(unit=BAZAAR)
    get_another_address(alice, bob.address, carryOptOuts=False)
    assert bob.blocked(OFFERS) is None
    assert bob.history_lines() == []


def test_a_confirmation_brings_back_what_was_ticked_alone(application: Application) -> None:
    # R12 R19: nothing comes back until the phone confirms it
    number = next(application.numbers)
    alice = Person(application, f"alice-{number}@example.com")
    phone = Person(application, f"+48604{number:06d}")
    create_contact(alice, phone=phone.address)
    alice.toggles("offers:SMS")
    alice.toggles(button="out:bazaar", bazaar="SMS")
    alice.toggles("club:SMS")
    assert phone.history_lines()[-1] == "all PREFERENCE_PAGE NOT_OPTED OPTED_OUT"
    assert application.press(application.open(phone.texted_link()), "confirm").status == 200
    assert phone.history_lines()[2:] == [
        "club CONFIRMATION NOT_OPTED OPTED_IN",
        "all CONFIRMATION OPTED_OUT NOT_OPTED",
        "offers CONFIRMATION OPTED_IN OPTED_OUT",
    ]
    assert application.differences() == []


def test_coming_back_with_one_box_ticked_is_that_one_alone(alice: Person) -> None:  # R12
    alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES)
    alice.unsubscribes(unit=ACME)
    alice.saves(ALERTS)
    assert (alice.blocked(ALERTS), alice.blocked(DIGEST)) == (None, "OPTED_OUT")
    assert alice.history_lines()[2:] == [
        "alerts PREFERENCE_PAGE NOT_OPTED OPTED_IN",
        "all PREFERENCE_PAGE OPTED_OUT NOT_OPTED",
        "digest PREFERENCE_PAGE OPTED_IN OPTED_OUT",
    ]


def test_whom_only_a_link_has_named_is_found_opted_out_when_the_address_comes(bob: Person) -> None:  # R2 R32
    assert bob.blocked(OFFERS) is None
    bob.one_clicks(OFFERS)
    assert bob.blocked(OFFERS) == "OPTED_OUT"
    create_contact(bob)
    assert bob.blocked(OFFERS) == "OPTED_OUT"
    assert bob.updated(OFFERS, "OPTED_IN", "integration", **LEGAL_BASES) == "OPTED_OUT_BY_RECIPIENT"


def test_her_own_opt_out_takes_over_the_teams(alice: Person) -> None:  # R8 R11
    assert alice.opted_out_of_all(BAZAAR) == []
    assert alice.opt_out_of_all_removed(BAZAAR) == []
    assert alice.opted_out_of_all(BAZAAR) == []
    alice.unsubscribes(unit=BAZAAR)
    assert alice.opt_out_of_all_removed(BAZAAR) == ["OPTED_OUT_BY_RECIPIENT"]
    assert alice.opted_out_of_all(BAZAAR) == []
    assert alice.opt_out_of_all_removed(BAZAAR) == ["OPTED_OUT_BY_RECIPIENT"]
    assert alice.history_lines()[-1] == "all UNSUBSCRIBE_LINK OPTED_OUT OPTED_OUT"


def test_opting_out_again_ends_what_waits_to_be_confirmed(alice: Person) -> None:  # R16 R19
    alice.one_clicks(TRIAL)
    assert alice.updated(TRIAL, "OPTED_IN", **LEGAL_BASES) == "unchanged"
    before, link = alice.history_lines(), alice.mailed_link()
    alice.one_clicks(TRIAL)
    assert confirm_anyway(alice, link) >= 400
    assert alice.blocked(TRIAL) == "OPTED_OUT"
    assert alice.history_lines() == before


def test_a_confirmation_lapses_after_a_week(alice: Person) -> None:  # R19
    assert alice.updated(TRIAL, "OPTED_IN", **LEGAL_BASES) == "unchanged"
    link = alice.mailed_link()
    alice.application.clock.forward(days=7, seconds=1)
    assert confirm_anyway(alice, link) >= 400
    assert alice.blocked(TRIAL) == "NOT_OPTED_IN"
    assert alice.history_lines() == []


def test_what_is_chosen_for_the_phone_shown_with_the_email_is_confirmed_from_the_phone(
    application: Application,
) -> None:
    # R12 R19
    number = next(application.numbers)
    alice, phone = (
        Person(application, f"alice-{number}@example.com"),
        Person(application, f"+48604{number:06d}"),
    )
    create_contact(alice, phone=phone.address)
    saved = alice.toggles("digest:EMAIL", "alerts:SMS", "club:SMS")
    assert "You’ll now get" in saved.text
    assert "open the link in the text message we send to" in saved.text
    assert phone.history_lines() == ["alerts PREFERENCE_PAGE NOT_OPTED OPTED_IN"]
    assert application.press(application.open(phone.texted_link()), "confirm").status == 200
    alice.toggles(button="out:bazaar", bazaar="SMS")
    assert alice.history_lines() == ["digest PREFERENCE_PAGE NOT_OPTED OPTED_IN"]
    assert phone.history_lines()[1:] == [
        "club CONFIRMATION NOT_OPTED OPTED_IN",
        "all PREFERENCE_PAGE NOT_OPTED OPTED_OUT",
    ]


def test_a_press_is_taken_back_once_and_only_while_it_is_the_last_word(alice: Person) -> None:  # R31
    alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES)
    done = alice.unsubscribes(DIGEST)
    assert alice.blocked(DIGEST) == "OPTED_OUT"
    alice.application.press(done, "undo")
    assert alice.blocked(DIGEST) is None
    alice.one_clicks(DIGEST)
    alice.application.press(done, "undo")
    assert alice.blocked(DIGEST) == "OPTED_OUT"


def test_an_undo_after_a_day_or_under_an_opt_out_of_all_gives_nothing_back(alice: Person) -> None:  # R31
    alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES)
    done = alice.unsubscribes(DIGEST)
    alice.unsubscribes(unit=ACME)
    alice.application.press(done, "undo")
    assert alice.blocked(DIGEST) == "OPTED_OUT_OF_ALL"
    alice.saves(button="back:acme:EMAIL")
    assert alice.blocked(DIGEST) == "OPTED_OUT"
    alice.application.clock.forward(hours=25)
    alice.application.press(done, "undo")
    assert alice.blocked(DIGEST) == "OPTED_OUT"


@pytest.mark.parametrize("kind", [INSIDERS, TRIAL], ids=["internal", "double opt-in"])
def test_an_undo_gives_back_an_internal_and_a_confirmed_type_too(alice: Person, kind: object) -> None:  # R31
    assert kind in (INSIDERS, TRIAL)
    chosen = INSIDERS if kind is INSIDERS else TRIAL
    alice.updated(chosen, "OPTED_IN", **LEGAL_BASES)
    if chosen is TRIAL:
        alice.confirms()
    assert alice.blocked(chosen) is None
    alice.application.press(alice.unsubscribes(chosen), "undo")
    assert alice.blocked(chosen) is None


def test_leaving_the_receipts_leaves_the_brand_but_not_the_receipts(alice: Person) -> None:  # R24
    alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES)
    alice.unsubscribes(RECEIPTS)
    assert alice.blocked(DIGEST) == "OPTED_OUT_OF_ALL"
    assert alice.blocked(RECEIPTS) is None
    assert alice.blocked(OFFERS) is None


def test_an_older_word_that_comes_late_has_no_effect_but_is_kept(alice: Person) -> None:  # R17
    yesterday = alice.application.clock() - timedelta(days=1)
    alice.one_clicks(OFFERS)
    late = {**LEGAL_BASES, "occurredAt": yesterday.isoformat()}
    assert alice.updated(OFFERS, "OPTED_IN", "integration", **late) == "SUPERSEDED"
    assert alice.blocked(OFFERS) == "OPTED_OUT"
    tomorrow = alice.application.clock() + timedelta(days=1)
    soon = {**LEGAL_BASES, "occurredAt": tomorrow.isoformat()}
    assert alice.updated(DIGEST, "OPTED_IN", "integration", **soon) == "OCCURRED_IN_FUTURE"
    assert alice.updated(DIGEST, "OPTED_OUT", "integration", **soon) == "changed"
    assert alice.history_lines()[1:] == [
        "offers INTEGRATION OPTED_OUT OPTED_IN superseded",
        "digest INTEGRATION NOT_OPTED OPTED_OUT",
    ]


def test_an_erased_person_is_named_by_nothing_and_still_opted_out(alice: Person) -> None:  # R34 R36 R37
    alice.updated(DIGEST, "OPTED_IN", **LEGAL_BASES)
    alice.one_clicks(OFFERS)
    erase = {"recipient": {"email": alice.address}}
    assert alice.application.ask(operations.ERASE, input=erase)["eraseRecipient"]["userErrors"] == []
    events = alice.history()
    assert len(events) == 3
    assert not any(event["explanation"] for event in events)
    assert alice.blocked(RECEIPTS) == "ADDRESS_UNUSABLE"
    alice.unsubscribes(unit=ACME)
    create_contact(alice)
    assert alice.blocked(OFFERS) == "OPTED_OUT"
    assert alice.blocked(DIGEST) == "OPTED_OUT_OF_ALL"
    assert alice.blocked(RECEIPTS) is None
