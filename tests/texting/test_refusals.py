"""A provider refuses a message because the person opted out there: they opt out here too (R39)."""

from __future__ import annotations

import asyncio
from datetime import timedelta
from typing import Any

import pytest
from structlog.testing import capture_logs

from api import worker
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config.settings import Settings
from preference_center.inbound.refusals import record_refusals
from preference_center.outbox import attempts
from preference_center.outbox import delivery as outbox
from preference_center.outbox.keyword_replies import KeywordReply
from preference_center.outbox.queue import queue_keyword_reply, queue_link
from preference_center.preferences import changes as preferences
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin
from preference_center.storage import database, transactions
from tests.conftest import ALICE_PHONE, Brands, Clock, by_recipient
from tests.http.records import changes, count, events
from tests.texting.provider import Provider
from tests.use_cases.inbound.texting import current_state

SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP
STOPPED = {"code": 21610, "message": "Attempt to send to unsubscribed recipient", "status": 400}
BY_PROVIDER = (None, "NOT_OPTED", "OPTED_OUT", "PROVIDER")


@pytest.fixture(autouse=True)
def recorded() -> None:
    """As the worker does."""
    record_refusals()


async def request_link(brands: Brands, phone: str = ALICE_PHONE) -> None:
    async with transactions.write_transaction():
        await queue_link(parse(phone), brands.acme, None)


async def reply_on_whatsapp(brands: Brands, number: SenderNumber) -> None:
    reply = KeywordReply("HELPED", "", "en", number.id)
    async with transactions.write_transaction():
        await queue_keyword_reply(reply, parse(ALICE_PHONE), WHATSAPP, brands.acme)


async def units_opted_out_of(channel: Channel = SMS) -> set[int]:
    return (await current_state(channel=channel)).opted_out_units


@pytest.mark.parametrize(
    ("status", "body"),
    [
        (400, STOPPED),
        (400, {**STOPPED, "code": "21610"}),
        (403, STOPPED),
        (201, {"sid": "SM1", "status": "failed", "error_code": 21610}),
        (400, {"code": 63014, "message": "Channel message blocked by user action"}),
    ],
)
async def test_a_refusal_by_twilio_opts_out_of_all_of_the_numbers_unit(
    provider: Provider,
    brands: Brands,
    clock: Clock,
    alice_phone: int,
    acme_sms: SenderNumber,
    status: int,
    body: Any,
) -> None:
    await request_link(brands)
    provider.will_answer(status, body)
    with capture_logs() as logs:
        await outbox.deliver_due()
    assert await units_opted_out_of() == {brands.acme.id}
    assert await units_opted_out_of(WHATSAPP) == set()
    [event] = await events()
    assert (event["origin"], event["actor"], event["channel"]) == ("PROVIDER", "recipient", "SMS")
    assert (event["url"], event["wording"]) == ("sms:+48732000111", f"twilio {body.get('code', 21610)}")
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert database.instant(row["occurred_at"]) == clock.at
    [line] = logs
    assert line["event"] == "outgoing_given_up"
    assert ALICE_PHONE[1:] not in repr(logs)
    clock.forward(hours=5)
    assert await outbox.deliver_due() == 0


async def test_a_refusal_by_whatsapp_opts_out_on_whatsapp(
    provider: Provider, brands: Brands, acme_whatsapp: SenderNumber
) -> None:
    await reply_on_whatsapp(brands, acme_whatsapp)
    provider.will_answer(400, {"error": {"code": 131050, "message": "User has stopped marketing messages"}})
    await outbox.deliver_due()
    assert await units_opted_out_of(WHATSAPP) == {brands.acme.id}
    assert await changes() == [BY_PROVIDER]


@pytest.mark.parametrize(
    "code", [21211, 21614, 21408, 30003, 30004, 30005, 30006, 30007, 63016, 63032, 63049]
)
async def test_other_refusals_by_twilio_say_nothing_about_consent(
    provider: Provider, brands: Brands, alice_phone: int, acme_sms: SenderNumber, code: int
) -> None:
    await request_link(brands)
    provider.will_answer(400, {"code": code, "message": "Cannot send"})
    await outbox.deliver_due()
    assert (await changes(), await count("inbound_messages")) == ([], 0)


