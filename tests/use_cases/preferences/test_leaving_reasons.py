"""Reasons for leaving: one for each opt-out, counted by type and month, detached when a person is erased."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import UTC, datetime

import pytest

from preference_center.catalog.catalog import SubscriptionType
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.erasure.erase import erase_recipient
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


async def leave(
    recipient_id: int, subscription_type: SubscriptionType, reason: LeavingReason, channel: Channel = EMAIL
) -> int:
    """Opt a recipient out of a type with a reason; returns the id of the event."""
    [out] = await update_preferences(recipient_id, [(subscription_type, channel, OUT)], PRESS)
    assert out.event_id
    await leaving_reasons.record([out.event_id], [recipient_id], reason)
    return out.event_id


async def leave_all(recipient_id: int, brands: Brands, reason: LeavingReason) -> None:
    out = await preferences.opt_out_of_all(recipient_id, EMAIL, brands.acme, PRESS)
    assert out.event_id
    await leaving_reasons.record([out.event_id], [recipient_id], reason)


async def counted(
    reason_filter: ReasonFilter | None = None,
) -> list[tuple[str, int, int | None, str, str, int]]:
    found = await leaving_reasons.count(reason_filter or ReasonFilter())
    return [
        (
            row.month,
            row.business_unit_id,
            row.subscription_type_id,
            row.channel.value,
            row.reason.value,
            row.count,
        )
        for row in found
    ]


async def event_ids() -> Sequence[int | None]:
    return [row["event_id"] for row in await database.fetch("SELECT event_id FROM leaving_reasons")]


async def test_counts_are_by_month_in_utc_newest_first_then_by_type_with_all_of_the_unit_last(
    brands: Brands, alice: int, bob: int, alice_phone: int, clock: Clock
) -> None:
    clock.at = datetime(2026, 2, 28, 23, 59, 59, 999_999, tzinfo=UTC)
    await leave(alice, brands.letters, OTHER)
    await leave(bob, brands.digest, TOO_MANY)
    clock.forward(microseconds=1)
    await leave_all(alice, brands, TOO_MANY)
    await leave(bob, brands.letters, OTHER)
    await leave(alice_phone, brands.digest, TOO_MANY, SMS)
    await leave(alice, brands.digest, OTHER)
    await leave(bob, brands.offers, OTHER)
    await leave(alice, brands.offers, OTHER)
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


async def test_only_matching_reasons_are_counted(
    brands: Brands, alice: int, bob: int, alice_phone: int, clock: Clock
) -> None:
    await leave(alice, brands.digest, OTHER)
    await leave(alice_phone, brands.digest, OTHER, SMS)
    later = clock.forward(days=1)
    await leave(bob, brands.letters, OTHER)
    end = clock.forward(days=1)
    await leave(alice, brands.alerts, OTHER)
    digest, letters, alerts = brands.digest.id, brands.letters.id, brands.alerts.id

    async def types(reason_filter: ReasonFilter) -> list[tuple[int | None, str]]:
        return [(type_id, channel) for _, _, type_id, channel, _, _ in await counted(reason_filter)]

    assert await types(ReasonFilter(business_unit=brands.bazaar)) == [(letters, "EMAIL"), (alerts, "EMAIL")]
    assert await types(ReasonFilter(subscription_type=brands.digest)) == [(digest, "EMAIL"), (digest, "SMS")]
    assert await types(ReasonFilter(subscription_type=brands.digest, channel=SMS)) == [(digest, "SMS")]
    assert await types(ReasonFilter(business_unit=brands.bazaar, subscription_type=brands.digest)) == []
    assert await types(ReasonFilter(given_from=later, given_before=end)) == [(letters, "EMAIL")]
    assert await types(ReasonFilter(given_before=later)) == [(digest, "EMAIL"), (digest, "SMS")]
    assert await types(ReasonFilter(given_from=end)) == [(alerts, "EMAIL")]


async def test_the_default_period_is_this_month_and_the_eleven_before(
    brands: Brands, alice: int, bob: int, clock: Clock
) -> None:
    clock.at = datetime(2025, 5, 31, 23, 59, tzinfo=UTC)
    await leave(alice, brands.digest, OTHER)
    clock.at = datetime(2025, 6, 1, tzinfo=UTC)
    await leave(bob, brands.digest, OTHER)
    clock.at = datetime(2026, 5, 20, tzinfo=UTC)
    await leave(bob, brands.letters, OTHER)
    assert [month for month, *_ in await counted()] == ["2026-05", "2025-06"]
    until = datetime(2026, 5, 1, tzinfo=UTC)  # the twelve months before May begin with May
    assert [month for month, *_ in await counted(ReasonFilter(given_before=until))] == ["2025-06", "2025-05"]


async def test_at_most_three_years_are_counted_at_once(brands: Brands, clock: Clock) -> None:
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


async def test_a_corrected_reason_stays_in_the_month_of_the_first_one(
    brands: Brands, alice: int, clock: Clock
) -> None:
    clock.at = datetime(2026, 1, 31, 23, 50, tzinfo=UTC)
    event = await leave(alice, brands.digest, OTHER)
    clock.forward(hours=1)
    await leaving_reasons.record([event], [alice], TOO_MANY)
    assert [(month, reason, n) for month, *_, reason, n in await counted()] == [("2026-01", "TOO_MANY", 1)]


async def test_a_second_opt_out_has_a_reason_of_its_own(brands: Brands, alice: int) -> None:
    await leave(alice, brands.digest, OTHER)
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    await leave(alice, brands.digest, OTHER)
    assert [n for *_, n in await counted()] == [2]


async def test_only_current_opt_outs_of_the_recipient_take_a_reason(
    brands: Brands, alice: int, bob: int
) -> None:
    [opted_in] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], PRESS)
    [opted_out] = await update_preferences(alice, [(brands.letters, EMAIL, OUT)], PRESS)
    [opted_in_again] = await update_preferences(alice, [(brands.letters, EMAIL, IN)], PRESS)
    opted_out_of_all = await preferences.opt_out_of_all(alice, EMAIL, brands.acme, PRESS)
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    [of_bob] = await update_preferences(bob, [(brands.digest, EMAIL, OUT)], PRESS)
    changes = (opted_in, opted_out, opted_in_again, opted_out_of_all, of_bob)
    ids = [change.event_id for change in changes if change.event_id]
    assert len(ids) == 5
    assert await leaving_reasons.record([*ids, 2**62], [alice], OTHER) == []
    assert await leaving_reasons.record(ids, [], OTHER) == []
    assert await event_ids() == []


async def test_undoing_an_opt_out_deletes_its_reason(brands: Brands, alice: int) -> None:
    undone = await leave(alice, brands.digest, OTHER)
    kept = await leave(alice, brands.letters, OTHER)
    await undo([undone], alice, PRESS)
    assert await event_ids() == [kept]


async def test_an_erasure_keeps_the_counts_and_detaches_the_reasons_from_the_person(
    brands: Brands, alice: int, bob: int, clock: Clock
) -> None:
    """R36: neither the event nor the time identifies it any more."""
    await leave(alice, brands.digest, OTHER)
    await leave(alice, brands.letters, OTHER)
    of_bob = await leave(bob, brands.digest, OTHER)
    before = await counted()
    clock.forward(hours=1)
    await erase_recipient(alice, TEAM)
    assert await counted() == before
    rows = await database.fetch("SELECT event_id, given_at FROM leaving_reasons ORDER BY id")
    reasons = [(row["event_id"], database.instant(row["given_at"])) for row in rows]
    month = datetime(2026, 5, 1, tzinfo=UTC)
    assert reasons == [(None, month), (None, month), (of_bob, datetime(2026, 5, 4, 12, tzinfo=UTC))]
    assert [line async for line in verification.verify()] == []


async def test_the_demo_has_reasons_in_several_months(db: Settings) -> None:
    await demo.load(40)
    found = await leaving_reasons.count(ReasonFilter())
    assert len({row.month for row in found}) > 2
    assert {row.reason for row in found} >= {TOO_MANY, LeavingReason.NO_LONGER_INTERESTED}
    assert any(row.subscription_type_id is None for row in found)
    assert [line async for line in verification.verify()] == []
