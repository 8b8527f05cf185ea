"""Bad input is refused with an error that names the field. It changes nothing, and is never a 500."""

from __future__ import annotations

from typing import Any

import orjson

from schema.contract.connections import write_cursor
from schema.contract.ids import global_id
from tests.conftest import ALICE
from tests.graphql.conftest import Api

CREATE = """mutation ($i: CreateContactInput!) {
  createContact(input: $i) { contact { id } userErrors { code field } } }"""
UPDATE = """mutation ($i: UpdatePreferencesInput!) {
  updatePreferences(input: $i) { outcomes { changed } userErrors { code field } } }"""
COUNT = "{ contacts { totalCount } consentEvents { nodes { id } } }"
NOTHING = {"contacts": {"totalCount": 0}, "consentEvents": {"nodes": []}}


async def user_errors(api: Api, mutation: str, input: dict[str, Any]) -> list[tuple[str, list[str] | None]]:
    payload = await api.execute(mutation, i=input)
    return [(error["code"], error["field"]) for error in payload["userErrors"]]


BAD_CONTACTS: list[tuple[dict[str, Any], str, str]] = [
    ({}, "ADDRESS_MISSING", "email"),
    ({"email": "not an address"}, "INVALID_ADDRESS", "email"),
    ({"email": "a" * 400 + "@example.com"}, "INVALID_ADDRESS", "email"),
    ({"email": '"quoted name"@example.com'}, "INVALID_ADDRESS", "email"),
    ({"email": "alice\x00@example.com"}, "INVALID_ADDRESS", "email"),
    ({"phone": "601 234 567"}, "INVALID_ADDRESS", "phone"),
    ({"phone": "+48\x00601234567"}, "INVALID_ADDRESS", "phone"),
    ({"email": ALICE, "firstName": "Al\x00ice"}, "INVALID_VALUE", "firstName"),
    ({"email": ALICE, "lastName": "x" * 201}, "INVALID_VALUE", "lastName"),
    ({"email": ALICE, "locale": "no such language"}, "INVALID_VALUE", "locale"),
    ({"email": ALICE, "locale": "\x00"}, "INVALID_VALUE", "locale"),
    ({"email": ALICE, "properties": {"a": "b\x00"}}, "INVALID_VALUE", "properties"),
    ({"email": ALICE, "properties": {"a\x00": {"b": 1}}}, "INVALID_VALUE", "properties"),
    ({"email": ALICE, "properties": [1, 2]}, "INVALID_VALUE", "properties"),
    ({"email": ALICE, "properties": {"a": "x" * 70_000}}, "INVALID_VALUE", "properties"),
]


async def test_an_invalid_contact_is_refused_and_the_error_names_the_field(api: Api) -> None:
    for input, code, field in BAD_CONTACTS:
        assert (input, await user_errors(api, CREATE, input)) == (input, [(code, [field])])
    assert await api.execute(COUNT) == NOTHING


async def test_an_internationalized_address_is_the_same_contact_in_either_form(api: Api) -> None:
    """R3."""
    assert await user_errors(api, CREATE, {"email": "Zoë@Bücher.example"}) == []
    assert await user_errors(api, CREATE, {"email": "zoë@xn--bcher-kva.example"}) == [
        ("ALREADY_EXISTS", ["email"])
    ]


BAD_CHANGES: list[tuple[dict[str, Any], str, list[str]]] = [
    ({"recipient": {"email": "nobody"}}, "INVALID_ADDRESS", ["recipient", "email"]),
    ({"recipient": {"phone": "123"}}, "INVALID_ADDRESS", ["recipient", "phone"]),
    ({"recipient": {"contact": "nonsense"}}, "NOT_FOUND", ["recipient", "contact"]),
    ({"recipient": {"contact": global_id("BusinessUnit", 1)}}, "NOT_FOUND", ["recipient", "contact"]),
    ({"recipient": {"contact": global_id("Contact", 12345)}}, "NOT_FOUND", ["recipient", "contact"]),
    ({"recipient": {"contact": global_id("Contact", 2**63)}}, "NOT_FOUND", ["recipient", "contact"]),
    ({"recipient": {"phone": "+48601234567"}}, "ADDRESS_MISSING", ["recipient"]),
    ({"explanation": "a\x00b"}, "INVALID_VALUE", ["explanation"]),
    ({"explanation": "x" * 2_001}, "INVALID_VALUE", ["explanation"]),
    ({"evidence": {"ipAddress": "1.2.3.4.5"}}, "INVALID_VALUE", ["evidence", "ipAddress"]),
    ({"evidence": {"wording": "\x00"}}, "INVALID_VALUE", ["evidence", "wording"]),
    ({"evidence": {"url": "\x00"}}, "INVALID_VALUE", ["evidence", "url"]),
]


