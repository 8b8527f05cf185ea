"""An objection follows the person: a replaced address's own opt-outs are recorded for the new one (R38)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure.erase import erase_recipient
from preference_center.history.verification import verify
from preference_center.operations import reversals
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.recipients.states import RecipientState, read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, ErrorCode, PreferenceStatus
from preference_center.storage import database
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    TEAM,
    Brands,
    Clock,
    by_recipient,
    by_team,
    update_preferences,
)
from tests.imports.files import contacts_from, finished, numbers

EMAIL, SMS, WHATSAPP = Channel
IN, NOT_OPTED, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
NEW, NEW_PHONE = "alice@new.example.com", "+48601999888"


async def recipient(address: str) -> int:
    return (await recipients.ensure([parse(address)]))[parse(address)]


async def state(address: str) -> RecipientState:
    recipient_id = await recipient(address)
    return (await read_states([recipient_id]))[recipient_id]


async def statuses(address: str) -> dict[tuple[int, Channel], PreferenceStatus]:
    return {place: held.status for place, held in (await state(address)).preferences.items()}


async def carried(address: str) -> list[tuple[str, str, str, str, bool]]:
    """Origin, channel, status before and after of an address's events; whether each refers to another."""
    rows = await database.fetch(
        "SELECT origin, channel, before, after, carried_from_event_id FROM consent_events"
        " WHERE recipient_id = $1 ORDER BY id",
        await recipient(address),
    )
    return [
        (row["origin"], row["channel"], row["before"], row["after"], row["carried_from_event_id"] is not None)
        for row in rows
    ]


@pytest.fixture
async def contact(brands: Brands) -> ContactRow:
    return await contacts.create(email=ALICE, phone=ALICE_PHONE)


async def test_own_opt_outs_follow_and_nothing_else_does(
    brands: Brands, contact: ContactRow, alice: int, clock: Clock
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient(ConsentOrigin.ONE_CLICK))
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_recipient())
    await update_preferences(alice, [(brands.internal, EMAIL, OUT)], by_team())
    await preferences.opt_out_of_all(alice, EMAIL, brands.bazaar, by_recipient(ConsentOrigin.KEYWORD))
    decided = clock.at
    clock.forward(days=3)
    await contacts.update(contact.id, email=NEW)
    assert await statuses(NEW) == {(brands.digest.id, EMAIL): OUT}
    [opt_out] = (await state(NEW)).opt_outs_of_all.values()
    assert (opt_out.origin, opt_out.since) == (ConsentOrigin.KEYWORD, decided)
    assert await carried(NEW) == [
        ("KEYWORD", "EMAIL", "NOT_OPTED", "OPTED_OUT", True),
        ("ONE_CLICK", "EMAIL", "NOT_OPTED", "OPTED_OUT", True),
    ]
    assert (await statuses(ALICE))[brands.offers.id, EMAIL] is IN
    assert [line async for line in verify()] == []


async def test_a_phone_number_takes_both_of_its_channels_along(
    brands: Brands, contact: ContactRow, alice_phone: int
) -> None:
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, by_recipient(ConsentOrigin.KEYWORD))
    await update_preferences(alice_phone, [(brands.alerts, WHATSAPP, OUT)], by_recipient())
    await contacts.update(contact.id, phone=NEW_PHONE)
    assert set((await state(NEW_PHONE)).opt_outs_of_all) == {(brands.acme.id, SMS)}
    assert await statuses(NEW_PHONE) == {(brands.alerts.id, WHATSAPP): OUT}


async def test_a_decision_of_its_own_keeps_the_opt_outs_of_that_unit_and_channel_away(
    brands: Brands, contact: ContactRow, alice: int
) -> None:
    for unit in (brands.acme, brands.bazaar):
        await preferences.opt_out_of_all(alice, EMAIL, unit, by_recipient())
    await update_preferences(await recipient(NEW), [(brands.digest, EMAIL, IN)], by_recipient())
    await contacts.update(contact.id, email=NEW)
    assert set((await state(NEW)).opt_outs_of_all) == {(brands.bazaar.id, EMAIL)}


