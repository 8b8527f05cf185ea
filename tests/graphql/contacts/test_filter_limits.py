"""Limits of contact filters: they hold wherever a filter is given, and what they allow works everywhere."""

from __future__ import annotations

import json
from typing import Any

import httpx
import pytest
from starlette.applications import Starlette

from api.files import exports
from preference_center.contacts import filter_limits
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_limits import count_conditions
from tests.conftest import ALICE, BOB
from tests.graphql.conftest import Api
from tests.graphql.operations.test_operations import BULK, bulk_update
from tests.graphql.operations.workflows import CREATE, WELCOME

QUERY = "query ($f: ContactFilter) { contacts(filter: $f) { totalCount nodes { email } } }"
MUTATION = "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }"
DIGEST = {"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}


def levels(count: int) -> dict[str, Any]:
    return {"not": levels(count - 1)} if count > 1 else {"locale": "pl"}


TOO_MUCH: dict[str, tuple[dict[str, Any], str, list[str]]] = {
    "conditions": ({"or": [{"locale": "pl", "search": "a"}] * 26}, "50 conditions. This one has 52", ["or"]),
    "alternatives": ({"not": {"or": [{}] * 51}}, "50 conditions", ["or"]),
    "words": ({"or": [{"search": "a b c d e f g h i"}] * 6}, "50 conditions", ["or"]),
    "levels": (levels(9), "8 levels", []),
    "words of a search": ({"search": "a b c d e f g h i j k"}, "10 words", ["search"]),
    "characters of a search": ({"search": "a" * 201}, "200 characters", ["search"]),
    "emails": ({"not": {"emails": ["a@b.example"] * 1_001}}, "1,000", ["not", "emails"]),
    "emails of several conditions": ({"or": [{"emails": ["a@b.example"] * 501}] * 2}, "1,000", ["emails"]),
    "ids": ({"or": [{"ids": ["Q29udGFjdDox"] * 1_001}]}, "1,000", ["or", "0", "ids"]),
    "a property's value": ({"property": {"name": "a", "value": [1] * 1_000}}, "1,000", ["property", "value"]),
    "a property's name": ({"property": {"name": "a" * 1_001, "value": 1}}, "1,000", ["property", "name"]),
}


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
@pytest.mark.parametrize("name", TOO_MUCH)
async def test_a_filter_over_a_limit_is_refused_by_every_entrance(api: Api, name: str) -> None:
    wanted, message, field = TOO_MUCH[name]
    (error,) = (await api.run(QUERY, f=wanted))["errors"]
    assert message in error["message"]
    assert (error["extensions"]["code"], error["extensions"]["field"]) == (
        "BAD_USER_INPUT",
        ["filter", *field],
    )
    for mutation, input in (
        (BULK, bulk_update(contacts={"filter": wanted})),
        (CREATE, {**WELCOME, "filter": wanted}),
    ):
        answer = await api.run(
            mutation.replace("$input", "$i").replace("{ code field }", "{ code message }"), i=input
        )
        assert message in json.dumps(answer, ensure_ascii=False)
    response = await _export(api, wanted)
    assert (response.status_code, message in response.text) == (400, True)
    assert await api.execute("{ operations { nodes { id } } workflows { id } }") == {
        "operations": {"nodes": []},
        "workflows": [],
    }


async def _export(api: Api, wanted: dict[str, Any]) -> httpx.Response:
    transport = httpx.ASGITransport(app=Starlette(routes=exports.routes))
    async with httpx.AsyncClient(transport=transport, base_url="http://sayso.test") as client:
        parameters = {"filter": json.dumps(wanted)}
        return await client.get("/exports/contacts", params=parameters, headers=api.headers)


def _everything(number: int) -> dict[str, Any]:
    """Five conditions, none of which selects anybody."""
    return {
        "preference": {**DIGEST, "origins": ["ONE_CLICK"] * 100},
        "optedOutOfAll": {"businessUnit": "acme"},
        "search": f"nobody{number}",
        "property": {"name": f"plan{number}", "value": ["basic", {"a": number}]},
        "emails": [f"n{each}@example.com" for each in range(100)],
    }


async def test_the_largest_filters_allowed_select_contacts(api: Api) -> None:
    for email, plan in ((ALICE, ["basic", {"a": 1}]), (BOB, ["basic", {"a": 1}, 2])):
        await api.execute(MUTATION, i={"email": email, "properties": {"plan": plan}})
    most = filter_limits.MOST_CONDITIONS
    nobody = await api.execute(QUERY, f={"or": [_everything(number) for number in range(most // 5)]})
    assert nobody == {"totalCount": 0, "nodes": []}
    everybody = await api.execute(QUERY, f={"not": {"or": [{"search": f"no{n}"} for n in range(most)]}})
    assert everybody["totalCount"] == 2
    exactly = {"property": {"name": "plan", "value": ["basic", {"a": 1}]}}
    assert await api.execute(QUERY, f=exactly) == {"totalCount": 1, "nodes": [{"email": ALICE}]}
    deepest = await api.execute(QUERY, f=levels(filter_limits.MOST_LEVELS))
    assert deepest["totalCount"] == 2


def test_conditions_are_counted_wherever_they_are_nested() -> None:
    inner = ContactFilter(any_of=[ContactFilter(locale="pl", search="one two"), ContactFilter()])
    assert count_conditions(ContactFilter(emails=[], negated=inner)) == 1 + 3 + 1
