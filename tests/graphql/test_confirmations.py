"""Opt-ins that wait, over GraphQL: seen with what was said of them, and asked about again (R19)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.changes import archive_type
from preference_center.outbox import delivery as outbox
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands, Clock, by_recipient, update_preferences
from tests.graphql.conftest import Api
from tests.graphql.crowd import crowd, email
from tests.graphql.test_execution import Counted
from tests.graphql.test_preferences import GROUNDS, change, update
from tests.http.records import dump

RESEND = """mutation ($i: ResendConfirmationInput!) { resendConfirmation(input: $i) {
  sent userErrors { code field } } }"""
WAITING = """query ($by: RecipientRef!) { recipient(by: $by) { preferences { subscriptionType { key }
  pendingOptIn { requestedAt expiresAt origin confirmationsSent } } } }"""
OFFERS = {"recipient": {"email": ALICE}, "subscriptionType": "offers"}


async def waiting(api: Api, **by: str) -> dict[str, Any]:
    """What waits, by type."""
    seen = await api.ask(WAITING, by=by or {"email": ALICE})
    return {
        one["subscriptionType"]["key"]: one["pendingOptIn"]
        for one in seen["preferences"]
        if one["pendingOptIn"]
    }


async def test_what_waits_is_seen_with_its_days_until_it_is_confirmed_or_lapses(
    api: Api, clock: Clock
) -> None:
    await update(api, change("offers", "OPTED_IN"), change("letters", "OPTED_IN"), **GROUNDS)
    assert await waiting(api) == {
        "offers": {
            "requestedAt": "2026-05-04T12:00:00Z",
            "expiresAt": "2026-05-11T12:00:00Z",
            "origin": "CONTACT_RECORD",
            "confirmationsSent": 1,
        }
    }
    clock.forward(days=6, hours=23, minutes=59, seconds=59)
    assert set(await waiting(api)) == {"offers"}
    clock.forward(seconds=1)
    assert await waiting(api) == {}


async def test_asked_for_again_it_says_that_it_waits_still(api: Api) -> None:
    await update(api, change("offers", "OPTED_IN"), **GROUNDS)
    (outcome,) = (await update(api, change("offers", "OPTED_IN"), **GROUNDS))["outcomes"]
    assert (outcome["changed"], outcome["pending"], outcome["error"]) == (False, True, None)
    (other,) = (await update(api, change("letters", "OPTED_OUT")))["outcomes"]
    assert not other["pending"]


async def test_what_waits_takes_no_statement_for_each_contact(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await crowd(brands, 30)
    for number in range(3):
        given = {"recipient": {"email": email(number)}, "changes": [change("offers", "OPTED_IN")]}
        await api.ask("mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i)"
                      " { userErrors { code } } }", i={**given, **GROUNDS})  # fmt: skip
    await api.ask("{ viewer { name } }")
    counted = Counted(monkeypatch)
    for asked in ("pendingOptIn { expiresAt }", "eligibility { reason }"):
        counted.statements.clear()
        page = await api.ask(f"{{ contacts(first: 30) {{ nodes {{ preferences {{ {asked} }} }} }} }}")
        assert len(page["nodes"]) == 30
        assert len(counted.statements) == 3  # the token, the contacts, what holds for them
    waits = await api.ask("{ contacts(first: 30) { nodes { preferences { pendingOptIn { origin } } } } }")
    assert sum(p["pendingOptIn"] is not None for c in waits["nodes"] for p in c["preferences"]) == 3


async def test_a_confirmation_is_sent_again_and_limited(api: Api, clock: Clock) -> None:
    await update(api, change("offers", "OPTED_IN"), **GROUNDS)
    limited = {"sent": False, "userErrors": [{"code": "LIMIT_EXCEEDED", "field": ["recipient"]}]}
    assert await api.ask(RESEND, i=OFFERS) == limited
    for number in range(2, 6):
        clock.forward(minutes=10)
        assert await api.ask(RESEND, i=OFFERS) == {"sent": True, "userErrors": []}
        assert (await waiting(api))["offers"]["confirmationsSent"] == number
    clock.forward(days=1)
    assert await api.ask(RESEND, i=OFFERS) == limited
    assert await outbox.deliver_due() == 5


async def test_to_a_contact_the_message_goes_by_the_channel_that_is_asked_for(
    api: Api, brands: Brands, clock: Clock
) -> None:
    made = await api.ask(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }",
        i={"email": ALICE, "phone": ALICE_PHONE},
    )
    await api.ask(
        "mutation ($i: UpdateSubscriptionTypeInput!) { updateSubscriptionType(input: $i)"
        " { userErrors { code } } }",
        i={"key": "alerts", "doubleOptIn": True},
    )
    alice = {"contact": made["contact"]["id"]}
    asked = {"recipient": alice, "changes": [change("alerts", "OPTED_IN", "SMS")], **GROUNDS}
    await api.ask("mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i)"
                  " { userErrors { code } } }", i=asked)  # fmt: skip
    clock.forward(minutes=10)
    alerts = {"recipient": alice, "subscriptionType": "alerts"}
    nothing = {"sent": False, "userErrors": [{"code": "NOT_FOUND", "field": ["recipient"]}]}
    assert await api.ask(RESEND, i=alerts) == nothing  # by email nothing waits
    assert await api.ask(RESEND, i={**alerts, "channel": "SMS"}) == {"sent": True, "userErrors": []}
    assert (await waiting(api, phone=ALICE_PHONE))["alerts"]["confirmationsSent"] == 2


async def test_what_cannot_be_sent_again_says_why_and_changes_nothing(
    api: Api, brands: Brands, alice: int, clock: Clock
) -> None:
    await update(api, change("offers", "OPTED_IN"), **GROUNDS)
    clock.forward(hours=1)
    await api.ask("{ viewer { name } }")  # notes the token's use
    before = await dump()
    for given, code, field in (
        ({"recipient": {"email": BOB}}, "NOT_FOUND", ["recipient"]),
        ({"recipient": {"email": "nobody"}}, "INVALID_ADDRESS", ["recipient", "email"]),
        ({"recipient": {"phone": ALICE_PHONE}}, "ADDRESS_MISSING", ["recipient"]),
        ({"channel": "SMS"}, "ADDRESS_MISSING", ["recipient"]),
        ({"subscriptionType": "letters"}, "NOT_FOUND", ["recipient"]),
        ({"subscriptionType": "unknown"}, "NOT_FOUND", ["subscriptionType"]),
    ):
        refused = await api.ask(RESEND, i={**OFFERS, **given})
        assert refused == {"sent": False, "userErrors": [{"code": code, "field": field}]}
    assert await dump() == before
    await update_preferences(
        alice, [(brands.offers, Channel.EMAIL, PreferenceStatus.OPTED_OUT)], by_recipient()
    )
    ended = await api.ask(RESEND, i=OFFERS)
    assert ended["userErrors"] == [{"code": "NOT_FOUND", "field": ["recipient"]}]


async def test_nobody_is_asked_again_about_a_type_that_is_archived(api: Api, clock: Clock) -> None:
    await update(api, change("offers", "OPTED_IN"), **GROUNDS)
    clock.forward(hours=1)
    await archive_type("offers")
    refused = await api.ask(RESEND, i=OFFERS)
    assert refused["userErrors"] == [{"code": "TYPE_ARCHIVED", "field": ["subscriptionType"]}]
