"""What axe-core cannot find: text at 200 %, announced outcomes, and checkboxes in forced colours."""

from __future__ import annotations

import pytest
from playwright.sync_api import Page

from tests.browser.conftest import Opener
from tests.browser.site import Site
from tests.browser.states.pages import STATES


@pytest.mark.parametrize(
    "state",
    [
        "fresh",
        "phone",
        "with_phone_opted_out",
        "opted_out_of_all",
        "unsubscribed",
        "opted_out",
        "invalid_address",
        "expired_link",
    ],
)
@pytest.mark.parametrize("language", ["en", "pl", "de"])
def test_text_at_200_percent_fits(site: Site, browser_page: Opener, state: str, language: str) -> None:
    def go(url: str) -> Page:
        return browser_page(f"{url}?lang={language}", width=640, height=900, bypass_csp=True)

    page = STATES[state](site, go)
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
        ("saved", "status", "You’ll now get New arrivals."),
        ("unchanged", "status", "No changes to save."),
        ("expired_link_opted_out", "status", "Done. It takes effect at once."),
        ("with_phone_pending", "status", "To get Offers and sales (SMS), open the link"),
        ("everything_stopped", "status", "all messages from Acme Outdoors and Bazaar."),
        ("phone_moved_away", "alert", "nothing was saved for SMS and WhatsApp"),
        ("invalid_address", "alert", "Check your address"),
        ("pause_invalid_day", "alert", "Please check the day"),
        ("paused", "status", "Emails from Acme Outdoors are paused until"),
        ("unsubscribed", "status", "You’re unsubscribed from Weekly digest."),
        ("withdrawal_paused", "status", "Emails from Acme Outdoors are paused until"),
        ("unsubscribed_from_all_and_link_sent", "status", "Check your inbox."),
        ("opted_out", "status", "You’re unsubscribed from Weekly digest."),
        ("reason_given", "status", "Thank you."),
        ("reason_after_erasure", "status", "Thank you."),
        ("opted_out_with_reason", "status", "Thank you."),
    ],
)
def test_an_outcome_is_announced_and_focused(
    site: Site, browser_page: Opener, state: str, role: str, said: str
) -> None:
    page = STATES[state](site, browser_page)
    outcome = page.get_by_role(role)  # type: ignore[arg-type]
    assert said in outcome.inner_text()
    assert outcome.evaluate("element => element === document.activeElement")


def test_checkboxes_are_native_in_forced_colours(site: Site, browser_page: Opener) -> None:
    page = STATES["fresh"](site, lambda url: browser_page(url, forced_colors="active"))
    assert (
        page.locator("input[type=checkbox]").first.evaluate("e => getComputedStyle(e).appearance") == "auto"
    )
