"""Sending a confirmation again: from an expired confirm link, and from the preference page (R19)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog.changes import update_type
from preference_center.config.settings import Settings
from preference_center.outbox import delivery as outbox
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE_PHONE, BOB, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.mails import delivered, path_in, texts
from tests.http.pages.two_addresses import MASKED, TwoAddresses
from tests.http.records import changes, count, dump
from tests.http.visit import Links, open_page, press, submit

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
NEW_LINK, YES, SAVE = "Email me a new link", "Yes, subscribe me", "Save choices"
AGAIN = "Send it again"


@pytest.fixture
async def expired_link(brands: Brands, alice: int, clock: Clock, links: Links) -> str:
    """An expired confirm link of Alice's, whose opt-in was requested again an hour ago."""
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    path = links.confirm()
    clock.forward(days=8)
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    await outbox.deliver_due()
    clock.forward(hours=1)
    return path


async def test_an_expired_confirm_link_sends_a_new_one_if_the_opt_in_is_pending(
    client: httpx.AsyncClient, db: Settings, expired_link: str
) -> None:
    before = await dump()
    page = await open_page(client, expired_link)
    await client.head(expired_link)
    assert await dump() == before  # R33
    assert page.response.status_code == 410
    assert "This link has expired" in page.text
    assert "Still to be confirmed: Offers. Get a new link to do that." in page.text
    assert "a•••@e•••.com" in page.text
    done = await press(client, expired_link, page, NEW_LINK)
    assert "Check your inbox" in done.text
    await outbox.deliver_due()
    fresh = path_in(texts(delivered(db)[-1])[0], "c")
    await press(client, fresh, await open_page(client, fresh), YES)
    assert await changes() == [("offers", "NOT_OPTED", "OPTED_IN", "CONFIRMATION")]


async def test_new_links_are_limited_and_the_response_is_always_the_same(
    client: httpx.AsyncClient, expired_link: str, clock: Clock
) -> None:
    page = await open_page(client, expired_link)
    sent_so_far = await count("outgoing_mails")
    first = await press(client, expired_link, page, NEW_LINK)
    again = await press(client, expired_link, page, NEW_LINK)
    assert first.response.text == again.response.text
    assert await count("outgoing_mails") == sent_so_far + 1
    for _ in range(6):
        clock.forward(minutes=10)
        await press(client, expired_link, page, NEW_LINK)
    assert await count("outgoing_mails") == sent_so_far + 4  # at most five for one opt-in


@pytest.mark.parametrize(
    "state", ["opted out", "confirmed", "unknown type", "somebody unknown", "nothing asked"]
)
async def test_without_a_pending_opt_in_no_new_link_is_offered_or_sent(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, state: str
) -> None:
    path = links.confirm()
    if state == "unknown type":
        path = links.confirm(type_key="unknown")
    elif state == "somebody unknown":
        path = links.confirm(BOB)
    elif state != "nothing asked":
        await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
        status = OUT if state == "opted out" else IN
        await update_preferences(alice, [(brands.offers, EMAIL, status)], by_recipient())
    clock.forward(days=8)
    page = await open_page(client, path)
    assert page.response.status_code == 410
    assert page.buttons == ["Send me a link"]
    before = await dump()
    assert (await submit(client, path, [("do", "fresh")])).response.status_code == 200
    assert await dump() == before


async def test_ticking_again_sends_the_confirmation_to_the_phone_number_again(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    """What was ticked on the email address's page must be confirmed from the phone number."""
    await update_type("alerts", double_opt_in=True)
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["alerts:SMS"] = True
    page = await press(client, path, page, SAVE)
    waiting = "Not confirmed yet. Open the link we sent to your phone."
    assert f"open the link in the text message we send to {MASKED}." in page.text
    assert waiting in page.text
    assert AGAIN not in page.buttons
    for number in range(2, 6):
        clock.forward(minutes=10)
        page = await open_page(client, path)
        assert waiting not in page.text
        if number % 2:
            page.form.boxes["alerts:SMS"] = True
            page = await press(client, path, page, SAVE)
            assert f"open the link in the text message we send to {MASKED}." in page.text
        else:
            page = await press(client, path, page, AGAIN)
            assert "We’re sending the confirmation for Alerts" in page.text
        assert await count("outgoing_mails") == number
    clock.forward(minutes=10)
    page = await open_page(client, path)
    assert waiting in page.text
    assert AGAIN not in page.buttons  # there is no sixth message
    before = await dump()
    page.form.boxes["alerts:SMS"] = True
    await press(client, path, page, SAVE)
    assert await dump() == before
    assert await changes() == []
    own = await open_page(client, links.manage(ALICE_PHONE))
    assert AGAIN not in own.buttons  # there one press confirms it
