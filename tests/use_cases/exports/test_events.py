"""Exports of the ledger's events, and of what operations refused."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta, timezone

from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.erasure.erase import erase_recipient
from preference_center.exports.events import events, refusals
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations, parts, queue
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.operations.runner import run_next
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus
from schema.contract.ids import global_id
from tests.conftest import ALICE, BOB, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.use_cases.exports.exported_files import file_of, objects_of, rows_of

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


async def test_events_are_written_in_the_order_of_recording(brands: Brands, clock: Clock, alice: int) -> None:
    """R18: with every field of an event."""
    provenance = by_team(legal_basis=LegalBasis.PERFORMANCE_OF_CONTRACT, explanation='Rang: "yes, please"')
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], provenance)
    late = clock() - timedelta(days=30)
    clock.forward(hours=1)
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient(occurred_at=late))

    assert (await file_of(events())).decode().splitlines() == [
        "recorded_at,occurred_at,address,channel,business_unit,subscription_type,before,after,superseded,"
        "origin,actor,legal_basis,explanation,operation,kind,paused_until",
        "2026-05-04T12:00:00.000000Z,2026-05-04T12:00:00.000000Z,alice@example.com,EMAIL,acme,"
        "weekly-digest,NOT_OPTED,OPTED_IN,false,CONTACT_RECORD,crm,PERFORMANCE_OF_CONTRACT,"
        '"Rang: ""yes, please""",,STATUS,',
        "2026-05-04T13:00:00.000000Z,2026-04-04T12:00:00.000000Z,alice@example.com,EMAIL,acme,weekly-digest,"
        "OPTED_IN,OPTED_OUT,true,PREFERENCE_PAGE,recipient,,,,STATUS,",
    ]
    one = (await objects_of(events()))[1]
    assert (one["superseded"], one["explanation"], one["operation"]) == (True, None, None)


async def test_a_pause_is_written_with_its_end(brands: Brands, clock: Clock, alice: int) -> None:
    until = clock() + timedelta(days=30)
    await preferences.pause(alice, EMAIL, brands.acme, until, by_recipient())
    await preferences.pause(alice, EMAIL, brands.acme, None, by_recipient())
    begun, ended = await objects_of(events())
    assert (begun["kind"], begun["paused_until"]) == ("PAUSE", "2026-06-03T12:00:00.000000Z")
    assert (ended["kind"], ended["paused_until"]) == ("PAUSE", None)
    assert (begun["subscription_type"], begun["before"], begun["after"]) == (None, "NOT_OPTED", "NOT_OPTED")


async def test_a_range_of_events_includes_its_start_and_excludes_its_end_in_any_time_zone(
    brands: Brands, clock: Clock, alice: int
) -> None:
    for status in (OUT, IN, OUT):
        await update_preferences(alice, [(brands.digest, EMAIL, status)], by_recipient())
        clock.forward(hours=1)
    warsaw = timezone(timedelta(hours=2))
    first, last = datetime(2026, 5, 4, 15, tzinfo=warsaw), datetime(2026, 5, 4, 14, tzinfo=UTC)

    rows = await rows_of(events(first, last))

    assert [row["recorded_at"] for row in rows] == ["2026-05-04T13:00:00.000000Z"]
    assert len(await rows_of(events(first))) == 2
    assert len(await rows_of(events(recorded_before=last))) == 2


async def test_events_of_erased_people_have_no_address_and_no_explanation(brands: Brands, alice: int) -> None:
    """R37"""
    await update_preferences(alice, [(brands.internal, EMAIL, IN)], by_team(explanation="Alice rang."))
    await erase_recipient(alice, TEAM)

    rows = await rows_of(events())

    assert {(row["address"], row["explanation"]) for row in rows} == {("", "")}
    assert [row["after"] for row in rows] == ["OPTED_IN", "NOT_OPTED"]


async def test_events_of_an_operation_have_its_id_and_explanation(brands: Brands) -> None:
    await contacts.create(email=ALICE)
    update = BulkUpdate(
        ContactFilter(),
        EMAIL,
        (brands.letters,),
        OUT,
        explanation="Closed.",
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    )
    operation = await bulk_updates.enqueue(update, TEAM)
    while await run_next(HANDLERS):
        pass

    (row,) = await rows_of(events())

    assert (row["operation"], row["explanation"]) == (global_id("Operation", operation.id), "Closed.")


async def test_refusals_have_the_line_the_contact_and_the_reason(brands: Brands, alice: int) -> None:
    bob = await contacts.create(email=BOB)
    new = NewOperation(operations.OperationKind.IMPORT_CONTACTS, TEAM, {})
    operation, other = await queue.enqueue(new), await queue.enqueue(new)
    await parts.add_refusals(
        operation.id,
        [
            RefusalRow("INVALID_ADDRESS", 'No address:\n"=x"', line=7, about="e-mail"),
            RefusalRow("OPTED_OUT_OF_ALL", "Out.", contact_id=bob.id, about="weekly-digest"),
            RefusalRow("SUPERSEDED", "Newer.", recipient_id=alice),
        ],
    )
    await parts.add_refusals(other.id, [RefusalRow("NOT_FOUND", "Of another operation.")])

    assert (await file_of(refusals(operation.id))).decode() == (
        "line,contact,address,about,code,message\n"
        '7,,,e-mail,INVALID_ADDRESS,"No address:\n""=x"""\n'
        f",{global_id('Contact', bob.id)},bob@example.com,weekly-digest,OPTED_OUT_OF_ALL,Out.\n"
        ",,alice@example.com,,SUPERSEDED,Newer.\n"
    )
