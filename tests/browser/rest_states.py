"""States of taking a break, and of one's own record."""

from __future__ import annotations

from collections.abc import Callable

from playwright.sync_api import Page

from tests.browser.stage import Stage, press

Open = Callable[[str], Page]
DAY = "input[name='until:acme:EMAIL']"


def rest_open(stage: Stage, go: Open) -> Page:
    page = go(stage.somebody().manage())
    page.locator("details.rest summary").first.click()
    return page


def rested(stage: Stage, go: Open) -> Page:
    page = rest_open(stage, go)
    press(page.locator("button[value='pause:acme:EMAIL:60']"))
    return page


def rest_wrong_day(stage: Stage, go: Open) -> Page:
    page = rest_open(stage, go)
    # As a browser without date fields sends it: those that have them hold such a day back themselves.
    page.locator(DAY).evaluate("field => { field.type = 'text'; field.value = '24.12.'; }")
    press(page.locator("button[value='pause:acme:EMAIL:day']"))
    return page


def record(stage: Stage, go: Open) -> Page:
    page = rested(stage, go)
    press(page.locator("footer a[href*='see=record']"))
    page.locator("details.rest summary").first.click()
    return page


def record_empty(stage: Stage, go: Open) -> Page:
    page = go(stage.newcomer().manage())
    press(page.locator("footer a[href*='see=record']"))
    return page


REST_STATES = (rest_open, rested, rest_wrong_day, record, record_empty)
