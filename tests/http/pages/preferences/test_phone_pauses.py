"""Pauses with email address and phone number: each address by itself (R1, R4)."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import httpx

from preference_center.rules.types import Channel
from tests.conftest import Brands, Clock
from tests.http.pages.preferences.pause_forms import DAY, RESUME, active_pauses, fields
from tests.http.pages.two_addresses import TwoAddresses
from tests.http.records import count, events
from tests.http.visit import Links, open_page, press, submit

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
SUMMER = datetime(2026, 6, 1, 23, 59, 59, tzinfo=UTC)


async def test_a_pause_for_the_phone_number_has_its_own_evidence(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.inputs["where:acme"] = "SMS"
    after = await submit(client, path, fields(page, "pause:acme:60"))
    assert f"SMS from Acme are paused until {clock.at + timedelta(days=60):%-d %B %Y}." in after.text
    assert await active_pauses(two.phone) == {(brands.acme.id, SMS): clock.at + timedelta(days=60)}
    assert await active_pauses(two.email) == {}
    [event] = await events()
    assert event["channel"] == "SMS"
    assert "+48" not in event["wording"]  # stored once for all recipients, so it identifies nobody
    after = await press(client, path, after, RESUME)
    assert await active_pauses(two.phone) == {}


async def test_days_for_both_addresses_are_saved_with_one_press(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    path = links.manage()
    days = {
        DAY: "2026-06-01", "where:acme": "EMAIL",
        "until:bazaar": "2026-06-01", "where:bazaar": "WHATSAPP",
    }  # fmt: skip
    after = await submit(client, path, fields(await open_page(client, path), "save", **days))
    assert after.status_messages == [
        "Emails from Acme are paused until 1 June 2026."
        " WhatsApp messages from Bazaar are paused until 1 June 2026."
    ]
    assert await active_pauses(two.email) == {(brands.acme.id, EMAIL): SUMMER}
    assert await active_pauses(two.phone) == {(brands.bazaar.id, WHATSAPP): SUMMER}


async def test_a_wrong_day_for_the_phone_number_keeps_its_ticked_boxes(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:WHATSAPP"] = True
    page.form.inputs["where:acme"] = "SMS"
    error_page = await submit(client, path, fields(page, "pause:acme:day", **{DAY: "1999-01-01"}))
    assert error_page.response.status_code == 422
    assert "weekly-digest:WHATSAPP" in error_page.form.ticked()
    assert error_page.text.count("Choose a day from tomorrow to 4 May 2028.") == 2
    assert error_page.form.inputs["where:acme"] == "SMS"
    assert 'id="until-acme-error"' in error_page.response.text
    assert 'id="until-bazaar-error"' not in error_page.response.text


async def test_a_pause_for_a_number_that_is_now_shared_is_not_saved(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    """R1"""
    from preference_center.contacts import contacts
    from tests.conftest import ALICE_PHONE

    path = links.manage()
    page = await open_page(client, path)
    await contacts.create(phone=ALICE_PHONE)
    page.form.inputs["where:acme"] = "SMS"
    after = await submit(client, path, fields(page, "pause:acme:30"))
    assert "Your phone number has changed" in after.text
    assert await active_pauses(two.phone) == {}
    assert await count("consent_events") == 0
