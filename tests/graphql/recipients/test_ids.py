"""Ids of preferences, opt-outs of all and pauses: the same before and after every change."""

from __future__ import annotations

from base64 import urlsafe_b64decode
from datetime import timedelta
from typing import Any

import pytest

from preference_center.rules.types import Channel
from preference_center.storage import database
from schema.contract.ids import STATES, StateKey, parse_global_id, state_id
from tests.conftest import ALICE, ALICE_PHONE, BOB
from tests.graphql.conftest import Api, token
from tests.graphql.statements import CountedStatements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
STATE = """query ($a: String!) { recipient(by: {email: $a}) {
  preferences(channel: EMAIL) { id status subscriptionType { key } }
  optOutsOfAll { id channel businessUnit { key } } pauses { id until recipient { address } } } }"""
NODE = "query ($id: ID!) { node(id: $id) { __typename id ... on Preference { status } } }"
UPDATE = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  contact { email preferences { id status } } outcomes { preference { id status } } } }"""
ALL = """mutation ($i: OptOutOfAllInput!) { optOutOfAll(input: $i) {
  contact { id optOutsOfAll { id channel } } recipient { id } } }"""
REMOVE = "mutation ($i: RemoveOptOutOfAllInput!) { removeOptOutOfAll(input: $i) { userErrors { code } } }"
PAUSE = """mutation ($i: PauseInput!) { pausePreferences(input: $i) {
  contact { pauses { id until channel } } } }"""
CREATE = "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }"
BASIS = {
    "legalBasis": "CONSENT_WITH_NOTICE",
    "processingBasis": "PROCESS_AND_STORE",
    "explanation": "Asked for it by phone.",
}


async def create(api: Api, **fields: str) -> str:
    number: str = (await api.execute(CREATE, i=fields))["contact"]["id"]
    return number


async def set_digest(api: Api, status: str, recipient: dict[str, str], channel: str = "EMAIL") -> Any:
    change = {"subscriptionType": "weekly-digest", "channel": channel, "status": status}
    return await api.execute(UPDATE, i={"recipient": recipient, "changes": [change], **BASIS})


async def digest(api: Api) -> dict[str, Any]:
    preferences = (await api.execute(STATE, a=ALICE))["preferences"]
    found: dict[str, Any] = next(
        each for each in preferences if each["subscriptionType"]["key"] == "weekly-digest"
    )
    return found


async def test_a_preference_keeps_its_id_from_before_the_first_decision(api: Api) -> None:
    await create(api, email=ALICE)
    before = await digest(api)
    assert before["status"] == "NOT_OPTED"
    for status in ("OPTED_IN", "OPTED_OUT"):
        payload = await set_digest(api, status, {"email": ALICE})
        assert payload["outcomes"] == [{"preference": {"id": before["id"], "status": status}}]
        assert (await digest(api))["id"] == before["id"]
        node = await api.execute(NODE, id=before["id"])
        assert node == {"__typename": "Preference", "id": before["id"], "status": status}


async def test_a_preference_without_a_decision_is_found_by_id(api: Api) -> None:
    await create(api, email=ALICE)
    number = (await digest(api))["id"]
    assert (await api.execute(NODE, id=number))["status"] == "NOT_OPTED"


async def test_an_opt_out_of_all_that_is_made_again_has_its_old_id(api: Api) -> None:
    which = {"recipient": {"email": ALICE}, "businessUnit": "acme"}
    await create(api, email=ALICE)
    first = (await api.execute(ALL, i=which))["contact"]["optOutsOfAll"]
    number = first[0]["id"]
    assert (await api.execute(STATE, a=ALICE))["optOutsOfAll"][0]["id"] == number
    assert await api.execute(NODE, id=number) == {"__typename": "OptOutOfAll", "id": number}
    await api.execute(REMOVE, i={**which, "explanation": "A mistake.", "legalBasis": "CONSENT_WITH_NOTICE"})
    assert await api.execute(NODE, id=number) is None
    assert (await api.execute(ALL, i=which))["contact"]["optOutsOfAll"] == first


async def test_a_pause_that_is_made_longer_keeps_its_id(api: Api) -> None:
    await create(api, email=ALICE)
    ids = set()
    for days in (5, 10):
        until = (database.now() + timedelta(days=days)).isoformat()
        which = {"recipient": {"email": ALICE}, "businessUnit": "acme", "until": until}
        (pause,) = (await api.execute(PAUSE, i=which))["contact"]["pauses"]
        ids.add(pause["id"])
    (number,) = ids
    assert (await api.execute(STATE, a=ALICE))["pauses"][0]["recipient"] == {"address": ALICE}
    assert await api.execute(NODE, id=number) == {"__typename": "Pause", "id": number}
    ended = {"recipient": {"email": ALICE}, "businessUnit": "acme", "until": None}
    assert (await api.execute(PAUSE, i=ended))["contact"] == {"pauses": []}
    assert await api.execute(NODE, id=number) is None


async def test_the_same_type_on_another_channel_or_address_has_another_id(api: Api) -> None:
    await create(api, email=ALICE, phone=ALICE_PHONE)
    await create(api, email=BOB)
    contacts = (await api.execute("{ contacts { nodes { preferences { id } } } }"))["nodes"]
    ids = [preference["id"] for contact in contacts for preference in contact["preferences"]]
    assert len(set(ids)) == len(ids) > 10


@on_sqlite
async def test_no_id_has_an_address(api: Api) -> None:
    await create(api, email=ALICE)
    until = (database.now() + timedelta(days=5)).isoformat()
    await api.execute(ALL, i={"recipient": {"email": ALICE}, "businessUnit": "acme"})
    await api.execute(PAUSE, i={"recipient": {"email": ALICE}, "businessUnit": "acme", "until": until})
    state = await api.execute(STATE, a=ALICE)
    for kind in ("preferences", "optOutsOfAll", "pauses"):
        text = urlsafe_b64decode(state[kind][0]["id"] + "===").decode()
        assert "@" not in text
        assert "alice" not in text.lower()


@pytest.mark.parametrize("type_name", STATES)
@pytest.mark.parametrize("channel", list(Channel))
def test_the_largest_key_of_a_state_is_read_back(type_name: str, channel: Channel) -> None:
    key = StateKey(2**63 - 1, 2**31 - 1, channel)
    assert parse_global_id(state_id(type_name, *key)) == (type_name, key)


@on_sqlite
@pytest.mark.parametrize(
    "text",
    ["Preference:1", "Preference:1.2", "Preference:1.2.X", "Preference:1.2.E.3", "Preference:x.2.E",
     "Preference:-1.2.E", "Pause:9223372036854775808.1.E", "Pause:1.2147483648.E", "Contact:1.2.E"],
)  # fmt: skip
async def test_what_is_no_state_is_refused(api: Api, text: str) -> None:
    from schema.contract.ids import _encoded

    assert await api.first_error(NODE, id=_encoded(text)) == ("BAD_USER_INPUT", ["id"])


async def test_a_state_of_nobody_or_of_an_unknown_type_is_null(api: Api) -> None:
    await create(api, email=ALICE)
    key = parse_global_id((await digest(api))["id"])[1]  # type: ignore[index]
    assert isinstance(key, StateKey)
    for unknown in (
        key._replace(recipient_id=10**9),
        key._replace(of_id=10**9),
        key._replace(channel=Channel.SMS),
    ):
        assert await api.execute(NODE, id=state_id("Preference", *unknown)) is None


@on_sqlite
async def test_a_hundred_preferences_take_as_many_statements_as_one(
    api: Api, monkeypatch: pytest.MonkeyPatch
) -> None:
    for n in range(12):
        await create(api, email=f"p{n}@example.com")
    contacts = (await api.execute("{ contacts { nodes { preferences { id } } } }"))["nodes"]
    ids = [preference["id"] for contact in contacts for preference in contact["preferences"]]
    query = "query ($ids: [ID!]!) { nodes(ids: $ids) { id } }"
    counted = CountedStatements(monkeypatch)
    await api.execute(query, ids=ids[:1])
    one = counted.take()
    assert [each["id"] for each in await api.execute(query, ids=ids[:60])] == ids[:60]
    assert counted.take() == one


@on_sqlite
async def test_text_that_is_no_id_is_an_error_in_its_place_and_leaves_the_other_objects(api: Api) -> None:
    unit = (await api.execute('{ businessUnit(key: "acme") { id } }'))["id"]
    answer = await api.run("query ($ids: [ID!]!) { nodes(ids: $ids) { id } }", ids=["nonsense", unit])
    assert answer["data"] == {"nodes": [None, {"id": unit}]}
    (error,) = answer["errors"]
    assert error["path"] == ["nodes", 0]
    assert error["extensions"] == {"code": "BAD_USER_INPUT", "field": ["ids", "0"]}


@on_sqlite
async def test_a_keyword_is_found_by_id(api: Api) -> None:
    payload = await api.execute(
        'mutation { addKeyword(input: {businessUnit: "acme", word: "no thanks acme", meaning: STOP})'
        " { keyword { id word } } }"
    )
    number = payload["keyword"]["id"]
    query = "query ($id: ID!) { node(id: $id) { id ... on Keyword { word } } }"
    assert await api.execute(query, id=number) == payload["keyword"]
    units = await api.execute("{ businessUnits { key keywords { id } } }")
    assert units[0]["keywords"] == [{"id": number}]


async def test_a_payload_gives_the_contact_that_the_input_names_even_if_a_number_is_shared(api: Api) -> None:
    await create(api, email=ALICE, phone=ALICE_PHONE)
    bob = await create(api, email=BOB, phone=ALICE_PHONE)
    payload = await set_digest(api, "OPTED_OUT", {"contact": bob}, "SMS")
    assert payload["contact"]["email"] == BOB
    assert (await set_digest(api, "OPTED_OUT", {"phone": ALICE_PHONE}, "SMS"))["contact"]["email"] == ALICE


async def test_a_payload_has_no_contact_if_nobody_has_the_address(api: Api) -> None:
    assert (await set_digest(api, "OPTED_OUT", {"email": BOB}))["contact"] is None


@on_sqlite
async def test_the_contact_of_a_payload_needs_the_scope_that_reads_contacts(api: Api) -> None:
    await create(api, email=ALICE)
    writer = api.using(await token("preferences:write"))
    change = {"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}
    update = "mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) { contact { id } } }"
    answer = await writer.run(update, i={"recipient": {"email": ALICE}, "changes": [change]})
    assert answer["data"] == {"updatePreferences": {"contact": None}}
    assert answer["errors"][0]["extensions"] == {"code": "FORBIDDEN", "scope": "contacts:read"}
    assert (await digest(api))["status"] == "OPTED_OUT"


@on_sqlite
async def test_a_confirmation_that_is_sent_again_gives_the_preference(api: Api) -> None:
    change = {"subscriptionType": "offers", "status": "OPTED_IN"}
    await api.execute(UPDATE, i={"recipient": {"email": ALICE}, "changes": [change], **BASIS})
    query = """mutation { resendConfirmation(input: {recipient: {email: "alice@example.com"},
      subscriptionType: "offers"}) { sent preference { id } userErrors { code } } }"""
    payload = await api.execute(query)
    assert payload == {"sent": False, "preference": None, "userErrors": [{"code": "LIMIT_EXCEEDED"}]}
