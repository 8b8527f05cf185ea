"""Leaving reasons over GraphQL, counted by type and month."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from preference_center.ledger.types import EvidenceFacts
from preference_center.preferences import changes as preferences
from preference_center.preferences import leaving_reasons
from preference_center.rules.types import Channel, ConsentOrigin, LeavingReason, PreferenceStatus
from tests.conftest import Brands, Clock, by_recipient, update_preferences
from tests.graphql.conftest import Api, token
from tests.graphql.statements import CountedStatements

EMAIL, OUT = Channel.EMAIL, PreferenceStatus.OPTED_OUT
ON_PAGE = by_recipient(ConsentOrigin.PREFERENCE_PAGE, evidence=EvidenceFacts(shown_text="[Save choices]"))
SHOWN = "month channel reason count businessUnit { key } subscriptionType { key }"
ALL = f"{{ leavingReasons {{ {SHOWN} }} }}"
FILTERED = f"""query ($unit: Key, $type: Key, $on: Channel, $at: TimeRange) {{
  leavingReasons(businessUnit: $unit, subscriptionType: $type, channel: $on, givenAt: $at) {{ {SHOWN} }} }}"""


@pytest.fixture
async def opt_outs(brands: Brands, alice: int, bob: int, clock: Clock) -> None:
    """Alice left the digest in March; in May both left everything of Bazaar, and Bob the digest."""
    clock.at = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    await opt_out_with_reason(alice, brands, LeavingReason.NEVER_ASKED, of_all=False)
    clock.at = datetime(2026, 5, 4, tzinfo=UTC)
    await opt_out_with_reason(alice, brands, LeavingReason.TOO_MANY, of_all=True)
    await opt_out_with_reason(bob, brands, LeavingReason.TOO_MANY, of_all=True)
    await opt_out_with_reason(bob, brands, LeavingReason.OTHER, of_all=False)


async def opt_out_with_reason(
    recipient_id: int, brands: Brands, reason: LeavingReason, *, of_all: bool
) -> None:
    if of_all:
        outcome = await preferences.opt_out_of_all(recipient_id, EMAIL, brands.bazaar, ON_PAGE)
    else:
        [outcome] = await update_preferences(recipient_id, [(brands.digest, EMAIL, OUT)], ON_PAGE)
    assert outcome.event_id
    await leaving_reasons.record([outcome.event_id], [recipient_id], reason)


def row(month: str, unit: str, type_key: str | None, reason: str, count: int) -> dict[str, Any]:
    return {
        "month": month,
        "channel": "EMAIL",
        "reason": reason,
        "count": count,
        "businessUnit": {"key": unit},
        "subscriptionType": {"key": type_key} if type_key else None,
    }


MAY_DIGEST = row("2026-05", "acme", "weekly-digest", "OTHER", 1)
MAY_ALL = row("2026-05", "bazaar", None, "TOO_MANY", 2)
MARCH = row("2026-03", "acme", "weekly-digest", "NEVER_ASKED", 1)


async def test_reasons_are_counted_by_month_newest_first_and_by_type(api: Api, opt_outs: None) -> None:
    assert await api.execute(ALL) == [MAY_DIGEST, MAY_ALL, MARCH]


async def test_reasons_are_filtered_by_business_unit_type_channel_and_time(api: Api, opt_outs: None) -> None:
    assert await api.execute(FILTERED, unit="bazaar") == [MAY_ALL]
    assert await api.execute(FILTERED, type="weekly-digest") == [MAY_DIGEST, MARCH]
    assert await api.execute(FILTERED, on="SMS") == []
    assert await api.execute(FILTERED, at={"before": "2026-04-01T00:00:00Z"}) == [MARCH]
    assert await api.execute(FILTERED, at={"from": "2026-04-01T02:00:00+02:00"}) == [MAY_DIGEST, MAY_ALL]


async def test_an_invalid_condition_is_an_error_that_names_the_argument(api: Api, opt_outs: None) -> None:
    assert await api.first_error(FILTERED, unit="nobody") == ("BAD_USER_INPUT", ["businessUnit"])
    assert await api.first_error(FILTERED, type="nothing") == ("BAD_USER_INPUT", ["subscriptionType"])
    long_ago = {"from": "2010-01-01T00:00:00Z"}
    assert await api.first_error(FILTERED, at=long_ago) == ("BAD_USER_INPUT", ["givenAt"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_reading_reasons_needs_the_scope_preferences_read(api: Api, opt_outs: None) -> None:
    reader = api.using(await token("contacts:read", "preferences:write"))
    assert (await reader.first_error(ALL))[0] == "FORBIDDEN"
    assert len(await api.using(await token("preferences:read")).execute(ALL)) == 3


async def test_counting_reasons_takes_one_statement(
    api: Api, opt_outs: None, monkeypatch: pytest.MonkeyPatch
) -> None:
    await api.execute("{ viewer { name } }")  # notes the token's use, once a minute
    counted = CountedStatements(monkeypatch)
    await api.execute("{ viewer { name } }")
    without = len(counted.statements)
    counted.statements.clear()
    await api.execute(ALL)
    assert len(counted.statements) == without + 1


async def test_the_cost_of_reasons_is_that_of_a_list_of_500(api: Api, opt_outs: None) -> None:
    answer = await api.run(ALL)
    assert answer["extensions"]["cost"]["requested"] == 500 * 3
