"""Exports: the content of the files, byte for byte the same from both databases."""

from __future__ import annotations

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.erasure.erase import erase_recipient
from preference_center.exports import stream as exports
from preference_center.exports.events import events
from preference_center.exports.suppressions import SuppressionFilter, suppressions
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from schema.contract.ids import global_id
from tests.conftest import ALICE, BOB, CHARLIE, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.use_cases.exports.exported_files import CSV, NDJSON, file_of, objects_of, of_contacts, rows_of

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
EVERYTHING = SuppressionFilter()


@pytest.fixture
async def suppressed(brands: Brands, clock: Clock, alice: int, bob: int, alice_phone: int) -> str:
    """Alice is opted out of all of Acme, Bob of a type, Alice's phone of Bazaar; Charlie was erased.

    The value is Charlie's fingerprint, in hexadecimal.
    """
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient(ConsentOrigin.ONE_CLICK))
    clock.forward(microseconds=7)
    await update_preferences(bob, [(brands.digest, EMAIL, OUT)], by_team())
    await preferences.opt_out_of_all(alice_phone, SMS, brands.bazaar, by_recipient(ConsentOrigin.KEYWORD))
    charlie = (await recipients.ensure([parse(CHARLIE)]))[parse(CHARLIE)]
    await update_preferences(charlie, [(brands.letters, EMAIL, OUT)], by_recipient())
    await erase_recipient(charlie, TEAM)
    return recipients.fingerprint_of(parse(CHARLIE)).hex()


async def test_suppressions_are_the_opt_outs_in_effect_without_erased_addresses(suppressed: str) -> None:
    """R36: an erased person is in the file by fingerprint only."""
    lines = (await file_of(suppressions(EVERYTHING))).decode().splitlines()

    assert lines[0] == "address,fingerprint,channel,business_unit,subscription_type,origin,occurred_at"
    assert sorted(lines[1:]) == [
        "+48601234567,,SMS,bazaar,,KEYWORD,2026-05-04T12:00:00.000007Z",
        f",{suppressed},EMAIL,bazaar,letters,PREFERENCE_PAGE,2026-05-04T12:00:00.000007Z",
        "alice@example.com,,EMAIL,acme,,ONE_CLICK,2026-05-04T12:00:00.000000Z",
        "bob@example.com,,EMAIL,acme,weekly-digest,CONTACT_RECORD,2026-05-04T12:00:00.000007Z",
    ]
    assert {tuple(row.values()) for row in await objects_of(suppressions(EVERYTHING))} >= {
        (None, suppressed, "EMAIL", "bazaar", "letters", "PREFERENCE_PAGE", "2026-05-04T12:00:00.000007Z"),
        (BOB, None, "EMAIL", "acme", "weekly-digest", "CONTACT_RECORD", "2026-05-04T12:00:00.000007Z"),
    }


async def test_suppressions_are_filtered_by_unit_channel_type_and_scope(
    suppressed: str, brands: Brands
) -> None:
    async def addresses(**filters: object) -> set[str]:
        return {row["address"] for row in await rows_of(suppressions(SuppressionFilter(**filters)))}  # type: ignore[arg-type]

    assert await addresses(unit=brands.acme) == {ALICE, BOB}
    assert await addresses(unit=brands.bazaar, channel=EMAIL) == {""}
    assert await addresses(channel=SMS) == {"+48601234567"}
    assert await addresses(of_all=True) == {ALICE, "+48601234567"}
    assert await addresses(of_all=False, unit=brands.acme) == {BOB}
    assert await addresses(type=brands.digest) == {ALICE, BOB}, "an opt-out of all covers the type (R26)"
    assert await addresses(type=brands.offers, of_all=False) == set()
    assert await addresses(type=brands.digest, unit=brands.bazaar) == set()


async def test_a_recipient_who_came_back_is_not_suppressed(
    suppressed: str, brands: Brands, alice: int
) -> None:
    """R4"""
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())

    assert ALICE not in {row["address"] for row in await rows_of(suppressions(EVERYTHING))}


