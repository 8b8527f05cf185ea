"""A browser without scripts: it reads forms off a page, ticks boxes and presses buttons."""

from __future__ import annotations

from dataclasses import dataclass, field
from html.parser import HTMLParser
from urllib.parse import urljoin

import httpx


@dataclass
class Box:
    """A checkbox."""

    name: str
    value: str
    on: bool


@dataclass
class Form:
    """A form as it stands on a page: hidden fields, boxes, buttons."""

    action: str
    method: str
    hidden: list[tuple[str, str]] = field(default_factory=list)
    boxes: list[Box] = field(default_factory=list)
    buttons: list[tuple[str, str]] = field(default_factory=list)

    def fields(self, button: tuple[str, str] | None = None) -> list[tuple[str, str]]:
        """What a browser sends when the button is pressed."""
        ticked = [(box.name, box.value) for box in self.boxes if box.on]
        pressed = [button] if button and button[0] else []
        return [*self.hidden, *ticked, *pressed]

    def button(self, name: str, value: str | None = None) -> tuple[str, str]:
        """The button of that name (and value); raises LookupError where the form has none."""
        for found in self.buttons:
            if found[0] == name and value in (None, found[1]):
                return found
        raise LookupError(f"no button {name}={value} among {self.buttons}")


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.text: list[str] = []
        self._skipping = False

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        self._skipping = tag in {"style", "script"}
        if tag == "form":
            self.forms.append(Form(found.get("action", ""), found.get("method", "get").lower()))
        elif tag == "input" and self.forms:
            self._input(self.forms[-1], found)
        elif tag == "button" and self.forms and found.get("type", "submit") == "submit":
            self.forms[-1].buttons.append((found.get("name", ""), found.get("value", "")))

    def handle_endtag(self, tag: str) -> None:
        self._skipping = False

    def handle_data(self, data: str) -> None:
        if not self._skipping:
            self.text.append(data)

    def _input(self, form: Form, found: dict[str, str]) -> None:
        kind, name = found.get("type", "text"), found.get("name", "")
        if "disabled" in found:
            return
        if kind == "checkbox":
            form.boxes.append(Box(name, found.get("value", "on"), "checked" in found))
        elif kind == "submit":
            form.buttons.append((name, found.get("value", "")))
        elif name:
            form.hidden.append((name, found.get("value", "")))


@dataclass
class Page:
    """What came back: its status, its words, its forms."""

    url: str
    status: int
    forms: list[Form]
    text: str

    def form_with(self, button: str, value: str | None = None) -> tuple[Form, tuple[str, str]]:
        """The form that has the button, and the button; raises LookupError where no form has it."""
        for form in self.forms:
            try:
                return form, form.button(button, value)
            except LookupError:
                continue
        raise LookupError(f"no button {button}={value} on {self.url}: {[f.buttons for f in self.forms]}")


class Browser:
    """Opens pages and sends forms through an HTTP client, following redirects as browsers do."""

    def __init__(self, client: httpx.AsyncClient) -> None:
        self._client = client

    async def open(self, url: str) -> Page:
        return _page(await self._client.get(url, follow_redirects=True))

    async def press(self, page: Page, form: Form, button: tuple[str, str] | None = None) -> Page:
        """Send a form by a button, as application/x-www-form-urlencoded."""
        assert form.method == "post", f"{page.url}: a form that changes something is sent by {form.method}"
        body = httpx.QueryParams(form.fields(button))
        answer = await self._client.post(
            urljoin(page.url, form.action or page.url),
            content=str(body),
            headers={"content-type": "application/x-www-form-urlencoded"},
            follow_redirects=True,
        )
        return _page(answer)


def _page(answer: httpx.Response) -> Page:
    reader = _Reader()
    reader.feed(answer.text)
    return Page(str(answer.url), answer.status_code, reader.forms, " ".join(" ".join(reader.text).split()))
