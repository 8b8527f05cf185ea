"""Evidence of a press: the text that the person read, stored once for all who read it (R18)."""

from __future__ import annotations

import httpx

from preference_center.catalog.changes import update_type
from preference_center.rules.types import Channel, PreferenceStatus
from tests.conftest import ALICE, BOB, Brands, by_team, update_preferences
from tests.http.records import count, dump, events
from tests.http.visit import Links, open_page, press

SAVE, YES = "Save choices", "Yes, subscribe me"
EMAIL = Channel.EMAIL


async def _press(client: httpx.AsyncClient, path: str, label: str, box: str = "") -> tuple[str, str]:
    """Open a page, tick a box, press a button; return the page's text and the shown text in the evidence."""
    page = await open_page(client, path)
    if box:
        page.form.boxes[box] = not page.form.boxes[box]
    await press(client, path, page, label)
    return page.text, (await events())[-1]["wording"]


async def test_evidence_holds_the_text_of_the_page(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    await update_preferences(alice, [(brands.offers, EMAIL, PreferenceStatus.OPTED_IN)], by_team())
    text, wording = await _press(client, links.confirm(), YES)
    assert await _was_shown(text, wording)
    text, wording = await _press(client, links.manage(), SAVE, "weekly-digest:EMAIL")
    assert wording == f"☑ Weekly digest (Email)\n[{SAVE}]"
    assert "Weekly digest" in text
    text, wording = await _press(client, links.withdraw(), "Unsubscribe")
    assert await _was_shown(text, wording)
    await client.post(links.withdraw(BOB), data={"List-Unsubscribe": "One-Click"})
    assert (await events())[-1]["wording"] == "List-Unsubscribe=One-Click"
    assert await count("shown_wordings") == 4


async def _was_shown(text: str, wording: str) -> bool:
    return all(line.strip("[]") in text for line in wording.splitlines())


async def test_the_same_shown_text_is_stored_once(
    client: httpx.AsyncClient, brands: Brands, alice: int, bob: int, links: Links
) -> None:
    for address in (ALICE, BOB):
        await _press(client, links.manage(address), SAVE, "weekly-digest:EMAIL")
        await client.post(links.withdraw(address), data={"List-Unsubscribe": "One-Click"})
    assert len(await events()) == 4
    assert await count("shown_wordings") == 2


async def test_renaming_a_type_makes_another_shown_text(
    client: httpx.AsyncClient, brands: Brands, alice: int, bob: int, links: Links
) -> None:
    await _press(client, links.manage(), SAVE, "weekly-digest:EMAIL")
    await update_type("weekly-digest", name={"en": "Sunday digest"})
    await _press(client, links.manage(BOB), SAVE, "weekly-digest:EMAIL")
    assert [event["wording"] for event in await events()] == [
        f"☑ Weekly digest (Email)\n[{SAVE}]",
        f"☑ Sunday digest (Email)\n[{SAVE}]",
    ]
    assert await count("shown_wordings") == 2


async def test_each_language_has_its_own_shown_text(
    client: httpx.AsyncClient, brands: Brands, alice: int, bob: int, links: Links
) -> None:
    await _press(client, links.manage(), SAVE, "weekly-digest:EMAIL")
    page = await open_page(client, links.manage(BOB) + "?lang=pl")
    page.form.boxes["weekly-digest:EMAIL"] = True
    [label] = [button.label for button in page.form.buttons if button.value == "save" and button.label]
    await press(client, links.manage(BOB), page, label)
    english, polish = await events()
    assert (english["locale"], polish["locale"]) == ("en", "pl")
    assert polish["wording"].startswith("☑ Przegląd tygodnia")
    assert await count("shown_wordings") == 2


async def test_opening_a_page_stores_no_shown_text(
    client: httpx.AsyncClient, brands: Brands, alice: int, links: Links
) -> None:
    """R33"""
    before = await dump()
    for path in (links.manage(), links.withdraw(), links.confirm()):
        await open_page(client, path)
    assert await dump() == before
    assert await count("shown_wordings") == 0
