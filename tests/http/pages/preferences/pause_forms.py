"""What resting needs of a page: the button's form with its days, and what is silent afterwards."""

from __future__ import annotations

from datetime import datetime

from preference_center.recipients.states import read_states
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.http.visit import Visit

RESUME = "End the break now"
DAY = "until:acme:EMAIL"


async def silences(recipient: int) -> dict[tuple[int, Channel], datetime]:
    """What is silent now, until when."""
    held = (await read_states([recipient]))[recipient].pauses
    return {place: pause.until for place, pause in held.items() if pause.until > database.now()}


def fields(page: Visit, do: str, **typed: str) -> list[tuple[str, str]]:
    """What a browser sends when the button of that value is pressed; days by `until:…`."""
    [form] = page.forms
    return form.fields(form.button("do", do), **typed)


def typed_value(page: Visit, name: str) -> str:
    """What stands in the field of a day."""
    [form] = page.forms
    return form.inputs[name]
