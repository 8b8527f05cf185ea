"""Reviewing messages over GraphQL: oldest first, settled once, in the ledger with who decided (R29)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from preference_center.inbound import review
from preference_center.rules.types import Actor, Channel, Verdict
from schema.contract.ids import global_id
from tests.conftest import ALICE_PHONE, Brands
from tests.graphql.conftest import Api, token
from tests.use_cases.texting import ACME_NUMBER, acme_number
from tests.use_cases.waiting import waiting

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


async def texts(api: Api, **given: Any) -> tuple[list[str], dict[str, Any]]:
    page = await api.ask(PAGE, **given)
    assert [one["node"]["id"] for one in page["edges"]] == [one["id"] for one in page["nodes"]]
    ends = [page["edges"][0]["cursor"], page["edges"][-1]["cursor"]] if page["edges"] else [None, None]
    assert [page["pageInfo"]["startCursor"], page["pageInfo"]["endCursor"]] == ends
    return [one["text"] for one in page["nodes"]], page["pageInfo"]


async def refused(api: Api, **given: Any) -> list[tuple[str, list[str]]]:
    answer = await api.ask(SETTLE, i=given)
    assert answer["message"] is None
    return [(error["code"], error["field"]) for error in answer["userErrors"]]


def shown_id(number: int) -> str:
    return global_id("InboundMessage", number)


async def test_a_message_is_shown_with_who_sent_it_and_where_to(api: Api) -> None:
    await acme_number()
    known, strange = await waiting("what now?"), await waiting("STOP", to=ELSEWHERE, channel=Channel.WHATSAPP)
    first, second = (await api.ask(SHOWN))["nodes"]
    assert first.pop("occurredAt") <= first.pop("receivedAt")
    assert first == {
        "id": shown_id(known), "channel": "SMS", "text": "what now?", "meaning": "UNCLEAR",
        "recipient": {"address": ALICE_PHONE, "kind": "PHONE"}, "sentTo": ACME_NUMBER,
        "senderNumber": {"number": ACME_NUMBER, "subscriptionTypes": [{"key": "weekly-digest"}]},
        "businessUnit": {"key": "acme"}, "verdict": None, "settledBy": None, "settledAt": None,
    }  # fmt: skip
    assert second["id"] == shown_id(strange)
    assert (second["channel"], second["sentTo"]) == ("WHATSAPP", ELSEWHERE)
    assert (second["senderNumber"], second["businessUnit"]) == (None, None)


async def test_pages_are_oldest_first_in_both_directions(api: Api, brands: Brands) -> None:
    await acme_number()
    everything = [f"message {n}" for n in range(7)]
    for text in everything:
        await waiting(text)

    forwards: list[str] = []
    info: dict[str, Any] = {"hasNextPage": True, "endCursor": None}
    while info["hasNextPage"]:
        found, info = await texts(api, first=3, after=info["endCursor"])
        assert info["hasPreviousPage"] is bool(forwards)
        forwards += found
    backwards: list[str] = []
    info = {"hasPreviousPage": True, "startCursor": None}
    while info["hasPreviousPage"]:
        found, info = await texts(api, last=3, before=info["startCursor"])
        assert info["hasNextPage"] is bool(backwards)
        backwards = [*found, *backwards]
    assert forwards == backwards == everything


async def test_pages_stay_right_while_messages_are_settled(api: Api, brands: Brands) -> None:
    await acme_number()
    numbers = [await waiting(f"message {n}") for n in range(6)]
    first, info = await texts(api, first=2)
    last, end = await texts(api, last=2)
    assert (first, last) == (["message 0", "message 1"], ["message 4", "message 5"])
    for settled in (numbers[0], numbers[1], numbers[4]):  # the cursors' own rows among them
        await api.ask(SETTLE, i={"id": shown_id(settled), "verdict": "NOTHING"})
    await waiting("message 6")

    assert (await texts(api, first=2, after=info["endCursor"]))[0] == ["message 2", "message 3"]
    assert (await texts(api, last=2, before=end["startCursor"]))[0] == ["message 2", "message 3"]
    assert (await texts(api))[0] == ["message 2", "message 3", "message 5", "message 6"]
    between = {"after": info["endCursor"], "before": end["endCursor"], "first": 10}
    assert (await texts(api, **between))[0] == ["message 2", "message 3"]


@on_sqlite
async def test_a_unit_sees_its_own_and_the_unknown_are_seen_without_one(api: Api) -> None:
    await acme_number()
    await waiting("to Acme")
    await waiting("to nobody", to=ELSEWHERE)
    assert (await texts(api, unit="acme"))[0] == ["to Acme"]
    assert (await texts(api, unit="bazaar"))[0] == []
    assert (await texts(api))[0] == ["to Acme", "to nobody"]
    assert await api.refused(PAGE, unit="nothing") == ("BAD_USER_INPUT", ["businessUnit"])
    assert await api.refused(PAGE, after="!") == ("BAD_USER_INPUT", ["after"])


async def test_settling_as_an_opt_out_shows_in_the_history_with_who_decided(api: Api, brands: Brands) -> None:
    """R17, R29"""
    await acme_number()
    number = await waiting("leave me be")
    asked = {"id": shown_id(number), "verdict": "OPT_OUT", "explanation": " Means it. "}
    answer = await api.ask(SETTLE, i=asked)
    assert answer["userErrors"] == []
    assert answer["message"].pop("settledAt")
    assert answer["message"] == {
        "id": shown_id(number), "text": None, "verdict": "OPT_OUT", "settledBy": "crm",
        "businessUnit": {"key": "acme"},
    }  # fmt: skip
    page = await api.ask(
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


@on_sqlite
async def test_settling_as_an_opt_in_opts_in_to_what_the_number_carries(api: Api) -> None:
    """R28"""
    await acme_number()
    await api.ask(SETTLE, i={"id": shown_id(await waiting("yes please")), "verdict": "OPT_IN"})
    query = """query ($p: String!) { recipient(by: {phone: $p}) {
      preferences(channel: SMS, businessUnit: "acme") { subscriptionType { key } status } } }"""
    held = (await api.ask(query, p=ALICE_PHONE))["preferences"]
    assert {one["subscriptionType"]["key"]: one["status"] for one in held} == {
        "weekly-digest": "OPTED_IN",
        "receipts": "NOT_OPTED",
    }


@on_sqlite
async def test_what_cannot_be_settled_is_a_user_error_with_its_field(api: Api) -> None:
    strange = shown_id(await waiting("STOP", to=ELSEWHERE))
    assert await refused(api, id=strange, verdict="OPT_OUT") == [("INVALID_VALUE", ["businessUnit"])]
    assert await refused(api, id=strange, verdict="OPT_OUT", businessUnit="no") == [
        ("NOT_FOUND", ["businessUnit"])
    ]
    assert await refused(api, id=strange, verdict="NOTHING", explanation="\x00") == [
        ("INVALID_VALUE", ["explanation"])
    ]
    for unknown in (global_id("Contact", 1), "nonsense", shown_id(999), shown_id(2**63 - 1)):
        assert await refused(api, id=unknown, verdict="OPT_OUT") == [("NOT_FOUND", ["id"])]
    answer = await api.ask(SETTLE, i={"id": strange, "verdict": "OPT_OUT", "businessUnit": "bazaar"})
    assert answer["message"]["businessUnit"] == {"key": "bazaar"}
    assert await refused(api, id=strange, verdict="OPT_IN") == [("INVALID_VALUE", ["id"])]


async def test_of_two_who_settle_at_once_one_is_told_that_it_is_settled(api: Api, brands: Brands) -> None:
    await acme_number()
    asked = {"id": shown_id(await waiting()), "verdict": "OPT_OUT"}
    answers = await asyncio.gather(*(api.ask(SETTLE, i=asked) for _ in range(4)))
    assert sorted(answer["message"] is not None for answer in answers) == [False, False, False, True]
    errors = [error for answer in answers for error in answer["userErrors"]]
    assert errors == [{"code": "INVALID_VALUE", "field": ["id"]}] * 3


@on_sqlite
async def test_reading_and_settling_need_their_scopes(api: Api) -> None:
    number = await waiting("hm", to=ELSEWHERE)
    reader, writer = api.using(await token("preferences:read")), api.using(await token("preferences:write"))
    node = "query ($id: ID!) { node(id: $id) { __typename ... on InboundMessage { text } } }"
    assert await reader.ask(node, id=shown_id(number)) == {"__typename": "InboundMessage", "text": "hm"}
    assert (await writer.refused(node, id=shown_id(number)))[0] == "FORBIDDEN"
    assert (await writer.refused(PAGE))[0] == "FORBIDDEN"
    settling = {"id": shown_id(number), "verdict": "NOTHING"}
    assert (await reader.refused(SETTLE, i=settling))[0] == "FORBIDDEN"
    assert (await texts(reader))[0] == ["hm"]
    assert (await writer.ask(SETTLE, i=settling))["userErrors"] == []
    assert (await texts(reader))[0] == []
    assert await reader.ask(node, id=shown_id(number + 1)) is None


@on_sqlite
async def test_erasing_the_sender_takes_the_text_and_the_review_away(api: Api) -> None:
    """R36"""
    number = await waiting("I am Alice", to=ELSEWHERE)
    erase = """mutation ($p: String!) {
      eraseRecipient(input: {recipient: {phone: $p}}) { userErrors { code } } }"""
    await api.ask(erase, p=ALICE_PHONE)
    assert (await texts(api))[0] == []
    node = "query ($id: ID!) { node(id: $id) { ... on InboundMessage { text recipient { address } } } }"
    assert await api.ask(node, id=shown_id(number)) == {"text": None, "recipient": {"address": None}}
    assert await refused(api, id=shown_id(number), verdict="NOTHING") == [("INVALID_VALUE", ["id"])]


@on_sqlite
async def test_a_long_list_takes_as_many_statements_as_a_short_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    await acme_number()
    for n in range(12):
        await waiting(sender=f"+4860123{n:04}")
    await review.settle(1, Verdict.NOTHING, Actor("desk"))
    from preference_center.storage import database

    asked: list[str] = []
    fetch = database.fetch

    async def counting(sql: str, *values: Any) -> Any:
        asked.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(database, "fetch", counting)
    query = """query ($n: Int) { messagesToReview(first: $n) {
      nodes { recipient { address } senderNumber { number } businessUnit { key } } } }"""
    counts = []
    for size in (1, 11):
        asked.clear()
        assert len((await api.ask(query, n=size))["nodes"]) == size
        counts.append(len(asked))
    assert counts[0] == counts[1]
