"""Contacts and their addresses (R1-R3)."""

from __future__ import annotations

import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.errors import ErrorCode, Invalid
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands, by_recipient, by_team, update_preferences

OUT = PreferenceStatus.OPTED_OUT


async def test_an_opt_out_outlives_its_contact_and_applies_to_a_new_one_with_the_same_address(
    brands: Brands,
) -> None:
    """R1"""
    first = await contacts.create(email=ALICE)
    assert first.email_recipient_id
    await update_preferences(first.email_recipient_id, [(brands.digest, Channel.EMAIL, OUT)], by_recipient())
    assert await contacts.delete(first.id)
    second = await contacts.create(email=" Alice@EXAMPLE.com ")
    assert second.id != first.id
    assert second.email_recipient_id == first.email_recipient_id
    state = (await read_states([first.email_recipient_id]))[first.email_recipient_id]
    assert state.preferences[brands.digest.id, Channel.EMAIL].status is OUT


async def test_a_new_address_has_its_own_preferences_and_the_old_one_keeps_its_own(brands: Brands) -> None:
    """R1"""
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    await update_preferences(alice.email_recipient_id, [(brands.digest, Channel.EMAIL, OUT)], by_team())
    moved = await contacts.update(alice.id, email="alice@new.example.com")
    assert moved.email_recipient_id
    states = await read_states([alice.email_recipient_id, moved.email_recipient_id])
    assert states[moved.email_recipient_id].preferences == {}
    assert states[alice.email_recipient_id].preferences


async def test_an_address_without_a_contact_can_opt_out(brands: Brands) -> None:
    """R2"""
    address = parse("nobody@example.com")
    recipient = (await recipients.ensure([address]))[address]
    outcome = await preferences.opt_out_of_all(recipient, Channel.EMAIL, brands.acme, by_recipient())
    assert outcome.changed
    assert (await contacts.of_recipients([recipient]))[recipient] == []


async def test_two_contacts_share_a_phone_number_but_never_an_email_address(db: Settings) -> None:
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone="+48 601 234 567")
    assert bob.phone_recipient_id == alice.phone_recipient_id
    with pytest.raises(Invalid) as refused:
        await contacts.update(bob.id, email="ALICE@example.com")
    assert (refused.value.code, refused.value.field) == (ErrorCode.ALREADY_EXISTS, ("email",))
    with pytest.raises(Invalid, match="Another contact"):
        await contacts.create(email=ALICE)
    assert (await contacts.get(bob.id)) == bob


@pytest.mark.parametrize(
    ("fields", "code", "field"),
    [
        ({}, ErrorCode.ADDRESS_MISSING, ("email",)),
        ({"first_name": "Alice"}, ErrorCode.ADDRESS_MISSING, ("email",)),
        ({"email": "no address"}, ErrorCode.INVALID_ADDRESS, ("email",)),
        ({"email": "a" * 400 + "@example.com"}, ErrorCode.INVALID_ADDRESS, ("email",)),
        ({"email": "a\x00b@example.com"}, ErrorCode.INVALID_ADDRESS, ("email",)),
        ({"phone": "601 234 567"}, ErrorCode.INVALID_ADDRESS, ("phone",)),
        ({"email": ALICE, "first_name": "A\x00"}, ErrorCode.INVALID_VALUE, ("firstName",)),
        ({"email": ALICE, "first_name": "A" * 201}, ErrorCode.INVALID_VALUE, ("firstName",)),
        ({"email": ALICE, "last_name": "\ud800"}, ErrorCode.INVALID_VALUE, ("lastName",)),
        ({"email": ALICE, "locale": "English"}, ErrorCode.INVALID_VALUE, ("locale",)),
        ({"email": ALICE, "properties": [1]}, ErrorCode.INVALID_VALUE, ("properties",)),
        ({"email": ALICE, "properties": {"a": {"b": "\x00"}}}, ErrorCode.INVALID_VALUE, ("properties",)),
        ({"email": ALICE, "properties": {"\x00": 1}}, ErrorCode.INVALID_VALUE, ("properties",)),
        ({"email": ALICE, "properties": {"a": "x" * 70_000}}, ErrorCode.INVALID_VALUE, ("properties",)),
        ({"email": ALICE, "properties": {"a": float("nan")}}, ErrorCode.INVALID_VALUE, ("properties",)),
    ],
)
async def test_an_invalid_field_is_named_and_nothing_is_written(
    db: Settings, fields: dict[str, object], code: ErrorCode, field: tuple[str, ...]
) -> None:
    with pytest.raises(Invalid) as refused:
        await contacts.create(**fields)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert (await database.fetch("SELECT COUNT(*) AS n FROM recipients"))[0]["n"] == 0
    assert (await database.fetch("SELECT COUNT(*) AS n FROM contacts"))[0]["n"] == 0


async def test_an_update_clears_fields_set_to_none_and_leaves_the_others(db: Settings) -> None:
    created = await contacts.create(
        email=ALICE,
        phone=ALICE_PHONE,
        first_name="Alice",
        locale="pl_pl",
        properties={"vip": True, "größe": 1.5},
        processing_basis=LegalBasis.PROCESS_AND_STORE,
    )
    changed = await contacts.update(created.id, first_name=None, phone=None)
    assert (changed.first_name, changed.phone, changed.phone_recipient_id) == (None, None, None)
    assert (changed.email, changed.locale, changed.properties) == (
        ALICE,
        "pl-PL",
        {"vip": True, "größe": 1.5},
    )
    with pytest.raises(Invalid, match="keep an email address or a phone"):
        await contacts.update(created.id, email=None)


async def test_one_address_in_different_spellings_is_one_recipient(db: Settings) -> None:
    """R3: case, space, IDN and phone formatting are normalised; dots and +tags are not."""
    typed = ["bob@bücher.example.com", " BOB@BÜCHER.example.com", "bob@xn--bcher-kva.example.com"]
    same = {parse(text) for text in typed}
    assert len(set((await recipients.ensure(same)).values())) == 1
    others = {
        parse(text) for text in ["bob+news@xn--bcher-kva.example.com", "b.ob@xn--bcher-kva.example.com"]
    }
    assert len(set((await recipients.ensure([*same, *others])).values())) == 3
    phones = {parse(text) for text in ["+48 601-234-567", "+48601234567", "+48 (601) 23 45 67"]}
    assert len(phones) == 1
