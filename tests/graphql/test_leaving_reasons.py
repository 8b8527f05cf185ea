"""Why people leave, over GraphQL: counted by type and month."""

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
from tests.graphql.test_execution import Counted

EMAIL, OUT = Channel.EMAIL, PreferenceStatus.OPTED_OUT
PRESS = by_recipient(ConsentOrigin.PREFERENCE_PAGE, evidence=EvidenceFacts(shown_text="[Save choices]"))
SHOWN = "month channel reason count businessUnit { key } subscriptionType { key }"
ALL = f"{{ leavingReasons {{ {SHOWN} }} }}"
ASKED = f"""query ($unit: Key, $type: Key, $on: Channel, $at: TimeRange) {{
  leavingReasons(businessUnit: $unit, subscriptionType: $type, channel: $on, givenAt: $at) {{ {SHOWN} }} }}"""


@pytest.fixture
async def gone(brands: Brands, alice: int, bob: int, clock: Clock) -> None:
    """Alice left the digest in March; in May both left everything of Bazaar, and Bob the digest."""
    clock.at = datetime(2026, 3, 31, 23, 59, tzinfo=UTC)
    await says(alice, brands, LeavingReason.NEVER_ASKED, of_all=False)
    clock.at = datetime(2026, 5, 4, tzinfo=UTC)
    await says(alice, brands, LeavingReason.TOO_MANY, of_all=True)
    await says(bob, brands, LeavingReason.TOO_MANY, of_all=True)
    await says(bob, brands, LeavingReason.OTHER, of_all=False)


async def says(who: int, brands: Brands, reason: LeavingReason, *, of_all: bool) -> None:
    if of_all:
        outcome = await preferences.opt_out_of_all(who, EMAIL, brands.bazaar, PRESS)
    else:
        [outcome] = await update_preferences(who, [(brands.digest, EMAIL, OUT)], PRESS)
    assert outcome.event_id
    await leaving_reasons.record([outcome.event_id], [who], reason)


def row(month: str, unit: str, kind: str | None, reason: str, count: int) -> dict[str, Any]:
    return {
        "month": month,
        "channel": "EMAIL",
        "reason": reason,
        "count": count,
        "businessUnit": {"key": unit},
        "subscriptionType": {"key": kind} if kind else None,
    }


MAY_DIGEST = row("2026-05", "acme", "weekly-digest", "OTHER", 1)
MAY_ALL = row("2026-05", "bazaar", None, "TOO_MANY", 2)
MARCH = row("2026-03", "acme", "weekly-digest", "NEVER_ASKED", 1)


async def test_reasons_are_counted_by_month_newest_first_and_by_type(api: Api, gone: None) -> None:
    assert await api.ask(ALL) == [MAY_DIGEST, MAY_ALL, MARCH]


async def test_they_are_narrowed_by_unit_type_channel_and_time(api: Api, gone: None) -> None:
    assert await api.ask(ASKED, unit="bazaar") == [MAY_ALL]
    assert await api.ask(ASKED, type="weekly-digest") == [MAY_DIGEST, MARCH]
    assert await api.ask(ASKED, on="SMS") == []
    assert await api.ask(ASKED, at={"before": "2026-04-01T00:00:00Z"}) == [MARCH]
    assert await api.ask(ASKED, at={"from": "2026-04-01T02:00:00+02:00"}) == [MAY_DIGEST, MAY_ALL]


async def test_what_cannot_be_asked_is_refused_by_name(api: Api, gone: None) -> None:
    assert await api.refused(ASKED, unit="nobody") == ("BAD_USER_INPUT", ["businessUnit"])
    assert await api.refused(ASKED, type="nothing") == ("BAD_USER_INPUT", ["subscriptionType"])
    long_ago = {"from": "2010-01-01T00:00:00Z"}
    assert await api.refused(ASKED, at=long_ago) == ("BAD_USER_INPUT", ["givenAt"])


@pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
async def test_they_need_the_scope_to_read_what_people_want(api: Api, gone: None) -> None:
    reader = api.using(await token("contacts:read", "preferences:write"))
    assert (await reader.refused(ALL))[0] == "FORBIDDEN"
    assert len(await api.using(await token("preferences:read")).ask(ALL)) == 3


async def test_counting_takes_one_statement(api: Api, gone: None, monkeypatch: pytest.MonkeyPatch) -> None:
    await api.ask("{ viewer { name } }")  # notes the token's use, once a minute
    taken = Counted(monkeypatch)
    await api.ask("{ viewer { name } }")
    without = len(taken.statements)
    taken.statements.clear()
    await api.ask(ALL)
    assert len(taken.statements) == without + 1


async def test_it_costs_what_a_long_list_costs(api: Api, gone: None) -> None:
    answer = await api.run(ALL)
    assert answer["extensions"]["cost"]["requested"] == 500 * 3
