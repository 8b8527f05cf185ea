"""The limits of docs/limits.md: an operation over one of them is refused before it runs."""

from __future__ import annotations

import time
from pathlib import Path
from typing import Any

import pytest

from api.graphql import cost as costs
from api.graphql import limits, time_limit, websocket
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type
from preference_center.contacts import filter_limits
from preference_center.rules.types import Channel
from schema.contract import connections
from tests.conftest import Brands
from tests.graphql.conftest import Api

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOCS = Path(__file__).parents[3] / "docs" / "limits.md"


def deep(levels: int) -> str:
    """A query with fields nested this deep: units, their types, the types' units, and so on."""
    inner = "key"
    for level in range(levels - 1, 1, -1):
        inner = f"{'businessUnit' if level % 2 else 'subscriptionTypes'} {{ {inner} }}"
    return f"{{ businessUnits {{ {inner} }} }}"


async def test_a_selection_may_be_fifteen_levels_deep(api: Api) -> None:
    assert (await api.first_error(deep(limits.DEPTH + 1)))[0] == "LIMIT_EXCEEDED"
    assert (await api.first_error(deep(limits.DEPTH)))[0] == "COST_LIMIT_EXCEEDED"
    await api.execute(deep(6))


async def test_depth_is_counted_through_fragments(api: Api) -> None:
    below = "subscriptionTypes { businessUnit { ...F%d } }"
    parts = [f"fragment F{n} on BusinessUnit {{ {below % (n + 1)} }}" for n in range(8)]
    query = "{ businessUnits { ...F0 } } " + " ".join(parts) + " fragment F8 on BusinessUnit { key }"
    assert (await api.first_error(query))[0] == "LIMIT_EXCEEDED"


@pytest.mark.parametrize(
    ("query", "most"),
    [
        ("{ " + " ".join(f"a{n}: viewer {{ name }}" for n in range(19)) + " viewer { "
         + " ".join(f"b{n}: name" for n in range(12)) + " } }", limits.ALIASES),
        ("{ " + " ".join(f"a{n}: viewer {{ name }}" for n in range(21)) + " }", limits.ROOT_FIELDS),
        ("{ viewer { " + "name " * 1_000 + "} }", limits.FIELDS),
        ("{ ...R } fragment R on Query { ...S "
         + " ".join(f"a{n}: viewer {{ name }}" for n in range(12)) + " }"
         " fragment S on Query { ... { " + " ".join(f"b{n}: viewer {{ name }}" for n in range(12)) + " } }",
         limits.ROOT_FIELDS),
        ("{ viewer { name " + "@include(if: true) " * 51 + "} }", limits.DIRECTIVES),
        ("{ viewer { name } } " + " ".join(f"fragment F{n} on Viewer {{ name }}" for n in range(51)),
         limits.FRAGMENTS),
        (" ".join(f"query Q{n} {{ viewer {{ name }} }}" for n in range(51)), limits.OPERATIONS),
        ("{ viewer { name } } " + " " * limits.CHARACTERS, limits.CHARACTERS),
        ("{ viewer { name } } " + "#\n" * limits.TOKENS, limits.TOKENS),
        ("{ viewer { " + "a" * 201 + ": name } }", limits.NAME),
        ("query " + "a" * 201 + " { viewer { name } }", limits.NAME),
        ("{ __schema { " + "queryType { name } " * 500 + " } }", limits.FIELDS),
        ("{ __schema { " + " ".join(f"a{n}: queryType {{ name }}" for n in range(31)) + " } }",
         limits.ALIASES),
    ],
)  # fmt: skip
async def test_a_document_over_a_limit_is_refused_with_the_maximum(api: Api, query: str, most: int) -> None:
    (error,) = (await api.run(query))["errors"]
    assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
    assert error["extensions"]["maximum"] == most


async def test_a_document_has_at_most_10000_tokens(api: Api) -> None:
    many = "{ viewer { name } } # "
    assert await api.execute(many + "x " * limits.TOKENS) == {"name": "crm"}
    listed = "{ nodes(ids: [" + '"a" ' * limits.TOKENS + "]) { id } }"
    assert (await api.first_error(listed))[0] == "LIMIT_EXCEEDED"


