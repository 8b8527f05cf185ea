"""Opting out of all of a unit and lifting that, with what it brings back shown before (R4, R12)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.history.verification import verify
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import ALICE_PHONE, Brands, by_recipient, by_team, update_preferences
from tests.http.records import changes, events
from tests.http.visit import Links, open_page, press

EMAIL, SMS, WHATSAPP = Channel
IN = PreferenceStatus.OPTED_IN
SAVE = "Save choices"
OPT_OUT = "Stop all emails from Acme"
RETURN = "Get emails from Acme as before"


async def test_lifting_an_opt_out_of_all_restores_the_single_preferences(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    out = await press(client, path, await open_page(client, path), OPT_OUT)
    assert "You’re unsubscribed from all Acme emails." in out.text
    assert out.form.ticked() == ["letters:EMAIL", "alerts:EMAIL"]
    assert OPT_OUT not in out.buttons
    back = await press(client, path, out, RETURN)
    assert "weekly-digest:EMAIL" in back.form.ticked()
    assert (await changes())[1:] == [
        (None, "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
        (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE"),
    ]
    assert (await events())[1]["wording"] == f"[{OPT_OUT}]"


async def test_an_opt_in_lifts_the_opt_out_of_all_and_opts_out_of_what_stayed_unticked(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R12: coming back is what the person can see, and the page says so before."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    out = await press(client, path, await open_page(client, path), OPT_OUT)
    notice = "To get emails again, tick what you want and save."
    assert notice in out.text
    out.form.boxes["offers:EMAIL"] = True
    after = await press(client, path, out, SAVE)
    assert after.status_messages == ["You’ll now get Offers."]
    assert after.reason_form is None  # coming back is no leaving
    assert after.form.ticked() == ["offers:EMAIL", "letters:EMAIL", "alerts:EMAIL"]
    assert RETURN not in after.buttons
    assert (await changes())[2:] == [
        ("offers", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE"),
        (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE"),
        ("weekly-digest", "OPTED_IN", "OPTED_OUT", "PREFERENCE_PAGE"),
    ]
    assert all(event["wording"].startswith(notice) for event in (await events())[2:])
    assert [line async for line in verify()] == []


async def test_what_is_ticked_stays_opted_in_without_another_event(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R12, R16: all of several ticked boxes, whatever their order on the page."""
    opt_ins = [(brands.digest, EMAIL, IN), (brands.offers, EMAIL, IN)]
    await update_preferences(alice, opt_ins, by_recipient())
    path = links.manage()
    out = await press(client, path, await open_page(client, path), OPT_OUT)
    out.form.boxes |= {"weekly-digest:EMAIL": True, "offers:EMAIL": True}
    after = await press(client, path, out, SAVE)
    assert {"weekly-digest:EMAIL", "offers:EMAIL"} <= set(after.form.ticked())
    assert (await changes())[3:] == [(None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE")]


async def test_as_before_leaves_every_status_even_with_a_box_ticked_beside_it(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:  # R12
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    out = await press(client, path, await open_page(client, path), OPT_OUT)
    out.form.boxes["offers:EMAIL"] = True
    after = await press(client, path, out, RETURN)
    assert {"weekly-digest:EMAIL", "offers:EMAIL"} <= set(after.form.ticked())


async def test_a_return_on_one_channel_leaves_the_others_and_other_units_alone(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links
) -> None:
    """R12: on SMS a transactional type has a box too, and is opted out of if it stays unticked."""
    held = [
        (brands.digest, SMS, IN),
        (brands.receipts, SMS, IN),
        (brands.digest, WHATSAPP, IN),
        (brands.alerts, SMS, IN),
    ]
    await update_preferences(alice_phone, held, by_recipient())
    await preferences.opt_out_of_all(alice_phone, SMS, brands.acme, by_recipient(ConsentOrigin.KEYWORD))
    path = links.manage(ALICE_PHONE)
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:SMS"] = True
    after = await press(client, path, page, SAVE)
    assert set(after.form.ticked()) == {"weekly-digest:SMS", "weekly-digest:WHATSAPP", "alerts:SMS"}
    assert (await changes())[5:] == [
        (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE"),
        ("receipts", "OPTED_IN", "OPTED_OUT", "PREFERENCE_PAGE"),
    ]


@pytest.mark.parametrize("changed_by", ["another tab", "the team"])
async def test_a_page_opened_before_an_opt_out_of_all_does_not_lift_it(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, changed_by: str
) -> None:
    """R12: opt-ins that would lift it are not saved, and the page says so; opt-outs are."""
    path = links.manage()
    stale = await open_page(client, path)
    if changed_by == "the team":
        await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_team())
    else:
        await press(client, path, await open_page(client, path), OPT_OUT)
    before = await changes()
    stale.form.boxes["offers:EMAIL"] = True
    stale.form.boxes["letters:EMAIL"] = False
    after = await press(client, path, stale, SAVE)
    [said] = after.status_messages
    assert said.startswith(
        "You’re unsubscribed from Letters. You were unsubscribed after this page was opened"
    )
    assert "To get emails again, tick what you want and save." in after.text
    assert RETURN in after.buttons
    assert (await changes())[len(before) :] == [("letters", "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE")]
    after.form.boxes["offers:EMAIL"] = True
    assert "offers:EMAIL" in (await press(client, path, after, SAVE)).form.ticked()


async def test_opting_out_of_all_drops_boxes_ticked_with_it(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    page.form.boxes["letters:EMAIL"] = False
    await press(client, path, page, OPT_OUT)
    assert await changes() == [
        ("letters", "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
        (None, "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
    ]


async def test_each_phone_channel_says_what_ends_its_opt_out_of_all(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links
) -> None:
    path = links.manage(ALICE_PHONE)
    page = await open_page(client, path)
    page.form.inputs["where:acme"] = "SMS"
    out = await press(client, path, page, "Stop these messages")
    assert "You’re unsubscribed from all SMS from Acme." in out.text
    assert "To get SMS again, tick what you want and save." in out.text  # R12
    out.form.boxes["weekly-digest:WHATSAPP"] = True
    after = await press(client, path, out, SAVE)
    assert after.form.ticked() == ["weekly-digest:WHATSAPP"]
    assert "You’re unsubscribed from all SMS from Acme." in after.text
