"""Every press on the preference page says by name what it did, and is undone where nothing newer holds."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import httpx
import pytest

from preference_center.catalog.changes import update_type, update_unit
from preference_center.history.verification import verify
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel, Maker, PreferenceStatus
from tests.conftest import BOB, Brands, Clock, by_recipient, by_team, update_preferences
from tests.http.pages.inactive_links import make_inactive
from tests.http.pages.preferences.pause_forms import fields
from tests.http.pages.two_addresses import TwoAddresses
from tests.http.records import changes, count, dump
from tests.http.visit import Links, Visit, open_page, post_form, press, submit

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
SAVE, UNDO = "Save choices", "Undo"
ALL, AS_BEFORE = "Stop all emails from Acme", "Get emails from Acme as before"
Held = dict[str, Any]


async def held(*recipients: int) -> Held:
    """What holds for recipients, without when and how it came to be."""
    states = await read_states(recipients)
    return {
        "statuses": {
            (who, *place): preference.status.value
            for who, state in states.items()
            for place, preference in state.preferences.items()
            if preference.status is not PreferenceStatus.NOT_OPTED
        },
        "all": {(who, *place) for who, state in states.items() for place in state.opt_outs_of_all},
        "pauses": {
            (who, *place): pause.until
            for who, state in states.items()
            for place, pause in state.pauses.items()
        },
        "pending": {(who, *place) for who, state in states.items() for place in state.pending_opt_ins},
    }


def unticks(page: Visit) -> None:
    page.form.boxes.update({"weekly-digest:EMAIL": False, "offers:EMAIL": True, "letters:EMAIL": False})


def nothing(page: Visit) -> None: ...


def comes_back(page: Visit) -> None:
    page.form.boxes["offers:EMAIL"] = True


def stays_with_the_digest(page: Visit) -> None:
    page.form.boxes["weekly-digest:EMAIL"] = True


PRESSES: list[tuple[str, Callable[[Visit], None], str, str, str]] = [
    (
        "in", unticks, "save",
        "You’ll now get Offers. You’re unsubscribed from Weekly digest and Letters.",
        "Undone. You’ll now get Weekly digest and Letters. You’re unsubscribed from Offers.",
    ),
    (
        "in", nothing, "out:acme:EMAIL",
        "You’re unsubscribed from all Acme emails.", "Undone. You’ll get emails from Acme as before.",
    ),
    (
        "in", unticks, "out:acme:EMAIL",
        "You’re unsubscribed from all Acme emails. You’re unsubscribed from Letters.",
        "Undone. You’ll get emails from Acme as before. You’ll now get Weekly digest and Letters.",
    ),
    (
        "in", nothing, "out",
        "You’re unsubscribed from all messages from Acme and Bazaar.",
        "Undone. You’ll get everything from Acme and Bazaar as before.",
    ),
    (
        "out", nothing, "back:acme:EMAIL",
        "You’ll get emails from Acme as before.", "Undone. You’re unsubscribed from all Acme emails.",
    ),
    (
        "out", comes_back, "save",
        "You’ll now get Offers.", "Undone. You’re unsubscribed from all Acme emails.",
    ),
    (
        "out", stays_with_the_digest, "save",
        "You’ll now get Weekly digest.", "Undone. You’re unsubscribed from all Acme emails.",
    ),
    (
        "in", nothing, "pause:acme:EMAIL:30",
        "Emails from Acme are paused until 3 June 2026.", "Undone. Emails from Acme are no longer paused.",
    ),
    (
        "paused", nothing, "pause:acme:EMAIL:60",
        "Emails from Acme are paused until 3 July 2026.",
        "Undone. Emails from Acme are paused until 13 May 2026.",
    ),
    (
        "paused", nothing, "resume:acme:EMAIL",
        "Emails from Acme are no longer paused.", "Undone. Emails from Acme are paused until 13 May 2026.",
    ),
]  # fmt: skip


@pytest.mark.parametrize(("before", "touch", "do", "said", "undone"), PRESSES)
async def test_a_press_is_told_by_name_and_undone_exactly(
    client: httpx.AsyncClient,
    brands: Brands,
    alice: int,
    links: Links,
    clock: Clock,
    before: str,
    touch: Callable[[Visit], None],
    do: str,
    said: str,
    undone: str,
) -> None:
    """Reloading and going back keep the message and its button. R12, R18, R20."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    if before == "out":
        await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    if before == "paused":
        await preferences.pause(alice, EMAIL, brands.acme, clock.at + timedelta(days=9), by_team())
    was, path = await held(alice), links.manage()
    page = await open_page(client, path)
    touch(page)
    after = await submit(client, path, fields(page, do))
    assert after.status_messages == [said]
    again = await open_page(client, str(after.response.url))
    assert again.status_messages == [said]
    back = await press(client, path, again, UNDO)
    assert back.status_messages == [undone]
    assert await held(alice) == was
    assert UNDO not in back.buttons
    # The other page is still open, and its button has nothing to undo any more.
    events = await count("consent_events")
    late = await press(client, path, again, UNDO)
    assert late.status_messages == ["That can’t be undone any more, because something changed since."]
    assert (await open_page(client, str(after.response.url))).status_messages == []
    assert await count("consent_events") == events
    assert [line async for line in verify()] == []


