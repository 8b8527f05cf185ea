"""A language from right to left, 40 % longer than English: what a team that adds Arabic or Hebrew gets."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Browser, Page

from tests.browser import pseudo
from tests.browser.conftest import Opener, serving
from tests.browser.reached import reach
from tests.browser.stage import Stage
from tests.browser.states import STATES
from tests.browser.studio import NARROW, Studio


@pytest.fixture(scope="module")
def stage(tmp_path_factory: pytest.TempPathFactory, sqlite_template: Path) -> Iterator[Stage]:
    """A server that speaks English and the language that nobody speaks."""
    locales = tmp_path_factory.mktemp("locales")
    pseudo.write_locale(locales)
    with serving(tmp_path_factory.mktemp("mirrored"), sqlite_template, locales) as served:
        yield served


def opened(stage: Stage, browser_page: Opener, state: str, width: int = NARROW) -> Page:
    """A page in a state, in the language from right to left."""

    def go(url: str) -> Page:
        query = f"?lang={pseudo.LANGUAGE}&chosen=1"
        return browser_page(url + query, width=width, height=568, bypass_csp=True)

    return STATES[state](stage, go)


@pytest.mark.parametrize("state", STATES)
def test_every_page_begins_on_the_right_and_nothing_runs_over_the_edge(
    stage: Stage, chromium: Browser, studio: Studio, state: str
) -> None:
    reached = reach(stage, chromium, state, pseudo.LANGUAGE)
    studio.lay_out(reached.with_pictures(reached.html))
    page = studio.narrow
    assert page.locator("html").get_attribute("dir") == "rtl"
    listed = page.locator(".languages ul").bounding_box()
    assert listed
    assert 0 <= listed["x"] <= NARROW - listed["width"]
    heading, text = page.locator("h1").bounding_box(), _text_of(page, "h1")
    assert heading
    assert text["right"] == pytest.approx(heading["x"] + heading["width"], abs=2)
    assert studio.measured() == []
    assert studio.checked((NARROW,), ("light",), colours=True) == []


def test_boxes_stand_right_of_their_names_and_the_switch_on_the_left(
    stage: Stage, browser_page: Opener
) -> None:
    page = opened(stage, browser_page, "fresh", width=1280)
    box = page.locator("input[value='arrivals:EMAIL']").bounding_box()
    name = page.locator("label.row:has(input[value='arrivals:EMAIL']) .name").bounding_box()
    brand, switch = page.locator(".brand").bounding_box(), page.locator(".languages summary").bounding_box()
    assert box
    assert name
    assert brand
    assert switch
    assert box["x"] > name["x"] + name["width"]
    assert brand["x"] > switch["x"] + switch["width"]


def test_a_phone_number_keeps_its_order(stage: Stage, browser_page: Opener) -> None:
    page = opened(stage, browser_page, "phone")
    shown = page.locator(".address").first
    assert shown.inner_text().startswith("+48")
    assert _left_of(page, "+") < _left_of(page, "4")


def _text_of(page: Page, selector: str) -> dict[str, float]:
    """Where the first line of an element's text stands."""
    return dict(
        page.evaluate(
            "selector => { const range = document.createRange();"
            " range.selectNodeContents(document.querySelector(selector));"
            " const {left, right} = range.getClientRects()[0]; return {left, right}; }",
            selector,
        )
    )


def _left_of(page: Page, character: str) -> float:
    """Where a character of the address stands."""
    return float(
        page.evaluate(
            "character => { const text = document.querySelector('.address').firstChild;"
            " const range = document.createRange(), at = text.data.indexOf(character);"
            " range.setStart(text, at); range.setEnd(text, at + 1);"
            " return range.getBoundingClientRect().left; }",
            character,
        )
    )
