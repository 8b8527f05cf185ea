"""Requesting a pending opt-in again: another confirmation message, within limits (R16, R19)."""

from __future__ import annotations

import asyncio
from datetime import timedelta

import pytest

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.ledger.confirmations import resend_confirmation
from preference_center.ledger.types import Outcome, Provenance
from preference_center.outbox import delivery as outbox
from preference_center.outbox.attempts import delete_finished
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import PendingOptInState, read_states
from preference_center.rules.decisions import Refused, Unchanged
from preference_center.rules.permissions.confirmations import ResendResult
from preference_center.rules.types import Channel, ConsentOrigin, ErrorCode, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.mails import delivered, path_in, texts
from tests.http.records import changes, count, dump

EMAIL = Channel.EMAIL
IN, NOT_OPTED, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
SIGNUP_FORM = by_team(ConsentOrigin.INTEGRATION)


@pytest.fixture
async def pending(brands: Brands, alice: int, clock: Clock) -> int:
    """Alice, whose opt-in to offers a signup form requested at noon, and who has not confirmed it."""
    await request(brands, alice)
    return alice


async def request(brands: Brands, recipient_id: int, by: Provenance = SIGNUP_FORM) -> Outcome:
    [outcome] = await update_preferences(recipient_id, [(brands.offers, EMAIL, IN)], by)
    return outcome


async def resend(brands: Brands, recipient_id: int) -> ResendResult:
    return await resend_confirmation(recipient_id, EMAIL, brands.offers.id)


async def pending_opt_in(brands: Brands, recipient_id: int) -> PendingOptInState | None:
    return (await read_states([recipient_id]))[recipient_id].pending_opt_ins.get((brands.offers.id, EMAIL))


