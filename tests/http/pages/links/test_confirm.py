"""Confirming an opt-in: only by the button behind a link sent to the address (R19)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.records import changes, count, dump, events
from tests.http.visit import Links, open_page, press, submit

EMAIL = Channel.EMAIL
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
YES = "Yes, subscribe me"


@pytest.fixture
async def pending(brands: Brands, alice: int, clock: Clock) -> int:
    """Alice, with a pending opt-in to offers that the team requested."""
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    assert await count("pending_opt_ins") == 1
    return alice


async def test_the_button_confirms_and_opening_the_page_does_not(
    client: httpx.AsyncClient, pending: int, links: Links
) -> None:
    path = links.confirm()
    before = await dump()
    page = await open_page(client, path)
    assert await dump() == before  # R33
    assert "Subscribe to Offers?" in page.text
    done = await press(client, path, page, YES)
    assert "You’re subscribed to Offers." in done.text
    assert await changes() == [("offers", "NOT_OPTED", "OPTED_IN", "CONFIRMATION")]
    proof = (await events())[0]
    assert proof["url"] == "http://sayso.test/c"
    assert proof["wording"].startswith("Subscribe to Offers?")
    assert proof["wording"].endswith("[Yes, subscribe me]")


async def test_confirming_twice_changes_nothing(
    client: httpx.AsyncClient, pending: int, links: Links
) -> None:
    path = links.confirm()
    page = await open_page(client, path)
    await press(client, path, page, YES)
    before = await dump()
    assert "You’re subscribed to Offers." in (await press(client, path, page, YES)).text
    assert "You’re subscribed to Offers." in (await open_page(client, path)).text
    assert await dump() == before


async def test_after_seven_days_there_is_nothing_to_confirm(
    client: httpx.AsyncClient, pending: int, links: Links, clock: Clock
) -> None:
    path = links.confirm()
    page = await open_page(client, path)
    clock.forward(days=7, seconds=1)
    late = await press(client, path, page, YES)
    assert late.response.status_code == 410
    assert "There’s nothing to confirm" in late.text
    assert (await open_page(client, path)).response.status_code == 410
    assert await changes() == []


async def test_an_old_link_does_not_confirm_a_later_opt_in(
    client: httpx.AsyncClient, brands: Brands, pending: int, links: Links, clock: Clock
) -> None:
    old = links.confirm()
    clock.forward(days=8)
    await update_preferences(pending, [(brands.offers, EMAIL, IN)], by_team())
    assert (await open_page(client, old)).response.status_code == 410
    assert (await submit(client, old, [("do", "confirm")])).response.status_code == 410
    assert await changes() == []


async def test_an_opt_out_ends_a_pending_opt_in(
    client: httpx.AsyncClient, brands: Brands, pending: int, links: Links
) -> None:
    path = links.confirm()
    await update_preferences(pending, [(brands.offers, EMAIL, OUT)], by_recipient())
    assert (await open_page(client, path)).response.status_code == 410
    late = await submit(client, path, [("do", "confirm")])
    assert late.response.status_code == 410
    assert [after for _, _, after, _ in await changes()] == ["OPTED_OUT"]


async def test_a_confirm_link_confirms_what_it_names_and_nothing_else(
    client: httpx.AsyncClient, pending: int, links: Links
) -> None:
    before = await dump()
    for path in (links.confirm(type_key="weekly-digest"), links.confirm(type_key="unknown")):
        assert (await submit(client, path, [("do", "confirm")])).response.status_code == 410
    stolen = "/c/" + links.manage().rpartition("/")[2]
    assert (await submit(client, stolen, [("do", "confirm")])).response.status_code == 404  # R31
    assert await dump() == before
