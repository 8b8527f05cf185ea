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
UNSUBSCRIBE, UNDO, ALL = "Unsubscribe", "Undo", "Unsubscribe from all Acme emails"
ALREADY = "You are already unsubscribed from “Weekly digest”"


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
    assert response.headers["location"].startswith("?lang=de&chosen=1&told=")
    assert "set-cookie" not in response.headers
    done = await open_page(client, str(response.url.join(response.headers["location"])))
    assert "Sie sind abgemeldet" in done.text
    assert all("told=" in link for name, link in done.links.items() if name in ("Polski", "English"))


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
    assert "Everything is as it was" in (await again(client, undone)).text
    assert (await changes())[-1][1:3] == ("OPTED_OUT", "OPTED_IN")


async def test_going_back_after_an_undo_asks_again_and_after_leaving_shows_that(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    undone = await press(client, path, done, UNDO)
    assert (await again(client, done)).buttons == [UNSUBSCRIBE]
    await press(client, path, undone, UNSUBSCRIBE)
    assert ALREADY in (await again(client, undone)).text


async def test_going_back_after_leaving_everything_offers_no_undo_that_cannot_work(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    everything = await press(client, path, done, ALL)
    assert (await again(client, done)).buttons == []
    assert UNDO in (await again(client, everything)).buttons


async def test_what_was_said_ends_after_a_day(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    done = await unsubscribe(client, links.withdraw())
    clock.forward(hours=25)
    page = await again(client, done)
    assert ALREADY in page.text
    assert page.buttons == [ALL]


async def test_the_state_of_somebody_else_and_a_forged_one_show_nothing(
    client: httpx.AsyncClient, reader: int, bob: int, links: Links
) -> None:
    done = await unsubscribe(client, links.withdraw())
    token = done.response.url.params["told"]
    for told in (token, token[:-1], "x", "", links.withdraw()[3:], token + "A"):
        page = await open_page(client, links.withdraw(BOB), params={"told": told})
        assert page.buttons == [UNSUBSCRIBE]


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
    assert ALREADY in page.text
    assert "You don’t get “Weekly digest” from Acme by email." in page.text
    assert page.buttons == ([] if how == "all" else [ALL])
    assert "Get a link to all your choices" in page.links
    assert await dump() == before


async def test_who_has_left_everything_already_is_told_so(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    of_unit, of_all = links.withdraw(type_key=None, unit="acme"), links.withdraw(type_key=None)
    await client.post(of_unit)
    page = await open_page(client, of_unit)
    assert "You are already unsubscribed from everything from Acme" in page.text
    assert (await open_page(client, of_all)).buttons == [UNSUBSCRIBE]  # Bazaar is left to leave.
    await client.post(of_all)
    assert "You are already unsubscribed from everything" in (await open_page(client, of_all)).text


async def test_who_was_opted_out_by_the_team_can_make_it_their_own(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_team())
    assert (await open_page(client, links.withdraw())).buttons == [UNSUBSCRIBE]  # R11


async def test_who_came_back_is_asked_again(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links
) -> None:
    await client.post(links.withdraw())
    await update_preferences(reader, [(brands.digest, EMAIL, IN)], by_recipient())
    assert (await open_page(client, links.withdraw())).buttons == [UNSUBSCRIBE]
