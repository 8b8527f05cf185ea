"""Asking again for what waits to be confirmed: another message, within limits, no more (R16, R19)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from preference_center.config.settings import Settings
from preference_center.ledger.confirmations import ResendResult, resend_confirmation
from preference_center.ledger.types import Outcome
from preference_center.outbox import delivery as outbox
from preference_center.outbox.attempts import delete_finished
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import PendingOptInState, read_states
from preference_center.rules.decisions import Refused, Unchanged
from preference_center.rules.types import Channel, ConsentOrigin, ErrorCode, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.mails import delivered, texts
from tests.http.records import changes, count, dump

EMAIL = Channel.EMAIL
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
SIGNUP_FORM = by_team(ConsentOrigin.INTEGRATION)


@pytest.fixture
async def waiting(brands: Brands, alice: int, clock: Clock) -> int:
    """Alice, for whom a signup form asked for offers at noon; she has not confirmed."""
    await ask(brands, alice)
    return alice


async def ask(brands: Brands, whom: int, by: object = SIGNUP_FORM) -> Outcome:
    [outcome] = await update_preferences(whom, [(brands.offers, EMAIL, IN)], by)  # type: ignore[arg-type]
    return outcome


async def again(brands: Brands, whom: int) -> ResendResult:
    return await resend_confirmation(whom, EMAIL, brands.offers.id)


async def held(brands: Brands, whom: int) -> PendingOptInState | None:
    return (await read_states([whom]))[whom].pending_opt_ins.get((brands.offers.id, EMAIL))


async def test_who_presses_again_at_a_signup_form_gets_another_mail_and_nothing_else_changes(
    brands: Brands, db: Settings, waiting: int, clock: Clock
) -> None:
    """R16, R19"""
    first = await held(brands, waiting)
    assert first
    await outbox.deliver_due()
    clock.forward(minutes=10)
    once_more = await ask(brands, waiting, by_team(explanation="Something else.", legal_basis=None))
    assert isinstance(once_more.decision, Refused)  # what is refused sends nothing
    once_more = await ask(brands, waiting)
    assert (once_more.decision, once_more.status, once_more.pending) == (Unchanged(), NEITHER, True)
    await outbox.deliver_due()
    assert [mail["Subject"] for mail in delivered(db)] == ["Please confirm: Offers"] * 2
    assert await changes() == []
    now = await held(brands, waiting)
    assert now
    assert (now.expires_at, now.requested_at, now.origin) == (
        first.expires_at,
        first.requested_at,
        ConsentOrigin.INTEGRATION,
    )
    assert (first.confirmations, now.confirmations) == (1, 2)


async def test_asked_again_within_ten_minutes_nothing_is_sent_or_written(
    brands: Brands, waiting: int, clock: Clock
) -> None:
    """R16"""
    before = await dump()
    clock.forward(minutes=9, seconds=59)
    await ask(brands, waiting)
    assert await again(brands, waiting) is ResendResult.TOO_SOON
    assert await dump() == before
    clock.forward(seconds=1)
    assert await again(brands, waiting) is ResendResult.QUEUED
    clock.forward(minutes=9)
    assert await again(brands, waiting) is ResendResult.TOO_SOON  # after the last one, not the first


async def test_a_wish_is_asked_about_five_times_and_no_more(
    brands: Brands, db: Settings, waiting: int, clock: Clock
) -> None:
    await outbox.deliver_due()
    sent = []
    for _ in range(7):
        clock.forward(hours=6)
        sent.append(await again(brands, waiting))
        await outbox.deliver_due()
    assert sent == [ResendResult.QUEUED] * 4 + [ResendResult.LIMIT_REACHED] * 3
    clock.forward(days=1)
    await delete_finished()  # what is forgotten of the outbox is not forgotten of the wish
    await ask(brands, waiting)
    await outbox.deliver_due()
    assert len(delivered(db)) == 5


async def test_sent_again_it_lapses_when_it_would_have_to_the_second(
    brands: Brands, db: Settings, waiting: int, clock: Clock
) -> None:
    """R19: seven days after it was asked for, and the mail names the day."""
    clock.forward(days=6, hours=23, minutes=59, seconds=58)
    assert await again(brands, waiting) is ResendResult.QUEUED
    await outbox.deliver_due()
    assert "The link works until 11\u00a0May 2026." in texts(delivered(db)[-1])[0]
    clock.forward(seconds=1)
    assert await held(brands, waiting)
    clock.forward(seconds=1)
    assert await held(brands, waiting) is None
    assert await again(brands, waiting) is ResendResult.NOT_PENDING
    late = await preferences.confirm(waiting, brands.offers, EMAIL, by_recipient(ConsentOrigin.CONFIRMATION))
    assert late.decision == Refused(ErrorCode.NOT_FOUND)
    await ask(brands, waiting)  # a new wish, with days and messages of its own
    new = await held(brands, waiting)
    assert new
    assert (new.expires_at - clock(), new.confirmations) == (timedelta(days=7), 1)


async def test_a_second_before_its_end_it_is_confirmed(brands: Brands, waiting: int, clock: Clock) -> None:
    """R19"""
    clock.forward(days=6, hours=23, minutes=59, seconds=59)
    done = await preferences.confirm(waiting, brands.offers, EMAIL, by_recipient(ConsentOrigin.CONFIRMATION))
    assert done.changed


async def test_saying_that_nothing_was_said_asks_nobody_again(
    brands: Brands, waiting: int, clock: Clock
) -> None:
    """R13, R16"""
    before = await dump()
    clock.forward(days=1)
    [same] = await update_preferences(waiting, [(brands.offers, EMAIL, NEITHER)], SIGNUP_FORM)
    assert (same.decision, same.pending) == (Unchanged(), False)
    assert await dump() == before


@pytest.mark.parametrize(
    "way", [ConsentOrigin.BULK_UPDATE, ConsentOrigin.IMPORT, ConsentOrigin.WORKFLOW], ids=str
)
async def test_what_comes_round_every_night_sends_no_further_message(
    brands: Brands, waiting: int, clock: Clock, way: ConsentOrigin
) -> None:
    before = await dump()
    clock.forward(days=1)
    assert (await ask(brands, waiting, by_team(way))).decision == Unchanged()
    assert await dump() == before


@pytest.mark.parametrize("ended", ["confirmed", "opted out", "lapsed"])
async def test_a_message_that_is_sent_again_is_dropped_where_nothing_waits_any_more(
    brands: Brands, db: Settings, waiting: int, clock: Clock, ended: str
) -> None:
    """R19"""
    await outbox.deliver_due()
    clock.forward(days=6)
    assert await again(brands, waiting) is ResendResult.QUEUED
    if ended == "confirmed":
        word = by_recipient(ConsentOrigin.CONFIRMATION)
        assert (await preferences.confirm(waiting, brands.offers, EMAIL, word)).changed
    elif ended == "opted out":
        await update_preferences(waiting, [(brands.offers, EMAIL, OUT)], by_recipient())
    else:
        clock.forward(days=1)
    await outbox.deliver_due()
    assert len(delivered(db)) == 1
    assert await database.fetch("SELECT 1 FROM outgoing_mails WHERE sent_at IS NULL") == []


async def test_of_many_who_ask_at_the_same_moment_one_gets_a_message(
    brands: Brands, waiting: int, clock: Clock
) -> None:
    clock.forward(hours=1)
    asked = await asyncio.gather(
        *(again(brands, waiting) for _ in range(10)), *(ask(brands, waiting) for _ in range(10))
    )
    assert sum(one is ResendResult.QUEUED for one in asked) <= 1
    assert await count("outgoing_mails") == 2
    now = await held(brands, waiting)
    assert now
    assert now.confirmations == 2


async def test_confirmations_that_lay_in_the_queue_together_become_one(
    brands: Brands, db: Settings, waiting: int, clock: Clock
) -> None:
    """The mail server was away for an hour, and she pressed again."""
    clock.forward(minutes=30)
    assert await again(brands, waiting) is ResendResult.QUEUED
    clock.forward(minutes=30)
    assert await outbox.deliver_due() == 2
    assert len(delivered(db)) == 1
    clock.forward(minutes=11)
    assert await again(brands, waiting) is ResendResult.QUEUED
    await outbox.deliver_due()
    assert len(delivered(db)) == 2


async def test_wishes_of_other_types_channels_and_people_have_limits_of_their_own(
    brands: Brands, waiting: int, bob: int, clock: Clock
) -> None:
    await ask(brands, bob)
    clock.forward(minutes=10)
    assert await again(brands, waiting) is ResendResult.QUEUED
    assert await again(brands, bob) is ResendResult.QUEUED
    assert await resend_confirmation(waiting, EMAIL, brands.digest.id) is ResendResult.NOT_PENDING
    assert await resend_confirmation(waiting, Channel.SMS, brands.offers.id) is ResendResult.NOT_PENDING