async def test_contacts_have_a_column_for_each_type_and_channel(suppressed: str, brands: Brands) -> None:
    await contacts.create(email=ALICE, first_name="Alice", locale="pl", properties={"city": "Łódź", "n": 1})
    bob = await contacts.create(email=BOB, phone="+48601234567", properties={"vip": True, "tags": ["a", "ż"]})
    await update_preferences(bob.phone_recipient_id or 0, [(brands.digest, SMS, IN)], by_recipient())

    of_alice, of_bob = await rows_of(await of_contacts())

    assert of_alice["id"] == global_id("Contact", bob.id - 1)
    assert (of_alice["email"], of_alice["first_name"], of_alice["locale"]) == (ALICE, "Alice", "pl")
    assert of_alice["created_at"] == "2026-05-04T12:00:00.000007Z"
    assert (of_alice["property:city"], of_alice["property:n"], of_alice["property:vip"]) == ("Łódź", "1", "")
    assert (of_bob["property:vip"], of_bob["property:tags"]) == ("true", '["a", "ż"]')
    assert of_alice["status:weekly-digest:EMAIL"] == "NOT_OPTED"
    assert of_alice["status:weekly-digest:SMS"] == "", "she has no phone"
    assert of_alice["opted_out_of_all:acme:EMAIL"] == "true"
    assert (of_bob["status:weekly-digest:EMAIL"], of_bob["status:weekly-digest:SMS"]) == (
        "OPTED_OUT",
        "OPTED_IN",
    )
    assert (of_bob["status:weekly-digest:WHATSAPP"], of_bob["status:offers:EMAIL"]) == ("NOT_OPTED",) * 2
    assert of_bob["opted_out_of_all:acme:EMAIL"] == "false"
    assert of_bob["opted_out_of_all:bazaar:SMS"] == "true"


async def test_contacts_in_ndjson_keep_the_types_of_their_values(suppressed: str, brands: Brands) -> None:
    properties = {"city": "Łódź", "n": 1, "half": 0.5, "none": None, "deep": {"list": [True, '"']}}
    await contacts.create(email=ALICE, properties=properties)

    (alice,) = await objects_of(await of_contacts(file_format=NDJSON))

    assert alice["properties"] == properties
    assert alice["phone"] is None
    assert alice["status:weekly-digest:EMAIL"] == "NOT_OPTED"
    assert alice["status:weekly-digest:SMS"] is None
    assert alice["opted_out_of_all:acme:EMAIL"] is True
    assert alice["opted_out_of_all:bazaar:SMS"] is None


async def test_only_the_contacts_of_a_filter_are_written_without_consent_if_not_requested(
    brands: Brands,
) -> None:
    await contacts.create(email=ALICE, properties={"of": "alice"})
    await contacts.create(email=BOB, properties={"of bob": 1})
    contact_filter = ContactFilter(emails=[" Alice@EXAMPLE.com", "o'brien@example.com"])

    lines = (await file_of(await of_contacts(contact_filter, with_consent=False))).decode().splitlines()

    assert len(lines) == 2
    assert lines[0].endswith(",updated_at,property:of")
    assert lines[1].endswith(",alice")


@pytest.mark.parametrize("file_format", [CSV, NDJSON])
async def test_every_row_is_written_once(
    brands: Brands, monkeypatch: pytest.MonkeyPatch, clock: Clock, file_format: exports.Format
) -> None:
    monkeypatch.setattr(exports, "_ROWS_PER_READ", 3)
    ids = await recipients.ensure([parse(f"p{n}@example.com") for n in range(10)])
    intents = [Intent(number, EMAIL, OUT, brands.acme) for number in ids.values()]
    for batch in (intents[:4], intents[4:]):
        await record(batch, by_team(ConsentOrigin.IMPORT))
        clock.forward(seconds=1)
    await preferences.remove_opt_out_of_all(
        ids[parse("p5@example.com")], EMAIL, brands.acme, by_team(explanation="A mistake.")
    )

    for export, number in ((suppressions(EVERYTHING), 9), (events(), 11)):
        lines = (await file_of(export, file_format)).splitlines()
        assert len(lines) == len(set(lines)) == number + (file_format is CSV)
        assert await exports.count(export) == number


@pytest.mark.parametrize("file_format", [CSV, NDJSON])
async def test_an_empty_csv_is_a_header_and_an_empty_ndjson_is_empty(
    brands: Brands, file_format: exports.Format
) -> None:
    export = suppressions(EVERYTHING)

    header = b"address,fingerprint,channel,business_unit,subscription_type,origin,occurred_at\n"
    assert await file_of(export, file_format) == (header if file_format is CSV else b"")


async def test_an_export_closes_its_connection(db: object, brands: Brands) -> None:
    await file_of(suppressions(EVERYTHING))

    if database.dialect() == "postgres":
        open_connections = await database.fetch(
            "SELECT 1 FROM pg_stat_activity WHERE application_name = 'sayso export'"
            " AND datname = current_database()"
        )
        assert not open_connections
