"""The review of messages whose sender is unknown: the reviewer names the recipient (R29)."""

from __future__ import annotations

from itertools import count
from typing import Any

import pytest

from preference_center.inbound.message import Message
from preference_center.inbound.receive import receive_message
from preference_center.rules.types import Channel
from preference_center.storage import database
from schema.contract.ids import global_id
from tests.conftest import ALICE_PHONE, Brands
from tests.graphql.conftest import Api
from tests.use_cases.inbound.pending_messages import message_to_review
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number, current_state

USER = "GB.13491208655302741918"
SHOWN = """{ messagesToReview { nodes {
  id text senderId senderName recipient { address } businessUnit { key } } } }"""
SETTLE = """mutation ($i: SettleMessageInput!) { settleMessage(input: $i) {
  message { verdict senderId senderName recipient { address } } userErrors { code field } } }"""
on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_ids = count()


async def receive(text: str = "STOP", user: str = USER) -> None:
    """Receive a WhatsApp message from a sender without a phone number."""
    message = Message(
        provider="whatsapp",
        message_id=f"wamid.{next(_ids)}",
        channel=Channel.WHATSAPP,
        sender=None,
        to=ACME_NUMBER,
        text=text,
        user_ids=(user,),
        user_name="ann.k",
    )
    assert await receive_message(message) is None


@pytest.fixture
async def waiting(api: Api) -> str:
    """The id of a message from an unknown sender to Acme."""
    await acme_number(channel=Channel.WHATSAPP)
    await receive()
    [node] = (await api.execute(SHOWN))["nodes"]
    assert node.pop("id") == global_id("InboundMessage", 1)
    assert node == {
        "text": "STOP", "senderId": USER, "senderName": "ann.k", "recipient": None,
        "businessUnit": {"key": "acme"},
    }  # fmt: skip
    return global_id("InboundMessage", 1)


async def settle(api: Api, id_: str, verdict: str = "OPT_OUT", **more: Any) -> dict[str, Any]:
    answer: dict[str, Any] = await api.execute(SETTLE, i={"id": id_, "verdict": verdict, **more})
    return answer


async def opted_out_units(phone: str = ALICE_PHONE) -> set[int]:
    return (await current_state(phone, Channel.WHATSAPP)).opted_out_units


async def test_the_reviewer_names_the_recipient(api: Api, brands: Brands, waiting: str) -> None:
    answer = await settle(api, waiting, recipient={"phone": ALICE_PHONE})
    assert answer == {
        "message": {
            "verdict": "OPT_OUT", "senderId": None, "senderName": None, "recipient": {"address": ALICE_PHONE},
        },
        "userErrors": [],
    }  # fmt: skip
    assert await opted_out_units() == {brands.acme.id}
    assert (await api.execute(SHOWN))["nodes"] == []
    [row] = await database.fetch("SELECT sender_id, sender_name, body FROM inbound_messages")
    assert tuple(row) == (None, None, None)


@on_sqlite
async def test_the_recipient_may_be_a_contact(api: Api, brands: Brands, waiting: str) -> None:
    create = """mutation ($p: String!) {
      createContact(input: {phone: $p}) { contact { id } userErrors { code } } }"""
    contact = (await api.execute(create, p=ALICE_PHONE))["contact"]["id"]
    assert (await settle(api, waiting, recipient={"contact": contact}))["userErrors"] == []
    assert await opted_out_units() == {brands.acme.id}


async def test_without_a_recipient_only_nothing_can_be_settled(api: Api, waiting: str) -> None:
    for verdict in ("OPT_OUT", "OPT_IN"):
        errors = (await settle(api, waiting, verdict))["userErrors"]
        assert errors == [{"code": "ADDRESS_MISSING", "field": ["recipient"]}]
    assert len((await api.execute(SHOWN))["nodes"]) == 1
    assert (await settle(api, waiting, "NOTHING"))["message"] == {
        "verdict": "NOTHING", "senderId": None, "senderName": None, "recipient": None,
    }  # fmt: skip


@on_sqlite
@pytest.mark.parametrize(
    ("recipient", "field"),
    [
        ({"phone": "12"}, ["recipient", "phone"]),
        ({"email": "ann@example.com"}, ["recipient"]),
        ({"contact": "nonsense"}, ["recipient", "contact"]),
    ],
)
async def test_a_recipient_without_a_phone_number_is_refused(
    api: Api, waiting: str, recipient: dict[str, str], field: list[str]
) -> None:
    [error] = (await settle(api, waiting, recipient=recipient))["userErrors"]
    assert error["field"][: len(field)] == field
    assert len((await api.execute(SHOWN))["nodes"]) == 1


async def test_a_known_sender_cannot_be_changed(api: Api, brands: Brands) -> None:
    await acme_number()
    row_id = global_id("InboundMessage", await message_to_review())
    [error] = (await settle(api, row_id, recipient={"phone": "+48600000077"}))["userErrors"]
    assert error == {"code": "INVALID_VALUE", "field": ["recipient"]}
    assert (await settle(api, row_id, recipient={"phone": ALICE_PHONE}))["userErrors"] == []


@on_sqlite
async def test_each_message_of_an_unknown_sender_is_settled_by_itself(
    api: Api, brands: Brands, waiting: str
) -> None:
    """The reviewer may be wrong about the person: nothing is learned from it."""
    await settle(api, waiting, recipient={"phone": ALICE_PHONE})
    await receive("START")
    [node] = (await api.execute(SHOWN))["nodes"]
    assert (node["text"], node["recipient"]) == ("START", None)
    assert await opted_out_units() == {brands.acme.id}


@on_sqlite
async def test_erasing_the_recipient_of_a_settled_message_leaves_nothing(api: Api, waiting: str) -> None:
    """R36"""
    await receive("hello")
    await settle(api, waiting, recipient={"phone": ALICE_PHONE})
    erase = """mutation ($p: String!) {
      eraseRecipient(input: {recipient: {phone: $p}}) { userErrors { code } } }"""
    await api.execute(erase, p=ALICE_PHONE)
    rows = await database.fetch("SELECT sender_id FROM inbound_messages WHERE recipient_id IS NOT NULL")
    assert [row["sender_id"] for row in rows] == [None]
