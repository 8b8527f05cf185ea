"""Evidence over GraphQL: what proves a change (R18), until it is erased (R36)."""

from __future__ import annotations

from typing import Any

import pytest
from graphql import parse

from api.graphql.cost import CostCalculator
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_contact
from preference_center.ledger.types import EvidenceFacts
from preference_center.rules.types import Channel, PreferenceStatus
from schema.root import graphql_schema
from tests.conftest import ALICE, BOB, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.graphql.conftest import Api, token
from tests.graphql.many_contacts import create_contacts
from tests.graphql.statements import CountedStatements

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
PAGE = "☑ Weekly digest (Email)\n[Save choices]"
SHOWN = EvidenceFacts("203.0.113.9", "Firefox", "http://sayso.test/p", PAGE, "en", own_page=True)
EVIDENCE = "evidence { ipAddress userAgent url locale wording { id locale text digest firstShownAt } }"
LEDGER = f"{{ consentEvents {{ nodes {{ after {EVIDENCE} }} }} }}"
UPDATE = """mutation ($i: UpdatePreferencesInput!) {
  updatePreferences(input: $i) { outcomes { changed } userErrors { message } } }"""


async def evidence_of_events(api: Api) -> list[Any]:
    """The evidence of every event, the newest first."""
    return [node["evidence"] for node in (await api.execute(LEDGER))["nodes"]]


async def test_the_team_reads_the_text_that_a_recipient_was_shown(
    api: Api, brands: Brands, alice: int, clock: Clock
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient(evidence=SHOWN))
    [proof] = await evidence_of_events(api.using(await token("preferences:read")))
    wording = proof.pop("wording")
    assert proof == {
        "ipAddress": "203.0.113.9",
        "userAgent": "Firefox",
        "url": "http://sayso.test/p",
        "locale": "en",
    }
    assert (wording["text"], wording["locale"]) == (PAGE, "en")
    assert wording["firstShownAt"] == "2026-05-04T12:00:00Z"
    assert len(wording["digest"]) == 64


async def test_events_with_the_same_shown_text_refer_to_the_same_wording(
    api: Api, brands: Brands, alice: int, bob: int
) -> None:
    for recipient_id in (alice, bob):
        await update_preferences(recipient_id, [(brands.digest, EMAIL, IN)], by_recipient(evidence=SHOWN))
    first, second = await evidence_of_events(api)
    assert first["wording"] == second["wording"]
    again = await api.execute(
        "query ($id: ID!) { node(id: $id) { id ... on ShownWording { text } } }", id=first["wording"]["id"]
    )
    assert again == {"id": first["wording"]["id"], "text": PAGE}


async def test_a_wording_passed_by_an_integration_is_returned(api: Api, brands: Brands) -> None:
    input = {"ipAddress": "203.0.113.7", "wording": "I want the weekly digest."}
    change = {"subscriptionType": "weekly-digest", "status": "OPTED_IN"}
    bases = {"legalBasis": "CONSENT_WITH_NOTICE", "processingBasis": "PROCESS_AND_STORE"}
    update = {"recipient": {"email": ALICE}, "changes": [change], **bases, "explanation": "Our shop's form."}
    payload = await api.execute(UPDATE, i={**update, "evidence": input})
    assert payload["outcomes"] == [{"changed": True}], payload
    [proof] = await evidence_of_events(api)
    assert (proof["ipAddress"], proof["url"], proof["locale"]) == ("203.0.113.7", None, None)
    assert (proof["wording"]["text"], proof["wording"]["locale"]) == ("I want the weekly digest.", None)


async def test_an_event_without_evidence_returns_null(api: Api, brands: Brands, alice: int) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_team())  # an explanation alone
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    assert await evidence_of_events(api) == [None, None]


async def test_the_wording_is_null_if_only_the_page_is_known(api: Api, brands: Brands, alice: int) -> None:
    proof = EvidenceFacts(url="sms:+44123")
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient(evidence=proof))
    [shown] = await evidence_of_events(api)
    assert (shown["url"], shown["wording"]) == ("sms:+44123", None)


async def test_evidence_is_null_after_an_erasure(api: Api, brands: Brands) -> None:
    """R36"""
    alice, bob = await contacts.create(email=ALICE), await contacts.create(email=BOB)
    for contact in (alice, bob):
        assert contact.email_recipient_id
        press = by_recipient(evidence=SHOWN)
        await update_preferences(contact.email_recipient_id, [(brands.digest, EMAIL, OUT)], press)
    await erase_contact(alice, TEAM)
    of_bob, of_alice = await evidence_of_events(api)
    assert of_alice is None
    assert of_bob["wording"]["text"] == PAGE


async def test_reading_a_wording_needs_the_scope_preferences_read(
    api: Api, brands: Brands, alice: int
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient(evidence=SHOWN))
    [proof] = await evidence_of_events(api)
    other = api.using(await token("contacts:read"))
    code, _ = await other.first_error("query ($id: ID!) { node(id: $id) { id } }", id=proof["wording"]["id"])
    assert code == "FORBIDDEN"


async def test_evidence_takes_one_statement_for_any_page_and_none_if_it_is_not_selected(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 30)
    await api.execute("{ viewer { name } }")  # notes the token's use, once a minute
    counted = CountedStatements(monkeypatch)
    counts = {}
    for fields in ("id", f"id {EVIDENCE}"):
        for size in (1, 30):
            counted.statements.clear()
            page = f"history(first: 5) {{ nodes {{ {fields} }} }}"
            await api.execute(f"{{ contacts(first: {size}) {{ nodes {{ {page} }} }} }}")
            counts[fields[:4], size] = len(counted.statements)
            expected = 1 if "evidence" in fields else 0
            assert sum("shown_wordings" in sql for sql in counted.statements) == expected
    # Without evidence one statement reads contacts with their history; evidence is read the ordinary way.
    assert counts["id", 1] == counts["id", 30] == counts["id e", 1] - 2 == counts["id e", 30] - 2


def test_evidence_counts_towards_the_cost() -> None:
    """A page of ten: the connection, ten events, ten proofs, ten wordings."""
    query = "{ consentEvents(first: 10) { nodes { evidence { wording { text } } } } }"
    document = parse(query)
    [operation] = document.definitions
    assert CostCalculator(graphql_schema, document).operation(operation).total({}) == 1 + 10 * 3  # type: ignore[arg-type]
