"""Screenshots: `python -m tests.browser.screenshots` takes those in docs/, with `--all` every state.

The clock of the server stands still, so that pictures differ only where pages do.
"""

from __future__ import annotations

import argparse
import os
import shutil
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from datetime import datetime
from pathlib import Path

from playwright.sync_api import Browser, Page, sync_playwright

from preference_center.config import settings
from preference_center.demo.people import ADA
from preference_center.storage import database
from preference_center.translations import languages
from tests.browser.conftest import FLAGS, NAMES, ROOT, serving
from tests.browser.server import CLOCK, DEMO
from tests.browser.site import Site, press
from tests.browser.states.pages import STATES
from tests.http.visit import Links

PHONE, DESKTOP = {"width": 390, "height": 780}, {"width": 1280, "height": 900}
NOON = "2026-05-04T12:00:00+00:00"
WIDTHS = (320, 768, 1280)
SCHEMES = ("light", "dark")


class Camera:
    """A window of one size and look, in one language."""

    def __init__(self, browser: Browser, language: str, width: int, height: int, scheme: str) -> None:
        self._language = language
        self._context = browser.new_context(
            viewport={"width": width, "height": height},
            color_scheme=scheme,  # type: ignore[arg-type]
            reduced_motion="reduce",
        )

    def open(self, url: str) -> Page:
        """Open a page in the language."""
        page = self._context.new_page()
        page.goto(f"{url}{'&' if '?' in url else '?'}lang={self._language}&chosen=1")
        return page

    def close(self) -> None:
        """Close the window."""
        self._context.close()


@contextmanager
def camera(browser: Browser, language: str, size: dict[str, int], scheme: str = "light") -> Iterator[Camera]:
    """A window, closed at the end."""
    window = Camera(browser, language, size["width"], size["height"], scheme)
    try:
        yield window
    finally:
        window.close()


def for_the_documents(site: Site, browser: Browser, folder: Path) -> None:
    """The screenshots of the README and the docs: the demo's brands, as Ada sees them."""
    settings.use(site.config)
    links = Links(site.config)
    books = site.url(links.manage(ADA, unit="lantern-books"))
    coffee = site.url(links.manage(ADA, unit="kawa-i-spolka"))
    message = site.url(links.withdraw(ADA, type_key="new-beans"))
    with camera(browser, "en", DESKTOP) as window:
        window.open(books).screenshot(path=folder / "preference-page.png")
    with camera(browser, "en", PHONE) as window:
        page = window.open(coffee)
        page.locator("input[value='new-beans:SMS']").check(force=True)
        press(page.locator(".save button"))
        page.screenshot(path=folder / "preference-page-phone.png")
    with camera(browser, "en", PHONE, "dark") as window:
        page = window.open(message)
        press(page.locator("button.option").first)
        page.screenshot(path=folder / "unsubscribe-page-phone.png")


def of_everything(site: Site, browser: Browser, folder: Path, wanted: argparse.Namespace) -> None:
    """Whole pages in every state, in languages, widths and both looks, for review."""
    for state in wanted.states or STATES:
        for language in wanted.languages:
            for scheme in wanted.schemes:
                with camera(browser, language, {"width": 320, "height": 700}, scheme) as window:
                    page = STATES[state](site, window.open)
                    for width in wanted.widths:
                        _fit(page, width)
                        name = f"{state}-{language}-{width}-{scheme}.png"
                        page.screenshot(path=folder / name, full_page=True)


def _fit(page: Page, width: int) -> None:
    """Make the window as high as the page, so that what sticks to its edge is at the end of the page."""
    page.set_viewport_size({"width": width, "height": 700})
    height = page.evaluate("document.documentElement.scrollHeight")
    page.set_viewport_size({"width": width, "height": height})


def _arguments() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="make screenshots", description=__doc__)
    parser.add_argument("--all", action="store_true", help="every state of every page instead")
    parser.add_argument("--out", type=Path, default=ROOT / "docs", help="where to (docs)")
    parser.add_argument("--languages", type=_listed, default=["en"], help=f"of {','.join(languages())}")
    parser.add_argument("--widths", type=lambda text: [int(n) for n in _listed(text)], default=WIDTHS)
    parser.add_argument("--schemes", type=_listed, default=SCHEMES, help="light,dark")
    parser.add_argument("--states", type=_listed, default=[], help="some of them only")
    return parser.parse_args()


def _listed(text: str) -> list[str]:
    return text.split(",")


def main() -> None:
    """Serve, open the pages and take screenshots."""
    wanted = _arguments()
    os.environ[CLOCK] = NOON
    if not wanted.all:
        os.environ[DEMO] = "yes"
    database.clock = lambda: datetime.fromisoformat(NOON)
    wanted.out.mkdir(parents=True, exist_ok=True)
    found = next((path for name in NAMES if (path := shutil.which(name))), None)
    if found is None:
        sys.exit("There is no Chromium on this machine.")
    with (
        tempfile.TemporaryDirectory() as folder,
        serving(Path(folder)) as site,
        sync_playwright() as playwright,
    ):
        browser = playwright.chromium.launch(executable_path=found, args=FLAGS)
        if wanted.all:
            of_everything(site, browser, wanted.out, wanted)
        else:
            for_the_documents(site, browser, wanted.out)
        browser.close()


if __name__ == "__main__":
    main()
