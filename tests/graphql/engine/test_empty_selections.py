"""A selection may be empty once directives and fragments are applied: the answer has an empty object."""

from __future__ import annotations

from typing import Any

import pytest

from schema.contract.ids import global_id
from tests.conftest import Brands
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
CREATE = 'mutation ($all: Boolean = false) { createContact(input: {email: "alice@example.com"}) %s }'


@pytest.mark.parametrize(
    ("query", "data"),
    [
        ("{ viewer { name @skip(if: true) } }", {"viewer": {}}),
        ("{ viewer @skip(if: true) { name } }", {}),
        ("{ ... @skip(if: true) { viewer { name } } }", {}),
        ("query ($all: Boolean = false) { viewer { name @include(if: $all) } }", {"viewer": {}}),
        ("query ($all: Boolean = false) { viewer { ...V @include(if: $all) } } fragment V on Viewer { name }",
         {"viewer": {}}),
        ("{ contacts { nodes { id @skip(if: true) } } }", {"contacts": {"nodes": [{}, {}]}}),
        ("{ contacts { edges { node { id @skip(if: true) } } } }",
         {"contacts": {"edges": [{"node": {}}, {"node": {}}]}}),
        ("{ contacts { edges { cursor @skip(if: true) } nodes @skip(if: true) { id } } }",
         {"contacts": {"edges": [{}, {}]}}),
        ("{ contacts { pageInfo { endCursor @include(if: false) } } }", {"contacts": {"pageInfo": {}}}),
        ("{ contacts { ... @include(if: false) { totalCount } } }", {"contacts": {}}),
        ("{ contacts(last: 1) { nodes { history { nodes { id @skip(if: true) } }"
         " recipients { id @skip(if: true) }"
         ' preferences(businessUnit: "none") { status @skip(if: true) } } } }',
         {"contacts": {"nodes": [{"history": {"nodes": [{}] * 4}, "recipients": [{}], "preferences": []}]}}),
        ("{ businessUnits { previewUrl @skip(if: true) } }", {"businessUnits": [{}, {}]}),
        ('{ businessUnit(key: "acme") { subscriptionTypes(includeArchived: true) @skip(if: true) { key } } }',
         {"businessUnit": {}}),
        ("{ __schema { queryType { name @skip(if: true) } } }", {"__schema": {"queryType": {}}}),
        ('{ __type(name: "Viewer") { name @skip(if: true) } }', {"__type": {}}),
    ],
)  # fmt: skip
async def test_a_selection_without_fields_is_an_empty_object(
    api: Api, brands: Brands, query: str, data: dict[str, Any]
) -> None:
    await create_contacts(brands, 2)
    for _ in range(2):  # the second time with the kept plan
        answer = await api.run(query)
        assert answer.get("errors") is None
        assert answer["data"] == data


async def test_a_fragment_on_another_type_selects_nothing(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 1)
    query = """query ($ids: [ID!]!) { nodes(ids: $ids) { ... on Workflow { name } ...Operation } }
               fragment Operation on Operation { state refusals { code } }"""
    ids = [global_id("Contact", 1), global_id("Recipient", 1), global_id("Contact", 99)]
    assert await api.execute(query, ids=ids) == [{}, {}, None]


@pytest.mark.parametrize(
    ("selection", "payload"),
    [
        ("{ contact { email @include(if: $all) } }", {"contact": {}}),
        ("{ contact { ... on Node @include(if: $all) { id } } userErrors { code } }",
         {"contact": {}, "userErrors": []}),
        ("{ contact @include(if: $all) { email } }", {}),
        ("{ contact { history { nodes { id @include(if: $all) } } } }",
         {"contact": {"history": {"nodes": []}}}),
    ],
)  # fmt: skip
async def test_a_mutation_reports_what_it_did_whatever_is_selected(
    api: Api, selection: str, payload: dict[str, Any]
) -> None:
    answer = await api.run(CREATE % selection)
    assert answer.get("errors") is None
    assert answer["data"] == {"createContact": payload}
    assert await api.execute("{ contacts { totalCount } }") == {"totalCount": 1}


async def test_a_mutation_with_a_null_in_a_directive_reports_the_rest(api: Api) -> None:
    answer = await api.run(CREATE % "{ contact { id @include(if: $all) } userErrors { code } }", all=None)
    assert answer["data"] == {"createContact": {"contact": None, "userErrors": []}}
    (error,) = answer["errors"]
    assert error["path"] == ["createContact", "contact"]
    assert error["extensions"] == {"code": "BAD_USER_INPUT"}


async def test_a_mutation_with_a_bad_argument_below_its_payload_reports_the_rest(api: Api) -> None:
    answer = await api.run(
        CREATE % "{ contact { history(first: 1000) { nodes { id } } } userErrors { code @skip(if: $all) } }"
    )
    assert answer["data"] == {"createContact": {"contact": {"history": None}, "userErrors": []}}
    (error,) = answer["errors"]
    assert error["path"] == ["createContact", "contact", "history"]
    assert error["locations"] == [{"line": 1, "column": 99}]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": ["first"]}