async def test_variables_have_at_most_60000_values_and_5000_objects(api: Api) -> None:
    for variables in ({"v": [1] * 60_000}, {f"v{n}": n for n in range(60_000)}, {"v": [[]] * 60_000}):
        (error,) = (await api.run("{ viewer { name } }", **variables))["errors"]
        assert error["extensions"]["code"] == "LIMIT_EXCEEDED"
        assert error["extensions"]["maximum"] == limits.VALUES
    (error,) = (await api.run("{ viewer { name } }", v=[{}] * 5_000))["errors"]
    assert (error["extensions"]["code"], error["extensions"]["maximum"]) == ("LIMIT_EXCEEDED", limits.OBJECTS)
    assert await api.execute("{ viewer { name } }", v=[1] * 50_000 + [{}] * 4_990) == {"name": "crm"}


LONG_TEXTS = [
    part * (limits.CHARACTERS // len(part) - 10)
    for part in (
        '\\"""', '\\"', '"\\', '"', '"" ', '"""', '""" " "" ', "\\", "{}", "[", "}", "#", "# ", ",", " ",
        "\r\n", "1", "é", "\ufeff", ".", "a ",
    )
]  # fmt: skip


@pytest.mark.parametrize("before", ["{ viewer { name } } ", '{ a(b: """', '{ a(b: "'])
async def test_a_document_of_any_characters_is_refused_in_time_that_grows_with_its_length(
    api: Api, before: str
) -> None:
    """Where the time grows with the square of the length, one of these takes a minute."""
    for text in LONG_TEXTS:
        begin = time.process_time()
        answer = await api.run(before + text)
        assert time.process_time() - begin < 1.5, text[:10]
        assert set(answer) <= {"errors"} or answer["data"] == {"viewer": {"name": "crm"}}


async def test_fragments_in_nested_inline_fragments_are_refused_with_an_error(api: Api) -> None:
    parts = [f"fragment F{n} on Query {{ {'... {' * 25} ...F{n + 1} {'}' * 25} }}" for n in range(49)]
    query = "{ ...F0 } " + " ".join(parts) + " fragment F49 on Query { viewer { name } }"
    assert (await api.first_error(query))[0] == "LIMIT_EXCEEDED"


async def test_fields_that_repeat_too_often_are_refused_before_they_are_all_compared(api: Api) -> None:
    for selection, most in (("id", 150), ("history(first: 1) { nodes { id } }", 50)):
        query = "{ contacts(first: 1) { nodes { %s } } }"
        assert (await api.first_error(query % (f"{selection} " * 320)))[0] == "LIMIT_EXCEEDED"
        assert await api.execute(query % (f"{selection} " * most)) == {"nodes": []}


async def test_a_message_does_not_repeat_a_long_document(api: Api) -> None:
    long = "a" * 100_000
    for query in (
        f'{{ contacts(first: "{long}") {{ totalCount }} }}',
        f'{{ contacts(filter: "{long}") {{ id }} }}',
    ):
        answer = await api.run(query)
        assert all(len(error["message"]) <= 1_000 for error in answer["errors"]), answer


async def test_numbers_of_any_length_are_no_fault(api: Api) -> None:
    digits = "9" * 5_000
    for query in (
        f"{{ nodes(ids: {digits}) {{ id }} }}",
        f"{{ nodes(ids: [{digits}]) {{ id }} }}",
        f"{{ contacts(first: {digits}) {{ totalCount }} }}",
        f"{{ contacts(filter: {{ids: {digits}}}) {{ totalCount }} }}",
        f'{{ contacts(filter: {{property: {{name: "a", value: {digits}}}}}) {{ totalCount }} }}',
    ):
        for error in (await api.run(query)).get("errors", []):
            assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ viewer { name } }", {}, 1),
        ("{ contacts(first: 10) { nodes { id email } pageInfo { endCursor } } }", {}, 12),
        ("{ contacts(first: 10) { totalCount totalCountIsEstimate"
         " nodes { history(first: 2) { totalCount } } } }", {}, 1 + 50 + 10 * (1 + 1 + 50)),
        ("query ($n: Int) { contacts(last: $n) { nodes { id } edges { node { id } } } }", {"n": 4},
         1 + 4 + 4 * 2),
        ("query ($n: Int) { contacts(first: $n) { nodes { id } } }", {"n": "many"}, 51),
        ("{ contacts { nodes { id } } }", {}, 51),
        ("{ contacts(first: 2) { nodes { preferences { status eligibility { allowed } } } } }", {},
         1 + 2 * (1 + 10 * 2)),
        ('query ($a: [String!]!)'
         ' { eligibility(subscriptionType: "a", channel: EMAIL, addresses: $a) { address } }',
         {"a": ["x"] * 7}, 7),
        ("query { ...Q } fragment Q on Query { contacts(first: 2) { ...C } }"
         " fragment C on ContactConnection { nodes { recipients { id } } }", {}, 1 + 2 * 3),
        ("mutation { a: updateContact(input: {id: \"x\"}) { userErrors { code } } }", {}, 10 + 1 + 10),
        ("mutation { ...M ... { ...M } } fragment M on Mutation {"
         " a: updateContact(input: {id: \"x\"}) { userErrors { code } } }", {}, 2 * (10 + 1 + 10)),
        ("{ contacts(first: null, last: 3) { nodes { id } } }", {}, 1 + 3),
        ("query ($n: Int) { contacts(first: $n, last: 3) { nodes { id } } }", {"n": None}, 1 + 3),
        ("query ($n: Int) { ...Q } fragment Q on Query { contacts(first: $n) { ... on ContactConnection {"
         " nodes { id } a: nodes { id } } } }", {"n": 4}, 1 + 4 * 2),
        ("mutation ($changes: [PreferenceChange!]!) {"
         " updatePreferences(input: {recipient: {email: \"a@b.c\"}, changes: $changes}) {"
         " outcomes { pending } } }", {"changes": [{}] * 7}, 10 + 7 * (1 + 10)),
    ],
)  # fmt: skip
async def test_an_operation_costs_what_it_can_return_at_most(
    api: Api, query: str, variables: dict[str, Any], cost: int
) -> None:
    prepared = _prepared(query)
    assert prepared.total(variables) == cost


