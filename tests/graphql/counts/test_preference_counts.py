"""Recipients counted by subscription type, channel and status, and the numbers of badges."""

from __future__ import annotations

from typing import Any

import pytest

from preference_center.catalog.changes import archive_type
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import Brands, by_recipient, by_team
from tests.graphql.conftest import Api, token
from tests.graphql.many_contacts import create_contacts
from tests.graphql.statements import CountedStatements

on_sqlite = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
COUNTS = """query ($unit: Key) { preferenceCounts(businessUnit: $unit) {
  businessUnit { key } subscriptionType { key } channel status count } }"""
BADGES = "{ badges { messagesToReview runningOperations } }"
Counted = dict[tuple[str, str | None, str, str], int]


async def counted(api: Api, unit: str | None = None) -> Counted:
    rows: list[dict[str, Any]] = await api.execute(COUNTS, unit=unit)
    found = {
        (
            row["businessUnit"]["key"],
            row["subscriptionType"] and row["subscriptionType"]["key"],
            row["channel"],
            row["status"],
        ): row["count"]
        for row in rows
    }
    assert len(found) == len(rows)
    return found


def only_some(counts: Counted) -> Counted:
    return {key: count for key, count in counts.items() if count}


async def test_recipients_are_counted_by_type_channel_and_status(
    api: Api, brands: Brands, alice_phone: int
) -> None:
    await create_contacts(brands, 20)
    out, neither = PreferenceStatus.OPTED_OUT, PreferenceStatus.NOT_OPTED
    await record([Intent(alice_phone, Channel.SMS, out, brands.bazaar, brands.alerts)], by_recipient())
    await record([Intent(alice_phone, Channel.WHATSAPP, out, brands.acme)], by_team())
    await record([Intent(alice_phone, Channel.SMS, neither, brands.bazaar, brands.alerts)], by_team())
    assert only_some(await counted(api)) == {
        ("acme", "weekly-digest", "EMAIL", "OPTED_IN"): 13,
        ("acme", "weekly-digest", "EMAIL", "OPTED_OUT"): 7,
        ("acme", None, "WHATSAPP", "OPTED_OUT"): 1,
        ("bazaar", "letters", "EMAIL", "OPTED_IN"): 20,
        ("bazaar", None, "EMAIL", "OPTED_OUT"): 2,
        ("bazaar", "alerts", "SMS", "NOT_OPTED"): 1,
    }


async def test_a_unit_has_a_count_for_every_status_of_what_it_offers(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 4)
    both, one = await counted(api), await counted(api, "bazaar")
    assert one == {key: count for key, count in both.items() if key[0] == "bazaar"}
    statuses = [key[3] for key in one if key[1:3] == ("alerts", "SMS")]
    assert statuses == ["OPTED_IN", "NOT_OPTED", "OPTED_OUT"]
    assert [key[2] for key in one if key[1] is None] == ["EMAIL", "SMS", "WHATSAPP"]
    assert ("bazaar", "letters", "SMS", "OPTED_IN") not in one


async def test_an_archived_type_is_listed_with_what_was_recorded(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 3)
    await archive_type(key="letters", archived=True)
    of_letters = {key[3]: count for key, count in (await counted(api)).items() if key[1] == "letters"}
    assert of_letters == {"OPTED_IN": 3}


@on_sqlite
async def test_counting_takes_one_statement(
    api: Api, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await create_contacts(brands, 3)
    statements = CountedStatements(monkeypatch)
    await api.execute("{ viewer { name } }")
    none = statements.take()
    await counted(api)
    assert statements.take() == none + 1
    await api.execute(BADGES)
    assert statements.take() == none + 2


@on_sqlite
async def test_counts_of_an_unknown_unit_are_refused(api: Api) -> None:
    assert await api.first_error(COUNTS, unit="unknown") == ("BAD_USER_INPUT", ["businessUnit"])


async def test_badges_count_unfinished_operations(api: Api, brands: Brands) -> None:
    await create_contacts(brands, 3)
    assert await api.execute(BADGES) == {"messagesToReview": 0, "runningOperations": 0}
    await api.execute(
        'mutation { bulkUpdatePreferences(input: {contacts: {filter: {}}, subscriptionTypes: ["letters"],'
        ' status: OPTED_OUT, explanation: "The newsletter ends."}) { operation { id } } }'
    )
    assert await api.execute(BADGES) == {"messagesToReview": 0, "runningOperations": 1}


@on_sqlite
async def test_each_badge_needs_its_own_scope_and_the_other_is_shown(api: Api) -> None:
    reader = api.using(await token("preferences:read"))
    answer = await reader.run(BADGES)
    assert answer["data"]["badges"] == {"messagesToReview": 0, "runningOperations": None}
    assert [error["extensions"]["scope"] for error in answer["errors"]] == ["contacts:read"]
    answer = await api.using(await token("contacts:read")).run(BADGES)
    assert answer["data"]["badges"] == {"messagesToReview": None, "runningOperations": 0}
