"""`updatePreferences(dryRun: true)` decides like the real update, and writes nothing."""

from __future__ import annotations

import random
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.ledger import listeners
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Trigger
from preference_center.rules.workflows import Action
from preference_center.storage import database
from preference_center.workflows import definitions
from schema.contract.ids import global_id
from tests.conftest import ALICE, ALICE_PHONE, Brands, Clock, by_recipient, by_team, update_preferences
from tests.graphql.conftest import Api, token

ACTION = "{ allowed code message requires }"
PREFERENCE = f"""{{ subscriptionType {{ key }} channel status origin legalBasis explanation changedAt
  pendingOptIn {{ origin requestedAt confirmationsSent }} eligibility {{ allowed reason }}
  actions {{ subscribe {ACTION} resubscribe {ACTION} unsubscribe {ACTION} resendConfirmation {ACTION} }} }}"""
UPDATE = f"""mutation ($i: UpdatePreferencesInput!) {{ updatePreferences(input: $i) {{
  recipient {{ address preferences {PREFERENCE} optOutsOfAll {{ channel origin removable {ACTION} }} }}
  outcomes {{ subscriptionType {{ key }} channel status changed pending error {{ code message field }}
    preference {PREFERENCE} }}
  userErrors {{ code message field }} }} }}"""
EMAIL = Channel.EMAIL
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
KEYS = ["weekly-digest", "offers", "receipts", "letters", "internal-notes", "unknown"]
GROUNDS: dict[str, list[Any]] = {
    "legalBasis": [None, "CONSENT_WITH_NOTICE", "CONSENT_WITH_NOTICE", "PROCESS_AND_STORE"],
    "processingBasis": [None, "PROCESS_AND_STORE", "CONSENT_WITH_NOTICE"],
    "explanation": [None, "Asked at the fair.", "Asked at the fair.", "x" * 2_001],
    "occurredAt": [None, None, "2026-01-01T00:00:00Z", "2100-01-01T00:00:00Z"],
    "evidence": [None, {"ipAddress": "192.0.2.1", "wording": "Yes, please."}, {"ipAddress": "nowhere"}],
}


async def everything() -> dict[str, list[str]]:
    """All rows of all tables, but for when tokens were last used."""
    if database.dialect() == "postgres":
        named = "SELECT tablename AS name FROM pg_tables WHERE schemaname = current_schema()"
    else:
        named = "SELECT name FROM sqlite_master WHERE type = 'table'"
    names = {row["name"] for row in await database.fetch(named)} - {"access_tokens", "sqlite_sequence"}
    return {
        name: sorted(repr(tuple(dict(row).items())) for row in await database.fetch(f"SELECT * FROM {name}"))
        for name in names
    }


async def with_a_past(brands: Brands) -> None:
    """Make Alice a contact about whom something was decided, and a workflow that would react."""
    row = await contacts.create(email=ALICE, phone=ALICE_PHONE)
    assert row.email_recipient_id
    assert row.phone_recipient_id
    await update_preferences(row.email_recipient_id, [(brands.letters, EMAIL, OUT)], by_recipient())
    await update_preferences(row.email_recipient_id, [(brands.receipts, EMAIL, OUT)], by_team())
    await update_preferences(row.email_recipient_id, [(brands.offers, EMAIL, IN)], by_team())
    await definitions.create(
        name="Reacts",
        triggers=[Trigger.PREFERENCE_CHANGED, Trigger.CONTACT_UPDATED],
        actions=[Action(EMAIL, ("receipts",), OUT)],
    )


