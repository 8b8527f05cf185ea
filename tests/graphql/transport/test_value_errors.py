"""Errors about values in a document: where the value is, for which argument, and of which field."""

from __future__ import annotations

from typing import Any

import pytest

from tests.graphql.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
ONE_OF = "exactly one field must be specified"


@pytest.mark.parametrize(
    ("query", "message", "column", "path", "field"),
    [
        ('{ contacts(filter: {createdAt: {from: "x"}}) { nodes { id } } }',
         "Argument 'filter' has invalid value at .createdAt.from: Not an RFC 3339 instant", 39, ["contacts"],
         ["filter", "createdAt", "from"]),
        ('{ a: contacts(filter: {or: [{locale: "en"}, {createdAt: {before: 5}}]}) { nodes { id } } }',
         "at .or[1].createdAt.before: An instant is a string", 66, ["a"],
         ["filter", "or", "1", "createdAt", "before"]),
        ("{ businessUnit(key: 5) { id } }", "Argument 'key' has invalid value: Must be a string", 21,
         ["businessUnit"], ["key"]),
        ('{ contacts { nodes { o: optedOutOfEmail(subscriptionType: 5) } } }', "Must be a string", 59,
         ["contacts", "nodes", "o"], ["subscriptionType"]),
        ("{ contacts(filter: {property: {name: \"a\", value: 1e999}}) { nodes { id } } }", "out of range", 50,
         ["contacts"], ["filter", "property", "value"]),
        ('fragment H on Contact { history(first: "x") { nodes { id } } } { contacts { nodes { ...H } } }',
         "Int cannot represent", 40, ["contacts", "nodes", "history"], ["first"]),
        ('mutation { updateContact(input: {id: 1, locale: 2}) { userErrors { code } } }',
         "Must be a string", 49, ["updateContact"], ["input", "locale"]),
        ("{ recipient(by: {}) { id } }", ONE_OF, 17, ["recipient"], ["by"]),
        ('{ r: recipient(by: {email: "a", phone: "b"}) { id } }', ONE_OF, 20, ["r"], ["by"]),
        ("{ recipient(by: {email: null}) { id } }", ONE_OF, 17, ["recipient"], ["by", "email"]),
        ('{ contact(by: {emial: "a"}) { id } }', "unknown field 'emial'", 16, ["contact"], ["by"]),
        ("query ($e: String) { recipient(by: {email: $e}) { id } }", "must be non-nullable", 8, ["recipient"],
         ["by"]),
        ("query ($e: String) { consentEvents(recipient: {email: $e}) { nodes { id } } }",
         "must be non-nullable", 8, ["consentEvents"], ["recipient"]),
        ("query ($n: String) { contacts(first: $n) { nodes { id } } }", "expecting type 'Int'", 8,
         ["contacts"], ["first"]),
    ],
)  # fmt: skip
async def test_a_value_that_cannot_be_used_is_located(
    api: Api, query: str, message: str, column: int, path: list[str], field: list[str]
) -> None:
    error = (await api.run(query))["errors"][0]
    assert message in error["message"]
    assert error["locations"][0] == {"line": 1, "column": column}
    assert error["path"] == path
    expected = {"code": "GRAPHQL_VALIDATION_FAILED", "argument": field[0], "field": field}
    assert error["extensions"] == expected


@pytest.mark.parametrize(
    ("query", "variables", "message", "code"),
    [
        ('query ($t: DateTime = "x") { leavingReasons(givenAt: {from: $t}) { count } }', {},
         "Variable '$t' has invalid default value: Not an RFC 3339 instant", "GRAPHQL_VALIDATION_FAILED"),
        ("query ($t: DateTime) { leavingReasons(givenAt: {from: $t}) { count } }", {"t": "x"},
         "Variable '$t' has invalid value: Not an RFC 3339 instant", "BAD_USER_INPUT"),
        ("query ($r: RecipientRef!) { recipient(by: $r) { id } }", {"r": {"email": "a", "phone": "b"}},
         f"Variable '$r' has invalid value: Within OneOf Input Object type 'RecipientRef', {ONE_OF}",
         "BAD_USER_INPUT"),
        ("query ($r: RecipientRef!) { recipient(by: $r) { id } }", {"r": {"email": None}}, ONE_OF,
         "BAD_USER_INPUT"),
        ("query ($r: RecipientRef!) { recipient(by: $r) { id } }", {"r": {}}, ONE_OF, "BAD_USER_INPUT"),
        ("query ($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }",
         {"f": {"or": [{"createdAt": {"from": "x"}}]}}, "at .or[0].createdAt.from: Not an RFC 3339 instant",
         "BAD_USER_INPUT"),
    ],
)  # fmt: skip
async def test_an_error_about_a_variable_names_it_and_has_its_location(
    api: Api, query: str, variables: dict[str, Any], message: str, code: str
) -> None:
    (error,) = (await api.run(query, **variables))["errors"]
    assert message in error["message"]
    assert error["locations"][0]["line"] == 1
    assert error["extensions"]["code"] == code


async def test_a_variable_in_a_reference_may_be_used_in_a_fragment_before_its_operation(api: Api) -> None:
    query = "fragment R on Query { recipient(by: {email: $e}) { id } } query ($e: String!) { ...R }"
    assert await api.execute(query, e="nobody@example.com") is None