async def test_an_invalid_change_is_refused_and_the_error_names_the_field(api: Api) -> None:
    changes = [{"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}]
    for change, code, field in BAD_CHANGES:
        input = {"recipient": {"email": ALICE}, "changes": changes, **change}
        assert (change, await user_errors(api, UPDATE, input)) == (change, [(code, field)])
    assert await api.execute(COUNT) == NOTHING


async def test_one_unknown_key_refuses_the_whole_request(api: Api) -> None:
    changes = [
        {"subscriptionType": key, "status": "OPTED_OUT"} for key in ("weekly-digest", "no-such-type", "\x00")
    ]
    errors = await user_errors(api, UPDATE, {"recipient": {"email": ALICE}, "changes": changes})
    assert errors == [("NOT_FOUND", ["changes", index, "subscriptionType"]) for index in ("1", "2")]
    assert await api.execute(COUNT) == NOTHING


BAD_ARGUMENTS = [
    ('{ contact(by: {email: "nobody"}) { id } }', ["by", "email"]),
    ('{ contact(by: {id: "nonsense"}) { id } }', ["by", "id"]),
    ('{ contact(by: {id: "Q29udGFjdDo5OTk5OTk5OTk5OTk5OTk5OTk5OQ"}) { id } }', ["by", "id"]),
    ('{ recipient(by: {phone: "601"}) { id } }', ["by", "phone"]),
    ('{ node(id: "Zm9v") { id } }', ["id"]),
    ('{ node(id: "żółć") { id } }', ["id"]),
    ('{ nodes(ids: ["\\u0000"]) { id } }', ["ids", "0"]),
    ('{ contacts(filter: {search: "a\\u0000"}) { nodes { id } } }', ["filter", "search"]),
    ('{ contacts(filter: {locale: "\\u0000"}) { nodes { id } } }', ["filter", "locale"]),
    ('{ contacts(filter: {ids: ["x"]}) { nodes { id } } }', ["filter", "ids", "0"]),
    ('{ contacts(filter: {or: [{}, {not: {or: [{paused: {businessUnit: "x"}}]}}]}) { nodes { id } } }',
     ["filter", "or", "1", "not", "or", "0", "paused", "businessUnit"]),
    ('{ contacts(filter: {properties: [{name: "a", exists: true}, {name: "b", in: ["\\u0000"]}]})'
     " { nodes { id } } }", ["filter", "properties", "1", "in"]),
    ('{ contacts(filter: {property: {name: "\\u0000", value: 1}}) { nodes { id } } }',
     ["filter", "property", "name"]),
    ('{ contacts(filter: {property: {name: "a", value: "\\u0000"}}) { nodes { id } } }',
     ["filter", "property", "value"]),
    ('{ contacts(filter: {optedOutOfEmail: "no-such"}) { nodes { id } } }', ["filter", "optedOutOfEmail"]),
    ('{ contacts(filter: {preference: {subscriptionType: "x", status: OPTED_IN}}) { nodes { id } } }',
     ["filter", "preference", "subscriptionType"]),
    ('{ contacts(filter: {optedOutOfAll: {businessUnit: "x"}}) { nodes { id } } }',
     ["filter", "optedOutOfAll", "businessUnit"]),
    ('{ eligibility(subscriptionType: "x", channel: EMAIL, addresses: []) { address } }',
     ["subscriptionType"]),
    ('{ consentEvents(businessUnit: "x") { nodes { id } } }', ["businessUnit"]),
    ('{ consentEvents(recipient: {email: "x"}) { nodes { id } } }', ["recipient", "email"]),
    ("{ contacts(first: 101) { nodes { id } } }", ["first"]),
    ("{ contacts(first: -1) { nodes { id } } }", ["first"]),
    ("{ contacts(first: 1, last: 1) { nodes { id } } }", ["last"]),
    ('{ contacts(after: "nonsense") { nodes { id } } }', ["after"]),
    ('{ contacts(before: "\\u0000") { nodes { id } } }', ["before"]),
    ('{ contacts(before: "WzFd") { nodes { id } } }', ["before"]),
    (f'{{ contacts(after: "{write_cursor("CREATED_AT_DESC", "0001-01-01T00:00:00+14:00", 1)}")'
     " { nodes { id } } }", ["after"]),
    (f"{{ contacts(filter: {{or: [{'{}, ' * 201}]}}) {{ nodes {{ id }} }} }}", ["filter", "or"]),
    (f"{{ contacts(filter: {{not: {{or: [{{}}, {{or: [{'{}, ' * 200}]}}]}}}}) {{ nodes {{ id }} }} }}",
     ["filter", "or"]),
    ('{ consentEvents(after: "WyJhIl0") { nodes { id } } }', ["after"]),
    ('{ consentEvents(after: "Wy0xXQ") { nodes { id } } }', ["after"]),
]  # fmt: skip


async def test_an_invalid_argument_of_a_query_is_an_error_that_names_it(api: Api) -> None:
    for query, field in BAD_ARGUMENTS:
        assert (query, await api.first_error(query)) == (query, ("BAD_USER_INPUT", field))


SEVERAL_BAD_ARGUMENTS: list[tuple[str, list[list[str]]]] = [
    ('{ consentEvents(subscriptionTypes: ["a", "offers", "b"], businessUnit: "x") { nodes { id } } }',
     [["businessUnit"], ["subscriptionTypes", "0"], ["subscriptionTypes", "2"]]),
    ('{ consentEvents(recipient: {phone: "1"}, operation: "x", businessUnit: "x") { nodes { id } } }',
     [["recipient", "phone"], ["operation"], ["businessUnit"]]),
    ('{ contacts(filter: {ids: ["x", "y"], optedOutOfEmail: "x", search: "\\u0000", not: {locale: "\\u0000"},'
     ' or: [{pendingOptIn: {subscriptionType: "x"}}, {properties: [{name: "\\u0000", less: true}]}]})'
     " { nodes { id } } }",
     [["filter", *path.split()] for path in (
         "ids 0", "ids 1", "or 0 pendingOptIn subscriptionType", "or 1 properties 0 name",
         "or 1 properties 0 less", "not locale", "optedOutOfEmail", "search")]),
    ('{ contacts(first: 101, last: -1, orderByProperty: "a", filter: {ids: ["x"]}) { nodes { id } } }',
     [["filter", "ids", "0"], ["last"], ["first"], ["last"], ["orderByProperty"]]),
    ('{ contacts(after: "x", before: "y", filter: {ids: ["x"]}) { nodes { id } } }',
     [["filter", "ids", "0"], ["after"], ["before"]]),
    ('{ consentEvents(first: 101, after: "x", businessUnit: "x") { nodes { id } } }',
     [["first"], ["after"], ["businessUnit"]]),
    ('{ messagesToReview(first: 101, before: "x", businessUnit: "x") { nodes { id } } }',
     [["businessUnit"], ["first"], ["before"]]),
    (f'{{ recipient(by: {{email: "{ALICE}"}}) {{ history(first: 101, businessUnit: "x")'
     " { nodes { id } } } }", [["first"], ["businessUnit"]]),
    ('{ leavingReasons(subscriptionType: "x", businessUnit: "x") { count } }',
     [["businessUnit"], ["subscriptionType"]]),
    (f'{{ recipient(by: {{email: "{ALICE}"}}) {{ history(businessUnit: "x", subscriptionTypes: ["x"])'
     " { nodes { id } } } }", [["businessUnit"], ["subscriptionTypes", "0"]]),
]  # fmt: skip


async def test_all_arguments_that_cannot_be_used_are_told_at_once(api: Api, alice: int) -> None:
    for query, fields in SEVERAL_BAD_ARGUMENTS:
        answer = await api.run(query)
        errors = answer["errors"]
        assert (query, [error["extensions"]["field"] for error in errors]) == (query, fields)
        assert {error["extensions"]["code"] for error in errors} == {"BAD_USER_INPUT"}
        assert len({tuple(error["path"]) for error in errors}) == 1, "they null one field"
        assert all(error["locations"] for error in errors)


MISFIT_DOCUMENTS = [
    "{ contacts(first: 3000000000) { nodes { id } } }",
    '{ contacts(filter: {createdAt: {from: "2026-01-01T00:00:00"}}) { nodes { id } } }',
    '{ contacts(filter: {createdAt: {from: "0001-01-01T00:00:00+14:00"}}) { nodes { id } } }',
    '{ contacts(filter: {createdAt: {from: "tomorrow"}}) { nodes { id } } }',
    "{ contacts(filter: {createdAt: {from: 5}}) { nodes { id } } }",
    "{ contacts(filter: {nonsense: 1}) { nodes { id } } }",
    "{ contact(by: {}) { id } }",
    '{ contact(by: {id: "a", email: "b"}) { id } }',
    "{ contact(by: {id: null}) { id } }",
    '{ contact(by: {email: "\\ud800"}) { id } }',
    'mutation { createContact(input: {email: "a@b.example", properties: {n: 99999999999999999999}})'
    ' { contact { id } } }',
    'mutation { createContact(input: {email: "a@b.example", properties: {n: 1e999}}) { contact { id } } }',
    "mutation { createContact(input: {properties: "
    + "{a: " * 40 + "1" + "}" * 40 + "}) { contact { id } } }",
]  # fmt: skip


async def test_a_document_that_does_not_fit_the_schema_is_refused_and_changes_nothing(api: Api) -> None:
    codes = {"GRAPHQL_VALIDATION_FAILED", "GRAPHQL_PARSE_FAILED", "BAD_USER_INPUT"}
    for query in MISFIT_DOCUMENTS:
        answer = await api.run(query)
        assert not any((answer.get("data") or {}).values()), query
        assert answer["errors"][0]["extensions"]["code"] in codes, query
    assert await api.execute(COUNT) == NOTHING


MISFIT_VARIABLES: list[dict[str, Any]] = [
    {"by": {}},
    {"by": {"id": "a", "email": "b"}},
    {"by": {"email": None}},
    {"by": {"email": 5}},
    {"by": [1]},
    {"by": None},
    {},
]


async def test_variables_that_do_not_fit_the_schema_are_refused(api: Api) -> None:
    for variables in MISFIT_VARIABLES:
        answer = await api.run("query ($by: ContactRef!) { contact(by: $by) { id } }", **variables)
        assert answer["errors"][0]["extensions"]["code"] == "BAD_USER_INPUT", variables


async def test_numbers_in_json_are_returned_unchanged(api: Api) -> None:
    input = {"big": 2**53 + 1, "huge": 2**63, "small": -1, "part": 0.5, "deep": [[{"x": None}]]}
    payload = await api.execute(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { properties } } }",
        i={"email": ALICE, "properties": input},
    )
    assert payload["contact"]["properties"] == input


