"""Pending opt-ins over GraphQL, and sending their confirmations again (R19)."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.changes import archive_type
from preference_center.outbox import delivery as outbox
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands, Clock, by_recipient, update_preferences
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts, email
from tests.graphql.recipients.test_preferences import BASIS, change, update
from tests.graphql.statements import CountedStatements
from tests.http.records import dump

RESEND = """mutation ($i: ResendConfirmationInput!) { resendConfirmation(input: $i) {
  sent userErrors { code field } } }"""
WAITING = """query ($by: RecipientRef!) { recipient(by: $by) { preferences { subscriptionType { key }
  pendingOptIn { requestedAt expiresAt origin confirmationsSent } } } }"""
OFFERS = {"recipient": {"email": ALICE}, "subscriptionType": "offers"}


async def pending_opt_ins(api: Api, **by: str) -> dict[str, Any]:
    """What waits, by type."""
    seen = await api.execute(WAITING, by=by or {"email": ALICE})
    return {
        each["subscriptionType"]["key"]: each["pendingOptIn"]
        for each in seen["preferences"]
        if each["pendingOptIn"]
    }


async def test_a_pending_opt_in_is_shown_with_its_dates_until_it_lapses(api: Api, clock: Clock) -> None:
    await update(api, change("offers", "OPTED_IN"), change("letters", "OPTED_IN"), **BASIS)
    assert await pending_opt_ins(api) == {
        "offers": {
            "requestedAt": "2026-05-04T12:00:00Z",
            "expiresAt": "2026-05-11T12:00:00Z",
            "origin": "CONTACT_RECORD",
            "confirmationsSent": 1,
        }
    }
    clock.forward(days=6, hours=23, minutes=59, seconds=59)
    assert set(await pending_opt_ins(api)) == {"offers"}
    clock.forward(seconds=1)
    assert await pending_opt_ins(api) == {}


async def test_requesting_a_pending_opt_in_again_leaves_it_pending(api: Api) -> None:
    await update(api, change("offers", "OPTED_IN"), **BASIS)
    (outcome,) = (await update(api, change("offers", "OPTED_IN"), **BASIS))["outcomes"]
    assert (outcome["changed"], outcome["pending"], outcome["error"]) == (False, True, None)
    (other,) = (await update(api, change("letters", "OPTED_OUT")))["outcomes"]
    assert not other["pending"]


async def test_pending_opt_ins_take_no_statement_for_each_contact(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 30)
    for count in range(3):
        input = {"recipient": {"email": email(count)}, "changes": [change("offers", "OPTED_IN")]}
        await api.execute("mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i)"
                      " { userErrors { code } } }", i={**input, **BASIS})  # fmt: skip
    await api.execute("{ viewer { name } }")
    counted = CountedStatements(monkeypatch)
    for fields in ("pendingOptIn { expiresAt }", "eligibility { reason }"):
        counted.statements.clear()
        page = await api.execute(f"{{ contacts(first: 30) {{ nodes {{ preferences {{ {fields} }} }} }} }}")
        assert len(page["nodes"]) == 30
        assert len(counted.statements) == 2  # the token, and the contacts with their states
    waits = await api.execute("{ contacts(first: 30) { nodes { preferences { pendingOptIn { origin } } } } }")
    assert sum(p["pendingOptIn"] is not None for c in waits["nodes"] for p in c["preferences"]) == 3


async def test_a_confirmation_is_sent_again_within_the_limits(api: Api, clock: Clock) -> None:
    await update(api, change("offers", "OPTED_IN"), **BASIS)
    limited = {"sent": False, "userErrors": [{"code": "LIMIT_EXCEEDED", "field": ["recipient"]}]}
    assert await api.execute(RESEND, i=OFFERS) == limited
    for count in range(2, 6):
        clock.forward(minutes=10)
        assert await api.execute(RESEND, i=OFFERS) == {"sent": True, "userErrors": []}
        assert (await pending_opt_ins(api))["offers"]["confirmationsSent"] == count
    clock.forward(days=1)
    assert await api.execute(RESEND, i=OFFERS) == limited
    assert await outbox.deliver_due() == 5


async def test_the_confirmation_of_a_contact_is_sent_on_the_channel_in_the_input(
    api: Api, brands: Brands, clock: Clock
) -> None:
    payload = await api.execute(
        "mutation ($i: CreateContactInput!) { createContact(input: $i) { contact { id } } }",
        i={"email": ALICE, "phone": ALICE_PHONE},
    )
    await api.execute(
        "mutation ($i: UpdateSubscriptionTypeInput!) { updateSubscriptionType(input: $i)"
        " { userErrors { code } } }",
        i={"key": "alerts", "doubleOptIn": True},
    )
    alice = {"contact": payload["contact"]["id"]}
    input = {"recipient": alice, "changes": [change("alerts", "OPTED_IN", "SMS")], **BASIS}
    await api.execute("mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i)"
                  " { userErrors { code } } }", i=input)  # fmt: skip
    clock.forward(minutes=10)
    alerts = {"recipient": alice, "subscriptionType": "alerts"}
    nothing = {"sent": False, "userErrors": [{"code": "NOT_FOUND", "field": ["recipient"]}]}
    assert await api.execute(RESEND, i=alerts) == nothing  # by email nothing waits
    assert await api.execute(RESEND, i={**alerts, "channel": "SMS"}) == {"sent": True, "userErrors": []}
    assert (await pending_opt_ins(api, phone=ALICE_PHONE))["alerts"]["confirmationsSent"] == 2


async def test_a_confirmation_that_cannot_be_sent_is_a_user_error_and_changes_nothing(
    api: Api, brands: Brands, alice: int, clock: Clock
) -> None:
    await update(api, change("offers", "OPTED_IN"), **BASIS)
    clock.forward(hours=1)
    await api.execute("{ viewer { name } }")  # notes the token's use
    before = await dump()
    for input, code, field in (
        ({"recipient": {"email": BOB}}, "NOT_FOUND", ["recipient"]),
        ({"recipient": {"email": "nobody"}}, "INVALID_ADDRESS", ["recipient", "email"]),
        ({"recipient": {"phone": ALICE_PHONE}}, "ADDRESS_MISSING", ["recipient"]),
        ({"channel": "SMS"}, "ADDRESS_MISSING", ["recipient"]),
        ({"subscriptionType": "letters"}, "NOT_FOUND", ["recipient"]),
        ({"subscriptionType": "unknown"}, "NOT_FOUND", ["subscriptionType"]),
    ):
        refused = await api.execute(RESEND, i={**OFFERS, **input})
        assert refused == {"sent": False, "userErrors": [{"code": code, "field": field}]}
    assert await dump() == before
    await update_preferences(
        alice, [(brands.offers, Channel.EMAIL, PreferenceStatus.OPTED_OUT)], by_recipient()
    )
    ended = await api.execute(RESEND, i=OFFERS)
    assert ended["userErrors"] == [{"code": "NOT_FOUND", "field": ["recipient"]}]


async def test_no_confirmation_is_sent_for_an_archived_type(api: Api, clock: Clock) -> None:
    await update(api, change("offers", "OPTED_IN"), **BASIS)
    clock.forward(hours=1)
    await archive_type("offers")
    refused = await api.execute(RESEND, i=OFFERS)
    assert refused["userErrors"] == [{"code": "TYPE_ARCHIVED", "field": ["subscriptionType"]}]
