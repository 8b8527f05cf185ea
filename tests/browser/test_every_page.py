"""Every page in every state, language, width and look: light, and free of what axe-core and a ruler find.

What can differ is looked at where it can: names, roles and structure in every language; what runs over an
edge or is too small to press in every language at every width; colours in every look. SAYSO_TEST_AXE=all has
axe look at each page in each language at each width in each look, which takes a quarter of an hour.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator

import pytest
from playwright.sync_api import Browser

from preference_center.translations import languages
from tests.browser.reached import Reached, reach
from tests.browser.stage import Stage
from tests.browser.states import STATES
from tests.browser.studio import EVERYTHING, LOOKS, NARROW, WIDTHS, Studio

MOST_BYTES, MOST_REQUESTS = 30_000, 3


@pytest.fixture(scope="module")
def come_to(chromium: Browser, stage: Stage) -> Iterator[Callable[[str], Reached]]:
    """Gives a state, reached once for all tests here."""
    known: dict[str, Reached] = {}

    def come(state: str) -> Reached:
        return known.get(state) or known.setdefault(state, reach(stage, chromium, state))

    yield come
    known.clear()


@pytest.mark.parametrize("state", STATES)
def test_a_page_is_light(come_to: Callable[[str], Reached], state: str) -> None:
    reached = come_to(state)
    assert reached.requests <= MOST_REQUESTS
    assert reached.weight < MOST_BYTES


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_found_in_any_look(studio: Studio, come_to: Callable[[str], Reached], state: str) -> None:
    reached = come_to(state)
    studio.lay_out(reached.with_pictures(reached.html))
    assert studio.measured() == []
    assert studio.checked((NARROW,), tuple(LOOKS), colours=True) == []


@pytest.mark.parametrize("state", STATES)
def test_nothing_is_found_in_any_language(
    studio: Studio, come_to: Callable[[str], Reached], stage: Stage, chromium: Browser, state: str
) -> None:
    reached = come_to(state)
    widths, looks = (WIDTHS, tuple(LOOKS)) if EVERYTHING else ((NARROW,), ("light",))
    for language in languages():
        html = reached.in_language(language) or reach(stage, chromium, state, language).html
        studio.lay_out(reached.with_pictures(html))
        found = studio.measured() + studio.checked(widths, looks, colours=EVERYTHING)
        assert found == [], language
