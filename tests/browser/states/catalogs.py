"""States of pages with unusual catalogs, and of previews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page

from tests.browser.site import Site, press

Open = Callable[[str], Page]


def preview(site: Site, go: Open) -> Page:
    return go(site.preview())


def preview_pressed(site: Site, go: Open) -> Page:
    page = preview(site, go)
    press(page.locator("button.main[value=save]:visible"))
    return page


def preview_ended(site: Site, go: Open) -> Page:
    return go(site.preview(ago=timedelta(days=2)))


def one_type(site: Site, go: Open) -> Page:
    return go(site.catalogs["one_type"].new_recipient().manage(unit="northway"))


def logo_and_question(site: Site, go: Open) -> Page:
    return go(site.catalogs["one_type"].new_recipient().withdraw("news"))


def no_types(site: Site, go: Open) -> Page:
    return go(site.catalogs["no_types"].new_recipient().manage(unit="new"))


def forty_types(site: Site, go: Open) -> Page:
    return go(site.catalogs["forty_types"].new_contact().manage(unit="everything"))


def forty_types_by_email(site: Site, go: Open) -> Page:
    return go(site.catalogs["forty_types"].new_recipient().manage(unit="everything"))


def long_names(site: Site, go: Open) -> Page:
    return go(site.catalogs["long_names"].new_contact().manage(unit="long"))


def long_names_opted_out(site: Site, go: Open) -> Page:
    page = long_names(site, go)
    press(page.locator(".leave button[value='out:long:EMAIL']"))
    return page


def long_names_unsubscribe(site: Site, go: Open) -> Page:
    return go(site.catalogs["long_names"].new_recipient().withdraw("k" * 60 + "0"))


def long_names_unsubscribed(site: Site, go: Open) -> Page:
    page = long_names_unsubscribe(site, go)
    press(page.locator("button[value=unsubscribe]"))
    return page


CATALOG_STATES = (
    preview, preview_pressed, preview_ended, one_type, logo_and_question, no_types, forty_types,
    forty_types_by_email, long_names, long_names_opted_out, long_names_unsubscribe, long_names_unsubscribed,
)  # fmt: skip
