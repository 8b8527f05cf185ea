"""Preferences over GraphQL: the decisions of the rules, and how the payload reports them."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from preference_center.access.tokens import create_token
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, Brands, by_recipient
from tests.graphql.conftest import Api

UPDATE = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
  recipient { address preferences { subscriptionType { key } channel status origin legalBasis explanation } }
  outcomes { subscriptionType { key } channel status changed pending error { code field } }
  userErrors { code field message } } }"""
BASIS = {
    "legalBasis": "CONSENT_WITH_NOTICE",
    "processingBasis": "PROCESS_AND_STORE",
    "explanation": "Asked at the fair.",
}
EVENTS = """{ consentEvents { nodes { before after superseded origin actor legalBasis explanation
  subscriptionType { key } businessUnit { key } channel recipient { address } occurredAt recordedAt } } }"""
RECIPIENT = """query ($by: RecipientRef!) { recipient(by: $by) { id kind address contacts { email }
  optOutsOfAll { channel businessUnit { key } origin explanation }
  pauses { channel businessUnit { key } until }
  preferences { subscriptionType { key } channel status eligibility { allowed reason until } } } }"""


def change(key: str, status: str, channel: str = "EMAIL") -> dict[str, str]:
    return {"subscriptionType": key, "channel": channel, "status": status}


async def update(api: Api, *changes: dict[str, str], **more: Any) -> Any:
    return await api.execute(UPDATE, i={"recipient": {"email": ALICE}, "changes": list(changes), **more})


async def opt_out_as_recipient(alice: int, brands: Brands, *, of_all: bool = False) -> None:
    type_ = None if of_all else brands.digest
    intent = Intent(alice, Channel.EMAIL, PreferenceStatus.OPTED_OUT, brands.acme, type_)
    await record([intent], by_recipient())


async def test_an_opt_in_with_a_legal_basis_is_recorded_with_its_explanation(api: Api) -> None:
    """R6, R18."""
    payload = await update(api, change("weekly-digest", "OPTED_IN"), **BASIS)
    assert payload["userErrors"] == []
    assert [(each["status"], each["changed"], each["error"]) for each in payload["outcomes"]] == [
        ("OPTED_IN", True, None)
    ]
    held = payload["recipient"]["preferences"][0]
    assert (held["status"], held["legalBasis"], held["origin"]) == (
        "OPTED_IN",
        "CONSENT_WITH_NOTICE",
        "CONTACT_RECORD",
    )
    assert held["explanation"] == "Asked at the fair."
    (event,) = (await api.execute(EVENTS))["nodes"]
    assert (event["before"], event["after"], event["actor"]) == ("NOT_OPTED", "OPTED_IN", "crm")
    assert (event["explanation"], event["recipient"]["address"]) == ("Asked at the fair.", ALICE)
    assert event["recordedAt"].endswith("Z")


async def test_each_change_is_decided_by_itself(api: Api, alice: int, brands: Brands) -> None:
    """R6: an opt-in without grounds is refused, an opt-out needs none (R5)."""
    payload = await update(
        api,
        change("weekly-digest", "OPTED_OUT"),
        change("letters", "OPTED_IN"),
        change("letters", "OPTED_IN", "EMAIL"),
    )
    assert [each["changed"] for each in payload["outcomes"]] == [True, False, False]
    assert [each["error"] and each["error"]["code"] for each in payload["outcomes"]] == [
        None, "LEGAL_BASIS_REQUIRED", "LEGAL_BASIS_REQUIRED",
    ]  # fmt: skip
    assert [(error["field"][1], error["code"]) for error in payload["userErrors"]] == [
        (index, code) for index in ("1", "2") for code in ("LEGAL_BASIS_REQUIRED", "EXPLANATION_REQUIRED")
    ]


async def test_opting_out_twice_is_not_an_error_and_writes_no_second_event(api: Api) -> None:
    """R16."""
    await update(api, change("weekly-digest", "OPTED_OUT"))
    again = await update(api, change("weekly-digest", "OPTED_OUT"))
    assert again["userErrors"] == []
    assert [(each["changed"], each["status"]) for each in again["outcomes"]] == [(False, "OPTED_OUT")]
    assert len((await api.execute(EVENTS))["nodes"]) == 1


