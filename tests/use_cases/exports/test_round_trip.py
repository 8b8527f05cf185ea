"""Exported files can be imported again, and change nothing."""

from __future__ import annotations

from collections.abc import AsyncIterator

import pytest
from hypothesis import HealthCheck, example, given, settings
from hypothesis import strategies as st

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.errors import Invalid
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
from preference_center.storage import database
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
from tests.use_cases.exports.exported_files import file_of, objects_of, of_contacts, rows_of

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


TEXT = st.text(
    st.one_of(
        st.characters(codec="utf-8", exclude_characters="\0"),
        st.sampled_from("=＝+-@\t\n\r '\"|;,:\u200b\ufeff\u202e\u0301\ufffd\ufffe\u00a0-"),
    ),
    max_size=12,
)
PEOPLE = st.lists(
    st.tuples(TEXT, TEXT, st.dictionaries(TEXT, TEXT.filter(bool), max_size=3)), min_size=1, max_size=4
)
ODD_NAMES = [
    "",
    " =1",
    "\t=1",
    "\r=1",
    "\n=1",
    "=1",
    '"',
    '"=1"',
    "a|email|phone",
    "a;email",
    "a\ufffd",
    "'=1",
    ": x",
]


@settings(
    max_examples=30,
    deadline=None,
    derandomize=True,
    database=None,
    suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow],
)
@given(PEOPLE)
@example([("Zoë", "-", {name: f" {name}" for name in ODD_NAMES})])
@example([(" \u200b=Al", "n/a", {"x" * 5_000: "\u2028", "n": " ", "m": "unsubscribed", "o": '="1"'})])
async def test_contacts_that_are_exported_and_imported_elsewhere_are_the_same(
    brands: Brands, people: list[tuple[str, str, dict[str, str]]]
) -> None:
    """Whatever their names and properties are."""
    await database.execute("DELETE FROM contacts")
    for number, (first, last, properties) in enumerate(people):
        address = f"p{number}@example.com"
        await contacts.create(email=address, first_name=first, last_name=last, properties=properties)
    before, file = await objects_of(await of_contacts()), await file_of(await of_contacts())

    again = await finished(await contact_imports.receive(ContactImport(), Upload(pieces(file)), TEAM))
    assert (again.changed, again.refused, again.refusals) == (0, 0, {})
    assert await objects_of(await of_contacts()) == before

    await database.execute("DELETE FROM contacts")
    elsewhere = await finished(await contact_imports.receive(ContactImport(), Upload(pieces(file)), TEAM))
    assert (elsewhere.changed, elsewhere.refused, elsewhere.refusals) == (len(people), 0, {})
    added = ("id", "created_at", "updated_at")
    assert [
        {name: value for name, value in person.items() if name not in added}
        for person in await objects_of(await of_contacts())
    ] == [{name: value for name, value in person.items() if name not in added} for person in before]


async def test_properties_whose_names_are_too_long_for_a_header_are_exported_as_ndjson(
    brands: Brands,
) -> None:
    await contacts.create(email=ALICE, properties={"x" * 60_000: "1"})
    await contacts.create(email=BOB, properties={"y" * 60_000: "1"})
    with pytest.raises(Invalid, match="use NDJSON"):
        await of_contacts()
