"""Contact files, and rows of them, that are refused, with a reason for each line."""

from __future__ import annotations

import pytest

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import contacts as contact_imports
from preference_center.imports.contacts import ContactImport
from preference_center.imports.upload import Upload
from preference_center.rules.types import LegalBasis
from tests.conftest import ALICE, TEAM, Brands
from tests.imports.files import contacts_from, count, numbers, pieces, refusals


async def test_a_bad_cell_costs_only_itself_and_a_bad_legal_basis_its_row(brands: Brands) -> None:
    long, big = "x" * 300, "y" * 50_000
    text = (
        "email,first_name,locale,processing_basis,note,other\n"
        f"a@example.com,{long},,,,\nb@example.com,,not a language,,,\nc@example.com,,,BECAUSE,,\n"
        f"d@example.com,,,,\x00,\ne@example.com,,,,{big},{big}\nf@example.com,,,,,,,too,many\n"
        f"{ALICE},Alice,,,,\n"
    )
    done = await contacts_from(text)
    assert numbers(done) == (4, 0, 3, {"INVALID_VALUE": 6})
    assert [about for _, _, about in await refusals(done)] == [
        "first_name",
        "locale",
        "processing_basis",
        "note",
        "properties",
        None,
    ]
    assert await count("contacts") == 4


async def test_an_unreadable_character_refuses_only_its_row(brands: Brands) -> None:
    good = "".join(f"p{n}@example.com,Łucja\n" for n in range(20)).encode()
    done = await contacts_from(b"email,first_name\n" + good + b"x@example.com,Micha\xb3\n")
    assert numbers(done) == (20, 0, 1, {"INVALID_VALUE": 1})


@pytest.mark.parametrize(
    ("header", "changes", "code", "field", "message"),
    [
        ("email,opt_in:nonsense", {}, ErrorCode.INVALID_VALUE, "file", "no subscription type 'nonsense'"),
        ("email,opt_in:letters:SMS", {}, ErrorCode.INVALID_VALUE, "file", "opt_in:letters:EMAIL"),
        ("email,opt_in:letters,Opt-in: letters", {}, ErrorCode.INVALID_VALUE, "file", "Two columns"),
        ("city,name", {}, ErrorCode.INVALID_VALUE, "file", "an email address or a phone number"),
        (
            "email,opt_in:letters",
            {"legal_basis": None},
            ErrorCode.LEGAL_BASIS_REQUIRED,
            "legal_basis",
            "Give a legal basis",
        ),
        (
            "email,opt_in:letters",
            {"explanation": " "},
            ErrorCode.EXPLANATION_REQUIRED,
            "explanation",
            "Give an explanation",
        ),
    ],
)
async def test_an_invalid_header_is_refused(
    brands: Brands, header: str, changes: dict[str, object], code: ErrorCode, field: str, message: str
) -> None:
    values = {"legal_basis": LegalBasis.NON_GDPR, "explanation": "The fair.", **changes}
    upload = Upload(pieces(f"{header}\n{ALICE},1,1\n".encode()))
    with pytest.raises(Invalid, match=message) as refused:
        await contact_imports.receive(ContactImport(**values), upload, TEAM)  # type: ignore[arg-type]
    assert (refused.value.code, refused.value.field) == (code, (field,))
    assert await count("operations") == 0
