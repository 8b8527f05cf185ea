"""What follows an opt-out: it survives reloading and going back, and the page knows who has left already."""

from __future__ import annotations

import httpx
import pytest

from preference_center.erasure.erase import erase_recipient
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import BOB, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.records import changes, dump
from tests.http.visit import Links, Visit, open_page, post_form, press

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
UNSUBSCRIBE, UNDO = "Unsubscribe from Weekly digest Your other choices stay as they are.", "Undo"
ALL = "Stop all emails from Acme You’ll still get Receipts."
PAUSE = "Pause emails from Acme for 30 days They’ll start again on their own."
CHOOSE = "Choose what you get We’ll email you a link."
ALREADY = "You’re already unsubscribed from Weekly digest."


@pytest.fixture
async def reader(brands: Brands, alice: int) -> int:
    """Alice, who reads the weekly digest."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    return alice


async def unsubscribe(client: httpx.AsyncClient, path: str) -> Visit:
    """The page after unsubscribing."""
    return await press(client, path, await open_page(client, path), UNSUBSCRIBE)


async def again(client: httpx.AsyncClient, page: Visit) -> Visit:
    """The page, loaded again."""
    return await open_page(client, str(page.response.url))


async def test_each_press_redirects_to_the_page_in_its_language(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw() + "?lang=de&chosen=1"
    response = await post_form(client, path, [("do", "unsubscribe"), ("lang", "de")])
    assert response.status_code == 303
    assert response.headers["location"].startswith("?lang=de&chosen=1&result=")
    assert "set-cookie" not in response.headers
    done = await open_page(client, str(response.url.join(response.headers["location"])))
    assert done.lang == "de"
    assert all("result=" in link for name, link in done.links.items() if name in ("Polski", "English"))


async def test_undo_and_reasons_survive_reloading_and_going_back(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    thanked = await press(client, path, await again(client, done), "Too many messages")
    thanked = await again(client, thanked)
    assert thanked.status_messages == ["Thank you."]
    assert UNDO in thanked.buttons
    before = await dump()
    back = await again(client, done)
    assert {UNDO, ALL, "Another reason"} <= set(back.buttons)
    assert await dump() == before  # R33
    undone = await press(client, path, back, UNDO)
    assert "You’ll get Weekly digest again." in (await again(client, undone)).text
    assert (await changes())[-1][1:3] == ("OPTED_OUT", "OPTED_IN")


async def test_going_back_after_an_undo_asks_again_and_after_leaving_shows_that(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    undone = await press(client, path, done, UNDO)
    assert (await again(client, done)).buttons == [UNSUBSCRIBE, ALL, PAUSE, CHOOSE]
    await press(client, path, undone, UNSUBSCRIBE)
    assert ALREADY in (await again(client, undone)).text


async def test_going_back_after_leaving_everything_offers_no_undo_that_cannot_work(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    everything = await press(client, path, done, ALL)
    assert (await again(client, done)).buttons == [CHOOSE]
    assert UNDO in (await again(client, everything)).buttons


async def test_what_was_said_ends_after_a_day(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    done = await unsubscribe(client, links.withdraw())
    clock.forward(hours=25)
    page = await again(client, done)
    assert ALREADY in page.text
    assert page.buttons == [ALL, PAUSE, CHOOSE]


async def test_the_state_of_somebody_else_and_a_forged_one_show_nothing(
    client: httpx.AsyncClient, reader: int, bob: int, links: Links
) -> None:
    done = await unsubscribe(client, links.withdraw())
    token = done.response.url.params["result"]
    for token_shown in (token, token[:-1], "x", "", links.withdraw()[3:], token + "A"):
        page = await open_page(client, links.withdraw(BOB), params={"result": token_shown})
        assert page.buttons == [UNSUBSCRIBE, ALL, PAUSE, CHOOSE]


async def test_nothing_can_be_undone_for_the_erased(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    done = await unsubscribe(client, links.withdraw())
    await erase_recipient(reader, TEAM)
    page = await again(client, done)
    assert UNDO not in page.buttons
    assert page.reason_form is None


@pytest.mark.parametrize("how", ["press", "one-click", "preference page", "all"])
async def test_who_has_left_already_is_told_so_and_can_leave_the_rest(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links, how: str
) -> None:
    path = links.withdraw()
    if how == "press":
        await unsubscribe(client, path)
    elif how == "one-click":
        await client.post(path)
    elif how == "preference page":
        await update_preferences(reader, [(brands.digest, EMAIL, OUT)], by_recipient())
    else:
        await preferences.opt_out_of_all(reader, EMAIL, brands.acme, by_recipient())
    before = await dump()
    page = await open_page(client, path)
    if how == "all":
        assert "You’re already unsubscribed from all Acme emails." in page.text
        assert page.buttons == [CHOOSE]
    else:
        assert ALREADY in page.text
        assert page.buttons == [ALL, PAUSE, CHOOSE]
    assert await dump() == before


async def test_who_has_left_everything_already_is_told_so(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    of_unit, of_all = links.withdraw(type_key=None, unit="acme"), links.withdraw(type_key=None)
    await client.post(of_unit)
    page = await open_page(client, of_unit)
    assert "You’re already unsubscribed from all Acme emails." in page.text
    stop = "Stop all emails from Acme and Bazaar You’ll still get Receipts."
    assert stop in (await open_page(client, of_all)).buttons  # Bazaar is left to leave.
    await client.post(of_all)
    page = await open_page(client, of_all)
    assert "You’re already unsubscribed from all Acme and Bazaar emails." in page.text


async def test_who_was_opted_out_by_the_team_can_make_it_their_own(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_team())
    assert UNSUBSCRIBE in (await open_page(client, links.withdraw())).buttons  # R11


async def test_who_came_back_is_asked_again(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links
) -> None:
    await client.post(links.withdraw())
    await update_preferences(reader, [(brands.digest, EMAIL, IN)], by_recipient())
    assert (await open_page(client, links.withdraw())).buttons == [UNSUBSCRIBE, ALL, PAUSE, CHOOSE]