_NESTED = {"not": {"or": [{"locale": "pl", "emails": ["a"]}, {}, {"search": "one two"}]}, "locale": None}


@pytest.mark.parametrize(
    ("query", "variables", "conditions"),
    [
        ('{ contacts(filter: {search: "a"}) { totalCount } }', {}, 1),
        ('{ contacts(filter: {search: " a b  c"}) { totalCount } }', {}, 3),
        ("{ contacts(filter: {}) { totalCount } }", {}, 0),
        ("{ contacts(filter: null) { totalCount } }", {}, 0),
        ('{ contacts(filter: {ids: ["a", "b"], locale: null, emails: "a"}) { totalCount } }', {}, 2),
        ('{ contacts(filter: {not: {or: [{locale: "pl", emails: ["a"]}, {}, {search: "one two"}]}})'
         " { totalCount } }", {}, 5),
        ("query ($f: ContactFilter) { contacts(filter: $f) { totalCount } }", {"f": _NESTED}, 5),
        ("query ($f: ContactFilter) { a: contacts(filter: $f) { totalCount } b: contacts(filter: {not: $f})"
         " { totalCount } }", {"f": _NESTED}, 10),
        ('query ($f: ContactFilter = {locale: "pl"}) { contacts(filter: $f) { totalCount } }', {}, 1),
        ("query ($s: String) { contacts(filter: {or: {search: $s}}) { totalCount } }", {"s": "a b"}, 2),
        ("mutation ($i: BulkUpdatePreferencesInput!) { bulkUpdatePreferences(input: $i)"
         " { userErrors { code } } }",
         {"i": {"contacts": {"filter": _NESTED}, "subscriptionTypes": ["x"], "status": "OPTED_IN",
                "explanation": "x"}}, 5),
        ("mutation ($f: ContactFilter) { createWorkflow(input: {name: \"a\", triggers: [CONTACT_CREATED],"
         " actions: [], filter: $f}) { userErrors { code } } }", {"f": _NESTED}, 5),
    ],
)  # fmt: skip
async def test_each_condition_of_a_filter_costs_500(
    api: Api, query: str, variables: dict[str, Any], conditions: int
) -> None:
    answer = await api.run(query, **variables)
    assert answer["extensions"]["cost"]["requested"] // costs.CONDITION == conditions


async def test_filters_of_many_root_fields_cost_too_much_together(api: Api) -> None:
    one = {"or": [{"search": "a"}] * 45}
    fields = " ".join(f"a{n}: contacts(first: 1, filter: $f) {{ totalCount }}" for n in range(5))
    assert (await api.first_error(f"query ($f: ContactFilter) {{ {fields} }}", f=one))[
        0
    ] == "COST_LIMIT_EXCEEDED"


