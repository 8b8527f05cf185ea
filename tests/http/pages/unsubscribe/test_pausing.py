"""Pausing through a withdraw link: a withdrawal for a time, which never brings messages back sooner (R31)."""

from __future__ import annotations

from datetime import datetime, timedelta

import httpx
import pytest

from preference_center.erasure.erase import erase_recipient
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, Maker, PreferenceStatus
from preference_center.storage import database
from tests.conftest import ALICE_PHONE, BOB, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.records import changes, count, dump, events
from tests.http.visit import Links, Visit, open_page, press, submit

EMAIL, SMS = Channel.EMAIL, Channel.SMS
PAUSE, END, UNSUBSCRIBE = (
    "Pause emails from Acme for 30 days",
    "End the pause",
    "Unsubscribe from Weekly digest",
)
PAUSED = "Emails from Acme are paused until 3 June 2026."


@pytest.fixture
async def reader(brands: Brands, alice: int) -> int:
    """Alice, who reads the weekly digest."""
    await update_preferences(alice, [(brands.digest, EMAIL, PreferenceStatus.OPTED_IN)], by_recipient())
    return alice


async def pause(client: httpx.AsyncClient, path: str) -> Visit:
    """The page after pausing for 30 days."""
    return await press(client, path, await open_page(client, path), PAUSE)


async def ends(recipient_id: int) -> dict[str, datetime]:
    """When each current pause ends, by the key of its unit."""
    rows = await database.fetch(
        "SELECT u.key, p.until FROM pauses p JOIN business_units u ON u.id = p.business_unit_id"
        " WHERE p.recipient_id = $1 AND p.until > $2 ORDER BY u.key",
        recipient_id,
        database.now(),
    )
    return {row["key"]: database.instant(row["until"]) for row in rows}


async def test_one_press_pauses_with_evidence_and_one_ends_it_after_reloading(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    path = links.withdraw()
    done = await pause(client, path)
    assert done.status_messages == [f"{PAUSED} They’ll start again on their own."]
    assert await ends(reader) == {"acme": clock.at + timedelta(days=30)}
    assert [each["after"] for each in await events()] == ["OPTED_IN", "NOT_OPTED"]  # no status changed
    assert (await events())[-1]["wording"] == f"They’ll start again on their own.\n[{PAUSE}]"
    again = await open_page(client, str(done.response.url))
    ended = await press(client, path, again, END)
    assert ended.status_messages == ["Emails from Acme are no longer paused."]
    assert await ends(reader) == {}
    back = await open_page(client, str(done.response.url))
    assert PAUSED not in back.text
    assert "can’t be undone" in (await press(client, path, again, END)).text


@pytest.mark.parametrize(("button", "undo"), [(PAUSE, END), (UNSUBSCRIBE, "Undo")])
async def test_a_button_pressed_twice_is_undone_with_one_press(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock, button: str, undo: str
) -> None:
    """A browser shows the answer to the second click. An undo leads back to before the first."""
    path = links.withdraw()
    page = await open_page(client, path)
    await press(client, path, page, button)
    clock.forward(seconds=2)
    await press(client, path, await press(client, path, page, button), undo)
    assert await ends(reader) == {}
    assert (await changes())[-1][2] in ("OPTED_IN", "NOT_OPTED")


async def test_a_page_opened_later_says_so_and_cannot_end_the_pause(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    await pause(client, links.withdraw())
    page = await open_page(client, links.withdraw())
    assert page.status_messages == [PAUSED]
    assert any(label.startswith(UNSUBSCRIBE) for label in page.buttons)
    assert not any(label.startswith((PAUSE, END)) for label in page.buttons)


async def test_a_pause_is_never_shortened_and_becomes_the_recipients_own(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links, clock: Clock
) -> None:
    later = clock.at + timedelta(days=90)
    path = links.withdraw()
    for provenance in (by_team(), by_recipient()):
        page = await open_page(client, path)
        await preferences.pause(reader, EMAIL, brands.acme, later, provenance)
        done = await submit(client, path, [("do", "pause")])
        assert "paused until 2 August 2026" in done.text
        assert END not in done.buttons
        assert PAUSE in " ".join(page.buttons) or provenance.origin.maker is Maker.RECIPIENT
    state = (await read_states([reader]))[reader].pauses[brands.acme.id, EMAIL]
    assert (state.until, state.origin.maker) == (later, Maker.RECIPIENT)  # R11


async def test_ending_brings_back_a_shorter_pause_from_before(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links, clock: Clock
) -> None:
    sooner = clock.at + timedelta(days=5)
    await preferences.pause(reader, EMAIL, brands.acme, sooner, by_recipient())
    path = links.withdraw()
    done = await submit(client, path, [("do", "pause")])
    ended = await press(client, path, done, END)
    assert "Emails from Acme are paused until 9 May 2026." in ended.text
    assert await ends(reader) == {"acme": sooner}


async def test_nobody_ends_the_pause_of_somebody_else_or_after_a_day(
    client: httpx.AsyncClient, reader: int, bob: int, links: Links, clock: Clock
) -> None:
    path = links.withdraw()
    done = await pause(client, path)
    left = await press(client, links.withdraw(BOB), await open_page(client, links.withdraw(BOB)), UNSUBSCRIBE)
    of_pause, of_opt_out = (dict(page.forms[0].hidden)["undo"] for page in (done, left))
    before = await dump()
    for link, do, token in (
        (links.withdraw(BOB), "resume", of_pause),
        (path, "undo", of_pause),
        (links.withdraw(BOB), "resume", of_opt_out),
        (path, "resume", of_opt_out),
        (path, "resume", path[3:]),
    ):
        page = await submit(client, link, [("do", do), ("undo", token)])
        assert "can’t be undone" in page.text
    clock.forward(hours=25)
    assert "can’t be undone" in (await press(client, path, done, END)).text
    assert await dump() == before


async def test_a_link_of_all_units_pauses_all_and_an_unknown_number_too(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw(type_key=None)
    done = await press(client, path, await open_page(client, path), "Pause emails from Acme and Bazaar")
    assert list(await ends(reader)) == ["acme", "bazaar"]
    await press(client, path, done, END)
    assert await ends(reader) == {}
    path = links.withdraw(ALICE_PHONE, SMS)
    done = await press(client, path, await open_page(client, path), "Pause SMS from Acme for 30 days")
    assert "SMS from Acme are paused until" in done.text  # R32
    assert await count("pauses") == 1


async def test_nothing_is_recorded_for_the_erased(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await pause(client, path)
    await erase_recipient(reader, TEAM)
    before = await changes()
    assert not any(label.startswith(PAUSE) for label in (await open_page(client, path)).buttons)
    assert "can’t be undone" in (await press(client, path, done, END)).text
    await submit(client, path, [("do", "pause")])
    assert await changes() == before


async def test_one_click_opts_out_whatever_else_the_body_presses(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    body = {"List-Unsubscribe": "One-Click", "do": "pause"}
    response = await client.post(links.withdraw(), data=body)
    assert (response.status_code, response.text) == (200, "You are unsubscribed\n")  # RFC 8058
    assert (await changes())[-1] == ("weekly-digest", "OPTED_IN", "OPTED_OUT", "ONE_CLICK")
