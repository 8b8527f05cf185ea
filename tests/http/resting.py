"""What resting needs of a page: the button's form with its days, and what is silent afterwards."""

from __future__ import annotations

import html
import re
from datetime import datetime

from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.http.visit import Seen

RESUME = "End the break now"
DAY = "until:acme:EMAIL"


async def silences(recipient: int) -> dict[tuple[int, Channel], datetime]:
    """What is silent now, until when."""
    held = (await preferences.read_states([recipient]))[recipient].pauses
    return {place: pause.until for place, pause in held.items() if pause.until > database.now()}


def fields(page: Seen, do: str, **typed: str) -> list[tuple[str, str]]:
    """What a browser sends when the button of that value is pressed; days by `until:…`."""
    [form] = page.forms
    days = [(name, typed.get(name, "")) for name in re.findall(r'name="(until:[^"]+)"', page.response.text)]
    return [*form.hidden, *(("on", box) for box in form.ticked()), *days, ("do", do)]


def typed_value(page: Seen, name: str) -> str:
    """What stands in the field of a day."""
    found = re.search(rf'name="{name}"[^>]* value="([^"]*)"', page.response.text)
    assert found
    return html.unescape(found[1])
