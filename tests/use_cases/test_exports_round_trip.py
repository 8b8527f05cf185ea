"""What is exported goes into Sayso's own imports, and comes out the same."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from preference_center.contacts import contacts
from preference_center.erasure import erase as erasure
from preference_center.exports.events import refusals
from preference_center.exports.suppressions import SuppressionFilter, suppressions
from preference_center.imports import contacts as contact_imports
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports.contacts import ContactImport
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations import operations
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    BOB,
    CHARLIE,
    TEAM,
    Brands,
    Clock,
    by_recipient,
    by_team,
    update_preferences,
)
from tests.use_cases.exported import file_of, of_contacts, rows_of

ODD = "=cmd@example.com"


async def in_pieces(file: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(file), 11):
        yield file[start : start + 11]


async def done(asked: OperationRow) -> OperationRow:
    while await run_next(HANDLERS):
        pass
    found = await operations.get(asked.id)
    assert found
    assert found.error is None
    return found


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
async def test_the_opt_outs_of_one_brand_become_those_of_another_with_their_times(
    brands: Brands, clock: Clock, channel: Channel
) -> None:
    addresses = [ALICE, BOB, ODD, CHARLIE] if channel is Channel.EMAIL else [ALICE_PHONE, "+447700900123"]
    for number in (await recipients.ensure([parse(one) for one in addresses])).values():
        await preferences.opt_out_of_all(number, channel, brands.acme, by_recipient(ConsentOrigin.ONE_CLICK))
        clock.forward(days=1, microseconds=11)
    if channel is Channel.EMAIL:
        gone = await recipients.find(parse(CHARLIE))
        assert gone
        await erasure.erase_recipient(gone.id, TEAM)
    file = await file_of(suppressions(SuppressionFilter(brands.acme, channel)))

    wish = OptOutImport(brands.bazaar, channel, "Both brands belong to us.")
    operation = await done(await opt_out_imports.receive(wish, Upload(in_pieces(file)), TEAM))

    before = await rows_of(suppressions(SuppressionFilter(brands.acme, channel)))
    after = await rows_of(suppressions(SuppressionFilter(brands.bazaar, channel)))
    named = [row for row in before if row["address"]]
    assert operation.changed == len(named) == len(after)
    assert operation.refused == len(before) - len(named), "of the erased there is no address (R36)"
    assert after == [{**row, "business_unit": "bazaar", "origin": "IMPORT"} for row in named]

    again = await done(await opt_out_imports.receive(wish, Upload(in_pieces(file)), TEAM))
    assert (again.changed, again.unchanged) == (0, len(named))


async def test_contacts_that_are_taken_in_again_are_the_same(brands: Brands) -> None:
    alice = await contacts.create(
        email=ALICE,
        phone=ALICE_PHONE,
        first_name="=Alice",
        last_name='O"Hara, née\nŻak',
        locale="pl",
        properties={"city": "Łódź", "note": "'=1+1", "+plan": "@home"},
        processing_basis=LegalBasis.PROCESS_AND_STORE,
    )
    await contacts.create(email=ODD, properties={"city": "+48601234567"})
    await update_preferences(
        alice.email_recipient_id or 0,
        [(brands.internal, Channel.EMAIL, PreferenceStatus.OPTED_IN)],
        by_team(),
    )
    before = await rows_of(await of_contacts())
    file = await file_of(await of_contacts())

    again = await done(await contact_imports.receive(ContactImport(), Upload(in_pieces(file)), TEAM))
    assert (again.changed, again.unchanged, again.refused) == (0, 2, 0)
    assert await rows_of(await of_contacts()) == before

    for row in (await contacts.by_emails([ALICE, ODD])).values():
        await contacts.delete(row.id)
    elsewhere = await done(await contact_imports.receive(ContactImport(), Upload(in_pieces(file)), TEAM))
    assert (elsewhere.changed, elsewhere.refused) == (2, 0)
    assert people_in(await rows_of(await of_contacts())) == people_in(before)


def people_in(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows by address, without what the system that wrote them added."""
    added = ("id", "created_at", "updated_at")
    rows = sorted(rows, key=lambda row: row["email"])
    return [{name: value for name, value in row.items() if name not in added} for row in rows]


async def test_what_an_import_refused_can_be_mended_and_imported_again(brands: Brands) -> None:
    file = b"email\nalice@example.com\nnobody\nbob@example.com\n"
    wish = OptOutImport(brands.acme, Channel.EMAIL, "From the old system.")
    operation = await done(await opt_out_imports.receive(wish, Upload(in_pieces(file)), TEAM))

    (row,) = await rows_of(refusals(operation.id))

    assert (row["line"], row["code"], row["about"]) == ("3", "INVALID_ADDRESS", "email")
    assert row["message"]
