"""The consent record, in words and as ISO/IEC TS 27560 (GDPR 7(1), 15; R18, R31, R33, R36)."""

from __future__ import annotations

import html
import json
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest
from jsonschema import Draft202012Validator

from preference_center.contacts import contacts
from preference_center.ledger.types import EvidenceFacts
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.inactive_links import make_inactive
from tests.http.pages.two_addresses import TwoAddresses
from tests.http.records import changes, dump
from tests.http.visit import Links, Visit, open_page, press

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
UNTIL = datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC)
SCHEMA = json.loads(Path("docs/consent-record.schema.json").read_text())
PROOF = EvidenceFacts("203.0.113.9", "Firefox of Alice", "http://sayso.test/p", "☑ Weekly digest", "en")


async def record_everything(brands: Brands, recipient_id: int, clock: Clock) -> list[str]:
    """Record an event of every kind; return the expected sentences, newest first."""
    own, team = by_recipient(evidence=PROOF), by_team()
    await update_preferences(recipient_id, [(brands.digest, EMAIL, IN)], team)
    await update_preferences(recipient_id, [(brands.digest, EMAIL, OUT)], own)
    late = by_team(ConsentOrigin.INTEGRATION, occurred_at=clock.at - timedelta(days=3))
    await update_preferences(recipient_id, [(brands.digest, EMAIL, IN)], late)
    await preferences.opt_out_of_all(recipient_id, EMAIL, brands.acme, team)
    await preferences.remove_opt_out_of_all(recipient_id, EMAIL, brands.acme, team)
    await preferences.pause(recipient_id, EMAIL, brands.acme, UNTIL, team)
    await preferences.pause(recipient_id, EMAIL, brands.acme, None, team)
    await preferences.pause(recipient_id, EMAIL, brands.acme, UNTIL, own)
    await preferences.pause(recipient_id, EMAIL, brands.acme, None, own)
    await preferences.opt_out_of_all(recipient_id, EMAIL, brands.acme, own)
    await preferences.remove_opt_out_of_all(recipient_id, EMAIL, brands.acme, own)
    return [
        "You subscribed again.",
        "You unsubscribed.",
        "You ended the pause.",
        "You paused this until 1 June 2026.",
        "Acme ended the pause.",
        "Acme paused this until 1 June 2026.",
        "Acme cancelled the unsubscribe.",
        "Acme unsubscribed you.",
        "You unsubscribed.",
        "Acme added you.",
        "1 May 2026",
        "Acme added you through a form or another service.",
        "Recorded on 4 May 2026.",
    ]


def record(path: str, **more: str) -> str:
    return path + "?" + str(httpx.QueryParams({"see": "record", **more}))


async def read_file(client: httpx.AsyncClient, path: str) -> dict[str, Any]:
    """The file, validated against its schema."""
    response = await client.get(record(path, **{"as": "json"}))
    assert response.status_code == 200
    found: dict[str, Any] = response.json()
    Draft202012Validator.check_schema(SCHEMA)
    assert [error.message for error in Draft202012Validator(SCHEMA).iter_errors(found)] == []
    return found


def assert_in_order(page: Visit, sentences: list[str]) -> None:
    text, at = page.text, 0
    for sentence in sentences:
        assert sentence in text[at:], (sentence, text[at:])
        at = text.index(sentence, at) + len(sentence)


