"""Sender numbers over GraphQL (R28)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog import changes as catalog_changes
from schema.contract.ids import global_id
from tests.graphql.conftest import Api, token

SHOWN = """senderNumber { id number channel providerId businessUnit { key } subscriptionTypes { key } }
  userErrors { code field }"""
CREATE = f"mutation ($i: CreateSenderNumberInput!) {{ createSenderNumber(input: $i) {{ {SHOWN} }} }}"
UPDATE = f"mutation ($i: UpdateSenderNumberInput!) {{ updateSenderNumber(input: $i) {{ {SHOWN} }} }}"
DELETE = """mutation ($i: DeleteSenderNumberInput!) { deleteSenderNumber(input: $i) {
  deletedId userErrors { code field } } }"""
ALL = "{ senderNumbers { id number channel businessUnit { key } subscriptionTypes { key archivedAt } } }"
NUMBER = "+48221234567"
SMS = {"number": NUMBER, "channel": "SMS", "businessUnit": "acme", "subscriptionTypes": ["weekly-digest"]}

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def made(api: Api, **given: Any) -> dict[str, Any]:
    answer = await api.ask(CREATE, i={**SMS, **given})
    assert answer["userErrors"] == []
    number: dict[str, Any] = answer["senderNumber"]
    return number


async def errors(api: Api, mutation: str, **given: Any) -> list[tuple[str, list[str]]]:
    answer = await api.ask(mutation, i=given)
    assert not answer.get("senderNumber")
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def test_a_number_that_was_registered_is_listed_and_found_by_its_id(api: Api) -> None:
    sms = await made(api, number="+48 22 123 45 67", subscriptionTypes=["receipts", "weekly-digest"])
    assert sms == {
        "id": sms["id"], "number": NUMBER, "channel": "SMS", "providerId": None,
        "businessUnit": {"key": "acme"},
        "subscriptionTypes": [{"key": "weekly-digest"}, {"key": "receipts"}],
    }  # fmt: skip
    whatsapp = await made(api, channel="WHATSAPP", providerId="104512345", subscriptionTypes=[])
    assert [one["id"] for one in await api.ask(ALL)] == [sms["id"], whatsapp["id"]]
    node = "query ($id: ID!) { node(id: $id) { __typename ... on SenderNumber { channel providerId } } }"
    assert await api.ask(node, id=whatsapp["id"]) == {
        "__typename": "SenderNumber", "channel": "WHATSAPP", "providerId": "104512345",
    }  # fmt: skip


async def test_what_a_number_carries_can_be_changed_and_the_rest_stays(api: Api) -> None:
    number = await made(api, providerId="1045")
    answer = await api.ask(UPDATE, i={"id": number["id"], "subscriptionTypes": ["receipts"]})
    changed = answer["senderNumber"]
    assert changed["subscriptionTypes"] == [{"key": "receipts"}]
    assert (changed["number"], changed["providerId"]) == (NUMBER, "1045")
    moving = {"id": number["id"], "businessUnit": "bazaar", "subscriptionTypes": ["alerts"]}
    moved = (await api.ask(UPDATE, i=moving))["senderNumber"]
    assert (moved["businessUnit"], moved["subscriptionTypes"]) == ({"key": "bazaar"}, [{"key": "alerts"}])
    unasked = (await api.ask(UPDATE, i={"id": number["id"]}))["senderNumber"]
    assert unasked == moved


async def test_a_number_that_was_deleted_is_gone(api: Api) -> None:
    number = await made(api)
    assert await api.ask(DELETE, i={"id": number["id"]}) == {"deletedId": number["id"], "userErrors": []}
    assert await errors(api, DELETE, id=number["id"]) == [("NOT_FOUND", ["id"])]
    assert await api.ask(ALL) == []
    assert await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=number["id"]) is None
    await made(api)  # its number is free again


async def test_what_cannot_be_registered_is_said_with_its_field(api: Api) -> None:
    await made(api)
    types = ["subscriptionTypes"]
    for given, code, field in (
        ({}, "ALREADY_EXISTS", ["number"]),
        ({"number": "22 123 45 67"}, "INVALID_ADDRESS", ["number"]),
        ({"number": "\x00"}, "INVALID_ADDRESS", ["number"]),
        ({"channel": "EMAIL"}, "INVALID_VALUE", ["channel"]),
        ({"businessUnit": "nobody"}, "NOT_FOUND", ["businessUnit"]),
        ({"subscriptionTypes": ["nothing"]}, "NOT_FOUND", types),
        ({"subscriptionTypes": ["alerts"]}, "INVALID_VALUE", types),
        ({"subscriptionTypes": ["offers"]}, "CHANNEL_NOT_OFFERED", types),
        ({"providerId": "\x00"}, "INVALID_VALUE", ["providerId"]),
    ):
        assert await errors(api, CREATE, **{**SMS, **given}) == [(code, field)], given
    assert len(await api.ask(ALL)) == 1


@on_sqlite
async def test_an_id_of_something_else_or_of_nothing_is_not_found(api: Api) -> None:
    for number in ("nonsense", global_id("Contact", 1), global_id("SenderNumber", 99)):
        assert await errors(api, UPDATE, id=number) == [("NOT_FOUND", ["id"])]
        assert await errors(api, DELETE, id=number) == [("NOT_FOUND", ["id"])]


@pytest.mark.parametrize("number", [99, 2**31, 2**63 - 1])
async def test_an_id_of_any_size_is_nobodys(api: Api, number: int) -> None:
    large = global_id("SenderNumber", number)
    assert await api.ask("query ($id: ID!) { node(id: $id) { id } }", id=large) is None
    assert await errors(api, DELETE, id=large) == [("NOT_FOUND", ["id"])]


async def test_a_type_that_was_archived_since_is_shown_and_may_stay(api: Api) -> None:
    number = await made(api)
    await catalog_changes.archive_type("weekly-digest")
    (shown,) = await api.ask(ALL)
    assert shown["subscriptionTypes"][0]["archivedAt"] is not None
    answer = await api.ask(UPDATE, i={"id": number["id"], "subscriptionTypes": ["weekly-digest"]})
    assert answer["senderNumber"]["subscriptionTypes"] == [{"key": "weekly-digest"}]


@on_sqlite
async def test_numbers_are_read_without_a_scope_and_changed_with_one(api: Api) -> None:
    number = await made(api)
    linker = api.using(await token("links:create"))
    assert len(await linker.ask(ALL)) == 1
    for mutation, given in ((CREATE, SMS), (UPDATE, {"id": number["id"]}), (DELETE, {"id": number["id"]})):
        assert (await linker.refused(mutation, i=given))[0] == "FORBIDDEN"
    integrator = api.using(await token("integrations:write"))
    assert await integrator.ask(DELETE, i={"id": number["id"]}) == {
        "deletedId": number["id"], "userErrors": [],
    }  # fmt: skip
