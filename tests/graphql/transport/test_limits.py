"""The limits of docs/limits.md: an operation over one of them is refused before it runs."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from api.graphql import cost as costs
from api.graphql import limits
from preference_center.catalog.catalog import exact_catalog
from preference_center.catalog.changes import create_type
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


@pytest.mark.parametrize(
    ("query", "variables", "cost"),
    [
        ("{ viewer { name } }", {}, 1),
        ("{ contacts(first: 10) { nodes { id email } pageInfo { endCursor } } }", {}, 12),
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


def test_every_limit_is_documented(database_url: str) -> None:
    documented = DOCS.read_text("utf-8").replace(",", "")
    for number in (
        limits.BODY_BYTES, limits.TOKENS, limits.NESTING, limits.DEPTH, limits.ALIASES, limits.ROOT_FIELDS,
        limits.FIELDS, limits.DIRECTIVES, limits.FRAGMENTS, costs.MAXIMUM, costs.MUTATION, costs.LIST,
        connections.LARGEST_PAGE, connections.DEFAULT_PAGE,
    ):  # fmt: skip
        assert f" {number} " in documented.replace("|", " ").replace(".", " "), number


def _prepared(query: str) -> costs.Cost:
    from api.graphql.documents import Prepared
    from api.graphql.run import documents

    prepared = documents.prepare(query)
    assert isinstance(prepared, Prepared), prepared
    return prepared.operations[0][1]
