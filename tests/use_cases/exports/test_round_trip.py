"""Exported files can be imported again, and change nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
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
from tests.use_cases.exports.exported_files import file_of, of_contacts, rows_of

FORMULA_LIKE = "=cmd@example.com"


async def pieces(file: bytes) -> AsyncIterator[bytes]:
    for start in range(0, len(file), 11):
        yield file[start : start + 11]


async def finished(queued: OperationRow) -> OperationRow:
    while await run_next(HANDLERS):
        pass
    found = await operations.get(queued.id)
    assert found
    assert found.error is None
    return found


@pytest.mark.parametrize("channel", [Channel.EMAIL, Channel.SMS])
async def test_the_suppressions_of_one_unit_can_be_imported_for_another_with_their_times(
    brands: Brands, clock: Clock, channel: Channel
) -> None:
    addresses = (
        [ALICE, BOB, FORMULA_LIKE, CHARLIE] if channel is Channel.EMAIL else [ALICE_PHONE, "+447700900123"]
    )
    for number in (await recipients.ensure([parse(one) for one in addresses])).values():
        await preferences.opt_out_of_all(number, channel, brands.acme, by_recipient(ConsentOrigin.ONE_CLICK))
        clock.forward(days=1, microseconds=11)
    if channel is Channel.EMAIL:
        gone = await recipients.find(parse(CHARLIE))
        assert gone
        await erase_recipient(gone.id, TEAM)
    file = await file_of(suppressions(SuppressionFilter(brands.acme, channel)))

    request = OptOutImport(brands.bazaar, channel, "Both brands belong to us.")
    operation = await finished(await opt_out_imports.receive(request, Upload(pieces(file)), TEAM))

    before = await rows_of(suppressions(SuppressionFilter(brands.acme, channel)))
    after = await rows_of(suppressions(SuppressionFilter(brands.bazaar, channel)))
    named = [row for row in before if row["address"]]
    assert operation.changed == len(named) == len(after)
    assert operation.refused == len(before) - len(named), "erased people have no address (R36)"
    assert after == [{**row, "business_unit": "bazaar", "origin": "IMPORT"} for row in named]

    again = await finished(await opt_out_imports.receive(request, Upload(pieces(file)), TEAM))
    assert (again.changed, again.unchanged) == (0, len(named))


async def test_importing_exported_contacts_again_changes_nothing(brands: Brands) -> None:
    alice = await contacts.create(
        email=ALICE,
        phone=ALICE_PHONE,
        first_name="=Alice",
        last_name='O"Hara, née\nŻak',
        locale="pl",
        properties={"city": "Łódź", "note": "'=1+1", "+plan": "@home"},
        processing_basis=LegalBasis.PROCESS_AND_STORE,
    )
    await contacts.create(email=FORMULA_LIKE, properties={"city": "+48601234567"})
    await update_preferences(
        alice.email_recipient_id or 0,
        [(brands.internal, Channel.EMAIL, PreferenceStatus.OPTED_IN)],
        by_team(),
    )
    before = await rows_of(await of_contacts())
    file = await file_of(await of_contacts())

    again = await finished(await contact_imports.receive(ContactImport(), Upload(pieces(file)), TEAM))
    assert (again.changed, again.unchanged, again.refused) == (0, 2, 0)
    assert await rows_of(await of_contacts()) == before

    for row in (await contacts.by_emails([ALICE, FORMULA_LIKE])).values():
        await contacts.delete(row.id)
    elsewhere = await finished(await contact_imports.receive(ContactImport(), Upload(pieces(file)), TEAM))
    assert (elsewhere.changed, elsewhere.refused) == (2, 0)
    assert people_in(await rows_of(await of_contacts())) == people_in(before)


def people_in(rows: list[dict[str, str]]) -> list[dict[str, str]]:
    """The rows by address, without the columns that the exporting system adds."""
    added = ("id", "created_at", "updated_at")
    rows = sorted(rows, key=lambda row: row["email"])
    return [{name: value for name, value in row.items() if name not in added} for row in rows]


async def test_the_refusals_of_an_import_name_the_line_and_the_column(brands: Brands) -> None:
    file = b"email\nalice@example.com\nnobody\nbob@example.com\n"
    request = OptOutImport(brands.acme, Channel.EMAIL, "From the old system.")
    operation = await finished(await opt_out_imports.receive(request, Upload(pieces(file)), TEAM))

    (row,) = await rows_of(refusals(operation.id))

    assert (row["line"], row["code"], row["about"]) == ("3", "INVALID_ADDRESS", "email")
    assert row["message"]