async def test_a_double_opt_in_is_pending(api: Api) -> None:
    """R19."""
    payload = await update(api, change("offers", "OPTED_IN"), **BASIS)
    (outcome,) = payload["outcomes"]
    assert (outcome["changed"], outcome["pending"], outcome["status"]) == (False, True, "NOT_OPTED")
    recipient = await api.execute(RECIPIENT, by={"email": ALICE})
    offers = next(each for each in recipient["preferences"] if each["subscriptionType"]["key"] == "offers")
    assert offers["eligibility"]["reason"] == "CONFIRMATION_PENDING"


async def test_a_decision_older_than_the_recorded_one_is_superseded(api: Api) -> None:
    """R17."""
    await update(api, change("weekly-digest", "OPTED_OUT"))
    earlier = (database.now() - timedelta(days=3)).isoformat()
    payload = await update(api, change("weekly-digest", "OPTED_IN"), occurredAt=earlier, **BASIS)
    (outcome,) = payload["outcomes"]
    assert (outcome["changed"], outcome["status"], outcome["error"]["code"]) == (
        False,
        "OPTED_OUT",
        "SUPERSEDED",
    )


async def test_an_opt_in_from_the_future_is_refused_and_an_opt_out_counts_as_now(api: Api) -> None:
    """R17: no opt-out is lost for a clock or a time zone."""
    later = (database.now() + timedelta(days=1)).isoformat()
    refused = await update(api, change("weekly-digest", "OPTED_IN"), occurredAt=later, **BASIS)
    assert refused["userErrors"][0]["code"] == "OCCURRED_IN_FUTURE"
    counted = await update(api, change("weekly-digest", "OPTED_OUT"), occurredAt=later)
    assert counted["outcomes"][0]["changed"]


async def test_the_team_may_reverse_a_recipients_opt_out_but_an_integration_may_not(
    api: Api, alice: int, brands: Brands
) -> None:
    """R7, R9: the token says who it is."""
    await opt_out_as_recipient(alice, brands)
    token = await create_token("shop", ["preferences:write", "preferences:read"], ConsentOrigin.INTEGRATION)
    refused = await update(api.using(token), change("weekly-digest", "OPTED_IN"), **BASIS)
    assert refused["outcomes"][0]["error"]["code"] == "OPTED_OUT_BY_RECIPIENT"
    payload = await update(api, change("weekly-digest", "OPTED_IN"), **BASIS)
    assert payload["outcomes"][0]["changed"] is True


async def test_the_end_user_is_part_of_the_actor(api: Api) -> None:
    input = {"recipient": {"email": ALICE}, "changes": [change("weekly-digest", "OPTED_OUT")]}
    headers = {**api.headers, "X-Sayso-User": "jane@example.com"}
    await api.http.post("/graphql", json={"query": UPDATE, "variables": {"i": input}}, headers=headers)
    (event,) = (await api.execute(EVENTS))["nodes"]
    assert event["actor"] == "crm for jane@example.com"


async def test_a_contact_stands_for_its_address_on_each_channel(api: Api) -> None:
    payload = await api.execute(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }",
        i={"email": ALICE, "phone": ALICE_PHONE},
    )
    contact = {"contact": payload["contact"]["id"]}
    changes = [change("weekly-digest", "OPTED_OUT", channel) for channel in ("EMAIL", "SMS", "WHATSAPP")]
    answer = await api.execute(UPDATE, i={"recipient": contact, "changes": changes})
    assert [each["changed"] for each in answer["outcomes"]] == [True, True, True]
    events = (await api.execute(EVENTS))["nodes"]
    assert sorted({event["recipient"]["address"] for event in events}) == [ALICE_PHONE, ALICE]
    phone = await api.execute(RECIPIENT, by={"phone": ALICE_PHONE})
    assert (phone["kind"], phone["contacts"]) == ("PHONE", [{"email": ALICE}])


