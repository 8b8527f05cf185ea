"""The running servers, links to their pages, and the databases behind them."""

from __future__ import annotations

import asyncio
import hashlib
import itertools
from collections.abc import Awaitable, Callable
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TypeVar

from playwright.sync_api import Locator

from preference_center.catalog.catalog import current_catalog, invalidate_catalog
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.ledger.types import Provenance
from preference_center.links.maker import link_maker
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import Address, parse
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.connection import open_database
from tests.conftest import TEAM, update_preferences
from tests.http import records

T = TypeVar("T")
IN = PreferenceStatus.OPTED_IN
BY_RECIPIENT = Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT)
BY_TEAM = Provenance(
    ConsentOrigin.CONTACT_RECORD,
    TEAM,
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    processing_basis=LegalBasis.PROCESS_AND_STORE,
    explanation="Asked for it at the fair.",
)


@dataclass
class Site:
    """A running server and its database."""

    config: Settings
    catalogs: dict[str, Site] = field(default_factory=dict)
    """The servers with unusual catalogs, by name."""
    _serial: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def addresses(self) -> tuple[str, ...]:
        """The addresses of this server and of those in `catalogs`."""
        return (self.config.public_url, *(each.config.public_url for each in self.catalogs.values()))

    def run(self, act: Callable[[], Awaitable[T]]) -> T:
        """Run a coroutine function on the server's database, from outside."""

        async def connected() -> T:
            async with open_database(self.config):
                invalidate_catalog()
                return await act()

        before = settings._current
        settings.use(self.config)
        try:
            # In a thread, as Playwright's loop runs in this one.
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, connected()).result()
        finally:
            settings._current = before
            invalidate_catalog()

    def reader(self, *, phone: bool = False) -> Person:
        """A recipient of this test alone, who is opted in to the digest."""
        person = self._person(next(self._serial), phone=phone)
        person.opts_in("weekly-digest", Channel.SMS if phone else Channel.EMAIL)
        return person

    def new_recipient(self) -> Person:
        """A recipient without any decision."""
        return self._person(next(self._serial), phone=False)

    def new_contact(self) -> Person:
        """The email address of a contact with a phone number, neither with any decision."""
        number = next(self._serial)
        email, phone = self._person(number, phone=False), self._person(number, phone=True)
        self.run(lambda: contacts.create(email=email.address.value, phone=phone.address.value))
        return email

    def preview(self, unit: str = "acme", *, ago: timedelta = timedelta(0)) -> str:
        """A preview link to the page of a unit."""
        maker = link_maker(self.config)
        return maker.preview_url(maker.preview(unit, _now() - ago))

    def contact(self) -> tuple[Person, Person]:
        """A contact's email address and phone number, opted in to the digest by email and by WhatsApp."""
        number = next(self._serial)
        email, phone = self._person(number, phone=False), self._person(number, phone=True)
        self.run(lambda: contacts.create(email=email.address.value, phone=phone.address.value))
        email.opts_in("weekly-digest")
        phone.opts_in("weekly-digest", Channel.WHATSAPP)
        return email, phone

    def _person(self, number: int, *, phone: bool) -> Person:
        address = parse(f"+4860123{number:04d}" if phone else f"alice{number}@example.com")
        return Person(self, address, self.run(lambda: _known(address)))

    def url(self, path: str) -> str:
        """The address of a page that needs no link."""
        return self.config.public_url + path

    def dump(self) -> str:
        """A digest of everything in the database."""
        return self.run(records.dump)

    def digest_of_file(self) -> str:
        """A digest of the database's file and its log."""
        path = self.config.database_url.removeprefix("sqlite://")
        found = hashlib.sha256()
        for name in (path, f"{path}-wal"):
            with open(name, "rb") as file:  # noqa: PTH123
                found.update(file.read())
        return found.hexdigest()


async def _known(address: Address) -> int:
    return (await recipients.ensure([address]))[address]


@dataclass
class Person:
    """A recipient, and the links that were sent to them."""

    site: Site
    address: Address
    id: int

    @property
    def _fingerprint(self) -> bytes:
        return link_maker(self.site.config).fingerprint(self.address)

    def manage(self, *, unit: str = "acme", ago: timedelta = timedelta(0)) -> str:
        """A link to the preference page, sent some time ago."""
        maker, at = link_maker(self.site.config), _now() - ago
        return maker.manage_url(maker.manage(self._fingerprint, self.address.kind, at, unit))

    def withdraw(self, type_key: str | None = "weekly-digest", unit: str | None = None) -> str:
        """An unsubscribe link of an email."""
        maker = link_maker(self.site.config)
        return maker.withdraw_url(maker.withdraw(self._fingerprint, Channel.EMAIL, type_key, unit))

    def confirm(self, type_key: str = "offers", *, ago: timedelta = timedelta(0)) -> str:
        """A link that confirms an opt-in, sent some time ago."""
        maker, at = link_maker(self.site.config), _now() - ago
        return maker.confirm_url(maker.confirm(self._fingerprint, Channel.EMAIL, type_key, at))

    def erasure(self, ago: timedelta = timedelta(0)) -> str:
        """A link that confirms an erasure, sent some time ago."""
        maker, at = link_maker(self.site.config), _now() - ago
        return maker.erasure_url(maker.erasure(self._fingerprint, self.address.kind, at, "acme"))

    def opts_in(self, key: str, channel: Channel = Channel.EMAIL, source: Provenance = BY_RECIPIENT) -> None:
        """Opt in to a type, on the page or by the team."""

        async def act() -> None:
            kind = (await current_catalog()).type_by_key(key)
            assert kind
            await update_preferences(self.id, [(kind, channel, IN)], source)

        self.site.run(act)

    def statuses(self) -> dict[str, str]:
        """The status of each type, and of "all of UNIT" for each opt-out of all."""

        async def act() -> dict[str, str]:
            catalog = await current_catalog()
            state = (await read_states([self.id]))[self.id]
            held = {catalog.type_by_id(t).key: p.status.value for (t, _), p in state.preferences.items()}
            return held | {
                f"all of {catalog.unit_by_id(u).key}": "OPTED_OUT" for u, _ in state.opt_outs_of_all
            }

        return self.site.run(act)


def press(button: Locator) -> None:
    """Press a button that leads to another page, and wait for that page."""
    with button.page.expect_navigation():
        button.click()


def _now() -> datetime:
    return database.now()
