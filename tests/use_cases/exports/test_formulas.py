"""Cells that look like formulas, or contain special characters of CSV: no spreadsheet computes them."""

from __future__ import annotations

import csv
import io

import pytest

from preference_center.contacts import contacts
from preference_center.csv_cells import property_column, without_guard
from tests.conftest import ALICE, Brands
from tests.use_cases.exports.exported_files import NDJSON, file_of, objects_of, of_contacts, rows_of

FORMULAS = [
    '=HYPERLINK("http://evil.example")',
    "+1+1",
    "-2+3",
    "@SUM(A1)",
    "\tstarts with a tab",
    "\rstarts with a return",
    "+cmd|' /C calc'!A0",
    "\nstarts with a line feed",
    "\n=1+1",
    " =1 after a space",
    "\u00a0\u200b\ufeff=1+1",
    "\x01=1+1",
    "＝1＋1",
    "＋1",
    "－1",
    "＠SUM(A1)",
    "﹦1",
    "−1",
    "\u3000＝1",
    "'=1+1",
    "''=1+1",
    "'+48601234567",
    "=",
    "+486012345678901234",
]
HARMLESS = [
    "plain",
    "+48601234567",
    "'tis",
    "a=b",
    "' is no formula",
    " a space",
    "\u200bno width",
    'with "quotes"',
    '"',
    "with, a comma; and a semicolon",
    "two\nlines",
    "two\r\nlines",
    "a return\ralone",
    "Zażółć gęślą jaźń 你好 🙂 é\u2028next",
    "back\\slash \\N \\. \\n",
    "\\.",
    "NULL",
    "\x01control\x02",
    "$1 $2",
    "100% {} {0} %s",
]


@pytest.mark.parametrize("text", [*FORMULAS, *HARMLESS], ids=repr)
async def test_text_is_read_back_as_it_was_stored(brands: Brands, text: str) -> None:
    name = f"of {text}"
    await contacts.create(email=ALICE, properties={"note": text, name: "named"})

    (row,) = await rows_of(await of_contacts())
    (one,) = await objects_of(await of_contacts(file_format=NDJSON))

    shown = row["property:note"]
    assert shown == ("'" + text if text in FORMULAS else text)
    assert row[property_column(name)] == "named"
    assert one["properties"] == {"note": text, name: "named"}, "NDJSON is not opened by spreadsheets"
    assert without_guard(shown) == text, "Sayso's importer removes the apostrophe"


async def test_an_email_address_that_looks_like_a_formula_gets_an_apostrophe(brands: Brands) -> None:
    await contacts.create(email="=cmd@example.com", phone="+48601234567", first_name="-Al", last_name='@"\nb')

    line = (await file_of(await of_contacts(with_consent=False))).decode().partition("\n")[2]

    cells = next(csv.reader(io.StringIO(line, newline=""), strict=True))
    assert cells[1:5] == ["'=cmd@example.com", "+48601234567", "'-Al", "'@\"\nb"]


async def test_both_databases_write_the_same_bytes(brands: Brands) -> None:
    for number, text in enumerate([*FORMULAS, *HARMLESS]):
        await contacts.create(email=f"p{number}@example.com", properties={"note": text})

    lines = (await file_of(await of_contacts(with_consent=False))).decode()

    for text in ['"two\nlines"', '"a return\ralone"', '"with, a comma; and a semicolon"', "\\.\n", "'tis\n"]:
        assert f"Z,{text}" in lines
