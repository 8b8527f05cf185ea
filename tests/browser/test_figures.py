"""How long the preference page is on a phone, how many words it has, and how few presses it takes to leave.

Measured on the demo's page of a person with two brands and three channels, and on a brand with five types.
"""

from __future__ import annotations

import asyncio
import shutil
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import httpx
import pytest
from playwright.sync_api import Browser, Page

from api.app import create_app
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.rules.types import Purpose
from preference_center.storage.connection import open_database
from tests.browser.conftest import Opener
from tests.browser.server import settings_in
from tests.browser.site import Site
from tests.http.visit import Links, open_page, press

PHONE = {"width": 390, "height": 844}
Pages = dict[str, str]
LEAVING = ("Stop all emails from Lantern Books", "Stop these messages", "Stop everything")
"""The second is in the fold below the first brand: it takes one press more."""
LEFT = (("offers:EMAIL",), ("new-beans:EMAIL",), ("offers:EMAIL", "coffee-letter:EMAIL", "new-beans:EMAIL"))
"""The boxes that are unticked to leave one type, or some of them."""


@dataclass(frozen=True)
class Figures:
    """What a person sees of a page on a phone."""

    height: int
    words: int
    leaving: float
    """Where the button that stops everything from the brand begins."""


@pytest.fixture(scope="module")
def figures(
    chromium: Browser, sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory
) -> dict[str, Figures]:
    """The figures of each page, by its name."""
    pages: Pages = {}
    for fill in (demo_pages, five_types):
        folder = tmp_path_factory.mktemp("figures")
        shutil.copy(sqlite_template, folder / "sayso.db")
        with ThreadPoolExecutor(1) as thread:  # Playwright's loop runs in this one
            pages |= thread.submit(asyncio.run, _filled(settings_in(folder, 8000), fill)).result()
    window = chromium.new_page(viewport=PHONE)  # type: ignore[arg-type]
    found = {name: measured(window, html) for name, html in pages.items()}
    window.close()
    return found


def measured(window: Page, html: str) -> Figures:
    """Lay a page out and measure it."""
    window.set_content(html)
    return Figures(
        **window.evaluate(
            "() => ({height: document.documentElement.scrollHeight,"
            " words: document.body.innerText.split(/\\s+/).filter(Boolean).length,"
            " leaving: document.querySelector('.leave button')?.getBoundingClientRect().y ?? 0})"
        )
    )


async def _filled(config: Settings, pages: Callable[[httpx.AsyncClient, Links], Awaitable[Pages]]) -> Pages:
    before = settings._current
    settings.use(config)
    try:
        async with open_database(config):
            transport = httpx.ASGITransport(create_app(config))
            async with httpx.AsyncClient(transport=transport, base_url=config.public_url) as client:
                return await pages(client, Links(config))
    finally:
        settings._current = before


async def demo_pages(client: httpx.AsyncClient, links: Links) -> Pages:
    """Ada's page by the link that the demo prints, and after each way to leave."""
    await demo.load(1)
    path = links.manage(demo.ADA, unit=None)
    first = await open_page(client, path)
    pages = {"Ada": first.response.text}
    for button in LEAVING:
        left = await press(client, path, await open_page(client, path), button)
        pages[button] = left.response.text
        await press(client, path, left, "Undo")
    for boxes in LEFT:
        page = await open_page(client, path)
        page.form.boxes.update(dict.fromkeys(boxes, False))
        left = await press(client, path, page, "Save choices")
        pages[" ".join(boxes)] = left.response.text
        thanked = await press(client, path, left, "Too many messages")
        pages[f"why {boxes}"] = thanked.response.text
        await press(client, path, thanked, "Undo")
    return pages


async def five_types(client: httpx.AsyncClient, links: Links) -> Pages:
    """A brand with five types by email, of which a person gets three."""
    await create_unit(key="courier", name="The Courier", data_privacy=True)
    for number, name in enumerate(("Breaking news", "Morning briefing", "Weekend", "Sport", "Your order")):
        await create_type(
            key=f"t{number}",
            business_unit="courier",
            name={"en": name},
            description={"en": "What happened and what it means, every morning at six."},
            purpose=Purpose.TRANSACTIONAL if number == 4 else Purpose.MARKETING,
        )
    path = links.manage(unit="courier")
    page = await open_page(client, path)
    page.form.boxes.update({"t0:EMAIL": True, "t1:EMAIL": True, "t2:EMAIL": True})
    await press(client, path, page, "Save choices")
    return {"five types": (await open_page(client, path)).response.text}


def test_two_brands_on_three_channels_fit_and_leaving_makes_the_page_shorter(
    figures: dict[str, Figures],
) -> None:
    ada = figures["Ada"]
    assert ada.height <= 2600
    assert ada.words <= 350
    assert 0 < ada.leaving < 420
    after = {name: found for name, found in figures.items() if name not in ("Ada", "five types")}
    assert len(after) == len(LEAVING) + 2 * len(LEFT)
    for name, found in after.items():
        assert found.height < ada.height, name
        assert found.words < ada.words, name


def test_one_brand_with_five_types_fits(figures: dict[str, Figures]) -> None:
    five = figures["five types"]
    assert five.height <= 1300
    assert five.words <= 200
    assert 0 < five.leaving < 420


@pytest.mark.parametrize(
    ("presses", "ends"),
    [
        (["checkbox:Weekly digest Email", "button:Save choices"], "weekly-digest"),
        (["button:Stop all emails from Acme Outdoors"], "all of acme"),
        (["button:Stop everything"], "all of acme"),
    ],
)
def test_leaving_takes_two_presses_at_most(
    site: Site, browser_page: Opener, presses: list[str], ends: str
) -> None:
    person = site.reader()
    page = browser_page(person.manage())
    for role, name in (each.split(":") for each in presses):
        page.get_by_role(role, name=name).first.click()  # type: ignore[arg-type]
    assert len(presses) <= 2
    assert "You’re unsubscribed from" in page.get_by_role("status").inner_text()
    assert person.statuses()[ends] == "OPTED_OUT"


def test_pausing_for_thirty_days_takes_two_presses(site: Site, browser_page: Opener) -> None:
    page = browser_page(site.reader().manage())
    page.locator("summary", has_text="Pause or stop").first.click()
    page.get_by_role("button", name="30 days").first.click()
    assert "Emails from Acme Outdoors are paused until" in page.get_by_role("status").inner_text()
