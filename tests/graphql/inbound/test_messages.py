"""The review of text messages over GraphQL: oldest first, settled once, recorded with the reviewer (R29)."""

from __future__ import annotations

import asyncio
from functools import partial
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.inbound import review
from preference_center.rules.types import Actor, Channel, Verdict
from schema.contract.ids import global_id
from tests.conftest import ALICE_PHONE, Brands
from tests.graphql.conftest import Api, token
from tests.graphql.paging import read_all
from tests.graphql.statements import CountedStatements
from tests.use_cases.inbound.pending_messages import message_to_review
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number

PAGE = """query ($unit: Key, $first: Int, $after: String, $last: Int, $before: String) {
  messagesToReview(businessUnit: $unit, first: $first, after: $after, last: $last, before: $before) {
    nodes { id text } edges { cursor node { id } }
    pageInfo { hasNextPage hasPreviousPage startCursor endCursor } } }"""
SETTLE = """mutation ($i: SettleMessageInput!) { settleMessage(input: $i) {
  message { id text verdict settledBy settledAt businessUnit { key } } userErrors { code field } } }"""
SHOWN = """{ messagesToReview { nodes { id channel recipient { address kind } sentTo
  senderNumber { number subscriptionTypes { key } } businessUnit { key } text meaning occurredAt receivedAt
  verdict settledBy settledAt } } }"""
ELSEWHERE = "+48229999999"

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)


async def read_page(api: Api, **input: Any) -> tuple[list[str], dict[str, Any]]:
    page = await api.execute(PAGE, **input)
    assert [each["node"]["id"] for each in page["edges"]] == [each["id"] for each in page["nodes"]]
    ends = [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]] if page["edges"] else [None, None]
    assert [page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]] == ends
    return [each["text"] for each in page["nodes"]], page["pageInfo"]


async def user_errors(api: Api, **input: Any) -> list[tuple[str, list[str]]]:
    answer = await api.execute(SETTLE, i=input)
    assert answer["message"] is None
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


def message_id(row_id: int) -> str:
    return global_id("InboundMessage", row_id)


async def test_a_message_is_shown_with_its_sender_and_the_number_it_was_sent_to(api: Api) -> None:
    await acme_number()
    known, id_ = (
        await message_to_review("what now?"),
        await message_to_review("STOP", to=ELSEWHERE, channel=Channel.WHATSAPP),
    )
    first, second = (await api.execute(SHOWN))["nodes"]
    assert first.pop("occurredAt") <= first.pop("receivedAt")
    assert first == {
        "id": message_id(known), "channel": "SMS", "text": "what now?", "meaning": "UNCLEAR",
        "recipient": {"address": ALICE_PHONE, "kind": "PHONE"}, "sentTo": ACME_NUMBER,
        "senderNumber": {"number": ACME_NUMBER, "subscriptionTypes": [{"key": "weekly-digest"}]},
        "businessUnit": {"key": "acme"}, "verdict": None, "settledBy": None, "settledAt": None,
    }  # fmt: skip
    assert second["id"] == message_id(id_)
    assert (second["channel"], second["sentTo"]) == ("WHATSAPP", ELSEWHERE)
    assert (second["senderNumber"], second["businessUnit"]) == (None, None)


async def test_messages_are_paged_oldest_first_in_both_directions(api: Api, brands: Brands) -> None:
    await acme_number()
    everything = [f"message {n}" for n in range(7)]
    for text in everything:
        await message_to_review(text)

    assert await read_all(partial(read_page, api), 3) == everything
    assert await read_all(partial(read_page, api), 3, backwards=True) == everything


async def test_pages_stay_correct_while_messages_are_settled(api: Api, brands: Brands) -> None:
    await acme_number()
    row_ids = [await message_to_review(f"message {n}") for n in range(6)]
    first, info = await read_page(api, first=2)
    last, end = await read_page(api, last=2)
    assert (first, last) == (["message 0", "message 1"], ["message 4", "message 5"])
    for settled in (row_ids[0], row_ids[1], row_ids[4]):  # the rows of the cursors are among them
        await api.execute(SETTLE, i={"id": message_id(settled), "verdict": "NOTHING"})
    await message_to_review("message 6")

    assert (await read_page(api, first=2, after=info["endCursor"]))[0] == ["message 2", "message 3"]
    assert (await read_page(api, last=2, before=end["startCursor"]))[0] == ["message 2", "message 3"]
    assert (await read_page(api))[0] == ["message 2", "message 3", "message 5", "message 6"]
    between = {"after": info["endCursor"], "before": end["endCursor"], "first": 10}
    assert (await read_page(api, **between))[0] == ["message 2", "message 3"]


