"""The erasure journal, and repeating its erasures in a database that lacks them (R36, R37)."""

from __future__ import annotations

import json
import stat
from collections.abc import Sequence
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.erasure import erase, journal
from preference_center.erasure.erase import erase_contact, erase_on_request, erase_recipient
from preference_center.erasure.journal import Entry, ErasedAddress, ErasedContact
from preference_center.erasure.repeat import repeat
from preference_center.history import verification
from preference_center.preferences import eligibility
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel, PreferenceStatus, RecipientKind
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands, by_team, update_preferences

EMAIL = RecipientKind.EMAIL


def entries(config: Settings) -> Sequence[Entry]:
    return journal.read(config.erasure_journal).entries


async def person(email: str, **more: str) -> ContactRow:
    return await contacts.create(email=email, first_name="Alicja", **more)  # type: ignore[arg-type]


async def as_before(*email: str) -> None:
    """Let the database be as a backup from before the erasures: the person is known, the erasures are not."""
    await database.execute("DELETE FROM erasures")
    for address in email:
        await person(address)


async def test_an_erasure_is_in_the_journal_by_fingerprint(brands: Brands, db: Settings) -> None:
    """R37: the journal names nobody."""
    alice = await person(ALICE, phone=ALICE_PHONE)
    await erase_contact(alice, TEAM)

    [entry] = entries(db)
    assert {(address.kind, address.fingerprint) for address in entry.addresses} == {
        (parse(typed).kind, recipients.fingerprint_of(parse(typed))) for typed in (ALICE, ALICE_PHONE)
    }
    assert [contact.id for contact in entry.contacts] == [alice.id]
    assert not entry.by_recipient
    text = db.erasure_journal.read_text().lower()
    for trace in ("alice", "alicja", "601234567", TEAM.name):
        assert trace not in text
    assert stat.S_IMODE(db.erasure_journal.stat().st_mode) == 0o600


async def test_an_erasure_that_cannot_be_journaled_is_not_done(brands: Brands, db: Settings) -> None:
    alice = await person(ALICE)
    db.erasure_journal.mkdir(parents=True)
    with pytest.raises(OSError, match="erasures"):
        await erase_contact(alice, TEAM)

    assert await contacts.by_email(parse(ALICE)) == alice
    assert await database.fetch("SELECT 1 FROM erasures") == []


async def test_an_erasure_is_repeated_once(brands: Brands, db: Settings) -> None:
    """R36"""
    await erase_contact(await person(ALICE, phone=ALICE_PHONE), TEAM)
    await as_before(ALICE)
    await contacts.create(email=BOB)

    assert await repeat(entries(db), TEAM) == 1
    assert await contacts.by_email(parse(ALICE)) is None
    assert await contacts.by_email(parse(BOB))
    assert (await recipients.find(parse(ALICE))).address is None  # type: ignore[union-attr]
    assert [line async for line in verification.verify()] == []

    again = await person(ALICE)  # somebody adds the person again: the erasure is done and stays done
    assert await repeat(entries(db), TEAM) == 0
    assert await contacts.by_email(parse(ALICE)) == again


async def test_an_erasure_before_the_backup_is_not_repeated(brands: Brands, db: Settings) -> None:
    await erase_contact(await person(ALICE), TEAM)
    again = await person(ALICE)

    assert await repeat(entries(db), TEAM) == 0
    assert await contacts.by_email(parse(ALICE)) == again


@pytest.mark.parametrize("known", [True, False], ids=["known to the backup", "unknown to the backup"])
async def test_who_asked_to_be_erased_is_opted_out_of_everything_again(
    brands: Brands, db: Settings, known: bool
) -> None:
    """R36: the opt-outs come back with the erasure, also of an address that is newer than the backup."""
    fingerprint = recipients.fingerprint_of(parse(ALICE))
    [entry] = [Entry(journal.new_id(), database.now(), True, (ErasedAddress(EMAIL, fingerprint),))]
    if known:
        alice = await person(ALICE)
        assert alice.email_recipient_id
        change = (brands.letters, Channel.EMAIL, PreferenceStatus.OPTED_IN)
        await update_preferences(alice.email_recipient_id, [change], by_team())

    assert await repeat([entry], TEAM) == 1
    assert await contacts.by_email(parse(ALICE)) is None
    await person(ALICE)
    for type_ in (brands.letters, brands.digest):
        [answer] = await eligibility.of_addresses(type_, Channel.EMAIL, [ALICE])
        assert answer.reason is BlockReason.OPTED_OUT_OF_ALL
    assert [line async for line in verification.verify()] == []


async def test_the_journal_tells_who_asked_for_an_erasure(brands: Brands, db: Settings) -> None:
    await person(ALICE, phone=ALICE_PHONE)
    await erase_on_request(EMAIL, recipients.fingerprint_of(parse(ALICE)))
    [entry] = entries(db)
    assert entry.by_recipient
    assert len(entry.addresses) == 2


