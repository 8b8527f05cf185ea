"""The table of scopes in docs/scopes.md is the one in the code."""

from __future__ import annotations

from pathlib import Path

from preference_center.access.scopes import ADMIN, DESCRIPTIONS, SCOPES, TABLE, Access

DOCS = (Path(__file__).parents[3] / "docs/scopes.md").read_text("utf-8")


def rows_after(header: str) -> list[str]:
    """The rows of the table with this header."""
    lines = DOCS.split(f"{header}\n", 1)[1].splitlines()[1:]
    return lines[: next(number for number, line in enumerate(lines) if not line.startswith("|"))]


def scopes_of(access: Access) -> str:
    return (" or " if access.any_of else " and ").join(f"`{scope}`" for scope in access.scopes)


def test_the_documented_scopes_are_those_of_the_code() -> None:
    assert rows_after("| scope | lets a token |") == [
        f"| `{scope}` | {what} |" for scope, what in DESCRIPTIONS.items()
    ]


def test_the_documented_table_is_that_of_the_code() -> None:
    assert rows_after("| a token may | with |") == [
        f"| {access.what} | {scopes_of(access)} |" for access in TABLE
    ]


def test_the_table_has_every_scope_and_no_other() -> None:
    assert {scope for access in TABLE for scope in access.scopes} == SCOPES - {ADMIN}


def test_admin_has_every_access_and_no_scope_has_none() -> None:
    for access in TABLE:
        assert access.missing({ADMIN}) is None
        assert access.missing(set()) == access.scopes[0]
        assert access.missing(access.scopes) is None
        one = access.missing({access.scopes[-1]})
        assert (one is None) is (access.any_of or len(access.scopes) == 1)
