"""The unsubscribe page: its button, and undo (R24, R31 to R34)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog.changes import archive_type
from preference_center.erasure.erase import erase_recipient
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    BOB,
    TEAM,
    Brands,
    Clock,
    by_recipient,
    by_team,
    update_preferences,
)
from tests.http.records import changes, dump, events
from tests.http.visit import Links, open_page, press, submit

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
UNSUBSCRIBE, UNDO = "Unsubscribe from Weekly digest Your other choices stay as they are.", "Undo"
ALL = "Stop all emails from Acme You’ll still get Receipts."
PAUSE = "Pause emails from Acme for 30 days They’ll start again on their own."
CHOOSE = "Choose what you get We’ll email you a link."
ALL_UNITS = "Stop all emails from Acme and Bazaar You’ll still get Receipts."


@pytest.fixture
async def reader(brands: Brands, alice: int) -> int:
    """Alice, who reads the weekly digest."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    return alice


async def test_the_page_offers_each_way_to_leave_with_one_press(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    page = await open_page(client, links.withdraw())
    assert page.response.status_code == 200
    assert page.buttons == [UNSUBSCRIBE, ALL, PAUSE, CHOOSE]
    assert len({button.get("class") for button in page.find("//button")}) == 1  # of equal weight
    assert "a•••@e•••.com" in page.text
    assert ALICE not in page.response.text


async def test_the_button_unsubscribes_with_evidence_and_undo_restores(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw(campaign="spring sale")
    done = await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    assert "You’re unsubscribed from Weekly digest." in done.text
    assert (await changes())[1] == ("weekly-digest", "OPTED_IN", "OPTED_OUT", "UNSUBSCRIBE_LINK")
    proof = (await events())[1]
    assert proof["url"] == "http://sayso.test/u?campaign=spring%20sale"
    assert proof["wording"] == "Your other choices stay as they are.\n[Unsubscribe from Weekly digest]"
    undone = await press(client, path, done, UNDO)
    assert "You’ll get Weekly digest again." in undone.text
    assert [after for _, _, after, _ in await changes()] == ["OPTED_IN", "OPTED_OUT", "OPTED_IN"]


async def test_undo_restores_no_more_than_there_was(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    # R31: a withdraw link never grants consent. Alice never opted in, so undo does not opt her in.
    path = links.withdraw()
    done = await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    undone = await press(client, path, done, UNDO)
    assert "Undone. You’re no longer unsubscribed from Weekly digest." in undone.text
    assert [after for _, _, after, _ in await changes()] == ["OPTED_OUT", "NOT_OPTED"]


async def test_undoing_the_opt_out_of_somebody_else_does_nothing(
    client: httpx.AsyncClient, reader: int, bob: int, links: Links
) -> None:
    done = await press(client, links.withdraw(), await open_page(client, links.withdraw()), UNSUBSCRIBE)
    before = await dump()
    page = await press(client, links.withdraw(BOB), done, UNDO)
    assert "can’t be undone" in page.text
    assert await dump() == before


async def test_undo_ends_after_a_day_and_after_any_later_change(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links, clock: Clock
) -> None:
    path = links.withdraw()
    done = await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    clock.forward(hours=25)
    assert "can’t be undone" in (await press(client, path, done, UNDO)).text
    await update_preferences(reader, [(brands.digest, EMAIL, IN)], by_recipient())
    done = await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    await update_preferences(reader, [(brands.digest, EMAIL, IN)], by_recipient())
    before = await dump()
    assert "can’t be undone" in (await press(client, path, done, UNDO)).text
    assert await dump() == before


async def test_a_second_press_changes_nothing_and_cannot_be_undone(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    """But for one that follows at once, as a double click does."""
    path = links.withdraw()
    page = await open_page(client, path)
    await press(client, path, page, UNSUBSCRIBE)
    before = await dump()
    clock.forward(minutes=1)
    again = await press(client, path, page, UNSUBSCRIBE)
    assert "You’re unsubscribed from Weekly digest." in again.text
    assert UNDO not in again.buttons
    assert await dump() == before  # R16


async def test_taking_over_a_teams_opt_out_is_recorded_and_cannot_be_undone(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_team())
    path = links.withdraw()
    done = await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    assert (await changes())[-1] == ("weekly-digest", "OPTED_OUT", "OPTED_OUT", "UNSUBSCRIBE_LINK")  # R11
    assert UNDO not in done.buttons


async def test_after_an_opt_out_one_press_opts_out_of_all_of_the_unit(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    everything = await press(client, path, done, ALL)
    assert "You’re unsubscribed from all Acme emails." in everything.text
    assert "You’ll still get Receipts." in everything.text
    assert (await changes())[-1] == (None, "NOT_OPTED", "OPTED_OUT", "UNSUBSCRIBE_LINK")
    assert (await events())[-1]["wording"] == "You’ll still get Receipts.\n[Stop all emails from Acme]"


async def test_links_can_withdraw_from_a_unit_and_from_all_units(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw(type_key=None, unit="acme")
    page = await open_page(client, path)
    assert page.buttons == [ALL, PAUSE, CHOOSE]
    await press(client, path, page, ALL)
    path = links.withdraw(type_key=None)
    page = await open_page(client, path)
    done = await press(client, path, page, ALL_UNITS)
    assert "You’re unsubscribed from all Acme and Bazaar emails." in done.text
    assert [(e["unit"], e["type"]) for e in (await events())[1:]] == [("acme", None), ("bazaar", None)]
    await press(client, path, done, UNDO)
    assert (await events())[-1]["unit"] == "bazaar"
    assert (await events())[-1]["after"] == "NOT_OPTED"


async def test_a_link_of_a_transactional_type_opts_out_of_all_of_its_unit(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw(type_key="receipts")
    page = await open_page(client, path)
    assert "Receipts is only sent about your orders and account" in page.text  # R24
    await press(client, path, page, ALL)
    assert (await changes())[-1] == (None, "NOT_OPTED", "OPTED_OUT", "UNSUBSCRIBE_LINK")


async def test_on_sms_a_link_of_a_transactional_type_opts_out_of_all(
    client: httpx.AsyncClient, brands: Brands, alice_phone: int, links: Links
) -> None:
    path = links.withdraw(ALICE_PHONE, SMS, "receipts")
    page = await open_page(client, path)
    assert "Receipts can’t be stopped on its own." in page.text  # R24
    await press(client, path, page, "Stop all SMS from Acme")
    event = (await events())[-1]
    assert (event["channel"], event["type"], event["after"]) == ("SMS", None, "OPTED_OUT")


@pytest.mark.parametrize("key", ["internal-notes", "weekly-digest"])
async def test_internal_and_archived_types_can_be_opted_out_of(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, key: str
) -> None:
    if key == "weekly-digest":
        await archive_type(key)
    path = links.withdraw(type_key=key)
    page = await open_page(client, path)
    await press(client, path, page, page.buttons[0])
    assert await changes() == [(key, "NOT_OPTED", "OPTED_OUT", "UNSUBSCRIBE_LINK")]


async def test_a_link_of_an_unknown_type_opts_out_of_everything(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    # A sender with the key used a type that Sayso does not know: the withdrawal still counts.
    path = links.withdraw(type_key="made-elsewhere")
    page = await open_page(client, path)
    await press(client, path, page, ALL_UNITS)
    assert [e["unit"] for e in await events()] == ["acme", "bazaar"]


async def test_the_link_never_expires_and_works_for_the_erased_and_the_unknown(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    path = links.withdraw()
    clock.forward(days=20 * 365)
    await erase_recipient(reader, TEAM)
    page = await open_page(client, path)
    assert page.response.status_code == 200
    assert "a•••" not in page.text
    await press(client, path, page, UNSUBSCRIBE)
    assert (await changes())[-1][2:] == ("OPTED_OUT", "UNSUBSCRIBE_LINK")  # R34
    unknown = links.withdraw("new@example.com")
    page = await open_page(client, unknown)
    assert page.links["Choose what you get"] == "/p?unit=acme"  # no address to send a link to
    assert "unsubscribed from Weekly digest" in (await press(client, unknown, page, UNSUBSCRIBE)).text  # R32


async def test_no_other_kind_of_link_opens_it(client: httpx.AsyncClient, reader: int, links: Links) -> None:
    before = await dump()
    for path in (links.manage(), links.confirm(type_key="weekly-digest")):
        stolen = "/u/" + path.rpartition("/")[2]
        assert (await open_page(client, stolen)).response.status_code == 404  # R31
        assert (await submit(client, stolen, [("do", "unsubscribe")])).response.status_code == 404
    assert await dump() == before


async def test_the_origin_is_unsubscribe_link_and_the_actor_the_recipient(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links
) -> None:
    path = links.withdraw()
    await press(client, path, await open_page(client, path), UNSUBSCRIBE)
    held = (await read_states([reader]))[reader].preferences[brands.digest.id, EMAIL]
    assert held.origin is ConsentOrigin.UNSUBSCRIBE_LINK
    assert (await events())[-1]["actor"] == "recipient"