def generated(seed: int, contact: str) -> dict[str, Any]:
    """An input, right or wrong."""
    choose = random.Random(seed)
    recipient, channels = choose.choice(
        [
            ({"email": ALICE}, ["EMAIL"]),
            ({"email": f"new{seed}@example.com"}, ["EMAIL"]),
            ({"phone": ALICE_PHONE}, ["SMS", "WHATSAPP"]),
            ({"contact": contact}, ["EMAIL", "SMS"]),
        ]
    )
    is_odd = choose.random() < 0.25
    changes = [
        {
            "subscriptionType": choose.choice(KEYS if is_odd else KEYS[:-1]),
            "channel": choose.choice(["EMAIL"] if is_odd else channels),
            "status": choose.choice(["OPTED_IN", "OPTED_IN", "NOT_OPTED", "OPTED_OUT"]),
        }
        for _ in range(choose.randrange(1 - is_odd, 4))
    ]
    grounds = {name: choose.choice(values if is_odd else values[:-1]) for name, values in GROUNDS.items()}
    return {"recipient": recipient, "changes": changes, **grounds}


@pytest.mark.parametrize("origin", [ConsentOrigin.CONTACT_RECORD, ConsentOrigin.INTEGRATION])
async def test_a_dry_run_answers_like_the_update_and_writes_nothing(
    api: Api, brands: Brands, clock: Clock, origin: ConsentOrigin, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each update follows those before it, so that all kinds of states are met."""
    heard: list[int] = []
    monkeypatch.setattr(listeners, "listeners", [lambda _, recorded: heard.append(recorded)])
    await with_a_past(brands)
    caller = api.using(await token("admin", origin=origin))
    contact = (await caller.execute("{ contacts { nodes { id } } }"))["nodes"][0]["id"]
    changed = 0
    for seed in range(50):
        wanted = generated(seed, contact)
        before, heard_before = await everything(), len(heard)
        rehearsed = await caller.execute(UPDATE, i={**wanted, "dryRun": True})
        assert (await everything(), len(heard)) == (before, heard_before), wanted
        made = await caller.execute(UPDATE, i=wanted)
        assert rehearsed == made, wanted
        changed += any(outcome["changed"] for outcome in made["outcomes"])
    assert changed > 10


async def test_a_dry_run_for_an_unknown_address_shows_a_recipient_that_nobody_has(
    api: Api, brands: Brands
) -> None:
    i = {
        "recipient": {"email": ALICE},
        "changes": [{"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}],
        "dryRun": True,
    }
    document = """mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) {
      recipient { id address history { nodes { after } } preferences { status } } contact { id } } }"""
    payload = await api.execute(document, i=i)
    assert payload["recipient"]["address"] == ALICE
    assert "OPTED_OUT" in {each["status"] for each in payload["recipient"]["preferences"]}
    assert payload["recipient"]["history"]["nodes"] == []
    assert payload["recipient"]["id"] == global_id("Recipient", 0)
    assert payload["contact"] is None
    node = "query ($id: ID!) { node(id: $id) { id } }"
    assert await api.execute(node, id=payload["recipient"]["id"]) is None
    assert await recipients.find(parse(ALICE)) is None


async def test_a_dry_run_needs_to_read_what_it_tells(api: Api, brands: Brands, alice: int) -> None:
    """Without writing, it would answer one question about a person after another."""
    contact = await contacts.create(email=ALICE)
    change = {"subscriptionType": "weekly-digest", "status": "OPTED_OUT"}
    update = "mutation ($i: UpdatePreferencesInput!) { updatePreferences(input: $i) { userErrors { code } } }"
    by_email, by_id = {"email": ALICE}, {"contact": global_id("Contact", contact.id)}
    writes, reads = await token("preferences:write"), await token("preferences:write", "preferences:read")
    everything_needed = await token("preferences:write", "preferences:read", "contacts:read")
    for held, ref, refused in (
        (writes, by_email, "preferences:read"),
        (reads, by_email, None),
        (reads, by_id, "contacts:read"),
        (everything_needed, by_id, None),
    ):
        i = {"recipient": ref, "changes": [change], "dryRun": True}
        answer = await api.using(held).run(update, i=i)
        scope = answer["errors"][0]["extensions"]["scope"] if "errors" in answer else None
        assert scope == refused, ref
