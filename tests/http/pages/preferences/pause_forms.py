"""Pauses in tests: the form that a button sends, and the active pauses afterwards."""

from __future__ import annotations

from datetime import datetime

from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.http.visit import Visit

RESUME = "End the pause"
DAY = "until:acme"


async def active_pauses(recipient: int) -> dict[tuple[int, Channel], datetime]:
    """The active pauses and when they end, by unit id and channel."""
    held = (await read_states([recipient]))[recipient].pauses
    return {place: pause.until for place, pause in held.items() if pause.until > database.now()}


def fields(page: Visit, do: str, **typed: str) -> list[tuple[str, str]]:
    """What a browser sends when the button of this value is pressed; days by `until:…`."""
    return page.form.fields(page.form.button("do", do), **typed)


def typed_value(page: Visit, name: str) -> str:
    """The value of the field of a day."""
    return page.form.inputs[name]
