"""Statuses of messages: a refusal of the person's opts out, everything else changes nothing (R39)."""

from __future__ import annotations

import io
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, Brands, Clock
from tests.http.inbound import twilio_calls
from tests.http.inbound.meta import ALICE_ID, SENDER_NUMBER_ID, Json, Meta, register, setting, text_message
from tests.http.inbound.stored import opted_out_units, queued_replies
from tests.http.inbound.twilio_calls import Twilio, reply
from tests.http.records import changes, count, dump, events
from tests.use_cases.inbound.texting import ACME_NUMBER, acme_number, bazaar_number, current_state

USER = "GB.13491208655302741918"
BY_PROVIDER = (None, "NOT_OPTED", "OPTED_OUT", "PROVIDER")


@pytest.fixture
async def twilio(db: Settings, brands: Brands) -> AsyncIterator[Twilio]:
    """Twilio, with Acme's number on both channels."""
    await acme_number()
    await acme_number(channel=Channel.WHATSAPP)
    async with twilio_calls.client_of(db) as http:
        yield Twilio(http)


def status(sid: str | None = "SM1", **more: str | None) -> list[tuple[str, str]]:
    """Twilio's report about a text message from Acme to Alice."""
    known: dict[str, str | None] = {
        "MessageSid": sid,
        "SmsSid": sid,
        "AccountSid": "AC1",
        "From": ACME_NUMBER,
        "To": ALICE_PHONE,
        "MessageStatus": "failed",
        "SmsStatus": "failed",
        "ErrorCode": "21610",
        "ApiVersion": "2010-04-01",
        **more,
    }
    return [(name, value) for name, value in known.items() if value is not None]


@pytest.mark.parametrize("state", ["failed", "undelivered", "Failed", None])
async def test_a_refused_text_message_opts_out_of_all_of_the_unit(
    twilio: Twilio, brands: Brands, clock: Clock, state: str | None
) -> None:
    response = await twilio.post(status(MessageStatus=state, SmsStatus=None))
    assert reply(response) is None
    assert (await current_state()).opted_out_units == {brands.acme.id}
    assert await opted_out_units() == set()
    [event] = await events()
    assert (event["origin"], event["actor"], event["url"]) == ("PROVIDER", "recipient", f"sms:{ACME_NUMBER}")
    assert event["wording"] == "twilio 21610"


async def test_on_whatsapp_by_twilio_the_opt_out_is_for_whatsapp(twilio: Twilio, brands: Brands) -> None:
    numbers = {"From": f"whatsapp:{ACME_NUMBER}", "To": f"whatsapp:{ALICE_PHONE}"}
    assert reply(await twilio.post(status(**numbers, ErrorCode="63014"))) is None
    assert await opted_out_units() == {brands.acme.id}
    assert (await current_state()).opted_out_units == set()


async def test_each_refused_message_counts_once(twilio: Twilio, brands: Brands) -> None:
    """R30: also after the person came back."""
    for sid in ("SM1", "SM1"):
        await twilio.post(status(sid))
    await twilio.text("START")
    await twilio.post(status("SM1", MessageStatus="undelivered"))
    assert (await current_state()).opted_out_units == set()
    await twilio.post(status("SM2"))
    assert (await current_state()).opted_out_units == {brands.acme.id}


STATES = (
    *("queued", "accepted", "scheduled", "sending", "sent", "delivered", "read", "failed", "undelivered"),
    *("canceled", "partially_delivered"),
)
OTHER_CODES = ("30003", "30004", "30005", "30006", "30007", "21211", "63032", "", "x")
Report = dict[str, str | None]
OTHER_REPORTS: list[Report] = [
    *(Report(MessageStatus=state, SmsStatus=state, ErrorCode=None) for state in STATES),
    *(Report(ErrorCode=code) for code in OTHER_CODES),
    {"From": "+15550001111"},
    {"From": "MGacme"},
    {"To": ""},
    {"Body": "STOP", "ErrorCode": None},
]


@pytest.mark.parametrize("more", OTHER_REPORTS)
async def test_other_reports_are_passed_over(twilio: Twilio, more: dict[str, str | None]) -> None:
    """They are neither a person's message nor their act, and nothing is kept of them."""
    before = await dump()
    assert reply(await twilio.post(status(**more))) is None
    assert await dump() == before


async def test_a_report_without_a_signature_is_refused(twilio: Twilio) -> None:
    before = await dump()
    assert (await twilio.post(status(), signature="AAAA")).status_code == 403
    assert await dump() == before


@pytest.mark.parametrize("sent_from", [None, "", f"MG{'0' * 32}"])
async def test_a_refusal_that_names_no_number_is_of_the_only_unit_with_numbers(
    twilio: Twilio, brands: Brands, sent_from: str | None
) -> None:
    """A messaging service fails before it has chosen a number."""
    await twilio.post(status(From=sent_from))
    assert (await current_state()).opted_out_units == {brands.acme.id}
    await bazaar_number()
    before = await dump()
    assert reply(await twilio.post(status("SM2", From=sent_from))) is None
    assert await dump() == before


