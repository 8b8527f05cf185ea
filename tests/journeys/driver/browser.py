"""A browser without scripts: it opens pages and sends their forms through an HTTP client."""

from __future__ import annotations

from dataclasses import dataclass
from urllib.parse import urljoin

import httpx

from tests import html
from tests.html import Button, Form

FORM = "application/x-www-form-urlencoded"


@dataclass
class Page(html.Page):
    """The page that a request ended on."""

    url: str
    status: int

    def form_with(self, name: str, value: str) -> tuple[Form, Button]:
        """The form that has the button, and the button. Raises LookupError."""
        for form in self.forms:
            if button := button_of(form, name, value):
                return form, button
        raise LookupError(f"no button {name}={value} on {self.url}: {[form.buttons for form in self.forms]}")

    @property
    def choices(self) -> Form:
        """The form of a preference page that saves; an undo may come before it, and reasons after it."""
        return self.form_with("do", "save")[0]

    def choose(self, action: str, unit: str, channel: str, end: str = "") -> tuple[str, list[str]] | None:
        """The button of a preference page that does it for a unit on a channel, and all channels it is for.

        `end` is the end of its value, a length of a pause. Where channels are chosen beside the button, this
        one is. None if no button does it.
        """
        form, found = self.choices, []
        for button in form.buttons:
            place = button.value.removesuffix(end).removeprefix(f"{action}:{unit}")
            if button.value != f"{action}:{unit}{place}{end}":
                continue
            if not place and self.find(f"//input[@name='where:{unit}'][@value='{channel}']"):
                form.inputs[f"where:{unit}"] = channel
                return button.value, [channel]
            if place.startswith(":") and channel in place[1:].split("+"):
                found.append((button.value, place[1:].split("+")))
        return min(found, key=lambda each: len(each[1]), default=None)


def button_of(form: Form, name: str, value: str) -> Button | None:
    """The form's button with this name and value, None if it has none."""
    return next((button for button in form.buttons if (button.name, button.value) == (name, value)), None)


class Browser:
    """Opens pages and sends forms, following redirects."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def open(self, url: str) -> Page:
        return _page(await self._client.get(url, follow_redirects=True))

    async def press(self, page: Page, form: Form, button: Button) -> Page:
        """Send a form by a button."""
        assert form.method == "post", f"{page.url}: a form that changes something is sent by {form.method}"
        answer = await self._client.post(
            urljoin(page.url, form.action or page.url),
            content=str(httpx.QueryParams(form.fields(button))),
            headers={"content-type": FORM},
            follow_redirects=True,
        )
        return _page(answer)


def _page(answer: httpx.Response) -> Page:
    return Page(answer.text, str(answer.url), answer.status_code)
