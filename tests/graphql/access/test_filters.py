"""A condition of a filter needs the scope that reads what it is about, wherever the filter is taken."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import GraphQLInputObjectType

from preference_center.access.scopes import ADMIN, SCOPES
from schema.root import graphql_schema
from tests.conftest import ALICE
from tests.graphql.conftest import Api, token

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)

CONTACT, CONSENT = "contacts:read", "preferences:read"
EVERY = SCOPES - {ADMIN}
CONDITIONS: dict[str, tuple[Any, str | None]] = {
    "ids": ([], None),
    "search": ("ali", CONTACT),
    "emails": ([ALICE], CONTACT),
    "emailDomains": (["example.com"], CONTACT),
    "phones": (["+48601234567"], CONTACT),
    "hasEmail": (True, CONTACT),
    "hasPhone": (False, CONTACT),
    "processingBases": (["NON_GDPR"], CONTACT),
    "hasProcessingBasis": (False, CONTACT),
    "locale": ("en", CONTACT),
    "createdAt": ({"before": "2026-05-01T00:00:00Z"}, CONTACT),
    "updatedAt": ({"before": "2026-05-01T00:00:00Z"}, CONTACT),
    "properties": ([{"name": "plan", "exists": True}], CONTACT),
    "property": ({"name": "plan", "value": "pro"}, CONTACT),
    "preference": ({"subscriptionType": "letters", "status": "NOT_OPTED"}, CONSENT),
    "preferenceChanged": ({"subscriptionType": "letters", "origins": ["IMPORT"]}, CONSENT),
    "optedOutOfEmail": ("letters", CONSENT),
    "unsubscribedFromAllEmail": (False, CONSENT),
    "optedOutOfAll": ({"value": False}, CONSENT),
    "pendingOptIn": ({}, CONSENT),
    "paused": ({"value": False}, CONSENT),
    "deliverability": ({"usable": True}, CONSENT),
    "or": ([], None),
    "not": ({}, None),
}
"""An example of each condition, and the scope that it needs."""
ACTION = {"subscriptionTypes": ["letters"], "status": "OPTED_OUT"}
PLACES = {
    "contacts": "query ($f: ContactFilter!) { contacts(filter: $f, first: 1) { totalCount nodes { id } } }",
    "bulkUpdatePreferences": "mutation ($f: ContactFilter!) { bulkUpdatePreferences(input: {"
    ' contacts: {filter: $f}, subscriptionTypes: ["letters"], status: OPTED_OUT, explanation: "x",'
    " dryRun: true}) { operation { id } } }",
    "enrollContacts": "mutation ($f: ContactFilter!, $w: ID!) { enrollContacts(input: {workflow: $w,"
    " contacts: {filter: $f}, dryRun: true}) { operation { id } } }",
    "createWorkflow": 'mutation ($f: ContactFilter!) { createWorkflow(input: {name: "Other",'
    ' triggers: [MANUAL], actions: [{subscriptionTypes: ["letters"], status: OPTED_OUT}], filter: $f})'
    " { workflow { id } } }",
    "updateWorkflow": "mutation ($f: ContactFilter!, $w: ID!) { updateWorkflow(input: {id: $w, filter: $f})"
    " { workflow { id } } }",
}


def nested(condition: dict[str, Any]) -> list[dict[str, Any]]:
    """The condition on its own, and hidden among others."""
    return [condition, {"not": condition}, {"or": [{"ids": []}, {"not": {"or": [condition]}}]}]


NESTED_AT: list[list[str]] = [[], ["not"], ["or", "1", "not", "or", "0"]]
"""Where the condition is in each of them."""
FILTER_AT = {
    "contacts": ["filter"],
    "bulkUpdatePreferences": ["input", "contacts", "filter"],
    "enrollContacts": ["input", "contacts", "filter"],
    "createWorkflow": ["input", "filter"],
    "updateWorkflow": ["input", "filter"],
}


def test_every_condition_is_in_the_table() -> None:
    filter_type = graphql_schema.type_map["ContactFilter"]
    assert isinstance(filter_type, GraphQLInputObjectType)
    assert filter_type.fields.keys() == CONDITIONS.keys()
    takers = {
        name
        for root in (graphql_schema.query_type, graphql_schema.mutation_type)
        if root
        for name, field in root.fields.items()
        for argument in field.args.values()
        if "ContactFilter" in inputs_of(argument.type)
    }
    assert takers == PLACES.keys()


def inputs_of(type_: Any, known: frozenset[str] = frozenset()) -> frozenset[str]:
    """The names of the input types that a type has in it."""
    while hasattr(type_, "of_type"):
        type_ = type_.of_type
    if type_.name in known or not isinstance(type_, GraphQLInputObjectType):
        return known
    known |= {type_.name}
    for field in type_.fields.values():
        known |= inputs_of(field.type, known)
    return known


@on_sqlite
@pytest.mark.parametrize("place", PLACES)
async def test_a_condition_needs_its_scope_at_any_depth(api: Api, place: str) -> None:
    made = await api.execute(
        "mutation ($a: WorkflowActionInput!) {"
        ' createWorkflow(input: {name: "One", triggers: [MANUAL], actions: [$a]}) { workflow { id } } }',
        a=ACTION,
    )
    given = {"w": made["workflow"]["id"]} if "$w" in PLACES[place] else {}
    callers = {scope: api.using(await token(*EVERY - {scope})) for scope in (None, CONTACT, CONSENT)}
    for name, (value, scope) in CONDITIONS.items():
        for condition, at in zip(nested({name: value}), NESTED_AT, strict=True):
            answer = await callers[scope].run(PLACES[place], f=condition, **given)
            refused = {error["extensions"].get("scope") for error in answer.get("errors", [])}
            assert refused == ({scope} if scope else set()), (name, condition, answer)
            named = [error["extensions"].get("field") for error in answer.get("errors", [])]
            whole = [*FILTER_AT[place], *at, name]
            # Where the field itself needs the scope, no condition is named.
            assert named in ([[whole]] if scope else [[]]) or (named == [None] and scope == CONTACT), named
            assert "errors" not in await callers[None].run(PLACES[place], f=condition, **given)


@on_sqlite
async def test_every_forbidden_condition_of_a_filter_is_named(api: Api) -> None:
    wanted = {"paused": {}, "hasEmail": True, "or": [{"optedOutOfAll": {}}, {"locale": "en"}]}
    caller = api.using(await token(*EVERY - {CONSENT}))
    errors = (await caller.run(PLACES["contacts"], f=wanted))["errors"]
    assert [error["extensions"] for error in errors] == [
        {"code": "FORBIDDEN", "scope": CONSENT, "field": ["filter", *path]}
        for path in (["paused"], ["or", "0", "optedOutOfAll"])
    ]


@on_sqlite
async def test_a_refused_filter_starts_nothing(api: Api) -> None:
    caller = api.using(await token(*EVERY - {CONSENT}))
    for place in ("bulkUpdatePreferences", "createWorkflow"):
        await caller.run(PLACES[place], f={"not": {"optedOutOfAll": {}}})
    assert await api.execute("{ operations { nodes { id } } workflows { id } }") == {
        "operations": {"nodes": []},
        "workflows": [],
    }
