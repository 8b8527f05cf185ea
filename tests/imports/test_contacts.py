"""Importing contacts: created or updated by email, opted in if the file says so, opt-outs kept (R6, R9)."""

from __future__ import annotations

from collections.abc import Sequence

import asyncpg
import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.imports import contact_writes, upload
from preference_center.operations import reversals
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    BOB,
    CHARLIE,
    TEAM,
    Brands,
    by_recipient,
    by_team,
    update_preferences,
)
from tests.imports.files import contacts_from, count, finished, numbers, opt_outs, refusals

EMAIL, SMS, WHATSAPP = Channel
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


async def contact(email: str) -> ContactRow:
    found = await contacts.by_email(parse(email))
    assert found
    return found


async def status(address: str, brands: Brands, channel: Channel = EMAIL) -> PreferenceStatus:
    recipient = await recipients.find(parse(address))
    assert recipient
    preferences = (await read_states([recipient.id]))[recipient.id].preferences
    found = preferences.get((brands.digest.id, channel))
    return found.status if found else NEITHER


async def test_contacts_are_created_or_updated_by_email(brands: Brands) -> None:
    await contacts.create(email=ALICE, first_name="Alicia", phone="+48600000000", properties={"score": 5})
    text = (
        "E-Mail;Imię;Nazwisko;Telefon komórkowy;Język;property:score;City;Processing basis\n"
        f"{ALICE.upper()};Alice;;'{ALICE_PHONE};pl;7;Kraków;\n"
        f"{BOB};Bob;Żółty;;en-us;;;legitimate interest - client\n"
    )
    text = text.replace("legitimate interest - client", "LEGITIMATE_INTEREST_CLIENT")
    done = await contacts_from(text)
    assert numbers(done) == (2, 0, 0, {})
    alice, bob = await contact(ALICE), await contact(BOB)
    assert (alice.first_name, alice.phone, alice.locale) == ("Alice", ALICE_PHONE, "pl")
    assert alice.properties == {"score": "7", "City": "Kraków"}
    assert alice.processing_basis is LegalBasis.PROCESS_AND_STORE
    phone = await recipients.find(parse(ALICE_PHONE))
    assert phone
    assert alice.phone_recipient_id == phone.id
    assert (bob.last_name, bob.locale, bob.properties) == ("Żółty", "en-US", {})
    assert bob.processing_basis is LegalBasis.LEGITIMATE_INTEREST_CLIENT
    assert await count("consent_events") == 0


async def test_an_empty_cell_leaves_the_value_unchanged(brands: Brands) -> None:
    created = await contacts.create(
        email=ALICE, first_name="Alice", phone=ALICE_PHONE, locale="pl", properties={"a": 1}
    )
    done = await contacts_from(f"email,first_name,phone,locale,a\n{ALICE},, ,,\n", processing_basis=None)
    assert numbers(done) == (0, 1, 0, {})
    assert await contact(ALICE) == created


async def test_names_are_stored_folded_for_search_and_order(brands: Brands) -> None:
    await contacts_from(f"email,first_name\n{ALICE},ŻANETA\n")
    rows = await database.fetch("SELECT folded_first_name, properties FROM contacts")
    assert (rows[0]["folded_first_name"], database.json_value(rows[0]["properties"])) == ("żaneta", {})


async def test_opt_ins_follow_the_rules_and_each_refusal_is_reported(
    brands: Brands, alice: int, bob: int
) -> None:
    """R6, R9, R12, R19"""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    await update_preferences(bob, [(brands.digest, EMAIL, OUT)], by_team())
    await opt_outs("email\ndora@example.com\n", brands)
    text = (
        "email,phone,first_name,opt_in:weekly-digest,opt_in:weekly-digest:SMS,opt_in:offers\n"
        f"{ALICE},{ALICE_PHONE},Alice,yes,TAK,no\n{BOB},,,1,,\n{CHARLIE},,,x,true,Yes\ndora@example.com,,,y,,\n"
        "emil@example.com,,,perhaps,,\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (
        5,
        0,
        0,
        {
            "OPTED_OUT_BY_RECIPIENT": 1,
            "PREVIOUSLY_OPTED_OUT": 1,
            "ADDRESS_MISSING": 1,
            "OPTED_OUT_OF_ALL": 1,
            "INVALID_VALUE": 1,
        },
    )
    assert [await status(one, brands) for one in (ALICE, BOB, CHARLIE, "dora@example.com")] == [
        OUT,
        OUT,
        IN,
        NEITHER,
    ]
    assert await status(ALICE_PHONE, brands, SMS) is IN
    assert await refusals(done) == [
        (2, "OPTED_OUT_BY_RECIPIENT", "weekly-digest"),
        (3, "PREVIOUSLY_OPTED_OUT", "weekly-digest"),
        (4, "ADDRESS_MISSING", "weekly-digest"),
        (5, "OPTED_OUT_OF_ALL", "weekly-digest"),
        (6, "INVALID_VALUE", "weekly-digest"),
    ]
    charlie = await contact(CHARLIE)
    state = (await read_states([charlie.email_recipient_id or 0]))[charlie.email_recipient_id or 0]
    preference = state.preferences[brands.digest.id, EMAIL]
    assert (preference.origin, preference.legal_basis) == (
        ConsentOrigin.IMPORT,
        LegalBasis.CONSENT_WITH_NOTICE,
    )
    assert preference.explanation == "Signed up at the fair."
    assert set(state.pending_opt_ins) == {(brands.offers.id, EMAIL)}


