"""Forgetting a person (R36, R37)."""

from __future__ import annotations

from datetime import timedelta

from preference_center.contacts import contacts
from preference_center.erasure import erase as erasure
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
    """Every text in the database, to look for what should be gone."""
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


async def test_erasing_removes_what_names_the_person_and_keeps_the_no(brands: Brands) -> None:
    """R36, R37"""
    alice = await contacts.create(
        email=ALICE, phone=ALICE_PHONE, first_name="Alicja", properties={"note": "loves tea"}
    )
    assert alice.email_recipient_id
    proof = EvidenceFacts("203.0.113.9", "Agent of Alice", "/p/…", "Weekly digest", "en")
    number = alice.email_recipient_id
    await update_preferences(number, [(brands.internal, EMAIL, IN)], by_team(explanation="Alice rang us."))
    await update_preferences(number, [(brands.offers, EMAIL, IN)], by_team(explanation="Alice wrote."))
    await update_preferences(number, [(brands.digest, EMAIL, OUT)], by_recipient(evidence=proof))
    before = [tuple(row) for row in await database.fetch("SELECT * FROM consent_events ORDER BY id")]

    await erasure.erase_contact(alice, TEAM)

    left = (await everything()).lower()
    for trace in ("alice", "alicja", "tea", "601234567", "203.0.113.9"):
        assert trace not in left
    after = [tuple(row) for row in await database.fetch("SELECT * FROM consent_events ORDER BY id")]
    assert after[: len(before)] == before
    assert [line async for line in verification.verify()] == []


async def test_an_erased_address_typed_again_is_opted_out_and_never_opted_in(brands: Brands) -> None:
    """R36: erasing never opts anybody in, and gives no consent back."""
    alice = await contacts.create(email=ALICE)
    assert alice.email_recipient_id
    number = alice.email_recipient_id
    await update_preferences(number, [(brands.digest, EMAIL, OUT)], by_recipient())
    await update_preferences(number, [(brands.internal, EMAIL, IN)], by_team())
    await erasure.erase_recipient(number, TEAM)
    [asked] = await eligibility.of_addresses(brands.internal, EMAIL, [ALICE])
    assert asked.reason is BlockReason.ADDRESS_UNUSABLE

    again = await contacts.create(email="ALICE@example.com")
    assert again.email_recipient_id == number
    [digest] = await eligibility.of_addresses(brands.digest, EMAIL, [ALICE])
    [internal] = await eligibility.of_addresses(brands.internal, EMAIL, [ALICE])
    assert (digest.reason, internal.reason) == (BlockReason.OPTED_OUT, BlockReason.NOT_OPTED_IN)


async def test_a_silence_that_was_asked_for_outlasts_the_erasure(brands: Brands) -> None:
    """R36: whoever is typed again is not written to before their pause is over."""
    bob = await contacts.create(email=BOB)
    assert bob.email_recipient_id
    until = database.now() + timedelta(days=3)
    await preferences.pause(bob.email_recipient_id, EMAIL, brands.bazaar, until, by_team())
    await erasure.erase_contact(bob, TEAM)
    await contacts.create(email=BOB)
    [answer] = await eligibility.of_addresses(brands.letters, EMAIL, [BOB])
    assert (answer.reason, answer.until) == (BlockReason.PAUSED, until)


async def test_erasing_an_address_takes_every_contact_that_has_it(brands: Brands) -> None:
    """R36: by address, that and every contact that has it; their other addresses stay."""
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    assert alice.phone_recipient_id
    await erasure.erase_recipient(alice.phone_recipient_id, TEAM)
    assert await contacts.get_many([alice.id, bob.id]) == {}
    kept = await recipients.find(parse(BOB))
    assert kept
    assert kept.address == BOB


async def test_erasing_a_contact_leaves_who_shares_the_phone_without_it(brands: Brands) -> None:
    alice = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    await erasure.erase_contact(alice, TEAM)
    left = await contacts.get(bob.id)
    assert left
    assert (left.email, left.phone, left.phone_recipient_id) == (BOB, None, None)
    gone = await recipients.find(parse(ALICE_PHONE))
    assert gone
    assert gone.address is None


async def test_undoing_an_unsubscription_gives_no_opt_in_back_to_the_erased(brands: Brands) -> None:
    """R36: not while they are erased, and not when the address has been typed again."""
    alice = await contacts.create(email=ALICE)
    number = alice.email_recipient_id
    assert number
    await update_preferences(number, [(brands.digest, EMAIL, IN)], by_team())
    press = by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK, evidence=EvidenceFacts(shown_text="[Unsubscribe]"))
    [out] = await update_preferences(number, [(brands.digest, EMAIL, OUT)], press)
    assert out.event_id
    await erasure.erase_contact(alice, TEAM)
    assert await undo([out.event_id], number, by_recipient()) == []
    await contacts.create(email=ALICE)
    assert await undo([out.event_id], number, by_recipient()) == []
