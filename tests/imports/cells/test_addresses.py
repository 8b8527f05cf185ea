"""Addresses in cells, however programs wrap them (R3)."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from preference_center.errors import Invalid
from preference_center.imports.cells.emails import emails_in
from preference_center.imports.cells.phones import check_country, phones_in

JO, AL = "jo@example.com", "al@example.org"
WRAPPED = f"""
{JO}|  {JO}\u00a0|Jo Doe <{JO}>|<{JO}>|mailto:{JO}|MAILTO:{JO}?subject=x|{JO};|{JO},|{JO}.|“{JO}”|„{JO}“
«{JO}»
'{JO}'|'{JO}|‘{JO}’|"Doe, Jo" <{JO}>|Doe, Jo <{JO}>|{JO} (Jo Doe)|(Jo) {JO}|[{JO}]|[{JO}](mailto:{JO})
{JO} <{JO}>
Email: {JO}|SMTP:{JO}|smtp:{JO}|jo\u200b@exam\u200bple.com|\ufeff{JO}|jo＠example.com|<mailto:{JO}>
{JO.upper()}
Jo Doe {JO}|「{JO}」|{JO}、|{{{JO}}}|`{JO}`|="{JO}"|jo%40example.com
"""


@pytest.mark.parametrize("cell", [c for line in WRAPPED.strip().split("\n") for c in line.split("|")][:-1])
def test_the_one_email_address_in_a_cell_is_found(cell: str) -> None:
    assert emails_in(cell) == ([JO], None)


@pytest.mark.parametrize(
    "cell",
    [f"{JO};{AL}", f"{JO}, {AL}", f"{JO} {AL}", f"{JO}/{AL}", f"Jo <{JO}>; Al <{AL}>", f"{JO} ::: {AL}"],
)
def test_every_email_address_in_a_cell_is_found(cell: str) -> None:
    assert emails_in(cell) == ([JO, AL], None)


@pytest.mark.parametrize(
    "cell",
    ["", "-", "N/A", "nobody", "a@b@c.example", "jo @example.com", "jo@", "@example.com", "jo (at) b.c"],
)
def test_what_is_no_email_address_is_a_problem(cell: str) -> None:
    found = emails_in(cell)
    assert (found.addresses, bool(found.problem)) == ([], True)


def test_a_part_that_cannot_be_read_is_a_problem_beside_the_addresses() -> None:
    addresses, problem = emails_in(f"{JO}, al@")
    assert (addresses, bool(problem)) == ([JO], True)


MOBILE = "+447700900114"
PHONES = """
+44 7700 900114|+44 (0)7700 900114|tel:+44-7700-900114|whatsapp:+447700900114|p:+447700900114
sms:+447700900114
Jo <+447700900114>|+44 7700 900114 (mobile)|Mobile: +44 7700 900114|0044 7700 900114|447700900114
447700900114.0
+447700900114;|“+447700900114”|\u200e+447700900114|\u202a+44 7700 900114\u202c|＋４４７７００９００１１４
https://wa.me/447700900114
[+447700900114]|'+447700900114|="+447700900114"|(+44) 7700 900114|4.47700900114E+11
+44\u00a07700\u00a0900114
"""


@pytest.mark.parametrize("cell", [cell for line in PHONES.strip().split("\n") for cell in line.split("|")])
def test_the_one_phone_number_in_a_cell_is_found(cell: str) -> None:
    assert phones_in(cell) == ([MOBILE], None)


@pytest.mark.parametrize(
    ("cell", "country", "expected"),
    [
        ("33611111111", None, "+33611111111"),
        ("48601234567", None, "+48601234567"),
        ("919876543210", None, "+919876543210"),
        ("0102030405", "FR", "+33102030405"),
        ("06 11 11 11 11", "FR", "+33611111111"),
        ("33611111111", "FR", "+33611111111"),
        ("447700900114", "FR", MOBILE),
        ("07700 900114", "GB", MOBILE),
        ("7700900114", "GB", MOBILE),
        ("(415) 555-2671", "US", "+14155552671"),
        ("14155552671", "US", "+14155552671"),
        ("011 44 7700 900114", "US", MOBILE),
        ("601 234 567", "PL", "+48601234567"),
        ("4915112345678", "DE", "+4915112345678"),
        ("015112345678", "DE", "+4915112345678"),
        ("13802345678", "CN", "+8613802345678"),
        ("11 98765-4321", "BR", "+5511987654321"),
        ("+33611111111", "GB", "+33611111111"),
    ],
)
def test_a_country_gives_a_meaning_to_national_numbers(cell: str, country: str | None, expected: str) -> None:
    assert phones_in(cell, country) == ([expected], None)


@pytest.mark.parametrize(
    "cell",
    ["+44 7700 900114; +44 7700 900115", "+447700900114/+447700900115", "+447700900114 or +447700900115"],
)
def test_every_phone_number_in_a_cell_is_found(cell: str) -> None:
    assert phones_in(cell).addresses == [MOBILE, "+447700900115"]


@pytest.mark.parametrize(
    ("cell", "message"),
    [
        ("", "missing"),
        ("N/A", "no phone number"),
        ("-", "no phone number"),
        ("4.86E+10", "spreadsheet"),
        ("4,86E+10", "spreadsheet"),
        ("0102030405", "`country`"),
        ("601234567", "`country`"),
        ("13802345678", "`country`"),
        ("34987654321", "`country`"),
        ("hello", "country"),
        ("+44 20 7946 0958 ext 12", "digits"),
        ("+44", "no phone number"),
    ],
)
def test_what_is_no_phone_number_is_a_problem(cell: str, message: str) -> None:
    found = phones_in(cell)
    assert found.addresses == []
    assert message in (found.problem or "")


def test_a_country_is_checked() -> None:
    assert [check_country(text) for text in (None, "fr", " GB ", "UK")] == [None, "FR", "GB", "GB"]
    with pytest.raises(Invalid) as refused:
        check_country("France")
    assert refused.value.field == ("country",)


@given(st.text(max_size=60))
def test_no_text_does_anything_but_be_read_or_refused(text: str) -> None:
    for found in (emails_in(text), phones_in(text), phones_in(text, "DE")):
        assert found.addresses or found.problem
