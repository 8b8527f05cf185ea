"""Requesting a link to a phone number (R35): the same response for everybody, and a link that works."""

from __future__ import annotations

import re

import httpx
import pytest

from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.outbox import delivery as outbox
from preference_center.outbox import link_requests
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from preference_center.translations import translator_for
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    BOB,
    TEAM,
    Brands,
    Clock,
    by_recipient,
)
from tests.http.records import changes, count
from tests.http.visit import Visit, open_page, press, submit
from tests.texting.provider import Provider

ASK = "Send me a link"
IN = PreferenceStatus.OPTED_IN
UNKNOWN = "+48609000000"


async def request_link(client: httpx.AsyncClient, typed: str, path: str = "/p") -> Visit:
    return await press(client, path, await open_page(client, path), ASK, email=typed)


def link_in(text: str) -> str:
    """The path of the short link, which is on its own line."""
    found = re.search(r"^http://sayso\.test(/s/[A-Za-z0-9]{12})$", text, re.MULTILINE)
    assert found, text
    return found[1]


def lead_in(language: str) -> str:
    """What a link from Acme begins with."""
    return translator_for(language).gettext("%(unit)s: your link to choose what you get", unit="Acme")


@pytest.fixture
async def provider(provider: Provider, acme_sms: SenderNumber) -> Provider:
    """A provider, and a number to send from."""
    return provider


async def test_r35_known_unknown_and_erased_numbers_get_the_same_response_for_the_same_work(
    client: httpx.AsyncClient, provider: Provider, alice_phone: int
) -> None:
    gone = (await recipients.ensure([parse(UNKNOWN)]))[parse(UNKNOWN)]
    await erase_recipient(gone, TEAM)
    known, erased = await request_link(client, ALICE_PHONE), await request_link(client, UNKNOWN)
    unknown = await request_link(client, "+48609111111")
    assert known.response.status_code == 200
    assert known.response.text == erased.response.text == unknown.response.text
    assert known.response.headers == erased.response.headers == unknown.response.headers
    assert "Check your text messages" in known.text
    assert await count("outgoing_mails") == 3  # the same work for each
    assert await count("recipients") == 2
    assert await outbox.deliver_due() == 3
    assert [to for to, _ in provider.texts()] == [
        ALICE_PHONE,
        UNKNOWN,
    ]  # R36: typing the number restores it


@pytest.mark.parametrize(
    "typed", [ALICE_PHONE, "  +48 601 234 567 ", "+48 (601) 234-567", "tel:+48601234567", "＋48601234567"]
)
async def test_r3_the_link_opens_the_page_of_the_phone_in_every_spelling_of_the_number(
    client: httpx.AsyncClient, provider: Provider, brands: Brands, alice_phone: int, typed: str
) -> None:
    await request_link(client, typed)
    await outbox.deliver_due()
    ((to, text),) = provider.texts()
    assert to == ALICE_PHONE
    path = link_in(text)
    page = await open_page(client, path)
    assert page.response.status_code == 200
    assert "+48•••67" in page.text
    assert "weekly-digest:SMS" in page.form.boxes
    assert "weekly-digest:EMAIL" not in page.form.boxes
    page.form.boxes["weekly-digest:SMS"] = True
    await press(client, path, page, "Save choices")
    assert await changes() == [("weekly-digest", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE")]


async def test_an_erased_number_typed_again_is_still_opted_out(
    client: httpx.AsyncClient, provider: Provider, brands: Brands, alice_phone: int, clock: Clock
) -> None:
    """R34, R36."""
    await preferences.opt_out_of_all(alice_phone, Channel.SMS, brands.acme, by_recipient())
    await erase_recipient(alice_phone, TEAM)
    clock.forward(seconds=1)
    await request_link(client, ALICE_PHONE)
    await outbox.deliver_due()
    clock.forward(seconds=1)
    page = await open_page(client, link_in(provider.texts()[0][1]))
    assert page.response.status_code == 200
    state = (await read_states([alice_phone]))[alice_phone]
    assert (brands.acme.id, Channel.SMS) in state.opt_outs_of_all


async def test_requests_within_ten_minutes_get_one_text_message(
    client: httpx.AsyncClient, provider: Provider, alice_phone: int, clock: Clock
) -> None:
    for typed in (ALICE_PHONE, "+48 601-234-567", ALICE_PHONE):
        await request_link(client, typed)
    await outbox.deliver_due()
    clock.forward(minutes=9)
    await request_link(client, ALICE_PHONE)
    await outbox.deliver_due()
    assert len(provider.texts()) == 1
    clock.forward(minutes=11)
    await request_link(client, ALICE_PHONE)
    await outbox.deliver_due()
    assert len(provider.texts()) == 2


async def test_the_page_and_the_text_message_are_in_polish(
    client: httpx.AsyncClient, provider: Provider, brands: Brands, alice_phone: int
) -> None:
    client.headers["accept-language"] = "pl"
    page = await open_page(client, "/p?unit=acme")
    assert page.lang == "pl"
    assert "Adres e-mail lub numer telefonu" in page.text
    response = await press(client, "/p", page, "Wyślij mi link", email=ALICE_PHONE)
    assert "Sprawdź SMS-y" in response.text
    wrong = await press(client, "/p", page, "Wyślij mi link", email="601234567")
    assert wrong.response.status_code == 422
    assert wrong.lang == "pl"
    await outbox.deliver_due()
    assert provider.texts()[0][1].startswith(lead_in("pl"))


async def test_the_contacts_language_takes_precedence_over_the_pages(
    client: httpx.AsyncClient, provider: Provider, brands: Brands
) -> None:
    await contacts.create(email=ALICE, phone=ALICE_PHONE, locale="pl")
    await submit(client, "/p", [("email", ALICE_PHONE), ("unit", "acme"), ("lang", "en")])
    await outbox.deliver_due()
    assert provider.texts()[0][1].startswith(lead_in("pl"))


async def test_an_email_address_still_gets_a_mail(
    client: httpx.AsyncClient, db: Settings, provider: Provider, bob: int
) -> None:
    response = await request_link(client, BOB)
    assert "Check your inbox" in response.text
    await outbox.deliver_due()
    assert provider.received == []
    assert len(list((db.data_dir / "mail").glob("*.eml"))) == 1


async def test_invalid_input_is_shown_again_escaped(client: httpx.AsyncClient, brands: Brands) -> None:
    typed = '+48 601"><script>alert(1)</script>'
    answer = await client.post("/p", data={"email": typed})
    assert answer.status_code == 422
    assert "<script" not in answer.text
    assert 'value="+48 601&#34;&gt;&lt;script&gt;' in answer.text
    assert Visit(answer).lang == "en"


async def test_many_requests_for_one_number_send_one_text_message_and_empty_the_queue(
    provider: Provider, alice_phone: int
) -> None:
    for number in range(45):
        await link_requests.request_link(parse(ALICE_PHONE), None, None, f"198.51.100.{number}")
    while await outbox.deliver_due():
        pass
    assert len(provider.texts()) == 1
    rows = await database.fetch("SELECT sent_at FROM outgoing_mails")
    assert [row["sent_at"] is not None for row in rows] == [True]
