"""axe-core (WCAG 2.2 AA, best practice) finds nothing on any page in any state, light, dark and forced."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener
from tests.browser.stage import Stage
from tests.browser.states import STATES

TAGS = ["wcag2a", "wcag2aa", "wcag21aa", "wcag22aa", "best-practice"]
LOOKS = {
    "light": {"color_scheme": "light", "forced_colors": "none"},
    "dark": {"color_scheme": "dark", "forced_colors": "none"},
    "forced": {"color_scheme": "dark", "forced_colors": "active"},
}
SMALLEST_TARGET = 44


def findings(page: Page, axe_source: str) -> list[str]:
    """What axe finds, each with the elements that it is about."""
    page.evaluate(axe_source)
    found = page.evaluate(
        "tags => axe.run(document, {runOnly: {type: 'tag', values: tags}}).then(r => r.violations"
        ".map(v => v.id + ': ' + v.help + ' ' + v.nodes.map(n => n.html).join(' | ')))",
        TAGS,
    )
    return list(found)


@pytest.mark.parametrize("state", STATES)
def test_axe_finds_nothing(stage: Stage, browser_page: Opener, axe_source: str, state: str) -> None:
    page = STATES[state](stage, lambda url: browser_page(url, bypass_csp=True))
    page.locator(".languages summary").click()
    for name, look in LOOKS.items():
        page.emulate_media(**look)  # type: ignore[arg-type]
        page.wait_for_timeout(150)  # until the colours have changed
        assert findings(page, axe_source) == [], name


@pytest.mark.parametrize("state", STATES)
def test_everything_to_press_is_large_enough_and_nothing_runs_over_the_edge(
    stage: Stage, browser_page: Opener, state: str
) -> None:
    page = STATES[state](stage, lambda url: browser_page(url, width=320, height=568))
    page.locator(".languages summary").click()
    small = page.evaluate(
        "smallest => [...document.querySelectorAll('button:not([hidden]), label.row, label.chip, summary,"
        " nav a, a.go, .field input')].map(e => [e.outerHTML.slice(0, 80), e.getBoundingClientRect()])"
        ".filter(([, box]) => box.width < smallest || box.height < smallest).map(([html]) => html)",
        SMALLEST_TARGET,
    )
    assert small == []
    assert page.evaluate("document.documentElement.scrollWidth") <= 320
    outside = page.evaluate(
        "[...document.querySelectorAll('header *')].map(e => [e.outerHTML, e.getBoundingClientRect()])"
        ".filter(([, box]) => box.left < 0 || box.right > innerWidth).map(([html]) => html)"
    )
    assert outside == []


@pytest.mark.parametrize(
    "state", ["fresh", "phone", "beside_out", "all_out", "done", "wrong_address", "expired"]
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
        ("done", "status", "You are unsubscribed"),
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
