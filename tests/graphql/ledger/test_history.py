"""Conditions on the ledger and on histories: by unit, type, channel, kind, status, origin and time."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.history import events as history
from preference_center.history.events import EventFilter
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.preferences import changes
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from tests.conftest import ALICE, ALICE_PHONE, BOB, Brands, by_recipient, by_team
from tests.graphql.conftest import Api
from tests.graphql.many_contacts import create_contacts
from tests.graphql.paging import read_all
from tests.graphql.statements import CountedStatements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
IN, OUT, NEITHER = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT, PreferenceStatus.NOT_OPTED
SHOWN = "{ totalCount nodes { kind channel origin after subscriptionType { key } businessUnit { key } } }"
LISTS = {
    "ledger": f"{{ found: consentEvents%s {SHOWN} }}",
    "recipient": f'{{ recipient(by: {{email: "{ALICE}"}}) {{ found: history%s {SHOWN} }} }}',
    "contact": f'{{ contact(by: {{email: "{ALICE}"}}) {{ found: history%s {SHOWN} }} }}',
}
Event = tuple[str, str, str, str, str | None, str]
IN_TO_DIGEST: Event = ("STATUS", "EMAIL", "IMPORT", "OPTED_IN", "weekly-digest", "acme")
RESET_DIGEST: Event = ("STATUS", "EMAIL", "CONTACT_RECORD", "NOT_OPTED", "weekly-digest", "acme")
OUT_OF_LETTERS: Event = ("STATUS", "EMAIL", "ONE_CLICK", "OPTED_OUT", "letters", "bazaar")
OUT_OF_ALL: Event = ("STATUS", "EMAIL", "UNSUBSCRIBE_LINK", "OPTED_OUT", None, "bazaar")
PAUSED: Event = ("PAUSE", "EMAIL", "CONTACT_RECORD", "NOT_OPTED", None, "acme")
OUT_OF_ALERTS: Event = ("STATUS", "SMS", "KEYWORD", "OPTED_OUT", "alerts", "bazaar")
BY_EMAIL = [PAUSED, OUT_OF_ALL, OUT_OF_LETTERS, RESET_DIGEST, IN_TO_DIGEST]


@pytest.fixture
async def told(api: Api, brands: Brands, alice: int, alice_phone: int) -> Api:
    """The API with the events of Alice's two addresses: those of BY_EMAIL, and before them one by SMS."""
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    email, acme, bazaar = Channel.EMAIL, brands.acme, brands.bazaar
    for intent, provenance in (
        (Intent(alice_phone, Channel.SMS, OUT, bazaar, brands.alerts), by_recipient(ConsentOrigin.KEYWORD)),
        (Intent(alice, email, IN, acme, brands.digest), by_team(ConsentOrigin.IMPORT)),
        (Intent(alice, email, NEITHER, acme, brands.digest), by_team()),
        (Intent(alice, email, OUT, bazaar, brands.letters), by_recipient(ConsentOrigin.ONE_CLICK)),
        (Intent(alice, email, OUT, bazaar), by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK)),
    ):
        await record([intent], provenance)
    await changes.pause(alice, email, acme, database.now() + timedelta(days=5), by_team())
    return api


async def listed(api: Api, where: str, arguments: str) -> list[Event]:
    """The events that a list shows, newest first. `totalCount` agrees."""
    answer = await api.execute(LISTS[where] % (f"({arguments})" if arguments else ""))
    page = answer if where == "ledger" else answer["found"]
    assert page["totalCount"] == len(page["nodes"])
    return [
        (
            event["kind"],
            event["channel"],
            event["origin"],
            event["after"],
            event["subscriptionType"] and event["subscriptionType"]["key"],
            event["businessUnit"]["key"],
        )
        for event in page["nodes"]
    ]


@pytest.mark.parametrize(
    ("arguments", "expected"),
    [
        ("", BY_EMAIL),
        ("channels: [EMAIL]", BY_EMAIL),
        ("channels: [WHATSAPP]", []),
        ("channels: []", []),
        ("kinds: [PAUSE]", [PAUSED]),
        ("kinds: [STATUS]", BY_EMAIL[1:]),
        ("kinds: [STATUS, PAUSE]", BY_EMAIL),
        ("kinds: []", []),
        ("statuses: [OPTED_OUT]", [OUT_OF_ALL, OUT_OF_LETTERS]),
        ("statuses: [NOT_OPTED]", [RESET_DIGEST]),
        ("statuses: [OPTED_IN, NOT_OPTED]", [RESET_DIGEST, IN_TO_DIGEST]),
        ("statuses: []", []),
        ('subscriptionTypes: ["weekly-digest"]', [RESET_DIGEST, IN_TO_DIGEST]),
        ('subscriptionTypes: ["letters", "alerts"]', [OUT_OF_LETTERS]),
        ("subscriptionTypes: []", []),
        ("origins: [UNSUBSCRIBE_LINK, ONE_CLICK]", [OUT_OF_ALL, OUT_OF_LETTERS]),
        ('businessUnit: "acme"', [PAUSED, RESET_DIGEST, IN_TO_DIGEST]),
        ('businessUnit: "bazaar", statuses: [OPTED_OUT], origins: [ONE_CLICK]', [OUT_OF_LETTERS]),
        ('recordedAt: {before: "2020-01-01T00:00:00Z"}', []),
        ('recordedAt: {from: "2020-01-01T00:00:00Z"}', BY_EMAIL),
        ("channels: null, kinds: null, statuses: null, subscriptionTypes: null", BY_EMAIL),
    ],
)
async def test_each_list_of_events_takes_the_same_conditions(
    told: Api, arguments: str, expected: list[Event]
) -> None:
    assert await listed(told, "recipient", arguments) == expected
    of_alice = f'recipient: {{email: "{ALICE}"}}, {arguments}'
    assert await listed(told, "ledger", of_alice) == expected
    by_phone = [event for event in await listed(told, "contact", arguments) if event[1] == "SMS"]
    assert await listed(told, "contact", arguments) == expected + by_phone