async def test_an_opt_out_that_an_undo_brings_back_is_the_persons_own(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R8, R9: the team could lift one of its own. A `REVERSAL` is the team's."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    path = links.manage()
    page = await open_page(client, path)
    comes_back(page)
    page.form.boxes["weekly-digest:EMAIL"] = True
    await press(client, path, await press(client, path, page, SAVE), UNDO)
    state = (await read_states([alice]))[alice]
    assert state.opt_outs_of_all[brands.acme.id, EMAIL].origin.maker is Maker.RECIPIENT
    assert state.preferences[brands.digest.id, EMAIL].origin.maker is Maker.RECIPIENT
    assert state.preferences[brands.offers.id, EMAIL].status is PreferenceStatus.NOT_OPTED


async def test_what_changed_since_is_left_alone(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:EMAIL": True, "offers:EMAIL": True})
    after = await press(client, path, page, SAVE)
    await update_preferences(alice, [(brands.offers, EMAIL, OUT)], by_team())
    shown = await open_page(client, str(after.response.url))
    assert shown.status_messages == ["You’ll now get Weekly digest."]
    await press(client, path, shown, UNDO)
    assert (await changes())[3:] == [("weekly-digest", "OPTED_IN", "NOT_OPTED", "REVERSAL")]


async def test_nothing_of_somebody_else_is_shown_or_undone(
    client: httpx.AsyncClient, brands: Brands, alice: int, bob: int, links: Links
) -> None:
    path = links.manage()
    page = await open_page(client, path)
    page.form.boxes["weekly-digest:EMAIL"] = True
    told = str((await press(client, path, page, SAVE)).response.url)
    others = links.manage(BOB)
    assert (await open_page(client, others + "?" + told.partition("?")[2])).status_messages == []
    before = await dump()
    for token in (told.rpartition("result=")[2], "AAAA.BBBB"):
        response = await post_form(client, others, [("do", "undo"), ("undo", token)], follow=True)
        assert "can’t be undone" in response.text
    assert await dump() == before


@pytest.mark.parametrize("reason", ["expired", "revoked", "erased"])
async def test_an_inactive_link_undoes_nothing(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, reason: str
) -> None:
    """R34, R36: only opt-outs count."""
    path = links.manage()
    out = await press(client, path, await open_page(client, path), ALL)
    clock.forward(hours=1)
    await make_inactive(reason, alice, clock)
    before = await changes()
    late = await press(client, path, out, UNDO)
    assert "Nothing was changed" in late.text
    assert await changes() == before


async def test_a_press_for_both_addresses_is_undone_for_both(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    """R19: a confirmation that was asked for is no longer waited for."""
    await update_type("alerts", double_opt_in=True)
    await update_preferences(two.phone, [(brands.digest, SMS, IN)], by_recipient())
    was, path = await held(two.email, two.phone), links.manage()
    page = await open_page(client, path)
    page.form.boxes.update({"weekly-digest:SMS": False, "offers:EMAIL": True, "alerts:SMS": True})
    after = await press(client, path, page, SAVE)
    assert await held(two.email, two.phone) != was
    await press(client, path, after, UNDO)
    assert await held(two.email, two.phone) == was


async def test_coming_back_gives_exactly_what_is_ticked_where_email_needs_no_opt_in(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R12, R22: what stays unticked would come by default, so it is opted out of."""
    path = links.manage(unit="bazaar")
    out = await press(client, path, await open_page(client, path), "Stop all emails from Bazaar")
    out.form.boxes["letters:EMAIL"] = True
    back = await press(client, path, out, SAVE)
    assert back.status_messages == ["You’ll now get Letters."]
    assert back.form.ticked() == ["letters:EMAIL"]
    was = await press(client, path, back, UNDO)
    assert was.status_messages == ["Undone. You’re unsubscribed from all Bazaar emails."]
    restored = await press(client, path, was, "Get emails from Bazaar as before")
    assert restored.form.ticked() == ["letters:EMAIL", "alerts:EMAIL"]


async def test_a_confirmation_is_sent_again_within_limits(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R19"""
    await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    path = links.manage()
    at_once = await open_page(client, path)
    assert "Send it again" not in at_once.buttons
    soon = await submit(client, path, [("do", "send:offers:EMAIL")])
    assert soon.status_messages[0].startswith("The confirmation for Offers is already on its way.")
    clock.forward(minutes=11)
    page = await open_page(client, path)
    mails = await count("outgoing_mails")
    sent = await press(client, path, page, "Send it again")
    assert sent.status_messages == ["We’re sending the confirmation for Offers again."]
    assert await count("outgoing_mails") == mails + 1
    assert await changes() == []


async def test_a_leaving_reason_keeps_the_undo_button(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    path = links.manage()
    out = await press(client, path, await open_page(client, path), ALL)
    form = out.reason_form
    assert form
    button = form.labelled("Too many messages")
    thanked = await submit(client, str(out.response.url), form.fields(button))
    assert thanked.status_messages == ["Thank you. You’re unsubscribed from all Acme emails."]
    await press(client, path, thanked, UNDO)
    assert await count("leaving_reasons") == 0


async def test_a_brand_that_does_not_want_to_know_why_does_not_ask(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_unit("acme", appearance={"leaving_reasons": False})
    path = links.manage()
    assert (await press(client, path, await open_page(client, path), ALL)).reason_form is None


async def test_an_undo_answers_only_a_post_and_needs_its_token(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock
) -> None:
    """R33"""
    path = links.manage()
    out = await press(client, path, await open_page(client, path), ALL)
    before = await dump()
    token = str(out.response.url).rpartition("result=")[2]
    await client.get(path, params={"do": "undo", "undo": token})
    assert (await post_form(client, path, [("do", "undo")])).status_code == 422
    clock.forward(hours=25)
    await submit(client, path, [("do", "undo"), ("undo", token)])
    assert await dump() == before


@pytest.mark.parametrize("button", [ALL, SAVE])
async def test_a_button_pressed_twice_says_what_it_did_and_undoes_it(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links, clock: Clock, button: str
) -> None:
    """A browser shows the answer to the second click, which changed nothing."""
    was, path = await held(alice), links.manage(unit="acme")
    page = await open_page(client, path)
    if button == SAVE:
        page.form.boxes["weekly-digest:EMAIL"] = True
    first = await press(client, path, page, button)
    clock.forward(seconds=2)
    second = await press(client, path, page, button)
    assert second.status_messages == first.status_messages != ["No changes to save."]
    await press(client, path, second, UNDO)
    assert await held(alice) == was
    await press(client, path, page, button)
    clock.forward(seconds=11)
    later = await press(client, path, page, button)
    assert later.status_messages == ["No changes to save."]