@pytest.mark.parametrize("status", [IN, NOT_OPTED, OUT])
async def test_the_teams_decision_on_the_new_address_is_not_its_own(
    brands: Brands, contact: ContactRow, alice: int, clock: Clock, status: PreferenceStatus
) -> None:
    """R9, R11: the opt-out is the recipient's, even where the team decided later than the recipient."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    clock.forward(days=1)
    new = await recipient(NEW)
    await update_preferences(new, [(brands.digest, EMAIL, IN)], by_team())
    await update_preferences(new, [(brands.digest, EMAIL, status)], by_team())
    await contacts.update(contact.id, email=NEW)
    assert (await statuses(NEW))[brands.digest.id, EMAIL] is OUT
    integration = by_team(ConsentOrigin.INTEGRATION)
    [refused] = await update_preferences(new, [(brands.digest, EMAIL, IN)], integration)
    assert getattr(refused.decision, "code", None) is ErrorCode.OPTED_OUT_BY_RECIPIENT


async def test_an_opt_out_goes_on_to_the_next_address_and_back_to_none_that_decided(
    brands: Brands, contact: ContactRow, alice: int
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    await contacts.update(contact.id, email=NEW)
    await contacts.update(contact.id, email="third@example.com")
    assert await statuses("third@example.com") == {(brands.digest.id, EMAIL): OUT}
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await contacts.update(contact.id, email=ALICE)
    assert await statuses(ALICE) == {(brands.digest.id, EMAIL): IN}


async def test_the_recipient_comes_back_at_the_new_address_as_at_any_other(
    brands: Brands, contact: ContactRow, alice: int, clock: Clock
) -> None:
    """R4, R17: by the time at which they objected, not at which the address changed."""
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    clock.forward(days=2)
    await contacts.update(contact.id, email=NEW)
    yesterday = by_recipient(ConsentOrigin.PROVIDER, occurred_at=clock.at - timedelta(days=1))
    [back] = await update_preferences(await recipient(NEW), [(brands.digest, EMAIL, IN)], yesterday)
    assert back.changed
    assert (await state(NEW)).opt_outs_of_all == {}


async def test_one_update_can_leave_them_behind(brands: Brands, contact: ContactRow, alice: int) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    await contacts.update(contact.id, email=NEW, carry_opt_outs=False)
    assert await carried(NEW) == []


async def test_the_same_address_written_differently_carries_nothing(
    brands: Brands, contact: ContactRow, alice: int
) -> None:  # R3
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    await contacts.update(contact.id, email=ALICE.upper(), first_name="Alice")
    assert len(await carried(ALICE)) == 1


async def test_they_survive_the_erasure_of_either_address(
    brands: Brands, contact: ContactRow, alice: int
) -> None:
    """R36"""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    await contacts.update(contact.id, email=NEW)
    await erase_recipient(alice, TEAM)
    await erase_recipient(await recipient(NEW), TEAM)
    assert await statuses(NEW) == {(brands.digest.id, EMAIL): OUT}
    assert [line async for line in verify()] == []


@pytest.mark.parametrize("part", ["the opt-in", "no opt-in"])
async def test_an_import_that_changes_a_phone_number_carries_them_before_its_opt_ins(
    brands: Brands, contact: ContactRow, alice_phone: int, part: str
) -> None:
    """R9: the opt-in of the same row is refused. Undoing the import leaves the objection (R20)."""
    await update_preferences(alice_phone, [(brands.digest, SMS, OUT)], by_recipient())
    header, cell = (",opt_in:weekly-digest:SMS", ",yes") if part == "the opt-in" else ("", "")
    done = await contacts_from(f"email,phone{header}\n{ALICE},{NEW_PHONE}{cell}\n")
    assert await statuses(NEW_PHONE) == {(brands.digest.id, SMS): OUT}
    assert numbers(done)[3] == ({"OPTED_OUT_BY_RECIPIENT": 1} if cell else {})
    await finished(await reversals.enqueue(done.id, "It was the wrong file.", TEAM))
    assert await statuses(NEW_PHONE) == {(brands.digest.id, SMS): OUT}
    assert [event[0] for event in await carried(NEW_PHONE)] == ["PREFERENCE_PAGE"]


async def test_a_dry_run_carries_nothing(brands: Brands, contact: ContactRow, alice_phone: int) -> None:
    await update_preferences(alice_phone, [(brands.digest, SMS, OUT)], by_recipient())
    await contacts_from(f"email,phone\n{ALICE},{NEW_PHONE}\n", dry_run=True)
    assert await carried(NEW_PHONE) == []


async def test_simultaneous_opt_outs_and_updates_lose_no_objection(
    brands: Brands, contact: ContactRow, alice: int
) -> None:
    """Whichever comes first: an opt-out of the old address is carried, or made after the address changed."""
    other = await contacts.create(email="bob@new.example.com")
    await update_preferences(await recipient(NEW), [(brands.offers, EMAIL, OUT)], by_team())
    await asyncio.gather(
        contacts.update(contact.id, email=NEW),
        contacts.update(other.id, email="carol@new.example.com"),
        preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient()),
        preferences.opt_out_of_all(await recipient(NEW), EMAIL, brands.bazaar, by_team()),
        update_preferences(await recipient(NEW), [(brands.digest, EMAIL, IN)], by_team()),
    )
    carried_on = any(event[4] for event in await carried(NEW))
    assert await current_email(contact.id) == NEW
    first_event = await database.fetch(
        "SELECT 1 FROM opt_outs_of_all WHERE active AND recipient_id = $1 AND business_unit_id = $2",
        await recipient(NEW),
        brands.acme.id,
    )
    assert bool(first_event) is carried_on
    assert [line async for line in verify()] == []


async def current_email(contact_id: int) -> str | None:
    row = await contacts.get(contact_id)
    assert row is not None
    return row.email