_ELIGIBILITY = 'eligibility(subscriptionType: "weekly-digest", channel: EMAIL, addresses: %s) { address }'
_LIST = '["a", "b", "c", "d", "e", "f", "g"]'


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("query ($n: Int = 100) { contacts(first: $n) { nodes { id } } }", {}, 101),
        ("query ($n: Int = 100) { contacts(first: $n) { nodes { id } } }", {"n": 2}, 3),
        ("query ($n: Int = 100) { contacts(first: $n) { nodes { id } } }", {"n": None}, 51),
        ("query ($n: Int) { contacts(last: $n) { edges { cursor } } }", {"n": 100.0}, 101),
        ("query ($n: Int!) { contacts(first: $n) { nodes { id } } }", {"n": 1e2}, 101),
        ("query ($n: Int = 100) { ...Q } fragment Q on Query { b: contacts(first: $n) { nodes { id } } }", {},
         101),
        ("query ($all: Boolean = true) { contacts(first: 9) { nodes @include(if: $all) { id } } }", {}, 10),
        (f"query ($a: [String!]! = {_LIST}) {{ {_ELIGIBILITY % '$a'} }}", {}, 7),
        (f"query ($a: [String!]! = {_LIST}) {{ {_ELIGIBILITY % '$a'} }}", {"a": ["a"]}, 1),
        (f"query ($a: [String!]!) {{ {_ELIGIBILITY % '$a'} }}", {"a": "a"}, 1),
        (f"query ($a: String! = \"a\") {{ {_ELIGIBILITY % '[$a, $a, $a]'} }}", {}, 3),
        ("query ($ids: [ID!]! = [\"a\", \"b\", \"c\"]) { nodes(ids: $ids) { id } }", {}, 3),
        ("mutation ($input: UpdatePreferencesInput! = {recipient: {email: \"a@b.c\"}, changes: ["
         + '{subscriptionType: "no", status: OPTED_OUT, channel: EMAIL}, ' * 9
         + "]}) { updatePreferences(input: $input) { outcomes { pending } } }", {}, 10 + 9 * (1 + 10)),
        ("mutation ($who: [RecipientRef!]! = [{email: \"a@b.c\"}, {email: \"d@e.f\"}]) {"
         " createPreferenceLinks(input: {recipients: $who, subscriptionType: \"no\"}) {"
         " userErrors { code } } }", {}, 10 + 2 * 11),
    ],
)  # fmt: skip
async def test_the_cost_counts_values_as_the_operation_gets_them(
    api: Api, query: str, variables: dict[str, Any], cost: int
) -> None:
    answer = await api.run(query, **variables)
    assert answer["extensions"]["cost"]["requested"] == cost


async def test_lists_of_the_catalog_cost_what_it_has(api: Api, brands: Brands) -> None:
    for number in range(12):
        await create_type(f"type-{number}", "acme", {"en": "A type"}, channels=[Channel.EMAIL, Channel.SMS])
    answer = await api.run("{ contacts(first: 3) { nodes { preferences { status } } } }")
    offers = sum(len(type_.channels) for type_ in (await exact_catalog()).types)
    assert answer["extensions"]["cost"]["requested"] == 1 + 3 * (1 + offers)
    answer = await api.run("{ subscriptionTypes { key } }")
    assert answer["extensions"]["cost"]["requested"] == len((await exact_catalog()).types)


async def test_an_operation_that_costs_too_much_is_refused_before_it_runs(api: Api) -> None:
    query = """{ contacts(first: 100) { nodes { history(first: 100) { nodes { recipient { contacts {
      history(first: 100) { nodes { id } } } } } } } } }"""
    answer = await api.run(query)
    assert "data" not in answer
    (error,) = answer["errors"]
    assert error["extensions"]["code"] == "COST_LIMIT_EXCEEDED"
    assert answer["extensions"]["cost"] == error["extensions"]["cost"]
    assert answer["extensions"]["cost"]["maximum"] == costs.MAXIMUM
    assert answer["extensions"]["cost"]["requested"] > 1_000_000


