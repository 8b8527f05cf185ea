"""The server as the browser's tests see it: links that lead to it, and the books behind it."""

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
HERSELF = Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT)
BY_TEAM = Provenance(
    ConsentOrigin.CONTACT_RECORD,
    TEAM,
    legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
    processing_basis=LegalBasis.PROCESS_AND_STORE,
    explanation="Asked for it at the fair.",
)


@dataclass
class Site:
    """One running server, and what is set up behind it."""

    config: Settings
    catalogs: dict[str, Site] = field(default_factory=dict)
    """The servers beside it whose catalogues have odd shapes."""
    _numbers: itertools.count[int] = field(default_factory=lambda: itertools.count(1))

    @property
    def addresses(self) -> tuple[str, ...]:
        """Where it and the servers beside it are reached."""
        return (self.config.public_url, *(each.config.public_url for each in self.catalogs.values()))

    def run(self, act: Callable[[], Awaitable[T]]) -> T:
        """Do something to the server's database from outside."""

        async def connected() -> T:
            async with open_database(self.config):
                invalidate_catalog()
                return await act()

        before = settings._current
        settings.use(self.config)
        try:
            # In a thread: Playwright's own loop runs in this one.
            with ThreadPoolExecutor(1) as thread:
                return thread.submit(asyncio.run, connected()).result()
        finally:
            settings._current = before
            invalidate_catalog()

    def somebody(self, *, phone: bool = False) -> Person:
        """A person of this test's own, who reads the digest."""
        person = self._person(next(self._numbers), phone=phone)
        person.opts_in("weekly-digest", Channel.SMS if phone else Channel.EMAIL)
        return person

    def stranger(self) -> Person:
        """A person who never said anything."""
        return self._person(next(self._numbers), phone=False)

    def newcomer(self) -> Person:
        """The email address of a contact with a phone number, both of which never said anything."""
        number = next(self._numbers)
        email, phone = self._person(number, phone=False), self._person(number, phone=True)
        self.run(lambda: contacts.create(email=email.address.value, phone=phone.address.value))
        return email

    def preview(self, unit: str = "acme", *, ago: timedelta = timedelta(0)) -> str:
        """A link that shows a team the page of a unit."""
        maker = link_maker(self.config)
        return maker.preview_url(maker.preview(unit, _now() - ago))

    def contact(self) -> tuple[Person, Person]:
        """A contact's email address, which reads the digest, and their phone, which gets it by WhatsApp."""
        number = next(self._numbers)
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
        """A digest of the database's file and its log, to the byte."""
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
    """A recipient on the stage, and the links that were sent to them."""

    site: Site
    address: Address
    id: int

    @property
    def _print(self) -> bytes:
        return link_maker(self.site.config).fingerprint(self.address)

    def manage(self, *, unit: str = "acme", ago: timedelta = timedelta(0)) -> str:
        """A link to the preference page, sent some time ago."""
        maker, at = link_maker(self.site.config), _now() - ago
        return maker.manage_url(maker.manage(self._print, self.address.kind, at, unit))

    def withdraw(self, type_key: str | None = "weekly-digest", unit: str | None = None) -> str:
        """An unsubscribe link of an email."""
        maker = link_maker(self.site.config)
        return maker.withdraw_url(maker.withdraw(self._print, Channel.EMAIL, type_key, unit))

    def confirm(self, type_key: str = "offers", *, ago: timedelta = timedelta(0)) -> str:
        """A link that confirms an opt-in, sent some time ago."""
        maker, at = link_maker(self.site.config), _now() - ago
        return maker.confirm_url(maker.confirm(self._print, Channel.EMAIL, type_key, at))

    def forget(self, ago: timedelta = timedelta(0)) -> str:
        """A link that confirms being forgotten, sent some time ago."""
        maker, at = link_maker(self.site.config), _now() - ago
        return maker.erasure_url(maker.erasure(self._print, self.address.kind, at, "acme"))

    def opts_in(self, key: str, channel: Channel = Channel.EMAIL, source: Provenance = HERSELF) -> None:
        """Opt in to a type, on the page or by the team."""

        async def act() -> None:
            kind = (await current_catalog()).type_by_key(key)
            assert kind
            await update_preferences(self.id, [(kind, channel, IN)], source)

        self.site.run(act)

    def statuses(self) -> dict[str, str]:
        """What is held, by type; and "all of UNIT" where an opt-out of all stands."""

        async def act() -> dict[str, str]:
            catalog = await current_catalog()
            state = (await read_states([self.id]))[self.id]
            held = {catalog.type_by_id(t).key: p.status.value for (t, _), p in state.preferences.items()}
            return held | {
                f"all of {catalog.unit_by_id(u).key}": "OPTED_OUT" for u, _ in state.opt_outs_of_all
            }

        return self.site.run(act)


def press(button: Locator) -> None:
    """Press what leads to another page, and wait until that page is there."""
    with button.page.expect_navigation():
        button.click()


def _now() -> datetime:
    return database.now()