@on_sqlite
async def test_messages_are_filtered_by_business_unit_and_those_of_none_are_in_the_whole_list(
    api: Api,
) -> None:
    await acme_number()
    await message_to_review("to Acme")
    await message_to_review("to nobody", to=ELSEWHERE)
    assert (await read_page(api, unit="acme"))[0] == ["to Acme"]
    assert (await read_page(api, unit="bazaar"))[0] == []
    assert (await read_page(api))[0] == ["to Acme", "to nobody"]
    assert await api.first_error(PAGE, unit="nothing") == ("BAD_USER_INPUT", ["businessUnit"])
    assert await api.first_error(PAGE, after="!") == ("BAD_USER_INPUT", ["after"])


async def test_settling_as_an_opt_out_is_recorded_with_the_reviewer_as_actor(
    api: Api, brands: Brands
) -> None:
    """R17, R29"""
    await acme_number()
    row_id = await message_to_review("leave me be")
    input = {"id": message_id(row_id), "verdict": "OPT_OUT", "explanation": " Means it. "}
    answer = await api.execute(SETTLE, i=input)
    assert answer["userErrors"] == []
    assert answer["message"].pop("settledAt")
    assert answer["message"] == {
        "id": message_id(row_id), "text": None, "verdict": "OPT_OUT", "settledBy": "crm",
        "businessUnit": {"key": "acme"},
    }  # fmt: skip
    page = await api.execute(
        """query ($p: String!) { recipient(by: {phone: $p}) { optOutsOfAll { channel businessUnit { key } }
          history { nodes { channel after origin actor explanation subscriptionType { key } } } } }""",
        p=ALICE_PHONE,
    )
    assert page["optOutsOfAll"] == [{"channel": "SMS", "businessUnit": {"key": "acme"}}]
    [event] = page["history"]["nodes"]
    assert event == {
        "channel": "SMS", "after": "OPTED_OUT", "origin": "KEYWORD", "actor": "crm",
        "explanation": "Means it.", "subscriptionType": None,
    }  # fmt: skip


async def test_the_payload_has_the_sender_and_their_contact_after_the_change(
    api: Api, brands: Brands
) -> None:
    await acme_number()
    document = """mutation ($i: SettleMessageInput!) { settleMessage(input: $i) {
      recipient { address optOutsOfAll { channel } } contact { phone firstName } userErrors { code } } }"""
    first, second = await message_to_review("what now?"), await message_to_review("leave me be")
    settled = await api.execute(document, i={"id": message_id(first), "verdict": "NOTHING"})
    assert settled == {
        "recipient": {"address": ALICE_PHONE, "optOutsOfAll": []}, "contact": None, "userErrors": []
    }  # fmt: skip
    await contacts.create(phone=ALICE_PHONE, first_name="Alice")
    settled = await api.execute(document, i={"id": message_id(second), "verdict": "OPT_OUT"})
    assert settled["recipient"]["optOutsOfAll"] == [{"channel": "SMS"}]
    assert settled["contact"] == {"phone": ALICE_PHONE, "firstName": "Alice"}


@on_sqlite
async def test_settling_as_an_opt_in_opts_in_to_the_types_of_the_sender_number(api: Api) -> None:
    """R28"""
    await acme_number()
    await api.execute(
        SETTLE, i={"id": message_id(await message_to_review("yes please")), "verdict": "OPT_IN"}
    )
    query = """query ($p: String!) { recipient(by: {phone: $p}) {
      preferences(channel: SMS, businessUnit: "acme") { subscriptionType { key } status } } }"""
    preferences = (await api.execute(query, p=ALICE_PHONE))["preferences"]
    assert {each["subscriptionType"]["key"]: each["status"] for each in preferences} == {
        "weekly-digest": "OPTED_IN",
        "receipts": "NOT_OPTED",
    }


