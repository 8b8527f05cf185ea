"""States of the unsubscribe page beyond one opt-out."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.site import Site, press

Open = Callable[[str], Page]


def withdrawal_paused(site: Site, go: Open) -> Page:
    page = go(site.reader().withdraw())
    press(page.locator("button[value=pause]"))
    return page


def withdrawal_reopened_while_paused(site: Site, go: Open) -> Page:
    person = site.reader()
    page = go(person.withdraw())
    press(page.locator("button[value=pause]"))
    return go(person.withdraw())


def unsubscribed_from_all_and_link_sent(site: Site, go: Open) -> Page:
    page = go(site.reader().withdraw())
    press(page.locator("button[value=all]"))
    press(page.locator("button[value=choose]"))
    return page


WITHDRAWAL_STATES = (
    withdrawal_paused,
    withdrawal_reopened_while_paused,
    unsubscribed_from_all_and_link_sent,
)
