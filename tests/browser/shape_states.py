"""States of pages whose catalogues have odd shapes, and of previews."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from playwright.sync_api import Page

from tests.browser.stage import Stage, press

Open = Callable[[str], Page]


def preview(stage: Stage, go: Open) -> Page:
    return go(stage.preview())


def preview_pressed(stage: Stage, go: Open) -> Page:
    page = preview(stage, go)
    press(page.locator("button.main[value=save]:visible"))
    return page


def preview_ended(stage: Stage, go: Open) -> Page:
    return go(stage.preview(ago=timedelta(days=2)))


def one_type(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["one_type"].stranger().manage(unit="northway"))


def logo_and_question(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["one_type"].stranger().withdraw("news"))


def nothing(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["nothing"].stranger().manage(unit="new"))


def forty_types(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["forty_types"].newcomer().manage(unit="everything"))


def forty_types_by_email(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["forty_types"].stranger().manage(unit="everything"))


def long_names(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["long_names"].newcomer().manage(unit="long"))


def long_names_out(stage: Stage, go: Open) -> Page:
    page = long_names(stage, go)
    press(page.locator("button[value='out:long:EMAIL']"))
    return page


def long_names_asked(stage: Stage, go: Open) -> Page:
    return go(stage.shapes["long_names"].stranger().withdraw("k" * 60 + "0"))


def long_names_done(stage: Stage, go: Open) -> Page:
    page = long_names_asked(stage, go)
    press(page.locator("button[value=unsubscribe]"))
    return page


SHAPE_STATES = (
    preview, preview_pressed, preview_ended, one_type, logo_and_question, nothing, forty_types,
    forty_types_by_email, long_names, long_names_out, long_names_asked, long_names_done,
)  # fmt: skip
