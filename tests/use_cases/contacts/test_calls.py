"""Calls to contacts who are opted out of all email: one permit, one call (R25)."""

from __future__ import annotations

from collections.abc import Awaitable

import pytest

from preference_center.catalog.catalog import BusinessUnit
from preference_center.contacts import calls, contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure.erase import erase_contact
from preference_center.errors import ErrorCode, Invalid
from preference_center.preferences import changes as preferences
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis
from preference_center.storage import database
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    BOB,
    TEAM,
    Brands,
    Clock,
    by_recipient,
    by_team,
    update_preferences,
)

BASIS = LegalBasis.LEGITIMATE_INTEREST_CLIENT
OUT = BlockReason.OPTED_OUT_OF_ALL


@pytest.fixture
async def contact(db: object) -> ContactRow:
    return await contacts.create(email=ALICE, phone=ALICE_PHONE)


async def opted_out(contact: ContactRow, unit: BusinessUnit, channel: Channel = Channel.EMAIL) -> None:
    number = contact.email_recipient_id if channel is Channel.EMAIL else contact.phone_recipient_id
    assert number
    await preferences.opt_out_of_all(number, channel, unit, by_recipient())


async def permit(contact: ContactRow, explanation: str = "Asked us to ring.") -> calls.CallPermission:
    return await calls.permit(contact.id, BASIS, explanation, TEAM)


async def refusal(act: Awaitable[object]) -> tuple[ErrorCode, tuple[str, ...] | None]:
    with pytest.raises(Invalid) as caught:
        await act
    return caught.value.code, caught.value.field


NEEDED = (ErrorCode.LEGAL_BASIS_REQUIRED, ("contact",))


async def test_a_contact_who_is_not_opted_out_may_be_called_without_a_permit(contact: ContactRow) -> None:
    found = await calls.record(contact.id, TEAM)
    assert (found.eligibility.allowed, found.permit) == (True, None)


@pytest.mark.parametrize("unit", ["acme", "bazaar"])
async def test_after_an_opt_out_of_all_email_of_any_unit_each_call_needs_a_permit(
    contact: ContactRow, brands: Brands, clock: Clock, unit: str
) -> None:
    await opted_out(contact, getattr(brands, unit))
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED
    assert (await permit(contact)).eligibility.allowed
    called_at = clock.forward(hours=1)
    after = await calls.record(contact.id, TEAM)
    assert (after.eligibility.allowed, after.eligibility.reason) == (False, OUT)
    assert after.permit == calls.CallPermit(BASIS, "Asked us to ring.", called_at)
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED
    assert (await permit(contact, "Rang back, asked for another call.")).eligibility.allowed


async def test_opt_outs_of_text_messages_and_of_single_types_do_not_affect_calls(
    contact: ContactRow, brands: Brands
) -> None:
    await opted_out(contact, brands.acme, Channel.SMS)
    assert contact.email_recipient_id
    out = [(brands.digest, Channel.EMAIL, preferences.PreferenceStatus.OPTED_OUT)]
    await update_preferences(contact.email_recipient_id, out, by_recipient())
    assert (await calls.record(contact.id, TEAM)).eligibility.allowed


async def test_a_contact_who_came_back_may_be_called_again(contact: ContactRow, brands: Brands) -> None:
    await opted_out(contact, brands.acme)
    assert contact.email_recipient_id
    await preferences.remove_opt_out_of_all(
        contact.email_recipient_id, Channel.EMAIL, brands.acme, by_recipient()
    )
    assert (await calls.record(contact.id, TEAM)).eligibility.allowed


async def test_a_call_uses_up_a_permit_even_if_it_needs_none(contact: ContactRow, brands: Brands) -> None:
    await permit(contact)
    used = await calls.record(contact.id, TEAM)
    assert used.eligibility.allowed
    assert used.permit
    assert used.permit.used_at
    await opted_out(contact, brands.acme)
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED


async def test_a_new_permit_replaces_one_that_was_not_used(contact: ContactRow, brands: Brands) -> None:
    await opted_out(contact, brands.acme)
    await permit(contact, "First.")
    second = await permit(contact, "Second.")
    assert second.permit
    assert second.permit.explanation == "Second."
    await calls.record(contact.id, TEAM)
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED


async def test_the_actors_of_a_permit_and_its_call_are_stored(contact: ContactRow) -> None:
    await permit(contact)
    await calls.record(contact.id, TEAM)
    (row,) = await database.fetch("SELECT actor, used_by FROM call_permits")
    assert (row["actor"], row["used_by"]) == (str(TEAM), str(TEAM))


@pytest.mark.parametrize("blank", ["", " \n\t", "\u200b\u2060 "])
async def test_a_permit_needs_an_explanation(contact: ContactRow, blank: str) -> None:
    assert await refusal(permit(contact, blank)) == (ErrorCode.EXPLANATION_REQUIRED, ("explanation",))
    assert await calls.newest_permits([contact.id]) == {}


async def test_a_refused_permit_leaves_the_existing_one(contact: ContactRow, brands: Brands) -> None:
    await opted_out(contact, brands.acme)
    await permit(contact)
    for wrong in ("", "x" * 2001, "a\x00b"):
        await refusal(permit(contact, wrong))
    await calls.record(contact.id, TEAM)


async def test_a_permission_follows_the_contacts_email_address(contact: ContactRow, brands: Brands) -> None:
    """R1, R38: another address has its own preferences, to which the person's opt-outs follow."""
    await opted_out(contact, brands.acme)
    await contacts.update(contact.id, email="alice@new.example.com")
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED
    await contacts.update(contact.id, email=BOB, carry_opt_outs=False)
    assert (await calls.record(contact.id, TEAM)).eligibility.allowed
    await contacts.update(contact.id, email=ALICE)
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED
    await contacts.update(contact.id, email=None)
    assert (await calls.record(contact.id, TEAM)).eligibility.allowed


async def test_a_permit_is_for_one_contact(contact: ContactRow, brands: Brands) -> None:
    other = await contacts.create(email=BOB, phone=ALICE_PHONE)
    for person in (contact, other):
        await opted_out(person, brands.acme)
    await permit(contact)
    assert await refusal(calls.record(other.id, TEAM)) == NEEDED
    await calls.record(contact.id, TEAM)


async def test_permits_are_deleted_with_the_contact(contact: ContactRow, brands: Brands) -> None:  # R36
    other = await contacts.create(email=BOB)
    for person in (contact, other):
        await permit(person)
        await calls.record(person.id, TEAM)
        await permit(person)
    await contacts.delete(other.id)
    await erase_contact(contact, TEAM)
    assert await database.fetch("SELECT 1 FROM call_permits") == []
    gone = (ErrorCode.NOT_FOUND, ("contact",))
    assert await refusal(calls.record(contact.id, TEAM)) == gone
    assert await refusal(permit(other)) == gone


async def test_an_opt_out_by_the_team_also_makes_calls_need_a_permit(
    contact: ContactRow, brands: Brands
) -> None:
    """R25 applies to every opt-out of all, recipient-made or team-made."""
    assert contact.email_recipient_id
    imported = by_team(ConsentOrigin.IMPORT)
    await preferences.opt_out_of_all(contact.email_recipient_id, Channel.EMAIL, brands.acme, imported)
    assert await refusal(calls.record(contact.id, TEAM)) == NEEDED