@pytest.mark.parametrize("code", [100, 131026, 131047, 131049, 130472, 131031, 368])
async def test_other_refusals_by_whatsapp_say_nothing_about_consent(
    provider: Provider, brands: Brands, acme_whatsapp: SenderNumber, code: int
) -> None:
    await reply_on_whatsapp(brands, acme_whatsapp)
    provider.will_answer(400, {"error": {"code": code, "message": "Cannot send"}})
    await outbox.deliver_due()
    assert (await changes(), await count("inbound_messages")) == ([], 0)


async def test_the_unit_is_that_of_the_number_that_was_refused(
    provider: Provider, brands: Brands, alice_phone: int, acme_sms: SenderNumber
) -> None:
    """Bazaar has no number of its own: its link is sent from Acme's, which the person stopped."""
    async with transactions.write_transaction():
        await queue_link(parse(ALICE_PHONE), brands.bazaar, None)
    provider.will_answer(400, STOPPED)
    await outbox.deliver_due()
    assert await units_opted_out_of() == {brands.acme.id}


async def test_a_refusal_counts_once_even_if_the_worker_dies_before_giving_up(
    provider: Provider,
    brands: Brands,
    clock: Clock,
    alice_phone: int,
    acme_sms: SenderNumber,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await request_link(brands)
    with monkeypatch.context() as dying:
        dying.setattr(attempts, "_GIVE_UP", "no SQL")
        provider.will_answer(400, STOPPED)
        await outbox.deliver_due()
    clock.forward(minutes=6)
    back = by_recipient(ConsentOrigin.PREFERENCE_PAGE)
    await preferences.remove_opt_out_of_all(alice_phone, SMS, brands.acme, back)
    provider.will_answer(400, STOPPED)
    clock.forward(minutes=6)
    assert await outbox.deliver_due() == 1
    assert await units_opted_out_of() == set()
    assert [origin for *_, origin in await changes()] == ["PROVIDER", "PREFERENCE_PAGE"]


async def test_each_refused_message_counts(
    provider: Provider, brands: Brands, clock: Clock, alice_phone: int, acme_sms: SenderNumber
) -> None:
    """The person comes back here, but not at Twilio, where only START by text message does."""
    for _ in range(2):
        await request_link(brands)
        provider.will_answer(400, STOPPED)
        await outbox.deliver_due()
        assert await units_opted_out_of() == {brands.acme.id}
        clock.forward(hours=1)
        back = by_recipient(ConsentOrigin.PREFERENCE_PAGE)
        await preferences.remove_opt_out_of_all(alice_phone, SMS, brands.acme, back)
    assert len(await changes()) == 4


async def test_the_message_is_refused_again_later_if_the_opt_out_cannot_be_recorded(
    provider: Provider,
    brands: Brands,
    clock: Clock,
    alice_phone: int,
    acme_sms: SenderNumber,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    await request_link(brands)
    provider.will_answer(400, STOPPED)
    with monkeypatch.context() as failing:

        async def fail(*_: object) -> None:
            raise RuntimeError("no disk")

        failing.setattr(attempts, "refusal_listeners", [fail])
        with capture_logs():
            await outbox.deliver_due()
    assert await changes() == []
    provider.will_answer(400, STOPPED)
    clock.forward(minutes=6)
    await outbox.deliver_due()
    assert await changes() == [BY_PROVIDER]


async def test_an_older_decision_does_not_undo_a_refusal(
    provider: Provider, brands: Brands, clock: Clock, alice_phone: int, acme_sms: SenderNumber
) -> None:
    """R17: a refusal without a time counts as of the answer."""
    await request_link(brands)
    provider.will_answer(400, STOPPED)
    await outbox.deliver_due()
    clock.forward(minutes=1)
    at = clock.at - timedelta(minutes=5)
    before = by_recipient(ConsentOrigin.KEYWORD, occurred_at=at)
    await preferences.remove_opt_out_of_all(alice_phone, SMS, brands.acme, before)
    assert await units_opted_out_of() == {brands.acme.id}


async def test_the_worker_records_refusals(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(attempts, "refusal_listeners", [])
    stop = asyncio.Event()
    stop.set()
    await worker.work(stop)
    await worker.work(stop)
    assert len(attempts.refusal_listeners) == 1
