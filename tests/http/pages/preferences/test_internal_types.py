"""An internal type on the page of who is or was opted in to it: it can be left, and that undone (R4)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.records import changes, events
from tests.http.visit import Links, Visit, open_page, press, submit

EMAIL = Channel.EMAIL
IN, NOT_OPTED, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
SAVE = "Save choices"
BOX = "internal-notes:EMAIL"
ONLY_ACME = "Only Acme can sign you up for this again."


async def status(alice: int, brands: Brands) -> PreferenceStatus:
    return (await read_states([alice]))[alice].preferences[brands.internal.id, EMAIL].status


async def toggled(client: httpx.AsyncClient, path: str, *, ticked: bool) -> Visit:
    page = await open_page(client, path)
    page.form.boxes[BOX] = ticked
    return await press(client, path, page, SAVE)


async def test_who_is_opted_in_sees_it_leaves_it_and_takes_that_back(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.internal, EMAIL, IN)], by_team())
    path = links.manage()
    assert BOX in (await open_page(client, path)).form.ticked()
    left = await toggled(client, path, ticked=False)
    assert left.form.boxes[BOX] is False
    assert "You unsubscribed on" in left.text
    assert left.reason_form is not None
    back = await toggled(client, path, ticked=True)
    assert back.status_messages == ["You’ll now get Internal notes."]
    assert BOX in back.form.ticked()
    assert (await changes())[1:] == [
        ("internal-notes", "OPTED_IN", "OPTED_OUT", "PREFERENCE_PAGE"),
        ("internal-notes", "OPTED_OUT", "OPTED_IN", "REVERSAL"),
    ]
    assert "Internal notes" in (await events())[-1]["wording"]


async def test_who_never_was_opted_in_does_not_see_it_and_cannot_opt_in(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.internal, EMAIL, OUT)], by_team())
    path = links.manage()
    page = await open_page(client, path)
    assert "Internal notes" not in page.text
    fields = [*page.form.fields(SAVE), ("was", f"{BOX}:0"), ("on", BOX)]
    forged = await submit(client, path, fields)
    assert "is no longer offered, so it wasn’t saved" in forged.text
    assert await status(alice, brands) is OUT


@pytest.mark.parametrize("how", ["the team", "a day ago", "set to undecided"])
async def test_who_was_opted_in_sees_that_it_is_off_and_cannot_opt_in_anew(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, how: str
) -> None:
    await update_preferences(alice, [(brands.internal, EMAIL, IN)], by_team())
    path = links.manage()
    if how == "a day ago":
        await toggled(client, path, ticked=False)
        clock.forward(hours=24, seconds=1)
    else:
        left = NOT_OPTED if how == "set to undecided" else OUT
        await update_preferences(alice, [(brands.internal, EMAIL, left)], by_team())
    before = await changes()
    page = await open_page(client, path)
    assert BOX not in page.form.boxes
    assert "Internal notes" in page.text
    assert ONLY_ACME in page.text
    await submit(client, path, [*page.form.fields(SAVE), ("was", f"{BOX}:0"), ("on", BOX)])
    assert await changes() == before


async def test_an_unsubscribe_by_link_can_be_undone_on_the_page(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.internal, EMAIL, IN)], by_team())
    withdraw = links.withdraw(type_key="internal-notes")
    await press(client, withdraw, await open_page(client, withdraw), "Unsubscribe")
    await toggled(client, links.manage(), ticked=True)
    assert await status(alice, brands) is IN


async def test_under_an_opt_out_of_all_it_has_no_box_and_comes_back_with_the_others(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R12: only public types are opted out of, so the page names it before."""
    await update_preferences(alice, [(brands.internal, EMAIL, IN)], by_team())
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient(ConsentOrigin.ONE_CLICK))
    path = links.manage()
    page = await open_page(client, path)
    assert BOX not in page.form.boxes
    assert "Internal notes will come back too." in page.text
    page.form.boxes["weekly-digest:EMAIL"] = True
    after = await press(client, path, page, SAVE)
    assert after.form.boxes[BOX] is True


async def test_an_internal_type_waits_for_nobody_else(
    client: httpx.AsyncClient, brands: Brands, alice: int, bob: int, links: Links
) -> None:
    await update_preferences(bob, [(brands.internal, EMAIL, IN)], by_team())
    assert "Internal notes" not in (await open_page(client, links.manage())).text
