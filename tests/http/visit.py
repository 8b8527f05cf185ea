"""Opening a page, reading it as a person would, and pressing its buttons."""

from __future__ import annotations

import html
import re
from dataclasses import dataclass, field
from html.parser import HTMLParser

import httpx

from preference_center.config.settings import Settings
from preference_center.links.maker import link_maker
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE

Fields = list[tuple[str, str]]
ANOTHER_REASON = "Another reason"


class Links:
    """Paths of links, made the way a sender makes them."""

    def __init__(self, settings: Settings) -> None:
        self._maker = link_maker(settings)

    def manage(self, whom: str = ALICE, unit: str | None = "acme", campaign: str = "") -> str:
        address = parse(whom)
        at, fingerprint = database.now(), self._maker.fingerprint(address)
        return "/p/" + self._maker.manage(fingerprint, address.kind, at, unit, campaign)

    def withdraw(
        self,
        whom: str = ALICE,
        channel: Channel = Channel.EMAIL,
        type_key: str | None = "weekly-digest",
        unit: str | None = None,
        campaign: str = "",
    ) -> str:
        fingerprint = self._maker.fingerprint(parse(whom))
        return "/u/" + self._maker.withdraw(fingerprint, channel, type_key, unit, campaign)

    def confirm(self, whom: str = ALICE, type_key: str = "offers", channel: Channel = Channel.EMAIL) -> str:
        fingerprint = self._maker.fingerprint(parse(whom))
        return "/c/" + self._maker.confirm(fingerprint, channel, type_key, database.now())

    def forget(self, whom: str = ALICE, unit: str | None = "acme") -> str:
        address = parse(whom)
        fingerprint = self._maker.fingerprint(address)
        return "/f/" + self._maker.forget(fingerprint, address.kind, database.now(), unit)

    def preview(self, unit: str = "acme") -> str:
        return "/v/" + self._maker.preview(unit, database.now())


@dataclass
class Form:
    """One form of a page: what it sends unasked, its boxes and its buttons."""

    action: str = ""
    hidden: Fields = field(default_factory=list)
    boxes: dict[str, bool] = field(default_factory=dict)
    buttons: dict[str, tuple[str, str]] = field(default_factory=dict)

    def ticked(self) -> list[str]:
        """The boxes that are on."""
        return [value for value, on in self.boxes.items() if on]

    def fields(self, label: str, **typed: str) -> Fields:
        """What a browser sends when the button with this label is pressed."""
        name, value = self.buttons[label]
        pressed = [(name, value)] if name else []
        return [*self.hidden, *(("on", v) for v in self.ticked()), *typed.items(), *pressed]


@dataclass
class Seen:
    """A page as it was answered."""

    response: httpx.Response
    forms: list[Form]
    text: str

    @property
    def form(self) -> Form:
        """The only form, apart from the one that asks why somebody left."""
        forms = [form for form in self.forms if form is not self.asking]
        assert len(forms) == 1, self.text
        return forms[0]

    @property
    def asking(self) -> Form | None:
        """The form that asks why somebody left, where there is one."""
        return next((form for form in self.forms if ANOTHER_REASON in form.buttons), None)

    @property
    def lang(self) -> str:
        """The language the page says that it is in."""
        found = re.search(r'<html lang="([^"]+)">', self.response.text)
        assert found
        return found[1]

    def form_with(self, label: str) -> Form:
        """The form that has this button."""
        return next(form for form in self.forms if label in form.buttons)

    def buttons(self) -> list[str]:
        """The labels of all buttons that are seen."""
        return [label for form in self.forms for label in form.buttons]


def seen(response: httpx.Response) -> Seen:
    """Read an answer."""
    reader = _Reader()
    reader.feed(response.text)
    return Seen(response, reader.forms, " ".join(" ".join(reader.translator).split()))


async def opened(client: httpx.AsyncClient, path: str, **more: object) -> Seen:
    """Open a page."""
    return seen(await client.get(path, **more))  # type: ignore[arg-type]


async def pressed(client: httpx.AsyncClient, path: str, page: Seen, label: str, **typed: str) -> Seen:
    """Press a button of a page, and follow where it leads."""
    form = page.form_with(label)
    return await sent(client, form.action or path, form.fields(label, **typed))


async def sent(client: httpx.AsyncClient, path: str, fields: Fields) -> Seen:
    """Post a form as a browser does, and follow where it leads."""
    return seen(await posted(client, path, fields, follow=True))


async def posted(
    client: httpx.AsyncClient, path: str, fields: Fields, *, follow: bool = False
) -> httpx.Response:
    """Post a form as a browser does."""
    body = str(httpx.QueryParams(fields))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await client.post(path, content=body, headers=kind, follow_redirects=follow)


class _Reader(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.forms: list[Form] = []
        self.translator: list[str] = []
        self._button: tuple[str, str] | None = None
        self._hidden_button = False
        self._label: list[str] = []
        self._skips = 0

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        had = {name: value or "" for name, value in attrs}
        if tag in ("style", "title", "script"):
            self._skips += 1
        elif tag == "form":
            self.forms.append(Form(had.get("action", "")))
        elif tag == "button":
            self._button, self._label = (had.get("name", ""), had.get("value", "")), []
            self._hidden_button = "hidden" in had
        elif tag == "input" and had["type"] == "checkbox":
            self.forms[-1].boxes[had["value"]] = "checked" in had
        elif tag == "input" and had["type"] == "hidden":
            self.forms[-1].hidden.append((had["name"], had["value"]))

    def handle_endtag(self, tag: str) -> None:
        if tag in ("style", "title", "script"):
            self._skips -= 1
        elif tag == "button" and self._button is not None:
            if not self._hidden_button:
                self.forms[-1].buttons[" ".join("".join(self._label).split())] = self._button
            self._button = None

    def handle_data(self, data: str) -> None:
        if self._skips:
            return
        if self._button is not None:
            self._label.append(html.unescape(data))
        if not (self._button is not None and self._hidden_button):
            self.translator.append(data)
