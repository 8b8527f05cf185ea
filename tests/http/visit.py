"""Opens pages, reads them as a person would, and presses their buttons."""

from __future__ import annotations

import httpx

from preference_center.config.settings import Settings
from preference_center.links.maker import link_maker
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel
from preference_center.storage import database
from tests.conftest import ALICE
from tests.html import Fields, Form, Page

ANOTHER_REASON = "Another reason"


class Links:
    """Makes the paths of links, as a sender does."""

    def __init__(self, settings: Settings) -> None:
        self._maker = link_maker(settings)

    def manage(self, typed: str = ALICE, unit: str | None = "acme", campaign: str = "") -> str:
        address = parse(typed)
        at, fingerprint = database.now(), self._maker.fingerprint(address)
        return "/p/" + self._maker.manage(fingerprint, address.kind, at, unit, campaign)

    def withdraw(
        self,
        typed: str = ALICE,
        channel: Channel = Channel.EMAIL,
        type_key: str | None = "weekly-digest",
        unit: str | None = None,
        campaign: str = "",
    ) -> str:
        fingerprint = self._maker.fingerprint(parse(typed))
        return "/u/" + self._maker.withdraw(fingerprint, channel, type_key, unit, campaign)

    def confirm(self, typed: str = ALICE, type_key: str = "offers", channel: Channel = Channel.EMAIL) -> str:
        fingerprint = self._maker.fingerprint(parse(typed))
        return "/c/" + self._maker.confirm(fingerprint, channel, type_key, database.now())

    def erasure(self, typed: str = ALICE, unit: str | None = "acme") -> str:
        address = parse(typed)
        fingerprint = self._maker.fingerprint(address)
        return "/f/" + self._maker.erasure(fingerprint, address.kind, database.now(), unit)

    def preview(self, unit: str = "acme") -> str:
        return "/v/" + self._maker.preview(unit, database.now())


class Visit(Page):
    """A page, with its HTTP response."""

    def __init__(self, response: httpx.Response) -> None:
        super().__init__(response.text)
        self.response = response

    @property
    def form(self) -> Form:
        """The only form, apart from those that undo the last press and ask for a reason."""
        forms = [form for form in self.forms if form is not self.reason_form and form.labels != ["Undo"]]
        assert len(forms) == 1, self.text
        return forms[0]

    @property
    def reason_form(self) -> Form | None:
        """The form that asks why the recipient unsubscribed; None where there is none."""
        return next((form for form in self.forms if ANOTHER_REASON in form.labels), None)


async def open_page(client: httpx.AsyncClient, path: str, **more: object) -> Visit:
    """Open a page."""
    return Visit(await client.get(path, **more))  # type: ignore[arg-type]


async def press(client: httpx.AsyncClient, path: str, page: Visit, label: str, **typed: str) -> Visit:
    """Press the button with this label, or the first that begins with it, and follow a redirect."""
    if label not in page.buttons:
        label = next((each for each in page.buttons if each.startswith(label)), label)
    form = page.form_with(label)
    return await submit(client, form.action or path, form.fields(label, **typed))


async def submit(client: httpx.AsyncClient, path: str, fields: Fields) -> Visit:
    """Post a form as a browser does, and follow a redirect."""
    return Visit(await post_form(client, path, fields, follow=True))


async def post_form(
    client: httpx.AsyncClient, path: str, fields: Fields, *, follow: bool = False
) -> httpx.Response:
    """Post a form as a browser does."""
    body = str(httpx.QueryParams(fields))
    kind = {"content-type": "application/x-www-form-urlencoded"}
    return await client.post(path, content=body, headers=kind, follow_redirects=follow)
