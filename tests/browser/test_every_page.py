"""Every page in every state, language, width and look: small, accessible, and within its window.

Each is checked where it can differ: names, roles and structure in every language, colours in every look,
overflow and the size of targets in every language where the window is narrow, and at every width in English
and in the pseudo-language, which is longer than any other. SAYSO_TEST_AXE=all checks each page in each
language at each width in each look, which takes a quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import httpx
import pytest
from playwright.sync_api import Browser, Page

from preference_center.translations import languages
from tests.browser import pseudo_language
from tests.browser.site import Site
from tests.browser.snapshot import Snapshot, take_snapshot
from tests.browser.states.pages import STATES
from tests.browser.windows import EVERYTHING, LOOKS, NARROW, WIDTHS, Windows

HtmlIn = Callable[[str], str]
MOST_BYTES, MOST_REQUESTS = 30_000, 3


@pytest.fixture(scope="module", params=STATES)
def snapshot(request: pytest.FixtureRequest, chromium: Browser, site: Site) -> Snapshot:
    """A page in each state, reached once for all tests of the state."""
    return take_snapshot(site, chromium, request.param)


@pytest.fixture(scope="module")
def client() -> Iterator[httpx.Client]:
    """A client without TLS, whose setup takes longer than a page."""
    with httpx.Client(verify=False, headers={"accept": "text/html"}) as opened:
        yield opened


@pytest.fixture
def html_in(snapshot: Snapshot, client: httpx.Client, site: Site, chromium: Browser) -> HtmlIn:
    """Returns the page in a language: requested again, or reached again where that leads elsewhere."""

    def html(language: str) -> str:
        again = snapshot.in_language(client, language)
        return snapshot.with_images(again or take_snapshot(site, chromium, snapshot.state, language).html)

    return html


def test_a_page_is_small(snapshot: Snapshot) -> None:
    assert snapshot.requests <= MOST_REQUESTS
    assert snapshot.weight < MOST_BYTES


def test_no_look_has_violations(windows: Windows, snapshot: Snapshot) -> None:
    windows.lay_out(snapshot.with_images(snapshot.html))
    assert windows.measured() == []
    assert windows.violations((NARROW,), tuple(LOOKS), colours=True) == []


def test_no_language_has_violations(windows: Windows, html_in: HtmlIn) -> None:
    widths = WIDTHS if EVERYTHING else (NARROW,)
    for language in languages():
        windows.lay_out(html_in(language), widths)
        found = windows.measured(widths) + windows.violations_in_a_language()
        if EVERYTHING:
            found += windows.violations(WIDTHS, tuple(LOOKS), colours=True)
        assert found == [], language


def test_a_page_from_right_to_left_starts_on_the_right_and_stays_in_its_window(
    windows: Windows, html_in: HtmlIn
) -> None:
    windows.lay_out(html_in(pseudo_language.LANGUAGE))
    page = windows.narrow
    assert page.locator("html").get_attribute("dir") == "rtl"
    listed = page.locator(".languages ul").bounding_box()
    assert listed
    assert 0 <= listed["x"] <= NARROW - listed["width"]
    heading, text = page.locator("h1").bounding_box(), _first_line(page, "h1")
    assert heading
    assert text["right"] == pytest.approx(heading["x"] + heading["width"], abs=2)
    assert windows.measured() == []
    assert windows.violations((NARROW,), ("light",), colours=True) == []


def _first_line(page: Page, selector: str) -> dict[str, float]:
    """Where the first line of an element's text starts and ends."""
    return dict(
        page.evaluate(
            "selector => { const range = document.createRange();"
            " range.selectNodeContents(document.querySelector(selector));"
            " const {left, right} = range.getClientRects()[0]; return {left, right}; }",
            selector,
        )
    )