async def test_others_keep_a_phone_number_that_the_erasure_left_with_them(
    brands: Brands, db: Settings
) -> None:
    alice = await person(ALICE, phone=ALICE_PHONE)
    bob = await contacts.create(email=BOB, phone=ALICE_PHONE)
    await erase_contact(alice, TEAM)
    await as_before(ALICE)
    await contacts.update(bob.id, phone=ALICE_PHONE)

    assert await repeat(entries(db), TEAM) == 1
    assert [contact.id for contact in await contacts.select("TRUE")] == [bob.id]


async def test_every_contact_with_an_erased_number_goes(
    brands: Brands, db: Settings, alice_phone: int
) -> None:
    await contacts.create(email=BOB, phone=ALICE_PHONE)
    await erase_recipient(alice_phone, TEAM)
    await as_before()
    await contacts.create(email=ALICE, phone=ALICE_PHONE)

    await repeat(entries(db), TEAM)
    assert await contacts.select("TRUE") == []


async def test_a_contact_is_erased_though_the_backup_has_it_with_another_address(
    brands: Brands, db: Settings
) -> None:
    alice = await person(ALICE)
    entry = Entry(
        journal.new_id(),
        database.now(),
        False,
        (ErasedAddress(EMAIL, recipients.fingerprint_of(parse("new@example.com"))),),
        (ErasedContact(alice.id, alice.created_at),),
    )
    await repeat([entry], TEAM)
    assert await contacts.select("TRUE") == []


async def test_another_contact_with_a_reused_id_stays(brands: Brands, db: Settings) -> None:
    alice = await person(ALICE)
    created = datetime(2020, 1, 1, tzinfo=UTC)
    entry = Entry(journal.new_id(), database.now(), False, (), (ErasedContact(alice.id, created),))

    await repeat([entry], TEAM)
    assert await contacts.by_email(parse(ALICE)) == alice


async def test_a_transaction_that_runs_again_notes_the_same_erasure(
    brands: Brands, db: Settings, monkeypatch: pytest.MonkeyPatch
) -> None:
    conflicts = iter([True])
    note = journal.note

    async def conflict_once(entry: Entry) -> None:
        await note(entry)
        if next(conflicts, False):
            raise erase.RetryTransaction("once more")

    monkeypatch.setattr(journal, "note", conflict_once)
    await erase_contact(await person(ALICE), TEAM)
    assert len(entries(db)) == 2
    await as_before(ALICE)
    assert await repeat(entries(db), TEAM) == 1


def sample(number: int) -> Entry:
    at = datetime(2026, 3, 1, 12, 0, 0, number, tzinfo=UTC)
    return Entry(f"{number:032x}", at, bool(number % 2), (ErasedAddress(EMAIL, bytes([number] * 16)),))


def test_a_line_that_was_cut_off_spoils_no_other(tmp_path: Path) -> None:
    path = tmp_path / "journal" / "erasures"
    journal.append(path, [sample(1)])
    whole = path.read_bytes()
    path.write_bytes(whole + whole[:-20])
    journal.append(path, [sample(2), sample(3)])

    found = journal.read(path)
    assert (found.entries, found.unreadable) == ([sample(1), sample(2), sample(3)], 1)
    assert stat.S_IMODE(path.parent.stat().st_mode) == 0o700


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("id", "\0"), ("id", "0" * 200), ("id", 1), ("at", "0001-01-01T00:00:00+05:00"), ("at", 7),
        ("addresses", [{"kind": "EMAIL", "fingerprint": "xy", "shared": False}]),
        ("contacts", [{"id": 2**63, "created_at": "2026-03-01T12:00:00+00:00"}]),
        ("contacts", [{"id": 1e400, "created_at": "2026-03-01T12:00:00+00:00"}]), ("contacts", None),
    ],
)  # fmt: skip
def test_a_line_that_no_database_could_hold_is_left_out(tmp_path: Path, name: str, value: Any) -> None:
    path = tmp_path / "erasures"
    journal.append(path, [sample(1)])
    broken = {**json.loads(path.read_text()), name: value}
    path.write_text(f"{json.dumps(broken)}\n{'[' * 100_000}\n{path.read_text()}")

    found = journal.read(path)
    assert (found.entries, found.unreadable) == ([sample(1)], 2)


async def test_a_contact_from_before_all_times_is_erased_again(brands: Brands, db: Settings) -> None:
    alice = await person(ALICE)
    first = datetime.min.replace(tzinfo=UTC)
    await database.execute("UPDATE contacts SET created_at = $1", first)
    await erase_contact(alice._replace(created_at=first), TEAM)
    await as_before(ALICE)
    assert await repeat(entries(db), TEAM) == 1
    assert await contacts.by_email(parse(ALICE)) is None


def test_a_journal_keeps_what_others_know(tmp_path: Path) -> None:
    path = tmp_path / "erasures"
    journal.keep(path, [sample(1)])
    journal.keep(path, [sample(1), sample(2)])
    journal.keep(path, [])
    assert journal.read(path).entries == [sample(1), sample(2)]