@pytest.mark.parametrize("state", ["received", "receiving"])
async def test_a_persons_message_has_a_status_too(twilio: Twilio, brands: Brands, state: str) -> None:
    assert await twilio.text("STOP", SmsStatus=state) is not None
    assert (await current_state()).opted_out_units == {brands.acme.id}


def failed(at: object, code: object = 131050, **more: object) -> Json:
    """WhatsApp's report about a message to Alice."""
    error = {"code": code, "title": "User has stopped marketing messages", "message": "stopped"}
    known = {"id": "wamid.out1", "status": "failed", "timestamp": str(at), "recipient_id": ALICE_ID}
    return known | {"errors": [error]} | more


@pytest.mark.parametrize("code", [131050, "131050", 131050.0])
async def test_a_stopped_marketing_message_opts_out_at_the_providers_time(
    meta: Meta, brands: Brands, clock: Clock, code: object
) -> None:
    await register()
    sent = clock.at - timedelta(minutes=9)
    for _ in range(2):
        response = await meta.deliver(statuses=[failed(int(sent.timestamp()), code)])
        assert response.status_code == 200
    assert await opted_out_units() == {brands.acme.id}
    assert await changes() == [BY_PROVIDER]
    [row] = await database.fetch("SELECT occurred_at FROM consent_events")
    assert database.instant(row["occurred_at"]) == sent
    assert await queued_replies() == []


async def test_the_number_is_found_by_its_id(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    await meta.deliver(text_message("Hello", clock.at))
    numbered = {"display_phone_number": "", "phone_number_id": SENDER_NUMBER_ID}
    await meta.deliver(statuses=[failed(int(clock.at.timestamp()))], metadata=numbered)
    assert await opted_out_units() == {brands.acme.id}


@pytest.mark.parametrize("code", [131026, 131047, 131049, 130472, 131051, None, "x", True, [131050], -131050])
async def test_other_errors_change_nothing(meta: Meta, brands: Brands, clock: Clock, code: object) -> None:
    await register()
    before = await dump()
    assert (await meta.deliver(statuses=[failed(int(clock.at.timestamp()), code)])).status_code == 200
    assert await dump() == before


async def test_a_refusal_to_a_number_that_is_not_registered_is_logged_and_passed_over(
    meta: Meta, brands: Brands, clock: Clock, log: io.StringIO
) -> None:
    before = await dump()
    assert (await meta.deliver(statuses=[failed(int(clock.at.timestamp()))])).status_code == 200
    assert await dump() == before
    assert log.getvalue().count('"refusal_from_unknown_number"') == 1
    assert ALICE_ID not in log.getvalue()


async def test_an_older_refusal_does_not_undo_a_newer_decision(
    meta: Meta, brands: Brands, clock: Clock
) -> None:
    """R17: whichever arrives first."""
    await register()
    stopped = int(clock.at.timestamp()) - 600
    resumed = setting("resume", str(stopped + 60))
    await meta.deliver(resumed, field="user_preferences")
    await meta.deliver(statuses=[failed(stopped)])
    assert await opted_out_units() == set()


async def test_a_refusal_of_a_recipient_without_a_number(meta: Meta, brands: Brands, clock: Clock) -> None:
    """R29: known, they are opted out; unknown, it waits for a person, once."""
    await register()
    nameless = failed(int(clock.at.timestamp()), recipient_id=None, recipient_user_id=USER)
    for _ in range(2):
        await meta.deliver(statuses=[nameless], contacts=[])
    rows = await database.fetch("SELECT sender_id, body FROM inbound_messages WHERE needs_review")
    assert [(row["sender_id"], row["body"]) for row in rows] == [(USER, "whatsapp 131050")]
    greeting = text_message("Hello", clock.at)
    await meta.deliver(greeting, contacts=[{"wa_id": ALICE_ID, "user_id": USER}])
    assert await opted_out_units() == {brands.acme.id}
    assert await changes() == [BY_PROVIDER]
    assert await count("inbound_messages") == 2


async def test_one_bad_status_costs_no_other(meta: Meta, brands: Brands, clock: Clock) -> None:
    await register()
    at = int(clock.at.timestamp())
    bad: list[Any] = [None, 7, {}, {"errors": {}}, failed(at, id="wamid.out2", recipient_id="nobody")]
    bad.append(failed(at, id=None, errors=[[]]))
    response = await meta.deliver(text_message("hello", clock.at), statuses=[*bad, failed(at), *bad])
    assert response.status_code == 200
    assert await opted_out_units() == {brands.acme.id}