async def test_the_history_of_a_contact_is_that_of_all_its_addresses(told: Api) -> None:
    assert await listed(told, "contact", "") == [*BY_EMAIL, OUT_OF_ALERTS]
    assert await listed(told, "contact", "channels: [SMS, WHATSAPP]") == [OUT_OF_ALERTS]
    assert await listed(told, "contact", 'businessUnit: "bazaar"') == [
        OUT_OF_ALL,
        OUT_OF_LETTERS,
        OUT_OF_ALERTS,
    ]
    assert await listed(told, "ledger", "channels: [SMS]") == [OUT_OF_ALERTS]


async def test_one_selection_may_show_several_parts_of_a_history(told: Api) -> None:
    answer = await told.execute(
        f"""{{ contact(by: {{email: "{ALICE}"}}) {{ pauses: history(kinds: [PAUSE]) {{ totalCount }}
          out: history(statuses: [OPTED_OUT], first: 1) {{ totalCount nodes {{ channel }} }}
          last: history(last: 1) {{ nodes {{ channel }} }} }} }}"""
    )
    assert answer == {
        "pauses": {"totalCount": 1},
        "out": {"totalCount": 3, "nodes": [{"channel": "EMAIL"}]},
        "last": {"nodes": [{"channel": "SMS"}]},
    }


@pytest.mark.parametrize("backwards", [False, True])
async def test_pages_of_a_history_with_conditions_have_every_event_once(told: Api, backwards: bool) -> None:
    query = f"""query ($first: Int, $after: String, $last: Int, $before: String) {{
      contact(by: {{email: "{ALICE}"}}) {{ history(first: $first, after: $after, last: $last, before: $before,
        statuses: [OPTED_OUT]) {{ nodes {{ id }}
        pageInfo {{ hasNextPage hasPreviousPage startCursor endCursor }} }} }} }}"""

    async def read_page(**arguments: Any) -> tuple[list[str], dict[str, Any]]:
        page = (await told.execute(query, **arguments))["history"]
        return [event["id"] for event in page["nodes"]], page["pageInfo"]

    assert len(set(await read_all(read_page, 2, backwards=backwards))) == 3


@on_sqlite
@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ('subscriptionTypes: ["letters", "unknown"]', ["subscriptionTypes", "1"]),
        ('businessUnit: "unknown"', ["businessUnit"]),
    ],
)
@pytest.mark.parametrize("where", LISTS)
async def test_an_unknown_key_is_refused(told: Api, where: str, arguments: str, field: list[str]) -> None:
    assert await told.first_error(LISTS[where] % f"({arguments})") == ("BAD_USER_INPUT", field)


async def test_nobody_has_a_history_of_another_recipient(told: Api, bob: int) -> None:
    assert await listed(told, "ledger", f'recipient: {{email: "{BOB}"}}, statuses: [OPTED_OUT]') == []
    for by, own in ((f'phone: "{ALICE_PHONE}"', ["SMS"]), (f'email: "{ALICE}"', ["EMAIL"] * len(BY_EMAIL))):
        answer = await told.execute(f"{{ recipient(by: {{{by}}}) {{ history {{ nodes {{ channel }} }} }} }}")
        assert [each["channel"] for each in answer["history"]["nodes"]] == own


@on_sqlite
async def test_histories_with_conditions_take_as_many_statements_for_a_list_as_for_one(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 20)
    query = """query ($n: Int) { contacts(first: $n) { nodes {
      history(statuses: [OPTED_OUT]) { nodes { id } } } } }"""
    await api.execute(query, n=1)
    statements = CountedStatements(monkeypatch)
    await api.execute(query, n=1)
    one = statements.take()
    await api.execute(query, n=20)
    assert statements.take() == one


@on_sqlite
@pytest.mark.parametrize(
    ("wanted", "index"),
    [
        (EventFilter(channels=(Channel.SMS,)), "consent_events_by_channel"),
        (EventFilter(channels=(Channel.WHATSAPP, Channel.SMS)), "consent_events_by_channel"),
        (EventFilter(about_pause=frozenset([True])), "consent_events_of_pauses"),
        (EventFilter(statuses=(NEITHER,)), "consent_events_of_not_opted"),
        (EventFilter(subscription_type_ids=(1, 2)), "consent_events_of_type"),
        (EventFilter(origins=(ConsentOrigin.KEYWORD,)), "consent_events_by_origin"),
        (EventFilter(business_unit_id=1), "consent_events_of_unit"),
        (EventFilter(recipient_id=1), "consent_events_of_recipient"),
    ],
)
async def test_the_ledger_is_read_by_an_index_for_each_condition(
    db: object, monkeypatch: pytest.MonkeyPatch, wanted: EventFilter, index: str
) -> None:
    fetch, plans = database.fetch, []

    async def explained(sql: str, *values: Any) -> Any:
        plans.append(" ".join(row["detail"] for row in await fetch(f"EXPLAIN QUERY PLAN {sql}", *values)))
        return await fetch(sql, *values)

    monkeypatch.setattr(database, "fetch", explained)
    await history.events(wanted, KeysetRange(51))
    await history.count(wanted)
    assert [index in plan for plan in plans] == [True, True], plans
