"""Opting out of all of a unit and lifting that, with what it brings back shown before (R4, R12)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE_PHONE, Brands, by_recipient, by_team, update_preferences
from tests.http.records import changes, events
from tests.http.visit import Links, open_page, press

EMAIL = Channel.EMAIL
IN = PreferenceStatus.OPTED_IN
SAVE = "Save choices"
OPT_OUT = "Unsubscribe from all Acme emails"
RETURN = "Receive Acme emails as before"


async def test_lifting_an_opt_out_of_all_restores_the_single_preferences(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    out = await press(client, path, await open_page(client, path), OPT_OUT)
    assert "You are unsubscribed from all Acme emails." in out.text
    assert out.form.ticked() == ["letters:EMAIL", "alerts:EMAIL"]
    assert OPT_OUT not in out.buttons
    back = await press(client, path, out, RETURN)
    assert "weekly-digest:EMAIL" in back.form.ticked()
    assert (await changes())[1:] == [
        (None, "NOT_OPTED", "OPTED_OUT", "PREFERENCE_PAGE"),
        (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE"),
    ]
    assert (await events())[1]["wording"] == f"[{OPT_OUT}]"


async def test_an_opt_in_lifts_the_opt_out_of_all_and_the_page_says_so_before(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    path = links.manage()
    out = await press(client, path, await open_page(client, path), OPT_OUT)
    notice = (
        "Ticking a box and saving ends this."
        " You will then receive what you tick, and again what you had before: Weekly digest."
    )
    assert notice in out.text  # R12
    out.form.boxes["offers:EMAIL"] = True
    after = await press(client, path, out, SAVE)
    assert {"weekly-digest:EMAIL", "offers:EMAIL"} <= set(after.form.ticked())
    assert RETURN not in after.buttons
    assert (await changes())[2:] == [
        ("offers", "NOT_OPTED", "OPTED_IN", "PREFERENCE_PAGE"),
        (None, "OPTED_OUT", "NOT_OPTED", "PREFERENCE_PAGE"),
    ]
    assert (await events())[2]["wording"].startswith(notice)


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
    assert (
        "An unsubscribe came in after this page was opened, so what you ticked was not saved." in after.text
    )
    assert "Saved: 1 change." in after.text
    assert "You are unsubscribed from all Acme emails. Ticking a box and saving ends this." in after.text
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
    out = await press(client, path, await open_page(client, path), "Stop all SMS from Acme")
    assert "You receive no SMS from Acme. Ticking a box for SMS and saving ends this." in out.text  # R12
    out.form.boxes["weekly-digest:WHATSAPP"] = True
    after = await press(client, path, out, SAVE)
    assert after.form.ticked() == ["weekly-digest:WHATSAPP"]
    assert "You receive no SMS from Acme." in after.text