@on_sqlite
async def test_a_message_that_cannot_be_settled_is_a_user_error_that_names_the_field(api: Api) -> None:
    id_ = message_id(await message_to_review("STOP", to=ELSEWHERE))
    assert await user_errors(api, id=id_, verdict="OPT_OUT") == [("INVALID_VALUE", ["businessUnit"])]
    assert await user_errors(api, id=id_, verdict="OPT_OUT", businessUnit="no") == [
        ("NOT_FOUND", ["businessUnit"])
    ]
    assert await user_errors(api, id=id_, verdict="NOTHING", explanation="\x00") == [
        ("INVALID_VALUE", ["explanation"])
    ]
    for unknown in (global_id("Contact", 1), "nonsense", message_id(999), message_id(2**63 - 1)):
        assert await user_errors(api, id=unknown, verdict="OPT_OUT") == [("NOT_FOUND", ["id"])]
    answer = await api.execute(SETTLE, i={"id": id_, "verdict": "OPT_OUT", "businessUnit": "bazaar"})
    assert answer["message"]["businessUnit"] == {"key": "bazaar"}
    assert await user_errors(api, id=id_, verdict="OPT_IN") == [("INVALID_VALUE", ["id"])]


async def test_of_several_concurrent_settlements_one_succeeds(api: Api, brands: Brands) -> None:
    await acme_number()
    input = {"id": message_id(await message_to_review()), "verdict": "OPT_OUT"}
    answers = await asyncio.gather(*(api.execute(SETTLE, i=input) for _ in range(4)))
    assert sorted(answer["message"] is not None for answer in answers) == [False, False, False, True]
    errors = [error for answer in answers for error in answer["userErrors"]]
    assert errors == [{"code": "INVALID_VALUE", "field": ["id"]}] * 3


@on_sqlite
async def test_reading_and_settling_messages_need_their_scopes(api: Api) -> None:
    row_id = await message_to_review("hm", to=ELSEWHERE)
    reader, writer = api.using(await token("preferences:read")), api.using(await token("preferences:write"))
    node = "query ($id: ID!) { node(id: $id) { __typename ... on InboundMessage { text } } }"
    assert await reader.execute(node, id=message_id(row_id)) == {
        "__typename": "InboundMessage",
        "text": "hm",
    }
    assert (await writer.first_error(node, id=message_id(row_id)))[0] == "FORBIDDEN"
    assert (await writer.first_error(PAGE))[0] == "FORBIDDEN"
    settling = {"id": message_id(row_id), "verdict": "NOTHING"}
    assert (await reader.first_error(SETTLE, i=settling))[0] == "FORBIDDEN"
    assert (await read_page(reader))[0] == ["hm"]
    settled = await writer.run(SETTLE, i=settling)
    assert settled["data"]["settleMessage"]["userErrors"] == []
    assert [error["path"][-1] for error in settled["errors"]] == ["text"]
    assert (await read_page(reader))[0] == []
    assert await reader.execute(node, id=message_id(row_id + 1)) is None


@on_sqlite
async def test_erasing_the_sender_removes_the_text_and_ends_the_review(api: Api) -> None:
    """R36"""
    row_id = await message_to_review("I am Alice", to=ELSEWHERE)
    erase = """mutation ($p: String!) {
      eraseRecipient(input: {recipient: {phone: $p}}) { userErrors { code } } }"""
    await api.execute(erase, p=ALICE_PHONE)
    assert (await read_page(api))[0] == []
    node = "query ($id: ID!) { node(id: $id) { ... on InboundMessage { text recipient { address } } } }"
    assert await api.execute(node, id=message_id(row_id)) == {"text": None, "recipient": {"address": None}}
    assert await user_errors(api, id=message_id(row_id), verdict="NOTHING") == [("INVALID_VALUE", ["id"])]


@on_sqlite
async def test_a_long_list_of_messages_takes_as_many_statements_as_a_short_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await acme_number()
    for n in range(12):
        await message_to_review(sender=f"+4860123{n:04}")
    await review.settle(1, Verdict.NOTHING, Actor("desk"))
    await api.execute("{ viewer { name } }")
    counted = CountedStatements(monkeypatch)
    query = """query ($n: Int) { messagesToReview(first: $n) {
      nodes { recipient { address } senderNumber { number } businessUnit { key } } } }"""
    counts = []
    for size in (1, 11):
        counted.take()
        assert len((await api.execute(query, n=size))["nodes"]) == size
        counts.append(counted.take())
    assert counts[0] == counts[1]
