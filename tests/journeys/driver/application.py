"""The whole application behind HTTP, on one database, with a clock that tests set."""

from __future__ import annotations

import asyncio
from collections.abc import Coroutine, Sequence
from contextlib import AsyncExitStack
from itertools import count
from typing import Any, Self, TypeVar

import httpx

from api.app import create_app
from preference_center.access.tokens import create_token
from preference_center.config.settings import Settings
from preference_center.history import verification
from preference_center.links.maker import LinkMaker, link_maker
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.types import ConsentOrigin
from preference_center.storage import database
from tests.conftest import Clock
from tests.journeys.driver.browser import Browser, Page

T = TypeVar("T")


class Application:
    """The application in this process, driven from plain functions over an event loop of its own."""

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.clock = Clock()
        self.numbers = count(1)
        self._runner = asyncio.Runner()
        self._open = AsyncExitStack()

    def __enter__(self) -> Self:
        self._real_clock, database.clock = database.clock, self.clock
        self.run(self._start())
        return self

    def __exit__(self, *_: object) -> None:
        self.run(self._open.aclose())
        self._runner.close()
        database.clock = self._real_clock

    def run(self, act: Coroutine[Any, Any, T]) -> T:
        """Run a coroutine to its end."""
        return self._runner.run(act)

    async def _start(self) -> None:
        app = create_app(self.settings)
        await self._open.enter_async_context(app.router.lifespan_context(app))
        transport = httpx.ASGITransport(app)
        self._http = httpx.AsyncClient(transport=transport, base_url=self.settings.public_url)
        await self._open.enter_async_context(self._http)
        self._browser = Browser(self._http)
        self._tokens = {
            "team": await create_token("crm", ["admin"]),
            "integration": await create_token("shop", ["admin"], ConsentOrigin.INTEGRATION),
        }

    def ask(self, query: str, who: str = "team", **variables: Any) -> Any:
        """Send a GraphQL operation with a token and return its data. Errors fail the test."""
        answer = self.run(
            self._http.post(
                "/graphql",
                json={"query": query, "variables": variables},
                headers={"authorization": f"Bearer {self._tokens[who]}"},
            )
        )
        body = answer.json()
        assert answer.status_code == 200, (answer.status_code, body)
        assert "errors" not in body, body["errors"]
        return body["data"]

    def open(self, url: str) -> Page:
        """GET a page."""
        return self.run(self._browser.open(url))

    def press(self, page: Page, button: str) -> Page:
        """Press the button with that value on a page."""
        form, pressed = page.form_with("do", button)
        return self.run(self._browser.press(page, form, pressed))

    def post(self, url: str, **fields: str) -> httpx.Response:
        """POST a form as a program does, without having seen a page."""
        return self.run(self._http.post(url, data=fields))

    @property
    def links(self) -> LinkMaker:
        """The maker of links to the pages."""
        return link_maker(self.settings)

    def fingerprint(self, address: str) -> bytes:
        """The keyed fingerprint that links carry instead of an address."""
        return recipients.fingerprint_of(addresses.parse(address))

    def newest_event(self) -> int:
        """The id of the ledger's last row."""
        rows = self.run(database.fetch("SELECT COALESCE(MAX(id), 0) AS last FROM consent_events"))
        return int(rows[0]["last"])

    def ledger(self, people: Sequence[str], since: int) -> dict[str, list[tuple[Any, ...]]]:
        """The ledger's rows of these addresses after a row, every column, oldest first."""
        recipient = {self.fingerprint(address): address for address in people}
        rows = self.run(
            database.fetch(
                "SELECT r.fingerprint AS recipient, e.* FROM consent_events e"
                " JOIN recipients r ON r.id = e.recipient_id WHERE e.id > $1 ORDER BY e.id",
                since,
            )
        )
        found: dict[str, list[tuple[Any, ...]]] = {address: [] for address in people}
        for row in rows:
            if bytes(row["recipient"]) in recipient:
                found[recipient[bytes(row["recipient"])]].append(tuple(row))
        return found

    def differences(self) -> list[str]:
        """The differences between the current state and the replayed ledger."""

        async def replayed() -> list[str]:
            return [line async for line in verification.verify()]

        return self.run(replayed())
