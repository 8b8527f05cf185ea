"""Leaving reasons: requested after an opt-out, given with one press or not at all (decision 0024)."""

from __future__ import annotations

import httpx
import pytest

from preference_center.catalog.changes import create_type
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.recipients import recipients
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import BOB, TEAM, Brands, Clock, by_recipient, by_team, update_preferences
from tests.html import visible_text
from tests.http.pages.two_addresses import TwoAddresses
from tests.http.records import dump
from tests.http.visit import Links, Visit, open_page, post_form, press, submit

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
QUESTION = "Would you tell us why? (optional)"
UNSUBSCRIBE = "Unsubscribe from"
UNDO, SAVE = "Undo", "Save choices"
ALL = "Stop all emails from Acme You’ll still get Receipts."
LABELS = {
    "Too many messages": "TOO_MANY",
    "Not what I expected": "NOT_AS_EXPECTED",
    "Not interested any more": "NO_LONGER_INTERESTED",
    "I never asked for this": "NEVER_ASKED",
    "Another reason": "OTHER",
}
TOO_MANY, OTHER = "Too many messages", "Another reason"
Reasons = list[tuple[str | None, str, str]]


@pytest.fixture
async def reader(brands: Brands, alice: int) -> int:
    """Alice, who has opted in to the digest."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    return alice


async def reasons() -> Reasons:
    """(type or None, channel, reason) of all reasons, by type and channel."""
    rows = await database.fetch(
        "SELECT t.key, r.channel, r.reason FROM leaving_reasons r"
        " LEFT JOIN subscription_types t ON t.id = r.subscription_type_id ORDER BY t.id, r.channel"
    )
    return [(row["key"], row["channel"], row["reason"]) for row in rows]


async def unsubscribe(client: httpx.AsyncClient, path: str) -> Visit:
    """The page after unsubscribing."""
    return await press(client, path, await open_page(client, path), UNSUBSCRIBE)


async def untick(client: httpx.AsyncClient, path: str, *boxes: str) -> Visit:
    """The preference page after these boxes were unticked and saved."""
    page = await open_page(client, path)
    page.form.boxes.update(dict.fromkeys(boxes, False))
    return await press(client, path, page, SAVE)


def is_thanks_alone(page: Visit) -> bool:
    """Whether the page only thanks: no question, nothing about preferences."""
    return "Thank you." in page.text and page.reason_form is None and "unsubscribed" not in page.text


async def test_one_press_gives_a_reason_and_changes_nothing_else(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    assert (
        done.text.index("You’re unsubscribed from Weekly digest.")
        < done.text.index(UNDO)
        < done.text.index(QUESTION)
    )
    assert done.reason_form is not None
    assert done.reason_form.labels == list(LABELS)
    thanked = await press(client, path, done, TOO_MANY)
    assert await reasons() == [("weekly-digest", "EMAIL", "TOO_MANY")]
    assert thanked.status_messages == ["Thank you."]
    assert "You’re unsubscribed from Weekly digest." in thanked.text
    assert {UNDO, ALL} <= set(thanked.buttons)
    assert [visible_text(button) for button in thanked.find("//button[@aria-pressed='true']")] == [TOO_MANY]


@pytest.mark.parametrize(("label", "reason"), LABELS.items())
async def test_each_button_records_its_reason(
    client: httpx.AsyncClient, reader: int, links: Links, label: str, reason: str
) -> None:
    path = links.withdraw()
    await press(client, path, await unsubscribe(client, path), label)
    assert await reasons() == [("weekly-digest", "EMAIL", reason)]


async def test_opt_outs_saved_together_share_one_reason(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.manage() + "?lang=en&chosen=1"
    page = await untick(client, path, "weekly-digest:EMAIL", "letters:EMAIL")
    assert "Undo" in page.buttons
    assert page.text.index(SAVE) < page.text.index(QUESTION)
    thanked = await press(client, path, page, OTHER)
    assert await reasons() == [("weekly-digest", "EMAIL", "OTHER"), ("letters", "EMAIL", "OTHER")]
    [said] = thanked.status_messages
    assert said.startswith("Thank you. You’re unsubscribed from Weekly digest")
    assert "weekly-digest:EMAIL" not in thanked.form.ticked()


async def test_a_reason_is_requested_after_an_opt_out_of_all_and_not_after_lifting_it(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.manage()
    out = await press(client, path, await open_page(client, path), "Stop all emails from Acme")
    thanked = await press(client, path, out, TOO_MANY)
    assert await reasons() == [(None, "EMAIL", "TOO_MANY")]
    back = await press(client, path, thanked, "Get emails from Acme as before")
    assert back.reason_form is None


async def test_reasons_are_recorded_per_channel(
    client: httpx.AsyncClient, brands: Brands, two: TwoAddresses, links: Links
) -> None:
    await update_preferences(two.phone, [(brands.digest, SMS, IN)], by_recipient())
    path = links.manage()
    page = await untick(client, path, "weekly-digest:SMS", "letters:EMAIL")
    await press(client, path, page, TOO_MANY)
    assert await reasons() == [("weekly-digest", "SMS", "TOO_MANY"), ("letters", "EMAIL", "TOO_MANY")]


async def test_a_reason_is_requested_only_after_an_opt_out(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links, clock: Clock
) -> None:
    withdraw, manage = links.withdraw(), links.manage()
    assert (await open_page(client, withdraw)).reason_form is None
    page = await open_page(client, manage)
    assert page.reason_form is None
    page.form.boxes["offers:EMAIL"] = True
    assert (await press(client, manage, page, SAVE)).reason_form is None
    question = await open_page(client, withdraw)
    await press(client, withdraw, question, UNSUBSCRIBE)
    clock.forward(minutes=1)
    again = await press(client, withdraw, question, UNSUBSCRIBE)
    assert "You’re unsubscribed from Weekly digest." in again.text  # R16: nothing was changed
    assert again.reason_form is None
    await update_preferences(reader, [(brands.offers, EMAIL, OUT)], by_team())
    taken_over = await unsubscribe(client, links.withdraw(type_key="offers"))
    assert taken_over.reason_form is None  # R11: the team had opted her out already


async def test_one_click_is_answered_as_before(client: httpx.AsyncClient, reader: int, links: Links) -> None:
    response = await client.post(links.withdraw(), data={"List-Unsubscribe": "One-Click"})
    assert response.text == "You are unsubscribed\n"  # RFC 8058


@pytest.mark.parametrize("page_kind", ["withdraw", "manage"])
async def test_a_second_reason_replaces_the_first(
    client: httpx.AsyncClient, reader: int, links: Links, page_kind: str
) -> None:
    path = getattr(links, page_kind)()
    page = await (
        unsubscribe(client, path) if page_kind == "withdraw" else untick(client, path, "weekly-digest:EMAIL")
    )
    thanked = await press(client, path, page, TOO_MANY)
    await press(client, path, page, TOO_MANY)
    assert await reasons() == [("weekly-digest", "EMAIL", "TOO_MANY")]
    await press(client, path, thanked, OTHER)
    assert await reasons() == [("weekly-digest", "EMAIL", "OTHER")]


async def test_a_reason_for_an_opt_out_of_all_keeps_the_page(
    client: httpx.AsyncClient, reader: int, links: Links
) -> None:
    path = links.withdraw()
    everything = await press(client, path, await unsubscribe(client, path), ALL)
    thanked = await press(client, path, everything, OTHER)
    assert "You’re unsubscribed from all Acme emails." in thanked.text
    assert ALL not in thanked.buttons
    assert await reasons() == [(None, "EMAIL", "OTHER")]


async def test_undo_also_deletes_the_reason_and_a_stale_page_does_not_restore_it(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links
) -> None:
    path = links.withdraw()
    done = await unsubscribe(client, path)
    thanked = await press(client, path, done, TOO_MANY)
    undone = await press(client, path, thanked, UNDO)
    assert "You’ll get Weekly digest again." in undone.text
    assert undone.reason_form is None
    assert await reasons() == []
    before = await dump()
    assert is_thanks_alone(await press(client, path, done, TOO_MANY))
    assert await dump() == before


async def test_an_undo_that_does_nothing_leaves_the_reason(
    client: httpx.AsyncClient, brands: Brands, reader: int, links: Links
) -> None:
    path = links.withdraw()
    thanked = await press(client, path, await unsubscribe(client, path), TOO_MANY)
    await update_preferences(reader, [(brands.digest, EMAIL, IN)], by_recipient())
    assert "can’t be undone" in (await press(client, path, thanked, UNDO)).text
    assert await reasons() == [("weekly-digest", "EMAIL", "TOO_MANY")]


@pytest.mark.parametrize("page_kind", ["withdraw", "manage"])
async def test_a_reason_given_a_day_later_is_not_recorded(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock, page_kind: str
) -> None:
    path = getattr(links, page_kind)()
    page = await (
        unsubscribe(client, path) if page_kind == "withdraw" else untick(client, path, "weekly-digest:EMAIL")
    )
    clock.forward(hours=23)
    await press(client, path, page, OTHER)
    clock.forward(hours=2)
    before = await dump()
    assert is_thanks_alone(await press(client, path, page, TOO_MANY)) or page_kind == "manage"
    assert await dump() == before
    assert await reasons() == [("weekly-digest", "EMAIL", "OTHER")]


@pytest.mark.parametrize("page_kind", ["withdraw", "manage"])
async def test_invalid_reason_tokens_record_nothing(
    client: httpx.AsyncClient, reader: int, links: Links, page_kind: str
) -> None:
    """R31: a token works for one purpose only."""
    path = links.withdraw()
    done = await unsubscribe(client, path)
    undo = dict(done.form_with(UNDO).hidden)["undo"]
    leaving = dict(done.reason_form.hidden)["leaving"] if done.reason_form else ""
    path_of = getattr(links, page_kind)()
    before = await dump()
    for token in ("", "x", undo, leaving[:-1], path.rpartition("/")[2], links.manage().rpartition("/")[2]):
        page = await submit(client, path_of, [("do", "reason:OTHER"), ("leaving", token)])
        assert (page.response.status_code, page.reason_form) == (200, None)
        assert "Thank you." in page.text
    not_undone = await submit(client, path, [("do", "undo"), ("undo", leaving)])
    assert "can’t be undone" in not_undone.text
    for fields in ([("do", "reason:OTHER")], [("do", "reason:BORED"), ("leaving", leaving)]):
        assert (await post_form(client, path_of, fields)).status_code == 422
    assert await dump() == before


async def test_nobody_can_give_a_reason_for_somebody_else(
    client: httpx.AsyncClient, reader: int, bob: int, links: Links
) -> None:
    done = await unsubscribe(client, links.withdraw())
    before = await dump()
    assert is_thanks_alone(await press(client, links.withdraw(BOB), done, TOO_MANY))
    assert (await press(client, links.manage(BOB), done, TOO_MANY)).reason_form is None
    assert await dump() == before


@pytest.mark.parametrize("typed_again", [False, True])
@pytest.mark.parametrize("page_kind", ["withdraw", "manage"])
async def test_the_reason_of_a_recipient_erased_meanwhile_is_not_recorded(
    client: httpx.AsyncClient, reader: int, links: Links, page_kind: str, typed_again: bool
) -> None:
    """R36"""
    path = getattr(links, page_kind)()
    page = await (
        unsubscribe(client, path) if page_kind == "withdraw" else untick(client, path, "weekly-digest:EMAIL")
    )
    await erase_recipient(reader, TEAM)
    if typed_again:
        await contacts.create(email="alice@example.com")
    response = await press(client, path, page, TOO_MANY)
    assert "Thank you." in response.text
    assert response.reason_form is None
    assert await reasons() == []


async def test_a_reason_through_a_revoked_link_is_not_recorded(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    """R31: a revoked link can do nothing but opt out."""
    path = links.manage()
    page = await untick(client, path, "weekly-digest:EMAIL")
    clock.forward(minutes=1)
    await recipients.revoke_links(reader)
    assert is_thanks_alone(await press(client, path, page, TOO_MANY))
    assert await reasons() == []


async def test_no_get_request_gives_a_reason(client: httpx.AsyncClient, reader: int, links: Links) -> None:
    """R33: a mail scanner that requests every URL and repeats form fields in queries gives no reason."""
    path = links.manage()
    page = await untick(client, path, "weekly-digest:EMAIL")
    assert page.reason_form is not None
    before = await dump()
    for query in ([("do", "reason:OTHER")], [*page.reason_form.hidden, ("do", "reason:OTHER")]):
        for path_of in (path, links.withdraw()):
            await client.get(path_of, params=query)
            await client.head(path_of, params=query)
    assert (await client.get(page.response.url)).status_code == 200
    assert await dump() == before


async def test_the_question_for_a_reason_goes_away_with_the_flash_message(
    client: httpx.AsyncClient, reader: int, links: Links, clock: Clock
) -> None:
    path = links.manage()
    page = await untick(client, path, "weekly-digest:EMAIL")
    clock.forward(hours=25)
    assert (await open_page(client, str(page.response.url))).reason_form is None


async def test_after_more_than_fifty_opt_outs_no_reason_is_requested(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    keys = [f"letter-{n}" for n in range(51)]
    for key in keys:
        await create_type(key=key, business_unit="bazaar", name={"en": key})
    boxes = [f"{key}:EMAIL" for key in keys]
    path = links.manage()
    page = await untick(client, path, *boxes)
    assert "48 more" in page.text
    assert page.reason_form is None
    page.form.boxes.update(dict.fromkeys(boxes, True))
    await press(client, path, page, SAVE)
    page = await untick(client, path, *boxes[:50])
    await press(client, path, page, OTHER)
    assert len(await reasons()) == 50
