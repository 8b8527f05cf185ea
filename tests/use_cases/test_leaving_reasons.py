"""Why people leave: kept once for each opt-out, counted by type and month, tied to nobody who is erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from preference_center.catalog.catalog import SubscriptionType
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.erasure import erase as erasure
from preference_center.errors import ErrorCode, Invalid
from preference_center.history import verification
from preference_center.ledger.types import EvidenceFacts
from preference_center.preferences import changes as preferences
from preference_center.preferences import leaving_reasons
from preference_center.preferences.leaving_reasons import ReasonFilter
from preference_center.preferences.withdrawal import undo
from preference_center.rules.types import Channel, ConsentOrigin, LeavingReason, PreferenceStatus
from preference_center.storage import database
from tests.conftest import TEAM, Brands, Clock, by_recipient, update_preferences

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
TOO_MANY, OTHER = LeavingReason.TOO_MANY, LeavingReason.OTHER
PRESS = by_recipient(ConsentOrigin.UNSUBSCRIBE_LINK, evidence=EvidenceFacts(shown_text="[Unsubscribe]"))


async def leaves(who: int, kind: SubscriptionType, reason: LeavingReason, channel: Channel = EMAIL) -> int:
    """Somebody leaves a type and says why; answers the event."""
    [out] = await update_preferences(who, [(kind, channel, OUT)], PRESS)
    assert out.event_id
    await leaving_reasons.record([out.event_id], [who], reason)
    return out.event_id


async def leaves_all(who: int, brands: Brands, reason: LeavingReason) -> None:
    out = await preferences.opt_out_of_all(who, EMAIL, brands.acme, PRESS)
    assert out.event_id
    await leaving_reasons.record([out.event_id], [who], reason)


async def counted(wanted: ReasonFilter | None = None) -> list[tuple[str, int, int | None, str, str, int]]:
    found = await leaving_reasons.count(wanted or ReasonFilter())
    return [
        (
            one.month,
            one.business_unit_id,
            one.subscription_type_id,
            one.channel.value,
            one.reason.value,
            one.count,
        )
        for one in found
    ]


async def event_ids() -> Sequence[int | None]:
    return [row["event_id"] for row in await database.fetch("SELECT event_id FROM leaving_reasons")]


async def test_months_are_those_of_utc_newest_first_then_by_type_with_all_of_the_unit_last(
    brands: Brands, alice: int, bob: int, alice_phone: int, clock: Clock
) -> None:
    clock.at = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    await leaves(alice, brands.letters, OTHER)
    await leaves(bob, brands.digest, TOO_MANY)
    clock.forward(microseconds=1)
    await leaves_all(alice, brands, TOO_MANY)
    await leaves(bob, brands.letters, OTHER)
    await leaves(alice_phone, brands.digest, TOO_MANY, SMS)
    await leaves(alice, brands.digest, OTHER)
    await leaves(bob, brands.offers, OTHER)
    await leaves(alice, brands.offers, OTHER)
    acme, bazaar = brands.acme.id, brands.bazaar.id
    assert await counted() == [
        ("2026-03", acme, brands.digest.id, "EMAIL", "OTHER", 1),
        ("2026-03", acme, brands.digest.id, "SMS", "TOO_MANY", 1),
        ("2026-03", acme, brands.offers.id, "EMAIL", "OTHER", 2),
        ("2026-03", acme, None, "EMAIL", "TOO_MANY", 1),
        ("2026-03", bazaar, brands.letters.id, "EMAIL", "OTHER", 1),
        ("2026-02", acme, brands.digest.id, "EMAIL", "TOO_MANY", 1),
        ("2026-02", bazaar, brands.letters.id, "EMAIL", "OTHER", 1),
    ]


async def test_what_is_asked_for_is_counted_and_nothing_else(
    brands: Brands, alice: int, bob: int, alice_phone: int, clock: Clock
) -> None:
    await leaves(alice, brands.digest, OTHER)
    await leaves(alice_phone, brands.digest, OTHER, SMS)
    later = clock.forward(days=1)
    await leaves(bob, brands.letters, OTHER)
    end = clock.forward(days=1)
    await leaves(alice, brands.alerts, OTHER)
    digest, letters, alerts = brands.digest.id, brands.letters.id, brands.alerts.id

    async def types(wanted: ReasonFilter) -> list[tuple[int | None, str]]:
        return [(type_id, channel) for _, _, type_id, channel, _, _ in await counted(wanted)]

    assert await types(ReasonFilter(business_unit=brands.bazaar)) == [(letters, "EMAIL"), (alerts, "EMAIL")]
    assert await types(ReasonFilter(subscription_type=brands.digest)) == [(digest, "EMAIL"), (digest, "SMS")]
    assert await types(ReasonFilter(subscription_type=brands.digest, channel=SMS)) == [(digest, "SMS")]
    assert await types(ReasonFilter(business_unit=brands.bazaar, subscription_type=brands.digest)) == []
    assert await types(ReasonFilter(given_from=later, given_before=end)) == [(letters, "EMAIL")]
    assert await types(ReasonFilter(given_before=later)) == [(digest, "EMAIL"), (digest, "SMS")]
    assert await types(ReasonFilter(given_from=end)) == [(alerts, "EMAIL")]


async def test_without_a_time_it_is_this_month_and_the_eleven_before(
    brands: Brands, alice: int, bob: int, clock: Clock
) -> None:
    clock.at = datetime(2025, 5, 31, 23, 59, tzinfo=UTC)
    await leaves(alice, brands.digest, OTHER)
    clock.at = datetime(2025, 6, 1, tzinfo=UTC)
    await leaves(bob, brands.digest, OTHER)
    clock.at = datetime(2026, 5, 20, tzinfo=UTC)
    await leaves(bob, brands.letters, OTHER)
    assert [month for month, *_ in await counted()] == ["2026-05", "2025-06"]
    until = datetime(2026, 5, 1, tzinfo=UTC)  # the twelve months before May begin with May
    assert [month for month, *_ in await counted(ReasonFilter(given_before=until))] == ["2025-06", "2025-05"]


async def test_three_years_are_counted_at_once_and_no_more(brands: Brands, clock: Clock) -> None:
    for start, before in (
        (datetime(2023, 6, 1, tzinfo=UTC), None),
        (datetime(2020, 1, 1, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)),
        (None, datetime(1, 1, 1, tzinfo=UTC)),
        (datetime(2030, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)),
    ):
        assert await counted(ReasonFilter(given_from=start, given_before=before)) == []
    for start, before in (
        (datetime(2023, 5, 31, tzinfo=UTC), None),
        (datetime(2019, 12, 31, tzinfo=UTC), datetime(2023, 1, 1, tzinfo=UTC)),
    ):
        with pytest.raises(Invalid) as caught:
            await counted(ReasonFilter(given_from=start, given_before=before))
        assert (caught.value.code, caught.value.field) == (ErrorCode.INVALID_VALUE, ("givenAt",))


async def test_a_reason_that_replaces_another_stays_in_the_first_ones_month(
    brands: Brands, alice: int, clock: Clock
) -> None:
    clock.at = datetime(2026, 1, 31, 23, 50, tzinfo=UTC)
    event = await leaves(alice, brands.digest, OTHER)
    clock.forward(hours=1)
    await leaving_reasons.record([event], [alice], TOO_MANY)
    assert [(month, reason, n) for month, *_, reason, n in await counted()] == [("2026-01", "TOO_MANY", 1)]


async def test_whoever_leaves_again_says_why_again(brands: Brands, alice: int) -> None:
    await leaves(alice, brands.digest, OTHER)
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await leaves(alice, brands.digest, OTHER)
    assert [n for *_, n in await counted()] == [2]


async def test_only_opt_outs_of_ones_own_that_hold_have_a_reason(
    brands: Brands, alice: int, bob: int
) -> None:
    [came] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], PRESS)
    [left] = await update_preferences(alice, [(brands.letters, EMAIL, OUT)], PRESS)
    [back] = await update_preferences(alice, [(brands.letters, EMAIL, IN)], PRESS)
    all_of_it = await preferences.opt_out_of_all(alice, EMAIL, brands.acme, PRESS)
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    [others] = await update_preferences(bob, [(brands.digest, EMAIL, OUT)], PRESS)
    ids = [one.event_id for one in (came, left, back, all_of_it, others) if one.event_id]
    assert len(ids) == 5
    assert await leaving_reasons.record([*ids, 2**62], [alice], OTHER) == []
    assert await leaving_reasons.record(ids, [], OTHER) == []
    assert await event_ids() == []


async def test_undoing_takes_back_the_reasons_of_what_it_undoes(brands: Brands, alice: int) -> None:
    undone = await leaves(alice, brands.digest, OTHER)
    stays = await leaves(alice, brands.letters, OTHER)
    await undo([undone], alice, PRESS)
    assert await event_ids() == [stays]


async def test_erasing_keeps_the_count_and_cuts_what_ties_it_to_the_person(
    brands: Brands, alice: int, bob: int, clock: Clock
) -> None:
    """R36: no event any more, and no moment by which the event could be found."""
    await leaves(alice, brands.digest, OTHER)
    await leaves(alice, brands.letters, OTHER)
    of_bob = await leaves(bob, brands.digest, OTHER)
    before = await counted()
    clock.forward(hours=1)
    await erasure.erase_recipient(alice, TEAM)
    assert await counted() == before
    rows = await database.fetch("SELECT event_id, given_at FROM leaving_reasons ORDER BY id")
    given = [(row["event_id"], database.instant(row["given_at"])) for row in rows]
    month = datetime(2026, 5, 1, tzinfo=UTC)
    assert given == [(None, month), (None, month), (of_bob, datetime(2026, 5, 4, 12, tzinfo=UTC))]
    assert [line async for line in verification.verify()] == []


async def test_people_of_the_demo_said_why_over_several_months(db: Settings) -> None:
    await demo.load(40)
    found = await leaving_reasons.count(ReasonFilter())
    assert len({one.month for one in found}) > 2
    assert {one.reason for one in found} >= {TOO_MANY, LeavingReason.NO_LONGER_INTERESTED}
    assert any(one.subscription_type_id is None for one in found)
    assert [line async for line in verification.verify()] == []
