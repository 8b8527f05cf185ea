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


async def create_sender_number(api: Api, **input: Any) -> dict[str, Any]:
    answer = await api.execute(CREATE, i={**SMS, **input})
    assert answer["userErrors"] == []
    number: dict[str, Any] = answer["senderNumber"]
    return number


async def user_errors(api: Api, mutation: str, **input: Any) -> list[tuple[str, list[str]]]:
    answer = await api.execute(mutation, i=input)
    assert not answer.get("senderNumber")
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


async def test_a_registered_number_is_listed_and_found_by_its_id(api: Api) -> None:
    sms = await create_sender_number(
        api, number="+48 22 123 45 67", subscriptionTypes=["receipts", "weekly-digest"]
    )
    assert sms == {
        "id": sms["id"], "number": NUMBER, "channel": "SMS", "providerId": None,
        "businessUnit": {"key": "acme"},
        "subscriptionTypes": [{"key": "weekly-digest"}, {"key": "receipts"}],
    }  # fmt: skip
    whatsapp = await create_sender_number(
        api, channel="WHATSAPP", providerId="104512345", subscriptionTypes=[]
    )
    assert [each["id"] for each in await api.execute(ALL)] == [sms["id"], whatsapp["id"]]
    node = "query ($id: ID!) { node(id: $id) { __typename ... on SenderNumber { channel providerId } } }"
    assert await api.execute(node, id=whatsapp["id"]) == {
        "__typename": "SenderNumber", "channel": "WHATSAPP", "providerId": "104512345",
    }  # fmt: skip


async def test_an_update_changes_the_given_fields_of_a_number(api: Api) -> None:
    number = await create_sender_number(api, providerId="1045")
    answer = await api.execute(UPDATE, i={"id": number["id"], "subscriptionTypes": ["receipts"]})
    changed = answer["senderNumber"]
    assert changed["subscriptionTypes"] == [{"key": "receipts"}]
    assert (changed["number"], changed["providerId"]) == (NUMBER, "1045")
    moving = {"id": number["id"], "businessUnit": "bazaar", "subscriptionTypes": ["alerts"]}
    moved = (await api.execute(UPDATE, i=moving))["senderNumber"]
    assert (moved["businessUnit"], moved["subscriptionTypes"]) == ({"key": "bazaar"}, [{"key": "alerts"}])
    unasked = (await api.execute(UPDATE, i={"id": number["id"]}))["senderNumber"]
    assert unasked == moved


async def test_a_deleted_number_can_be_registered_again(api: Api) -> None:
    number = await create_sender_number(api)
    assert await api.execute(DELETE, i={"id": number["id"]}) == {"deletedId": number["id"], "userErrors": []}
    assert await user_errors(api, DELETE, id=number["id"]) == [("NOT_FOUND", ["id"])]
    assert await api.execute(ALL) == []
    assert await api.execute("query ($id: ID!) { node(id: $id) { id } }", id=number["id"]) is None
    await create_sender_number(api)  # its number is free again


async def test_an_invalid_number_is_a_user_error_that_names_the_field(api: Api) -> None:
    await create_sender_number(api)
    types = ["subscriptionTypes", "0"]
    for input, code, field in (
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
        assert await user_errors(api, CREATE, **{**SMS, **input}) == [(code, field)], input
    assert len(await api.execute(ALL)) == 1


@on_sqlite
async def test_an_id_of_another_type_or_of_no_number_is_not_found(api: Api) -> None:
    for number in ("nonsense", global_id("Contact", 1), global_id("SenderNumber", 99)):
        assert await user_errors(api, UPDATE, id=number) == [("NOT_FOUND", ["id"])]
        assert await user_errors(api, DELETE, id=number) == [("NOT_FOUND", ["id"])]


@pytest.mark.parametrize("number", [99, 2**31, 2**63 - 1])
async def test_an_unknown_id_of_any_size_is_not_found(api: Api, number: int) -> None:
    large = global_id("SenderNumber", number)
    assert await api.execute("query ($id: ID!) { node(id: $id) { id } }", id=large) is None
    assert await user_errors(api, DELETE, id=large) == [("NOT_FOUND", ["id"])]


async def test_a_number_keeps_a_type_that_is_archived_later(api: Api) -> None:
    number = await create_sender_number(api)
    await catalog_changes.archive_type("weekly-digest")
    (shown,) = await api.execute(ALL)
    assert shown["subscriptionTypes"][0]["archivedAt"] is not None
    answer = await api.execute(UPDATE, i={"id": number["id"], "subscriptionTypes": ["weekly-digest"]})
    assert answer["senderNumber"]["subscriptionTypes"] == [{"key": "weekly-digest"}]


@on_sqlite
async def test_numbers_are_read_without_a_scope_and_changed_with_integrations_write(api: Api) -> None:
    number = await create_sender_number(api)
    linker = api.using(await token("links:create"))
    assert len(await linker.execute(ALL)) == 1
    for mutation, input in ((CREATE, SMS), (UPDATE, {"id": number["id"]}), (DELETE, {"id": number["id"]})):
        assert (await linker.first_error(mutation, i=input))[0] == "FORBIDDEN"
    integrator = api.using(await token("integrations:write"))
    assert await integrator.execute(DELETE, i={"id": number["id"]}) == {
        "deletedId": number["id"], "userErrors": [],
    }  # fmt: skip
