"""What axe-core cannot find: text twice as large, outcomes that are announced, the system's own boxes."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener
from tests.browser.stage import Stage
from tests.browser.states import STATES


@pytest.mark.parametrize(
    "state", ["fresh", "phone", "beside_out", "all_out", "done", "left", "wrong_address", "expired"]
)
@pytest.mark.parametrize("language", ["en", "pl", "de"])
def test_text_twice_as_large_still_fits(
    stage: Stage, browser_page: Opener, state: str, language: str
) -> None:
    def go(url: str) -> Page:
        return browser_page(f"{url}?lang={language}", width=640, height=900, bypass_csp=True)

    page = STATES[state](stage, go)
    page.add_style_tag(content="html { font-size: 200% }")
    assert page.evaluate("document.documentElement.scrollWidth") <= 640
    cut = page.evaluate(
        "[...document.querySelectorAll('button, label, h1, h2, p')]"
        ".filter(e => e.scrollWidth > e.clientWidth + 1 && getComputedStyle(e).display !== 'inline')"
        ".map(e => e.outerHTML.slice(0, 80))"
    )
    assert cut == []


@pytest.mark.parametrize(
    ("state", "role", "said"),
    [
        ("saved", "status", "Saved: 1 change."),
        ("unchanged", "status", "Nothing had to be saved: everything is as it was."),
        ("expired_and_out", "status", "Done. It takes effect at once."),
        ("beside_waits", "status", "One step is left"),
        ("beside_moved", "alert", "nothing was saved for SMS and WhatsApp"),
        ("wrong_address", "alert", "Please check the address"),
        ("rest_wrong_day", "alert", "Please check the day"),
        ("rested", "status", "Saved: 1 change."),
        ("done", "status", "You are unsubscribed"),
        ("left", "status", "Saved: 1 change."),
        ("reason_given", "status", "Thank you."),
        ("thanks_alone", "status", "Thank you."),
        ("left_and_said_why", "status", "Thank you."),
    ],
)
def test_the_outcome_is_announced_and_has_the_focus(
    stage: Stage, browser_page: Opener, state: str, role: str, said: str
) -> None:
    page = STATES[state](stage, browser_page)
    outcome = page.get_by_role(role)  # type: ignore[arg-type]
    assert said in outcome.inner_text()
    assert outcome.evaluate("element => element === document.activeElement")


def test_the_tick_is_the_systems_own_in_forced_colours(stage: Stage, browser_page: Opener) -> None:
    page = STATES["fresh"](stage, lambda url: browser_page(url, forced_colors="active"))
    assert (
        page.locator("input[type=checkbox]").first.evaluate("e => getComputedStyle(e).appearance") == "auto"
    )
