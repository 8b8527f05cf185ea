"""The contact's phone number on the page of the email address (R1, R4, R12, R19)."""

from __future__ import annotations

from dataclasses import replace

import httpx
import pytest

from preference_center.catalog.changes import update_type
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.two_addresses import MASKED, PHONE_BOXES, TwoAddresses, phone_boxes
from tests.http.records import changes, dump, events
from tests.http.visit import Links, open_page, press

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
SAVE = "Save choices"


async def test_the_page_of_the_email_address_shows_the_contacts_phone_number(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    await update_preferences(two.phone, [(brands.digest, SMS, IN)], by_recipient())
    page = await open_page(client, links.manage())
    assert phone_boxes(page) == PHONE_BOXES
    assert page.form.ticked() == ["weekly-digest:SMS", "letters:EMAIL", "alerts:EMAIL"]
    assert f"For: a•••@e•••.com · {MASKED}" in page.text
    assert ALICE_PHONE not in page.response.text
    assert "Letters Email" in page.text  # a type on a single channel names it
    assert (
        "can’t be turned off. Email Always on SMS WhatsApp" in page.text
    )  # R24: on a phone it needs an opt-in


async def test_one_press_saves_both_addresses_each_with_its_own_evidence(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    path = links.manage(campaign="spring sale")
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:EMAIL": True, "alerts:WHATSAPP": True, "letters:EMAIL": False})
    after = await press(client, path, page, SAVE)
    assert after.status_messages == [
        "You’ll now get Weekly digest (Email) and Alerts (WhatsApp). You’re unsubscribed from Letters."
    ]
    assert await two.status(brands.digest, EMAIL) is IN
    assert await two.status(brands.alerts, WHATSAPP) is IN
    assert await two.status(brands.letters, EMAIL) is OUT
    of_email, _, by_phone = await events()
    assert of_email["url"] == "http://sayso.test/p?campaign=spring%20sale"
    assert of_email["wording"] == "☑ Weekly digest (Email)\n☐ Letters (Email)\n[Save choices]"
    assert (by_phone["channel"], by_phone["origin"]) == ("WHATSAPP", "PREFERENCE_PAGE")
    assert by_phone["url"] == "http://sayso.test/p?campaign=spring%20sale&link=email"
    assert by_phone["wording"] == "☑ Alerts (WhatsApp)\n[Save choices]"  # names nobody


async def test_a_double_opt_in_for_the_phone_number_is_pending_until_confirmed_from_it(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    """R19: the link was sent to the email address, which proves nothing about the number."""
    await update_type("alerts", double_opt_in=True)
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"alerts:SMS": True, "weekly-digest:SMS": True})
    after = await press(client, path, page, SAVE)
    pending_notice = f"To get Alerts (SMS), open the link in the text message we send to {MASKED}."
    assert after.status_messages == [f"You’ll now get Weekly digest (SMS). {pending_notice}"]
    assert after.form.ticked() == ["weekly-digest:SMS", "letters:EMAIL", "alerts:EMAIL"]
    assert "Not confirmed yet. Open the link we sent to your phone." in after.text
    assert await two.status(brands.alerts, SMS) is None

    after.form.boxes["alerts:SMS"] = True
    before = await dump()
    again = await press(client, path, after, SAVE)
    assert pending_notice in again.text
    assert "Undo" not in again.buttons  # it waited before
    assert await dump() == before

    own = links.manage(ALICE_PHONE)
    page = await open_page(client, own)
    assert "Not confirmed yet. Open the link we sent you." in page.text
    page.form.boxes["alerts:SMS"] = True
    await press(client, own, page, SAVE)
    assert await two.status(brands.alerts, SMS) is IN


async def test_an_opt_in_for_the_links_own_address_needs_no_confirmation(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["offers:EMAIL"] = True
    after = await press(client, path, page, SAVE)
    assert "offers:EMAIL" in after.form.ticked()
    assert "open the link" not in after.text


async def test_an_opt_out_of_all_covers_one_channel(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    await update_preferences(two.phone, [(brands.digest, SMS, IN)], by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    page.form.inputs["where:acme"] = "SMS"
    out = await press(client, path, page, "Stop these messages")
    assert "You’re unsubscribed from all SMS from Acme." in out.text
    assert "Stop all emails from Acme" in out.buttons
    assert (await events())[-1]["wording"] == "Acme: SMS\n[Stop these messages]"
    back = await press(client, path, out, "Get SMS from Acme as before")
    assert "weekly-digest:SMS" in back.form.ticked()
    assert (await changes())[1:] == [
        (None, "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
        (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE"),
    ]


async def test_the_notice_of_an_opt_out_of_all_email_names_email(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    path = links.manage()
    out = await press(client, path, await open_page(client, path), "Stop all emails from Acme")
    notice = "To get emails again, tick what you want and save."
    assert notice in out.text  # R12
    out.form.boxes["weekly-digest:SMS"] = True
    after = await press(client, path, out, SAVE)
    assert "You’re unsubscribed from all Acme emails." in after.text
    after.form.boxes["weekly-digest:EMAIL"] = True
    await press(client, path, after, SAVE)
    lifted = [e for e in await events() if e["type"] is None][-1]
    assert lifted["wording"].startswith(notice)
    assert lifted["after"] == "NOT_OPTED"


async def test_a_stop_by_keyword_is_shown_and_can_be_lifted(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    stopped = replace(by_recipient(), origin=ConsentOrigin.KEYWORD)
    await preferences.opt_out_of_all(two.phone, SMS, brands.acme, stopped)
    path = links.manage()
    page = await open_page(client, path)
    assert "You’re unsubscribed from all SMS from Acme." in page.text
    page.form.boxes["weekly-digest:SMS"] = True
    after = await press(client, path, page, SAVE)
    assert "weekly-digest:SMS" in after.form.ticked()  # R12
    assert "unsubscribed from all SMS" not in after.text


async def test_a_pause_of_a_phone_channel_is_shown(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links, clock: Clock
) -> None:
    until = clock.at.replace(month=6, day=1)
    await preferences.pause(two.phone, WHATSAPP, brands.acme, until, by_team())
    page = await open_page(client, links.manage())
    assert "WhatsApp messages from Acme are paused until 1 June 2026." in page.text
    assert "Emails from Acme" not in page.text


async def test_two_tabs_do_not_overwrite_each_other(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    path = links.manage()
    stale, newer = await open_page(client, path), await open_page(client, links.manage(ALICE_PHONE))
    newer.form.boxes["weekly-digest:SMS"] = True
    await press(client, links.manage(ALICE_PHONE), newer, SAVE)
    stale.form.boxes["alerts:SMS"] = True
    after = await press(client, path, stale, SAVE)
    assert {"weekly-digest:SMS", "alerts:SMS"} <= set(after.form.ticked())


async def test_a_phone_numbers_own_link_shows_no_email_address(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    page = await open_page(client, links.manage(ALICE_PHONE))
    assert set(page.form.boxes) == PHONE_BOXES
    assert "a•••@" not in page.text


async def test_the_page_shows_what_the_team_changed_for_the_phone_number(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    await update_preferences(two.phone, [(brands.digest, SMS, IN)], by_team())
    assert "weekly-digest:SMS" in (await open_page(client, links.manage())).form.ticked()


async def test_a_phone_number_costs_one_query_more(
    client: httpx.AsyncClient,
    brands: Brands,
    two: TwoAddresses,
    links: Links,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    sent: list[str] = []
    fetch = database.fetch

    async def counted(sql: str, *values: object) -> object:
        if "recipients" in sql:  # the catalog is read again every second
            sent.append(sql)
        return await fetch(sql, *values)

    monkeypatch.setattr(database, "fetch", counted)
    queries = {}
    for address in (ALICE, "bob@example.com", ALICE_PHONE):
        sent.clear()
        await open_page(client, links.manage(address))
        queries[address] = len(sent)
    assert queries == {ALICE: 2, "bob@example.com": 1, ALICE_PHONE: 1}
