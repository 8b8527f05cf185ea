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