async def test_an_opt_in_needs_a_basis_to_process(brands: Brands) -> None:
    """R6"""
    await contacts.create(email=BOB, processing_basis=LegalBasis.NON_GDPR)
    text = f"email,opt_in:weekly-digest\n{ALICE},1\n{BOB},1\n"
    done = await contacts_from(text, processing_basis=None)
    assert numbers(done) == (2, 0, 0, {"PROCESSING_BASIS_REQUIRED": 1})
    assert [await status(one, brands) for one in (ALICE, BOB)] == [NEITHER, IN]


MANY = (
    "email,first_name,phone,score,opt_in:weekly-digest\n"
    f"{ALICE},Alice,,1,yes\n{BOB},Bob,{ALICE_PHONE},1,yes\nnobody,,,,\n{CHARLIE},,123,,yes\n"
    f"{ALICE.upper()},Alice,,1,yes\n{BOB},Robert,,2,no\n{ALICE},,,,yes\n{BOB},Robert,,2,\n"
)


@pytest.mark.parametrize("part", [1, 3, 1_000])
async def test_a_dry_run_reports_the_same_counts_and_a_second_import_changes_nothing(
    brands: Brands, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", part)
    dry = await contacts_from(MANY, dry_run=True)
    assert [await count(table) for table in ("contacts", "recipients", "consent_events")] == [0, 0, 0]
    real = await contacts_from(MANY)
    assert numbers(dry) == numbers(real) == (4, 3, 1, {"INVALID_ADDRESS": 2})
    assert await refusals(dry) == await refusals(real)
    before = await contact(ALICE), await contact(BOB)
    assert (before[1].first_name, before[1].properties) == ("Robert", {"score": "2"})
    events = await count("consent_events")
    again = await contacts_from(
        f"email,first_name,opt_in:weekly-digest\n{ALICE},Alice,yes\n{BOB},Robert,yes\n"
    )
    assert numbers(again) == (0, 2, 0, {})
    assert (await contact(ALICE), await contact(BOB)) == before
    assert await count("consent_events") == events


async def test_the_columns_of_an_export_are_ignored_and_equal_values_keep_their_types(brands: Brands) -> None:
    created = await contacts.create(
        email=ALICE,
        processing_basis=LegalBasis.NON_GDPR,
        properties={"n": 5, "ok": True, "f": "=1", "l": [1, "ż"]},
    )
    text = (
        "id,email,created_at,status:weekly-digest:EMAIL,opted_out_of_all:acme:EMAIL,"
        "property:n,property:ok,property:f,property:l\n"
        f'Q29,{ALICE},2020-01-01T00:00:00Z,OPTED_OUT,true,5,true,\'=1,"[1, ""ż""]"\n'
    )
    assert numbers(await contacts_from(text)) == (0, 1, 0, {})
    assert await contact(ALICE) == created
    assert await count("consent_events") == 0


@pytest.mark.parametrize("database_url", ["postgres"], indirect=True)
async def test_a_contact_created_by_another_transaction_meanwhile_is_updated(
    db: Settings, brands: Brands, alice: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Only on PostgreSQL: SQLite has one writer at a time."""
    real, calls = contact_writes._lock, []

    async def lock_then_create(emails: Sequence[str], phone_ids: Sequence[int]) -> list[ContactRow]:
        found = await real(emails, phone_ids)
        if not calls:
            calls.append(1)
            other = await asyncpg.connect(db.database_url)
            await other.execute(
                "INSERT INTO contacts (email, email_recipient_id, last_name, properties, created_at,"
                " updated_at) VALUES ($1, $2, 'Doe', '{}', now(), now())",
                ALICE,
                alice,
            )
            await other.close()
        return found

    monkeypatch.setattr(contact_writes, "_lock", lock_then_create)
    done = await contacts_from(f"email,first_name\n{ALICE},Alice\n")
    assert numbers(done) == (1, 0, 0, {})
    created = await contact(ALICE)
    assert (created.first_name, created.last_name) == ("Alice", "Doe")


async def test_a_reversal_removes_an_imported_opt_in_and_keeps_the_contact(brands: Brands) -> None:
    """R20"""
    done = await contacts_from(f"email,opt_in:weekly-digest\n{ALICE},yes\n")
    undone = await finished(await reversals.enqueue(done.id, "The wrong file.", TEAM))
    assert undone.changed == 1
    assert await status(ALICE, brands) is NEITHER
    assert await contact(ALICE)
