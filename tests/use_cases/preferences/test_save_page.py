"""Saving a page with two addresses: both or neither, the number only while it is the contact's (R1, R18)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure.erase import erase_contact, erase_on_request, erase_recipient
from preference_center.ledger.types import Intent, Outcome, PauseIntent, Provenance
from preference_center.preferences.own_page import save as save_page_module
from preference_center.preferences.own_page.save import AddressChanges, save_page
from preference_center.recipients import recipients, visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, TEAM, Brands, by_recipient

IN = PreferenceStatus.OPTED_IN


@pytest.fixture
async def contact(brands: Brands, alice: int, alice_phone: int) -> ContactRow:
    return await contacts.create(email=ALICE, phone=ALICE_PHONE)


async def visitor() -> Visitor:
    """Alice, who opened the link sent to her email address."""
    address = parse(ALICE)
    found, state = await visitors.find_visitor_with_state(address.kind, recipients.fingerprint_of(address))
    return await visitors.with_phone(found, state)


def opt_in(brands: Brands, channel: Channel) -> AddressChanges:
    """An opt-in to the digest on a channel."""
    return AddressChanges(
        lambda recipient_id: [Intent(recipient_id, channel, IN, brands.acme, brands.digest)], by_recipient()
    )


async def channels_of_events() -> list[str]:
    return [row["channel"] for row in await database.fetch("SELECT channel FROM consent_events ORDER BY id")]


async def test_the_changes_of_each_address_are_written_for_its_own_recipient(
    brands: Brands, contact: ContactRow, alice: int, alice_phone: int
) -> None:
    saved = await save_page(await visitor(), opt_in(brands, Channel.EMAIL), opt_in(brands, Channel.SMS))
    assert [outcome.status for outcome in saved.outcomes] == [IN, IN]
    assert not saved.phone_skipped
    rows = await database.fetch("SELECT recipient_id, channel FROM preferences ORDER BY id")
    assert [tuple(row) for row in rows] == [(alice, "EMAIL"), (alice_phone, "SMS")]


async def test_a_failure_in_the_second_address_rolls_the_first_back(
    brands: Brands, contact: ContactRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18"""
    record_in_transaction, calls = save_page_module.record_in_transaction, []

    async def fail_the_second_time(intents: list[Intent], provenance: Provenance) -> list[Outcome]:
        calls.append(intents)
        if len(calls) == 2:
            raise RuntimeError("the power failed")
        return await record_in_transaction(intents, provenance)

    monkeypatch.setattr(save_page_module, "record_in_transaction", fail_the_second_time)
    with pytest.raises(RuntimeError, match="power"):
        await save_page(await visitor(), opt_in(brands, Channel.EMAIL), opt_in(brands, Channel.SMS))
    assert len(calls) == 2
    assert await channels_of_events() == []


@pytest.mark.parametrize("lost", ["replaced", "shared", "erased"])
async def test_a_number_that_is_lost_before_the_page_is_saved_is_skipped(
    brands: Brands, contact: ContactRow, alice_phone: int, lost: str
) -> None:
    opened = await visitor()
    assert opened.phone
    if lost == "replaced":
        await contacts.update(contact.id, phone="+48601999888")
    elif lost == "shared":
        await contacts.create(phone=ALICE_PHONE)
    else:
        await erase_recipient(alice_phone, TEAM)
    saved = await save_page(opened, opt_in(brands, Channel.EMAIL), opt_in(brands, Channel.SMS))
    assert saved.phone_skipped
    assert await channels_of_events() == ["EMAIL"]


async def test_a_visitor_without_a_number_saves_the_address_alone(brands: Brands, alice: int) -> None:
    saved = await save_page(await visitor(), opt_in(brands, Channel.EMAIL), opt_in(brands, Channel.SMS))
    assert saved.phone_skipped
    assert await channels_of_events() == ["EMAIL"]


@pytest.mark.parametrize("erased_by", ["the person", "the team"])
async def test_only_opt_outs_are_saved_for_a_person_erased_since_the_page_was_opened(
    brands: Brands, contact: ContactRow, alice: int, alice_phone: int, erased_by: str
) -> None:
    """R36: an erased person is not opted in again, and no pause is stored."""
    opened, letters = await visitor(), brands.letters
    if erased_by == "the person":
        await erase_on_request(opened.recipient_kind, opened.fingerprint)
    else:
        await erase_contact(contact, TEAM)
    in_30_days = database.now() + timedelta(days=30)
    changes = AddressChanges(
        lambda recipient_id: [
            Intent(recipient_id, Channel.EMAIL, IN, brands.acme, brands.digest),
            Intent(recipient_id, Channel.EMAIL, PreferenceStatus.OPTED_OUT, brands.bazaar, letters),
        ],
        by_recipient(),
        lambda recipient_id: [PauseIntent(recipient_id, Channel.EMAIL, brands.bazaar, in_30_days)],
    )
    for phone in (None, opt_in(brands, Channel.SMS)):
        saved = await save_page(opened, changes, phone)
        assert [outcome.status for outcome in saved.outcomes] == [PreferenceStatus.OPTED_OUT]
        assert saved.pauses == []
    rows = await database.fetch("SELECT subscription_type_id, status FROM preferences")
    assert [tuple(row) for row in rows] == [(letters.id, "OPTED_OUT")]
    assert await database.fetch("SELECT 1 FROM pauses") == []
    reversed_opt_outs = "SELECT 1 FROM consent_events WHERE before = 'OPTED_OUT'"
    assert await database.fetch(reversed_opt_outs) == []
