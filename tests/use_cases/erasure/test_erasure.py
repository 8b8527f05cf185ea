"""Erasing a person (R36, R37)."""

from __future__ import annotations

from datetime import timedelta

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_contact, erase_recipient
from preference_center.history import verification
from preference_center.ledger.types import EvidenceFacts
from preference_center.preferences import changes as preferences
from preference_center.preferences import eligibility
from preference_center.preferences.withdrawal import undo
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, by_recipient, by_team, update_preferences

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


async def everything() -> str:
    """All text in the tables that may name a person."""
    tables = [
        "contacts",
        "recipients",
        "evidence",
        "shown_wordings",
        "consent_events",
        "preferences",
        "opt_outs_of_all",
        "pending_opt_ins",
        "outgoing_mails",
        "pauses",
    ]
    rows = [tuple(row) for table in tables for row in await database.fetch(f"SELECT * FROM {table}")]
    return "\n".join(str(row) for row in rows)


async def test_an_erasure_removes_what_names_the_person_and_keeps_the_opt_outs(brands: Brands) -> None:
    """R36, R37"""
    alice = await contacts.create(
        email=ALICE, phone=ALICE_PHONE, first_name="Alicja", properties={"note": "loves tea"}
    )
    assert alice.email_recipient_id
    proof = EvidenceFacts("203.0.113.9", "Agent of Alice", "/p/…", "Weekly digest", "en")
    recipient_id = alice.email_recipient_id
    await update_preferences(
        recipient_id, [(brands.internal, EMAIL, IN)], by_team(explanation="Alice rang us.")
    )
    await update_preferences(recipient_id, [(brands.offers, EMAIL, IN)], by_team(explanation="Alice wrote."))
    await update_preferences(recipient_id, [(brands.digest, EMAIL, OUT)], by_recipient(evidence=proof))
    before = [tuple(row) for row in await database.fetch("SELECT * FROM consent_events ORDER BY id")]

    await erase_contact(alice, TEAM)

    left = (await everything()).lower()
    for trace in ("alice", "alicja", "tea", "601234567", "203.0.113.9"):
        assert trace not in left
    after = [tuple(row) for row in await database.fetch("SELECT * FROM consent_events ORDER BY id")]
    assert after[: len(before)] == before
    assert [line async for line in verification.verify()] == []


async def test_an_erased_address_that_is_added_again_is_opted_out_and_never_opted_in(brands: Brands) -> None:
    """R36: an erasure never opts in, and restores no consent."""
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    recipient_id = alice.email_recipient_id
    await update_preferences(recipient_id, [(brands.digest, EMAIL, OUT)], by_recipient())
    await update_preferences(recipient_id, [(brands.internal, EMAIL, IN)], by_team())
    await erase_recipient(recipient_id, TEAM)
    [erased] = await eligibility.of_addresses(brands.internal, EMAIL, [ALICE])
    assert erased.reason is BlockReason.ADDRESS_UNUSABLE

    again = await contacts.create(email="ALICE@example.com")
    assert again.email_recipient_id == recipient_id
    [digest] = await eligibility.of_addresses(brands.digest, EMAIL, [ALICE])
    [internal] = await eligibility.of_addresses(brands.internal, EMAIL, [ALICE])
    assert (digest.reason, internal.reason) == (BlockReason.OPTED_OUT, BlockReason.NOT_OPTED_IN)


async def test_a_pause_outlasts_the_erasure(brands: Brands) -> None:
    """R36: an address that is added again stays paused until the end of the pause."""
    bob = await contacts.create(email=BOB)
    assert bob.email_recipient_id
    until = database.now() + timedelta(days=3)
    await preferences.pause(bob.email_recipient_id, EMAIL, brands.bazaar, until, by_team())
    await erase_contact(bob, TEAM)
    await contacts.create(email=BOB)
    [letters] = await eligibility.of_addresses(brands.letters, EMAIL, [BOB])
    assert (letters.reason, letters.until) == (BlockReason.PAUSED, until)


async def test_erasing_an_address_erases_every_contact_that_has_it(brands: Brands) -> None:
    """R36: other addresses of these contacts stay."""
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    assert alice.phone_recipient_id
    await erase_recipient(alice.phone_recipient_id, TEAM)
    assert await contacts.get_many([alice.id, bob.id]) == {}
    kept = await recipients.find(parse(BOB))
    assert kept
    assert kept.address == BOB


async def test_erasing_a_contact_removes_its_phone_number_from_other_contacts(brands: Brands) -> None:
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    await erase_contact(alice, TEAM)
    left = await contacts.get(bob.id)
    assert left
    assert (left.email, left.phone, left.phone_recipient_id) == (BOB, None, None)
    erased = await recipients.find(parse(ALICE_PHONE))
    assert erased
    assert erased.address is None


async def test_undoing_an_opt_out_after_the_erasure_opts_nobody_in(brands: Brands) -> None:
    """R36: neither while the person is erased nor after the address was added again."""
    alice = await contacts.create(email=ALICE)
    recipient_id = alice.email_recipient_id
    assert recipient_id
    await update_preferences(recipient_id, [(brands.digest, EMAIL, IN)], by_team())
    pressed = by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK, evidence=EvidenceFacts(shown_text="[Unsubscribe]"))
    [out] = await update_preferences(recipient_id, [(brands.digest, EMAIL, OUT)], pressed)
    assert out.event_id
    await erase_contact(alice, TEAM)
    assert await undo([out.event_id], recipient_id, by_recipient()) == []
    await contacts.create(email=ALICE)
    assert await undo([out.event_id], recipient_id, by_recipient()) == []