async def test_selections_of_the_same_preferences_each_get_all_their_fields(api: Api) -> None:
    await update(api, change("weekly-digest", "OPTED_IN"), **BASIS)
    await api.execute(OPT_OUT_OF_ALL, i={"recipient": {"email": ALICE}, "businessUnit": "acme"})
    both = await api.execute(
        """query ($a: String!) { recipient(by: {email: $a}) {
          short: preferences { status } whole: preferences { explanation eligibility { reason } }
          optOutsOfAll { channel } again: preferences { status } } }""",
        a=ALICE,
    )
    assert both["whole"][0] == {
        "explanation": "Asked at the fair.",
        "eligibility": {"reason": "OPTED_OUT_OF_ALL"},
    }
    assert len(both["short"]) == len(both["again"]) == len(both["whole"])
    assert len(both["optOutsOfAll"]) == 1


OPT_OUT_OF_ALL = """mutation ($i: OptOutOfAllInput!) { optOutOfAll(input: $i) {
  recipient { optOutsOfAll { origin explanation } } userErrors { code field } } }"""
REMOVE = """mutation ($i: RemoveOptOutOfAllInput!) { removeOptOutOfAll(input: $i) {
  recipient { optOutsOfAll { origin } } userErrors { code } } }"""


async def test_the_team_may_remove_an_opt_out_of_all_that_it_made(api: Api) -> None:
    """R8."""
    of_acme = {"recipient": {"email": ALICE}, "businessUnit": "acme"}
    payload = await api.execute(OPT_OUT_OF_ALL, i={**of_acme, "explanation": "By telephone."})
    assert payload["recipient"]["optOutsOfAll"] == [
        {"origin": "CONTACT_RECORD", "explanation": "By telephone."}
    ]
    held = await api.execute(RECIPIENT, by={"email": ALICE})
    reasons = {each["subscriptionType"]["key"]: each["eligibility"]["reason"] for each in held["preferences"]}
    assert (reasons["weekly-digest"], reasons["letters"]) == ("OPTED_OUT_OF_ALL", None)
    removed = await api.execute(
        REMOVE, i={**of_acme, "explanation": "Called again.", "legalBasis": "CONSENT_WITH_NOTICE"}
    )
    assert removed == {"recipient": {"optOutsOfAll": []}, "userErrors": []}


async def test_the_team_may_not_remove_a_recipients_own_opt_out_of_all(
    api: Api, alice: int, brands: Brands
) -> None:
    """R8, R12."""
    await opt_out_as_recipient(alice, brands, of_all=True)
    input = {
        "recipient": {"email": ALICE},
        "businessUnit": "acme",
        "explanation": "We would like to.",
        "legalBasis": "CONSENT_WITH_NOTICE",
    }
    removed = await api.execute(REMOVE, i=input)
    assert removed["userErrors"] == [{"code": "OPTED_OUT_BY_RECIPIENT"}]
    assert len(removed["recipient"]["optOutsOfAll"]) == 1
    payload = await update(api, change("weekly-digest", "OPTED_IN"), **BASIS)
    assert payload["outcomes"][0]["error"]["code"] == "OPTED_OUT_OF_ALL"


PAUSE = """mutation ($i: PauseInput!) { pausePreferences(input: $i) {
  recipient { pauses { channel businessUnit { key } until } } userErrors { code field } } }"""


async def test_a_pause_blocks_messages_until_it_ends_and_null_ends_it(api: Api) -> None:
    await update(api, change("weekly-digest", "OPTED_IN"), **BASIS)
    input = {"recipient": {"email": ALICE}, "businessUnit": "acme", "until": "2099-01-01T00:00:00+01:00"}
    payload = await api.execute(PAUSE, i=input)
    until = "2098-12-31T23:00:00Z"
    assert payload["recipient"]["pauses"] == [
        {"channel": "EMAIL", "businessUnit": {"key": "acme"}, "until": until}
    ]
    answers = await api.execute(
        "query ($a: [String!]!) {"
        ' eligibility(subscriptionType: "weekly-digest", channel: EMAIL, addresses: $a)'
        " { address eligibility { allowed reason until } } }",
        a=[ALICE, "nobody@example.com", "no address"],
    )
    assert [each["eligibility"] for each in answers] == [
        {"allowed": False, "reason": "PAUSED", "until": until},
        {"allowed": False, "reason": "NOT_OPTED_IN", "until": None},
        {"allowed": False, "reason": "ADDRESS_UNUSABLE", "until": None},
    ]
    assert (await api.execute(PAUSE, i={**input, "until": None}))["recipient"]["pauses"] == []
    past = await api.execute(PAUSE, i={**input, "until": "2001-01-01T00:00:00Z"})
    assert past["userErrors"] == [{"code": "INVALID_VALUE", "field": ["until"]}]