async def test_requesting_a_pending_opt_in_again_sends_another_mail_and_changes_nothing_else(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    """R16, R19"""
    first = await pending_opt_in(brands, pending)
    assert first
    await outbox.deliver_due()
    clock.forward(minutes=10)
    once_more = await request(brands, pending, by_team(explanation="Something else.", legal_basis=None))
    assert isinstance(once_more.decision, Refused)  # a refused request sends nothing
    once_more = await request(brands, pending)
    assert (once_more.decision, once_more.status, once_more.pending) == (Unchanged(), NOT_OPTED, True)
    await outbox.deliver_due()
    assert [mail["Subject"] for mail in delivered(db)] == ["Acme: please confirm “Offers”"] * 2
    assert await changes() == []
    second = await pending_opt_in(brands, pending)
    assert second
    assert (second.expires_at, second.requested_at, second.origin) == (
        first.expires_at,
        first.requested_at,
        ConsentOrigin.INTEGRATION,
    )
    assert (first.confirmations, second.confirmations) == (1, 2)


async def test_a_request_within_ten_minutes_of_the_last_message_sends_and_writes_nothing(
    brands: Brands, pending: int, clock: Clock
) -> None:
    """R16"""
    before = await dump()
    clock.forward(minutes=9, seconds=59)
    await request(brands, pending)
    assert await resend(brands, pending) is ResendResult.TOO_SOON
    assert await dump() == before
    clock.forward(seconds=1)
    assert await resend(brands, pending) is ResendResult.QUEUED
    clock.forward(minutes=9)
    assert await resend(brands, pending) is ResendResult.TOO_SOON  # since the last message, not the first


async def test_a_pending_opt_in_gets_five_messages_at_most(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    await outbox.deliver_due()
    sent = []
    for _ in range(7):
        clock.forward(hours=6)
        sent.append(await resend(brands, pending))
        await outbox.deliver_due()
    assert sent == [ResendResult.QUEUED] * 4 + [ResendResult.LIMIT_REACHED] * 3
    clock.forward(days=1)
    await delete_finished()  # the count survives the deletion of sent messages
    await request(brands, pending)
    await outbox.deliver_due()
    assert len(delivered(db)) == 5


async def test_resending_does_not_postpone_the_expiry(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    """R19: seven days after the request, to the second, and the mail names the day."""
    clock.forward(days=6, hours=23, minutes=59, seconds=58)
    assert await resend(brands, pending) is ResendResult.QUEUED
    await outbox.deliver_due()
    assert "The link works until 11\u00a0May 2026." in texts(delivered(db)[-1])[0]
    clock.forward(seconds=1)
    assert await pending_opt_in(brands, pending)
    clock.forward(seconds=1)
    assert await pending_opt_in(brands, pending) is None
    assert await resend(brands, pending) is ResendResult.NOT_PENDING
    late = await preferences.confirm(pending, brands.offers, EMAIL, by_recipient(ConsentOrigin.CONFIRMATION))
    assert late.decision == Refused(ErrorCode.NOT_FOUND)
    await request(brands, pending)  # a new request, with a period and limits of its own
    new = await pending_opt_in(brands, pending)
    assert new
    assert (new.expires_at - clock(), new.confirmations) == (timedelta(days=7), 1)


async def test_an_opt_in_can_be_confirmed_until_the_second_before_it_expires(
    brands: Brands, pending: int, clock: Clock
) -> None:
    """R19"""
    clock.forward(days=6, hours=23, minutes=59, seconds=59)
    done = await preferences.confirm(pending, brands.offers, EMAIL, by_recipient(ConsentOrigin.CONFIRMATION))
    assert done.changed


async def test_setting_not_opted_on_a_pending_opt_in_sends_nothing(
    brands: Brands, pending: int, clock: Clock
) -> None:
    """R13, R16"""
    before = await dump()
    clock.forward(days=1)
    [same] = await update_preferences(pending, [(brands.offers, EMAIL, NOT_OPTED)], SIGNUP_FORM)
    assert (same.decision, same.pending) == (Unchanged(), False)
    assert await dump() == before


@pytest.mark.parametrize(
    "origin", [ConsentOrigin.BULK_UPDATE, ConsentOrigin.IMPORT, ConsentOrigin.WORKFLOW], ids=str
)
async def test_bulk_updates_imports_and_workflows_send_no_further_message(
    brands: Brands, pending: int, clock: Clock, origin: ConsentOrigin
) -> None:
    before = await dump()
    clock.forward(days=1)
    assert (await request(brands, pending, by_team(origin))).decision == Unchanged()
    assert await dump() == before


@pytest.mark.parametrize("ended", ["confirmed", "opted out", "expired"])
async def test_a_queued_message_is_dropped_once_the_opt_in_is_not_pending_any_more(
    brands: Brands, db: Settings, pending: int, clock: Clock, ended: str
) -> None:
    """R19"""
    await outbox.deliver_due()
    clock.forward(days=6)
    assert await resend(brands, pending) is ResendResult.QUEUED
    if ended == "confirmed":
        confirmation = by_recipient(ConsentOrigin.CONFIRMATION)
        assert (await preferences.confirm(pending, brands.offers, EMAIL, confirmation)).changed
    elif ended == "opted out":
        await update_preferences(pending, [(brands.offers, EMAIL, OUT)], by_recipient())
    else:
        clock.forward(days=1)
    await outbox.deliver_due()
    assert len(delivered(db)) == 1
    assert await database.fetch("SELECT 1 FROM outgoing_mails WHERE sent_at IS NULL") == []


async def test_many_simultaneous_requests_queue_one_message(
    brands: Brands, pending: int, clock: Clock
) -> None:
    clock.forward(hours=1)
    results = await asyncio.gather(
        *(resend(brands, pending) for _ in range(10)), *(request(brands, pending) for _ in range(10))
    )
    assert sum(result is ResendResult.QUEUED for result in results) <= 1
    assert await count("outgoing_mails") == 2
    current = await pending_opt_in(brands, pending)
    assert current
    assert current.confirmations == 2


async def test_confirmation_messages_queued_together_are_sent_as_one(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    """The mail server was unavailable for an hour, and Alice requested the mail again."""
    clock.forward(minutes=30)
    assert await resend(brands, pending) is ResendResult.QUEUED
    clock.forward(minutes=30)
    assert await outbox.deliver_due() == 2
    assert len(delivered(db)) == 1
    clock.forward(minutes=11)
    assert await resend(brands, pending) is ResendResult.QUEUED
    await outbox.deliver_due()
    assert len(delivered(db)) == 2


async def leave_and_request_again(brands: Brands, recipient_id: int) -> None:
    await update_preferences(recipient_id, [(brands.offers, EMAIL, OUT)], by_recipient())
    again = await request(brands, recipient_id, by_team())
    assert again.pending


async def test_an_opt_in_that_ended_and_began_anew_gets_a_message_of_its_own(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    """R19: she opted in, left, and opted in again within minutes."""
    await outbox.deliver_due()
    clock.forward(minutes=1)
    await leave_and_request_again(brands, pending)
    clock.forward(seconds=5)
    await outbox.deliver_due()
    assert len(delivered(db)) == 2
    await request(brands, pending, by_team())  # within ten minutes of the last message
    assert await resend(brands, pending) is ResendResult.TOO_SOON
    await outbox.deliver_due()
    assert len(delivered(db)) == 2


async def test_of_messages_queued_for_an_ended_opt_in_and_a_new_one_the_new_one_is_sent(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    """The mail server was unavailable meanwhile."""
    clock.forward(minutes=1)
    await leave_and_request_again(brands, pending)
    clock.forward(minutes=1)
    assert await outbox.deliver_due() == 2
    assert len(delivered(db)) == 1
    path = path_in(texts(delivered(db)[0])[0], "c")
    assert path
    assert await count("outgoing_mails") == 1


async def test_opting_in_and_out_all_day_sends_five_messages(
    brands: Brands, db: Settings, pending: int, clock: Clock
) -> None:
    """Nobody can flood an address by letting opt-ins end and begin."""
    for _ in range(12):
        await outbox.deliver_due()
        clock.forward(minutes=1)
        await leave_and_request_again(brands, pending)
    await outbox.deliver_due()
    assert len(delivered(db)) == 5
    clock.forward(days=1)
    await leave_and_request_again(brands, pending)
    await outbox.deliver_due()
    assert len(delivered(db)) == 6


async def test_an_address_gets_twenty_confirmations_a_day_of_all_types_together(
    brands: Brands, db: Settings, alice: int, clock: Clock
) -> None:
    """A mail about several types is one."""
    for number in range(24):
        await catalog_changes.create_type(
            key=f"type-{number}", business_unit="acme", name={"en": f"Type {number}"}, double_opt_in=True
        )
    catalog = await exact_catalog()
    changes = [(type_, EMAIL, IN) for type_ in catalog.types if type_.key.startswith("type-")]
    await update_preferences(alice, changes[:3], SIGNUP_FORM)
    await outbox.deliver_due()
    for change in changes[3:]:
        await update_preferences(alice, [change], SIGNUP_FORM)
        await outbox.deliver_due()
    assert len(delivered(db)) == 20


async def test_each_type_channel_and_recipient_has_limits_of_its_own(
    brands: Brands, pending: int, bob: int, clock: Clock
) -> None:
    await request(brands, bob)
    clock.forward(minutes=10)
    assert await resend(brands, pending) is ResendResult.QUEUED
    assert await resend(brands, bob) is ResendResult.QUEUED
    assert await resend_confirmation(pending, EMAIL, brands.digest.id) is ResendResult.NOT_PENDING
    assert await resend_confirmation(pending, Channel.SMS, brands.offers.id) is ResendResult.NOT_PENDING
