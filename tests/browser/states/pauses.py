"""States of pauses, and of a recipient's own record."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.site import Site, press

Open = Callable[[str], Page]
DAY = "input[name='until:acme']"


def pause_open(site: Site, go: Open) -> Page:
    page = go(site.reader().manage())
    page.locator("details.rest summary").first.click()
    return page


def paused(site: Site, go: Open) -> Page:
    page = pause_open(site, go)
    press(page.locator("button[value='pause:acme:EMAIL:60']"))
    return page


def pause_invalid_day(site: Site, go: Open) -> Page:
    page = pause_open(site, go)
    # As a browser without date fields sends it; others refuse such a day themselves.
    page.locator(DAY).evaluate("field => { field.type = 'text'; field.value = '24.12.'; }")
    press(page.locator("button[value='pause:acme:EMAIL:day']"))
    return page


def own_record(site: Site, go: Open) -> Page:
    page = paused(site, go)
    press(page.locator("footer a[href*='see=record']"))
    page.locator("details.rest summary").first.click()
    return page


def own_record_empty(site: Site, go: Open) -> Page:
    page = go(site.new_contact().manage())
    press(page.locator("footer a[href*='see=record']"))
    return page


PAUSE_STATES = (pause_open, paused, pause_invalid_day, own_record, own_record_empty)