async def test_deep_and_large_bodies_are_refused_quickly(api: Api) -> None:
    headers = {**api.headers, "Content-Type": "application/json"}

    async def status(body: bytes) -> int:
        return (await api.http.post("/graphql", content=body, headers=headers)).status_code

    deep = b"[" * 100_000 + b"]" * 100_000
    assert await status(b'{"query": "{ viewer { name } }", "variables": {"a": ' + deep + b"}}") == 400
    assert await status(b'{"query": "' + b"a" * 10_000_000 + b'"}') == 413
    chunked = await api.http.post("/graphql", content=_chunks(), headers=headers)
    assert chunked.status_code == 413


async def _chunks() -> Any:
    for _ in range(100):
        yield b"a" * 100_000


async def test_deeply_nested_documents_are_refused_with_an_error(api: Api) -> None:
    for query in (
        "{" * 5_000 + "a" + "}" * 5_000,
        "{ contacts(filter: " + "{not: " * 3_000 + "{}" + "}" * 3_000 + ") { nodes { id } } }",
        "{ nodes(ids: " + "[" * 4_000 + "]" * 4_000 + ") { id } }",
    ):
        assert (await api.first_error(query))[0] == "LIMIT_EXCEEDED"
    deep: Any = {}
    for _ in range(60):
        deep = {"not": deep}
    filtered = "query ($f: ContactFilter) { contacts(filter: $f) { nodes { id } } }"
    assert await api.first_error(filtered, f=deep) == ("BAD_USER_INPUT", ["filter"])
    for _ in range(300):
        deep = {"not": deep}
    headers = {**api.headers, "Content-Type": "application/json"}
    body = orjson.dumps({"query": filtered, "variables": {"f": 0}}).replace(
        b'{"f":0}', b'{"f":' + _json(deep) + b"}"
    )
    answer = (await api.http.post("/graphql", content=body, headers=headers)).json()
    assert answer["errors"][0]["extensions"]["code"] == "LIMIT_EXCEEDED"


def _json(value: dict[str, Any]) -> bytes:
    depth = 0
    while value:
        value, depth = value["not"], depth + 1
    return b'{"not":' * depth + b"{}" + b"}" * depth


async def test_a_property_larger_than_any_database_integer_selects_no_contact(api: Api) -> None:
    wanted = '{property: {name: "n", value: 9223372036854775808}}'
    assert await api.execute(f"{{ contacts(filter: {wanted}) {{ nodes {{ id }} }} }}") == {"nodes": []}


async def test_a_property_of_any_size_does_not_break_the_list_of_contacts(api: Api) -> None:
    payload = await api.execute(CREATE, i={"email": ALICE, "properties": {"n": 1e30, "m": -1.5e300}})
    assert payload["userErrors"] == []
    page = await api.execute("{ contacts { nodes { properties } } }")
    assert page == {"nodes": [{"properties": {"n": 1e30, "m": -1.5e300}}]}