async def test_the_record_shows_every_event_newest_first(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    sentences = await record_everything(brands, alice, clock)
    path = links.manage()
    front = await open_page(client, path)
    assert "see=record" in front.links["See your history"]
    page = await open_page(client, record(path))
    assert page.response.status_code == 200
    assert_in_order(page, sentences)
    assert page.headings[:2] == ["Your history", "4 May 2026"]  # one day
    assert page.text.count("This came in late and changed nothing") == 1
    assert "Everything from Acme" in page.text
    assert "Legal basis: your consent" in page.text
    assert "Reason: Asked for it at the fair." in page.text
    assert "☑ Weekly digest" in page.text  # the text shown at the time


async def test_the_file_is_a_consent_record_for_each_purpose(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    """ISO/IEC TS 27560:2023"""
    await record_everything(brands, two.email, clock)
    await update_preferences(two.phone, [(brands.alerts, SMS, IN)], by_team())
    found = await read_file(client, links.manage())
    of_type, of_all, of_phone = found["consent_records"]
    assert len({one["record_id"] for one in found["consent_records"]}) == 3
    [purpose] = of_type["pii_processing"]["purposes"]
    assert (purpose["purpose"], purpose["purpose_name"]) == ("weekly-digest", "Weekly digest")
    assert purpose["pii_information"][0]["pii_type"] == "email address"
    assert [event["event_state"] for event in of_type["events"]] == ["given", "withdrawn", "given"]
    assert [event["sayso"]["superseded"] for event in of_type["events"]] == [False, False, True]
    assert of_type["pii_processing"]["privacy_notice"]["text"] == "☑ Weekly digest"
    states = [event["event_state"] for event in of_all["events"]]
    assert states == ["refused", "reset", "paused", "resumed", "paused", "resumed", "refused", "reset"]
    assert of_all["events"][2]["validity_duration"] == "2026-06-01T23:59:59Z"
    assert of_phone["pii_processing"]["purposes"][0]["pii_information"][0]["pii_type"] == "phone number"
    acts = {(e["event_type"], e["entity_id"]) for e in of_type["events"]}
    assert acts == {
        ("noted by the PII controller", "acme"),
        ("act of the PII principal", of_type["pii_principal_id"]),
    }


async def test_a_superseded_event_is_not_the_lawful_basis(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R17: a superseded event has no effect on the record's purpose either."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    late = by_team(ConsentOrigin.INTEGRATION, occurred_at=clock.at - timedelta(days=3))
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], late)
    [one] = (await read_file(client, links.manage()))["consent_records"]
    [purpose] = one["pii_processing"]["purposes"]
    assert purpose["collection_method"] == "PREFERENCE_PAGE"
    assert purpose["lawful_basis"] is None


async def test_the_withdraw_link_of_the_record_opts_out(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    """R31: it never expires."""
    await update_preferences(two.email, [(brands.digest, EMAIL, IN)], by_team())
    await preferences.opt_out_of_all(two.phone, SMS, brands.acme, by_team())
    found = (await read_file(client, links.manage()))["consent_records"]
    clock.forward(days=2000)
    for one in found:
        [purpose] = one["pii_processing"]["purposes"]
        url = purpose["withdrawal_method"].removeprefix("http://sayso.test")
        assert (await open_page(client, url)).response.status_code == 200
        assert (await client.post(url, data={"List-Unsubscribe": "One-Click"})).status_code == 200
    made = (await changes())[2:]
    assert ("weekly-digest", "OPTED_IN", "OPTED_OUT", "ONE_CLICK") in made
    assert all(after == "OPTED_OUT" for _, _, after, _ in made)


async def test_the_record_repeats_neither_address_nor_token(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    await record_everything(brands, two.email, clock)
    await update_preferences(two.phone, [(brands.alerts, SMS, IN)], by_team())
    path = links.manage()
    for url in (record(path), record(path, **{"as": "json"})):
        body = (await client.get(url)).text
        for secret in (ALICE, ALICE_PHONE, path.rpartition("/")[2], "203.0.113.9", "Firefox of Alice"):
            assert secret not in body
        assert "a•••@e•••.com" in body
        assert "+48•••67" in body


async def test_the_record_has_no_events_of_others(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, bob: int, links: Links, clock: Clock
) -> None:
    """R1: nor those of a number shared with another contact."""
    await update_preferences(bob, [(brands.letters, EMAIL, OUT)], by_team(explanation="Bob rang."))
    await update_preferences(two.phone, [(brands.alerts, SMS, IN)], by_team(explanation="By phone."))
    path = links.manage()
    assert "By phone." in (await client.get(record(path))).text
    await contacts.create(phone=ALICE_PHONE)
    page = await open_page(client, record(path))
    assert "Nothing has been recorded yet." in page.text
    assert (await read_file(client, path))["consent_records"] == []
    other = (await recipients.ensure([parse("new@example.com")]))[parse("new@example.com")]
    assert other not in (bob, two.email)
    assert "Bob rang." not in (await client.get(record(links.manage("new@example.com")))).text


@pytest.mark.parametrize(
    ("text", "shown"),
    [
        (f"{ALICE.upper()} and {BOB} asked.", "a•••@e•••.com and b•••@e•••.com asked."),
        ("Ask <o'neil+x@müller.example>, please.", "Ask &lt;o•••@m•••.example&gt;, please."),
        ("Rang from +48 601-234-567 and +48601999111.", "Rang from +48•••67 and +48•••11."),
        ("Rang from +48 601 999 111 2026-11-02.", "Rang from •••-11-02."),
        ("Ticket 48601234567, 5 @ 3.", "Ticket 48601234567, 5 @ 3."),
    ],
)
async def test_addresses_in_explanations_are_masked(
    client: httpx.AsyncClient,
    brands: Brands,
    two: TwoAddresses,
    bob: int,
    links: Links,
    text: str,
    shown: str,
) -> None:
    """Each recipient can read the explanation of a change to many."""
    grounds = by_team(explanation=text)
    for recipient_id in (two.email, bob):
        await update_preferences(recipient_id, [(brands.letters, EMAIL, OUT)], grounds)
    assert shown in (await client.get(record(links.manage()))).text
    [entry] = (await read_file(client, links.manage()))["consent_records"]
    assert entry["events"][0]["sayso"]["explanation"] == html.unescape(shown)


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_a_page_has_100_events_and_the_file_has_all(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    for number in range(101):
        await update_preferences(alice, [(brands.digest, EMAIL, (IN, OUT)[number % 2])], by_recipient())
    path = links.manage()
    first, second = await open_page(client, record(path)), await open_page(client, record(path, page="1"))
    assert first.response.text.count('<li class="choice">') == 100
    assert second.response.text.count('<li class="choice">') == 1
    assert ("Older" in first.links, "Newer" in first.links) == (True, False)
    assert ("Older" in second.links, "Newer" in second.links) == (False, True)
    assert len((await read_file(client, path))["consent_records"][0]["events"]) == 101
    for odd in ("-1", "x", "٣", "", "999999999"):
        assert (await client.get(record(path, page=odd))).status_code == 200
    beyond = await open_page(client, record(path, page="50"))
    assert "Nothing has been recorded yet." not in beyond.text


@pytest.mark.parametrize("reason", ["expired", "revoked", "erased"])
async def test_an_inactive_link_shows_no_record(
    client: httpx.AsyncClient,
    brands: Brands,
    alice: int,
    links: Links,
    clock: Clock,
    reason: str,
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_team())
    path = links.manage()
    await make_inactive(reason, alice, clock)
    for url in (record(path), record(path, **{"as": "json"})):
        response = await client.get(url)
        assert response.status_code == 410
        assert "Asked for it" not in response.text
        assert "content-disposition" not in response.headers


async def test_forged_links_and_links_of_other_kinds_show_no_record(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_team())
    valid = links.manage()
    forged = [valid[:-1] + ("A" if valid[-1] != "A" else "B"), "/p/damaged", "/p"]
    forged += ["/p/" + links.withdraw().rpartition("/")[2], links.withdraw()]
    for path in forged:
        assert "Asked for it" not in (await client.get(record(path, **{"as": "json"}))).text


@pytest.mark.parametrize("method", ["GET", "HEAD", "OPTIONS"])
async def test_opening_the_record_changes_nothing_and_has_private_headers(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, method: str
) -> None:
    """R33"""
    await record_everything(brands, alice, clock)
    before = await dump()
    for url in (record(links.manage()), record(links.manage(), **{"as": "json"})):
        response = await client.request(method, url)
        assert response.status_code < 300
        if method == "OPTIONS":
            continue
        assert response.headers["cache-control"] == "no-store"
        assert response.headers["referrer-policy"] == "no-referrer"
        assert response.headers["x-content-type-options"] == "nosniff"
        assert "default-src 'none'" in response.headers["content-security-policy"]
        assert "noindex" in response.headers["x-robots-tag"]
        assert "set-cookie" not in response.headers
    assert await dump() == before


async def test_the_language_switch_stays_on_the_record(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, record(path))
    assert "Nothing has been recorded yet." in page.text
    assert "see=record" in page.links["Polski"]
    assert (await open_page(client, record(path, lang="pl", chosen="1"))).lang == "pl"


async def test_the_record_shows_a_pause_with_its_shown_text(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    await press(client, path, await open_page(client, path), "30 days")
    page = await open_page(client, record(path))
    assert "You paused this until" in page.text
    assert "Your choices stay as they are." in page.text
