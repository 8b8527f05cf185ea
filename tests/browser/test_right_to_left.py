"""A page from right to left, in the pseudo-language: what a team that adds Arabic or Hebrew gets."""

from __future__ import annotations

from playwright.sync_api import Page

from tests.browser import pseudo_language
from tests.browser.conftest import Opener
from tests.browser.site import Site
from tests.browser.states.pages import STATES
from tests.browser.windows import NARROW


def opened(site: Site, browser_page: Opener, state: str, width: int = NARROW) -> Page:
    """A page in a state, in the pseudo-language."""

    def go(url: str) -> Page:
        query = f"?lang={pseudo_language.LANGUAGE}&chosen=1"
        return browser_page(url + query, width=width, height=568, bypass_csp=True)

    return STATES[state](site, go)


def test_switches_are_left_of_their_names_and_the_language_list_is_on_the_left(
    site: Site, browser_page: Opener
) -> None:
    page = opened(site, browser_page, "fresh", width=1280)
    switch = page.locator("input[value='arrivals:EMAIL']").bounding_box()
    name = page.locator("label.row:has(input[value='arrivals:EMAIL']) .name").bounding_box()
    brand = page.locator(".brand").bounding_box()
    languages = page.locator(".languages summary").bounding_box()
    assert switch
    assert name
    assert brand
    assert languages
    assert switch["x"] + switch["width"] < name["x"]
    assert brand["x"] > languages["x"] + languages["width"]


def test_a_phone_number_keeps_its_order(site: Site, browser_page: Opener) -> None:
    page = opened(site, browser_page, "phone")
    shown = page.locator(".address").first
    assert shown.inner_text().startswith("+48")
    assert _left_of(page, "+") < _left_of(page, "4")


def _left_of(page: Page, character: str) -> float:
    """The left edge of a character of the address."""
    return float(
        page.evaluate(
            "character => { const text = document.querySelector('.address').firstChild;"
            " const range = document.createRange(), at = text.data.indexOf(character);"
            " range.setStart(text, at); range.setEnd(text, at + 1);"
            " return range.getBoundingClientRect().left; }",
            character,
        )
    )