PAUSE_EVENTS = """query { consentEvents(first: 9) { nodes {
  kind pausedUntil before after origin actor subscriptionType { key } businessUnit { key } } } }"""
JUNE, JULY = "2099-06-01T00:00:00Z", "2099-07-01T00:00:00Z"


async def test_setting_changing_and_ending_a_pause_are_events_that_change_no_status(api: Api) -> None:
    input = {"recipient": {"email": ALICE}, "businessUnit": "acme"}
    for until in (JUNE, JUNE, JULY, None, None):
        assert (await api.execute(PAUSE, i={**input, "until": until}))["userErrors"] == []
    nodes = (await api.execute(PAUSE_EVENTS))["nodes"]
    assert [node["pausedUntil"] for node in nodes] == [None, JULY, JUNE]
    assert {node["kind"] for node in nodes} == {"PAUSE"}
    assert {(node["before"], node["after"], node["origin"]) for node in nodes} == {
        ("NOT_OPTED", "NOT_OPTED", "CONTACT_RECORD")
    }
    assert {(node["subscriptionType"], node["businessUnit"]["key"]) for node in nodes} == {(None, "acme")}
    await update(api, change("weekly-digest", "OPTED_IN"), **BASIS)
    newest = (await api.execute(PAUSE_EVENTS))["nodes"][0]
    assert (newest["kind"], newest["pausedUntil"]) == ("STATUS", None)


async def test_the_team_may_not_change_a_recipients_own_pause(api: Api, alice: int, brands: Brands) -> None:
    """R4, R11 in small: the team can neither end nor move it, and saying the same is no error."""
    until = datetime(2099, 6, 1, tzinfo=UTC)
    await preferences.pause(alice, Channel.EMAIL, brands.acme, until, by_recipient())
    input = {"recipient": {"email": ALICE}, "businessUnit": "acme"}
    for other in (None, JULY, "2099-05-01T00:00:00Z"):
        refused = await api.execute(PAUSE, i={**input, "until": other})
        assert refused["userErrors"] == [{"code": "OPTED_OUT_BY_RECIPIENT", "field": None}]
        assert [pause["until"] for pause in refused["recipient"]["pauses"]] == [JUNE]
    assert (await api.execute(PAUSE, i={**input, "until": JUNE}))["userErrors"] == []
    [node] = (await api.execute(PAUSE_EVENTS))["nodes"]
    assert (node["origin"], node["actor"]) == ("PREFERENCE_PAGE", "recipient")
    whose = 'query { recipient(by: {email: "' + ALICE + '"}) { pauses { origin } } }'
    assert (await api.execute(whose))["pauses"] == [{"origin": "PREFERENCE_PAGE"}]


async def test_an_erased_person_stays_opted_out(api: Api, alice: int, brands: Brands) -> None:
    """R36, R37."""
    payload = await api.execute(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }",
        i={"email": ALICE},
    )
    await opt_out_as_recipient(alice, brands)
    erase = """mutation ($i: EraseRecipientInput!) { eraseRecipient(input: $i) {
      recipient { id address contacts { id } } userErrors { code } } }"""
    erased = await api.execute(erase, i={"recipient": {"contact": payload["contact"]["id"]}})
    assert erased == {
        "recipient": {"id": global_id("Recipient", alice), "address": None, "contacts": []},
        "userErrors": [],
    }
    assert ALICE not in str(await api.execute(EVENTS))
    again = await api.execute(
        "mutation ($i: CreateContactInput!) {"
        " createContact(input: $i) { contact { preferences { status } } } }",
        i={"email": ALICE},
    )
    assert again["contact"]["preferences"][0]["status"] == "OPTED_OUT"


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_an_address_that_is_not_on_record_is_null_and_has_no_events(api: Api) -> None:
    assert await api.execute(RECIPIENT, by={"email": ALICE}) is None
    empty = await api.execute(
        "query ($r: RecipientRef) { consentEvents(recipient: $r) { nodes { id } } }", r={"email": ALICE}
    )
    assert empty == {"nodes": []}
