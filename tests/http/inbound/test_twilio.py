"""Messages to a Twilio number: applied before the response, each once (R28, R30)."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from itertools import pairwise

import pytest

from preference_center.catalog import changes as catalog_changes
from preference_center.config.settings import Settings
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from tests.conftest import ALICE_PHONE, Brands
from tests.http.inbound.twilio_calls import (
    HMAC_SHA1,
    HMAC_SHA256,
    OLD_TOKEN,
    Twilio,
    client_of,
    fields,
    reply,
)
from tests.http.records import changes, count, events
from tests.use_cases.inbound.texting import (
    ACME_NUMBER,
    BAZAAR_NUMBER,
    acme_number,
    bazaar_number,
    current_state,
)

STOPPED = (
    "You are unsubscribed from all Acme text messages and will get no more. Reply START to get them again."
)


@pytest.fixture
async def twilio(db: Settings, brands: Brands) -> AsyncIterator[Twilio]:
    """Twilio, with a number of Acme's that carries the weekly digest."""
    await acme_number()
    async with client_of(db) as http:
        yield Twilio(http)


async def test_stop_opts_out_before_the_reply_and_start_opts_in_again(twilio: Twilio, brands: Brands) -> None:
    """R28"""
    assert await twilio.text("STOP") == STOPPED
    assert (await current_state()).opted_out_units == {brands.acme.id}
    response = await twilio.text("start")
    assert response == "Acme may send you text messages. Reply STOP to end them, HELP for help."
    assert (await current_state()).opted_out_units == set()
    assert await twilio.text("Stop.") == STOPPED
    assert await changes() == [
        (None, "NOT_OPTED", "OPTED_OUT", "KEYWORD"),
        (None, "OPTED_OUT", "NOT_OPTED", "KEYWORD"),
        ("weekly-digest", "NOT_OPTED", "OPTED_IN", "KEYWORD"),
        (None, "NOT_OPTED", "OPTED_OUT", "KEYWORD"),
    ]


async def test_help_is_answered_and_changes_nothing(twilio: Twilio) -> None:
    await catalog_changes.update_unit("acme", postal_address="Acme & Sons\n1 <High> Street")
    response = await twilio.text("HELP")
    assert response is not None
    assert response.endswith("Acme & Sons, 1 <High> Street")
    assert await count("consent_events") == 0


async def test_other_texts_get_no_reply(twilio: Twilio) -> None:
    assert await twilio.text("See you at the reading tonight") is None
    assert await twilio.text("", NumMedia="1", MediaUrl0="https://api.twilio.com/picture") is None
    assert await count("inbound_messages") == 2


@pytest.mark.parametrize("algorithm", [None, HMAC_SHA1, HMAC_SHA256, "hmac_sha256"])
async def test_both_of_twilios_algorithms_are_accepted(twilio: Twilio, algorithm: str | None) -> None:
    response = await twilio.post([*fields("STOP").items()], algorithm=algorithm)
    assert reply(response) == STOPPED


async def test_the_old_secret_is_accepted_while_it_is_configured(twilio: Twilio) -> None:
    twilio.token = OLD_TOKEN
    assert await twilio.text("STOP") == STOPPED
    response = await twilio.post([*fields("START").items()], algorithm=HMAC_SHA256)
    assert reply(response) is not None


async def test_behind_a_proxy_the_public_url_is_signed(db: Settings, brands: Brands) -> None:
    """Twilio signs the public URL, whatever URL a proxy requests."""
    await acme_number()
    public = "https://preferences.example.com/sayso"
    async with client_of(db, public_url=public) as http:
        inside = {"host": "10.0.0.7:8000", "x-forwarded-host": "evil.example"}
        twilio = Twilio(http, url=f"{public}/inbound/sms/twilio")
        assert reply(await twilio.post([*fields("STOP").items()], headers=inside)) == STOPPED
        twilio.url = "http://10.0.0.7:8000/inbound/sms/twilio"
        assert (await twilio.post([*fields("START").items()], headers=inside)).status_code == 403


async def test_the_signature_covers_the_query_string(twilio: Twilio) -> None:
    path = "/inbound/sms/twilio?brand=a%20b&x=%C3%B3"
    twilio.url = f"http://sayso.test{path}"
    assert reply(await twilio.post([*fields("STOP").items()], path=path)) == STOPPED
    assert (await twilio.post([*fields("STOP").items()])).status_code == 403


async def test_repeated_and_unknown_fields_are_tolerated(twilio: Twilio) -> None:
    pairs = [
        *fields("STOP").items(),
        ("NewThing", "b"),
        ("NewThing", "a"),
        ("NewThing", "a"),
        ("Ünüblich", "😀"),
    ]
    assert reply(await twilio.post(pairs)) == STOPPED