async def test_every_answer_reports_its_cost(api: Api) -> None:
    answer = await api.run("{ contacts(first: 5) { nodes { id } } }")
    assert answer["extensions"]["cost"] == {"requested": 6, "maximum": costs.MAXIMUM}


async def test_fragments_that_multiply_are_refused_quickly(api: Api) -> None:
    again = "contacts { recipients { ...F%d } } history { nodes { recipient { ...F%d } } }"
    parts = [f"fragment F{n} on Recipient {{ {again % (n + 1, n + 1)} }}" for n in range(3)]
    query = '{ recipient(by: {email: "alice@example.com"}) { ...F0 } } ' + " ".join(parts)
    query += " fragment F3 on Recipient { id }"
    assert (await api.first_error(query))[0] == "COST_LIMIT_EXCEEDED"
    wide = [f"fragment G{n} on Viewer {{ ...G{n + 1} ...G{n + 1} }}" for n in range(40)]
    query = "{ viewer { ...G0 } } " + " ".join(wide) + " fragment G40 on Viewer { name }"
    assert await api.execute(query) == {"name": "crm"}


async def test_the_introspection_query_of_tools_is_allowed(api: Api) -> None:
    from graphql import get_introspection_query

    answer = await api.run(get_introspection_query(descriptions=True, input_value_deprecation=True))
    assert "errors" not in answer
    assert answer["data"]["__schema"]["queryType"]["name"] == "Query"
    inner = "fields { type { fields { type { fields { type { fields { name } } } } } } }"
    greedy = "{ __schema { types { " + inner + " } } }"
    assert "errors" in await api.run(greedy)


def aliased(selection: str, count: int) -> str:
    return " ".join(f"a{number}: {selection}" for number in range(count))


_INPUTS = "inputFields { name type { name ofType { name } } }"
_TYPE = (
    "kind name description fields { name isDeprecated args { name type { name } } type { name ofType"
    " { name } } } inputFields { name type { name ofType { name } } } enumValues { name description }"
)
_OF_MUTATION = f'__type(name: "Mutation") {{ fields {{ args {{ type {{ ofType {{ {_INPUTS} }} }} }} }} }}'


@pytest.mark.parametrize(
    "query",
    [
        f"{{ {aliased('__schema { types { ...T } }', 20)} }} fragment T on __Type {{ {_TYPE} }}",
        f"{{ {aliased(_OF_MUTATION, 20)} }}",
        f"{{ __schema {{ types {{ {aliased('fields { name type { name fields { name } } }', 9)} }} }} }}",
        "{ ...S } fragment S on Query { __schema { ...T } } fragment T on __Schema { types { ...F } }"
        f" fragment F on __Type {{ {aliased('fields { type { fields { name } } }', 30)} }}",
    ],
)
async def test_introspection_that_repeats_itself_costs_too_much(api: Api, query: str) -> None:
    assert (await api.first_error(query))[0] == "COST_LIMIT_EXCEEDED"


def test_every_limit_is_documented(database_url: str) -> None:
    documented = DOCS.read_text("utf-8").replace(",", "")
    for number in (
        limits.BODY_BYTES, limits.TOKENS, limits.NESTING, limits.DEPTH, limits.ALIASES, limits.ROOT_FIELDS,
        limits.FIELDS, limits.DIRECTIVES, limits.FRAGMENTS, limits.OPERATIONS, limits.COMPARISONS,
        limits.CHARACTERS, limits.NAME,
        limits.VALUES, limits.OBJECTS, costs.MAXIMUM, costs.MUTATION, costs.CONDITION, costs.LIST,
        connections.LARGEST_PAGE,
        connections.DEFAULT_PAGE, time_limit.QUERY_SECONDS, filter_limits.MOST_CONDITIONS,
        filter_limits.MOST_LEVELS,
        filter_limits.MOST_VALUES, filter_limits.LONGEST_SEARCH, filter_limits.MOST_WORDS,
        filter_limits.LONGEST_PROPERTY, websocket.MOST_RUNNING, websocket.INIT_MESSAGES,
        websocket.INIT_CHARACTERS,
    ):  # fmt: skip
        assert f" {number} " in documented.replace("|", " ").replace(".", " "), number


def _prepared(query: str) -> costs.Cost:
    from api.graphql.documents import Prepared
    from api.graphql.run import documents

    prepared = documents.prepare(query)
    assert isinstance(prepared, Prepared), prepared
    return prepared.operations[0][1]
