"""Saving a page of two addresses: both or neither, and a number only while it is the contact's (R1, R18)."""

from __future__ import annotations

from datetime import timedelta

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure import erase as erasure
from preference_center.ledger.types import Intent, Outcome, PauseIntent, Provenance
from preference_center.preferences import save_page as save_page_module
from preference_center.preferences.save_page import AddressChanges, save_page
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
    """Alice, who has opened the link that was sent to her email address."""
    address = parse(ALICE)
    found, state = await visitors.find_visitor_with_state(address.kind, recipients.fingerprint_of(address))
    return await visitors.with_phone(found, state)


def part(brands: Brands, channel: Channel) -> AddressChanges:
    """An opt-in to the digest on a channel."""
    kind = brands.digest
    return AddressChanges(
        lambda whose: [Intent(whose, channel, IN, kind.business_unit, kind)], by_recipient()
    )


async def channels_of_events() -> list[str]:
    return [row["channel"] for row in await database.fetch("SELECT channel FROM consent_events ORDER BY id")]


async def test_each_part_is_written_for_its_own_recipient(
    brands: Brands, contact: ContactRow, alice: int, alice_phone: int
) -> None:
    saved = await save_page(await visitor(), part(brands, Channel.EMAIL), part(brands, Channel.SMS))
    assert [outcome.status for outcome in saved.outcomes] == [IN, IN]
    assert not saved.phone_skipped
    rows = await database.fetch("SELECT recipient_id, channel FROM preferences ORDER BY id")
    assert [tuple(row) for row in rows] == [(alice, "EMAIL"), (alice_phone, "SMS")]


async def test_a_fault_in_the_second_part_undoes_the_first(
    brands: Brands, contact: ContactRow, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R18"""
    apply, calls = save_page_module.record_in_transaction, []

    async def failing(intents: list[Intent], source: Provenance) -> list[Outcome]:
        calls.append(intents)
        if len(calls) == 2:
            raise RuntimeError("the lights went out")
        return await apply(intents, source)

    monkeypatch.setattr(save_page_module, "record_in_transaction", failing)
    with pytest.raises(RuntimeError, match="lights"):
        await save_page(await visitor(), part(brands, Channel.EMAIL), part(brands, Channel.SMS))
    assert len(calls) == 2
    assert await channels_of_events() == []


@pytest.mark.parametrize("how", ["another number", "shared", "erased"])
async def test_a_number_that_goes_between_the_look_and_the_save_is_left_alone(
    brands: Brands, contact: ContactRow, alice_phone: int, how: str
) -> None:
    opened = await visitor()
    assert opened.phone
    if how == "another number":
        await contacts.update(contact.id, phone="+48601999888")
    elif how == "shared":
        await contacts.create(phone=ALICE_PHONE)
    else:
        await erasure.erase_recipient(alice_phone, TEAM)
    saved = await save_page(opened, part(brands, Channel.EMAIL), part(brands, Channel.SMS))
    assert saved.phone_skipped
    assert await channels_of_events() == ["EMAIL"]


async def test_whoever_has_no_number_saves_the_address_alone(brands: Brands, alice: int) -> None:
    saved = await save_page(await visitor(), part(brands, Channel.EMAIL), part(brands, Channel.SMS))
    assert saved.phone_skipped
    assert await channels_of_events() == ["EMAIL"]


@pytest.mark.parametrize("who", ["themselves", "the team"])
async def test_of_whoever_was_erased_since_the_page_was_opened_only_what_opts_out_is_saved(
    brands: Brands, contact: ContactRow, alice: int, alice_phone: int, who: str
) -> None:
    """R36: erasing opts nobody in, and a press that comes just after it leaves nothing new of them."""
    opened, kind = await visitor(), brands.letters
    if who == "themselves":
        await erasure.erase_on_request(opened.recipient_kind, opened.fingerprint)
    else:
        await erasure.erase_contact(contact, TEAM)
    asked = AddressChanges(
        lambda whose: [
            Intent(
                whose, Channel.EMAIL, IN, brands.digest.business_unit, brands.digest, through_own_link=True
            ),
            Intent(whose, Channel.EMAIL, PreferenceStatus.OPTED_OUT, kind.business_unit, kind),
        ],
        by_recipient(),
        lambda whose: [
            PauseIntent(whose, Channel.EMAIL, kind.business_unit, database.now() + timedelta(days=30)),
        ],
    )
    for phone in (None, part(brands, Channel.SMS)):
        saved = await save_page(opened, asked, phone)
        assert [outcome.status for outcome in saved.outcomes] == [PreferenceStatus.OPTED_OUT]
        assert saved.pauses == []
    rows = await database.fetch("SELECT subscription_type_id, status FROM preferences")
    assert [tuple(row) for row in rows] == [(kind.id, "OPTED_OUT")]
    assert await database.fetch("SELECT 1 FROM pauses") == []
    lifted = "SELECT 1 FROM consent_events WHERE before = 'OPTED_OUT'"
    assert await database.fetch(lifted) == []