async def test_all_names_of_the_message_id_mean_the_same_message(twilio: Twilio) -> None:
    """R30"""
    first = fields("STOP")
    assert reply(await twilio.post([*first.items()])) == STOPPED
    await twilio.text("START")
    repeated = {name: value for name, value in first.items() if name != "MessageSid"}
    assert reply(await twilio.post([*repeated.items()])) is None
    assert (await current_state()).opted_out_units == set()


async def test_a_message_delivered_100_times_at_once_makes_one_event_and_one_reply(twilio: Twilio) -> None:
    """R30"""
    pairs = [*fields("STOP").items()]
    responses = await asyncio.gather(*(twilio.post(pairs) for _ in range(100)))
    texts = [reply(response) for response in responses]
    assert sorted(text for text in texts if text) == [STOPPED]
    assert await count("consent_events") == 1
    assert await count("inbound_messages") == 1
    assert await count("recipients") == 1


async def test_simultaneous_stops_opt_everybody_out_and_answer_everybody(
    twilio: Twilio, brands: Brands
) -> None:
    phones = [f"+4860123{n:04d}" for n in range(40)]
    texts = await asyncio.gather(*(twilio.text("STOP", From=phone) for phone in phones))
    assert texts == [STOPPED] * 40
    assert [(await current_state(phone)).opted_out_units for phone in phones] == [{brands.acme.id}] * 40


async def test_simultaneous_stop_and_start_end_in_one_of_them(twilio: Twilio, brands: Brands) -> None:
    texts = ["STOP", "START"] * 10
    await asyncio.gather(*(twilio.text(word) for word in texts))
    assert await count("inbound_messages") == 20
    history = [event for event in await events() if event["type"] is None]
    for before, after in pairwise(history):
        assert after["before"] == before["after"]
    last = "OPTED_OUT" if (await current_state()).opted_out_units else "NOT_OPTED"
    assert history[-1]["after"] == last


async def test_a_message_that_twilio_answered_is_recorded_without_a_reply(
    twilio: Twilio, brands: Brands
) -> None:
    """Advanced Opt-Out: OptOutType says how Twilio understood the message."""
    assert await twilio.text("Basta", OptOutType="STOP") is None
    assert (await current_state()).opted_out_units == {brands.acme.id}
    assert await twilio.text("Info?", OptOutType="HELP") is None
    assert await twilio.text("Otra vez", OptOutType="START") is None
    assert (await current_state()).opted_out_units == set()
    assert [event["wording"] for event in await events()] == ["Basta", "Otra vez", "Otra vez"]


async def test_whatsapp_through_twilio_is_the_other_channel(twilio: Twilio, brands: Brands) -> None:
    await acme_number(channel=Channel.WHATSAPP)
    addresses = {"From": f"whatsapp:{ALICE_PHONE}", "To": f"whatsapp:{ACME_NUMBER}"}
    response = await twilio.text("STOP", **addresses)
    assert response is not None
    assert "all Acme WhatsApp messages" in response
    assert (await current_state(channel=Channel.WHATSAPP)).opted_out_units == {brands.acme.id}
    assert (await current_state()).opted_out_units == set()
    assert (await events())[0]["url"] == f"whatsapp:{ACME_NUMBER}"


async def test_a_whatsapp_button_counts_as_its_label(twilio: Twilio) -> None:
    await acme_number(channel=Channel.WHATSAPP)
    addresses = {"From": f"whatsapp:{ALICE_PHONE}", "To": f"whatsapp:{ACME_NUMBER}"}
    response = await twilio.text("", ButtonText="Stop", ButtonPayload="promo-7", **addresses)
    assert response is not None


async def test_the_reply_is_in_the_units_language(twilio: Twilio, brands: Brands) -> None:
    await bazaar_number()
    response = await twilio.text("STOP", To=BAZAAR_NUMBER)
    assert response == (
        "Wypisano Cię ze wszystkich SMS-ów od Bazaar; nie wyślemy ich więcej."
        " Odpisz START, aby znów je dostawać."
    )


async def test_short_codes_and_unusual_numbers_are_accepted(twilio: Twilio, brands: Brands) -> None:
    """A STOP is not lost because a number is unusual."""
    await acme_number(number="72345")
    assert await twilio.text("STOP", To="72345", From="+9991234567") == STOPPED
    known = await recipients.find(Address(RecipientKind.PHONE, "+9991234567"))
    assert known is not None
    state = (await read_states([known.id]))[known.id]
    assert set(state.opt_outs_of_all) == {(brands.acme.id, Channel.SMS)}


async def test_a_message_to_an_unregistered_number_is_kept_for_review(twilio: Twilio) -> None:
    assert await twilio.text("STOP", To="+15550001111") is None
    assert await count("consent_events") == 0
    assert await count("inbound_messages") == 1
