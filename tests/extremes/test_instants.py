"""Times that a database or another system cannot read are refused; those that were stored once are read."""

from __future__ import annotations

import json
from datetime import UTC, datetime

import pytest

from preference_center.ledger.types import EvidenceFacts
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, Brands, by_recipient, by_team, update_preferences
from tests.extremes.client import Client
from tests.html import Page
from tests.http.visit import Links, post_form

FIRST, LAST = datetime.min.replace(tzinfo=UTC), datetime.max.replace(tzinfo=UTC)
OUT_OF_RANGE = [
    "0001-01-01T00:00:00Z",
    "0001-01-01T00:00:00+14:00",
    "1969-12-31T23:59:59.999999Z",
    "1970-01-01T00:00:00+00:01",
    "9998-12-31T23:59:59.999999-00:01",
    "9999-12-31T23:59:59.999999Z",
    "9999-12-31T23:59:59-14:00",
]
NO_INSTANT = [
    "10000-01-01T00:00:00Z",
    "-0001-01-01T00:00:00Z",
    "2016-12-31T23:59:60Z",
    "2026-01-01T00:00:00+24:00",
    "2025-01-01T00:00:00",
    "infinity",
    "",
]
OPT_OUT = """mutation ($at: DateTime) { optOutOfAll(input: {
  recipient: {email: "alice@example.com"}, businessUnit: "acme", occurredAt: $at}) {
  recipient { id } userErrors { code } } }"""
PAUSE = """mutation ($at: DateTime) { pausePreferences(input: {
  recipient: {email: "alice@example.com"}, businessUnit: "acme", until: $at}) {
  recipient { id } userErrors { code } } }"""
EVENTS = "query ($at: DateTime) { consentEvents(recordedAt: {from: $at}) { nodes { id } } }"
REASONS = "query ($at: DateTime) { leavingReasons(givenAt: {before: $at}) { count } }"


@pytest.mark.parametrize("text", [*OUT_OF_RANGE, *NO_INSTANT])
async def test_an_instant_that_not_every_reader_can_read_is_refused_and_the_error_names_it(
    client: Client, text: str
) -> None:
    for query in (OPT_OUT, PAUSE, EVENTS, REASONS):
        [error] = (await client.graphql(query, {"at": text}))["errors"]
        assert error["extensions"]["code"] == "BAD_USER_INPUT", query
        assert "at" in json.dumps(error["extensions"].get("field", error["message"]))
    written = json.dumps(text)
    [error] = (
        await client.graphql(f"{{ consentEvents(recordedAt: {{before: {written}}}) {{ totalCount }} }}")
    )["errors"][:1]
    assert error["extensions"]["code"] in ("BAD_USER_INPUT", "GRAPHQL_VALIDATION_FAILED")
    answer = await client.http.get("/exports/events", params={"from": text or "x"})
    assert (answer.status_code, answer.json()["field"]) == (400, "from")
    [row] = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert row["n"] == 0


@pytest.mark.parametrize("text", ["1970-01-01T00:00:00Z", "1970-01-01T14:00:00+14:00"])
async def test_the_first_instant_is_accepted_and_read_everywhere(client: Client, text: str) -> None:
    await client.read(OPT_OUT, {"at": text})
    await client.read(PAUSE, {"at": "9998-12-31T23:59:59.999999Z"})
    await client.read_everything()


@pytest.mark.parametrize("at", [FIRST, LAST], ids=["first", "last"])
async def test_events_with_times_that_were_once_accepted_are_readable_everywhere(
    client: Client, brands: Brands, at: datetime
) -> None:
    """PostgreSQL stores the first and the last time of Python as infinite."""
    person = (await recipients.ensure([parse(ALICE)]))[parse(ALICE)]
    proof = EvidenceFacts("203.0.113.9", "Firefox", "http://sayso.test/p", "Unsubscribe", "en")
    # What a form of a brand with a clock that stands still would have sent.
    own = by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK, occurred_at=FIRST, evidence=proof)
    await preferences.opt_out_of_all(person, Channel.EMAIL, brands.acme, own)
    change = (brands.letters, Channel.EMAIL, PreferenceStatus.OPTED_IN)
    await update_preferences(person, [change], by_team(occurred_at=FIRST))
    await preferences.pause(person, Channel.EMAIL, brands.bazaar, LAST, by_team())

    await client.read_everything()

    events = await client.export("/exports/events", "ndjson")
    assert [event["occurred_at"] for event in events[:2]] == ["0001-01-01T00:00:00.000000Z"] * 2
    assert events == await _with_null_for_empty(client)
    assert events[2]["paused_until"] == "9999-12-31T23:59:59.999999Z"
    read = await client.read("{ consentEvents { nodes { occurredAt pausedUntil } } }")
    assert (
        read["consentEvents"]["nodes"][1:]
        == [{"occurredAt": "0001-01-01T00:00:00Z", "pausedUntil": None}] * 2
    )


async def _with_null_for_empty(client: Client) -> list[dict[str, object]]:
    values: dict[str, object] = {"": None, "true": True, "false": False}
    rows = await client.export("/exports/events")
    return [{name: values.get(text, text) for name, text in row.items()} for row in rows]


async def test_who_was_opted_out_at_such_a_time_can_save_their_page_and_be_erased(
    client: Client, brands: Brands
) -> None:
    person = (await recipients.ensure([parse(ALICE)]))[parse(ALICE)]
    change = (brands.letters, Channel.EMAIL, PreferenceStatus.OPTED_OUT)
    await update_preferences(person, [change], by_recipient(occurred_at=FIRST))
    path = Links(client.settings).manage()

    page = Page((await client.http.get(path)).text)
    fields = page.form_with("Save choices").fields("Save choices")
    saved = await post_form(client.http, path, fields, follow=True)
    assert saved.status_code == 200
    withdrawn = await client.http.post(
        Links(client.settings).withdraw(), content="List-Unsubscribe=One-Click"
    )
    assert withdrawn.status_code == 200
    erased = (
        'mutation { eraseRecipient(input: {recipient: {email: "alice@example.com"}}) {userErrors {code}}}'
    )
    assert (await client.read(erased))["eraseRecipient"]["userErrors"] == []
    await client.read_everything()


async def test_an_opt_out_of_a_list_is_recorded_as_of_now_if_its_time_is_out_of_range(
    client: Client, brands: Brands
) -> None:
    """R17: an opt-out is never lost because of a clock."""
    times = [*OUT_OF_RANGE, *NO_INSTANT, "31.12.1969", "1/1/0001", "Mon Jan 01 00:00:00 1901"]
    rows = "".join(f"p{number}@example.com,{time}\n" for number, time in enumerate(times))
    answer = await client.http.post(
        "/imports/opt-outs",
        params={"business_unit": "acme", "channel": "EMAIL", "explanation": "From .NET."},
        content=f"email,occurred_at\n{rows}".encode(),
        headers={"Content-Type": "text/csv"},
    )
    assert answer.status_code == 202
    before = datetime.now(UTC)
    await client.read_everything()
    events = await client.export("/exports/events", "ndjson")
    assert len(events) == len(times)
    late = [event["address"] for event in events if event["occurred_at"][:4] != f"{before:%Y}"]
    assert late == ["p9@example.com", "p11@example.com"], "a leap second, and a time that is in UTC"
