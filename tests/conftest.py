"""The cast, two brands, and both databases: every test that asks for `db` runs on each."""

from __future__ import annotations

import asyncio
import os
import shutil
from collections.abc import AsyncIterator, Iterator
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path

import pytest

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType, invalidate_catalog
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config import settings
from preference_center.ledger.record import Provenance
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import RECIPIENT, Actor, Channel, ConsentOrigin, LegalBasis, Purpose
from preference_center.storage import database, migration
from preference_center.storage.connection import open_database
from tests.databases import Server

POSTGRES = os.environ.get("SAYSO_TEST_POSTGRES")
REQUIRED = {word.strip() for word in os.environ.get("SAYSO_TEST_REQUIRE", "").split(",") if word.strip()}
PUBLIC_URL = "http://sayso.test"
ALICE, BOB, CHARLIE = "alice@example.com", "bob@example.com", "charlie@example.com"
ALICE_PHONE = "+48601234567"
TEAM = Actor("crm")


def missing(what: str, why: str) -> None:
    """Skip a test for what this machine lacks; in CI that is a failure."""
    if what in REQUIRED:
        pytest.fail(f"{what} is required here: {why}")
    pytest.skip(why)


def settings_for(database_url: str, data_dir: Path) -> settings.Settings:
    """Settings of a development installation with keys of its own."""
    return settings.load(
        {
            "SAYSO_DATABASE_URL": database_url,
            "SAYSO_DATA_DIR": str(data_dir),
            "SAYSO_PUBLIC_URL": PUBLIC_URL,
            "SAYSO_SECRET_KEYS": "secret-key-of-the-tests-0123456789abcdef",
            "SAYSO_WITHDRAW_KEYS": "withdraw-key-of-the-tests-0123456789abcd",
            "SAYSO_MANAGE_KEYS": "manage-key-of-the-tests-0123456789abcdef",
            "SAYSO_FINGERPRINT_KEY": "fingerprint-key-of-the-tests-0123456789a",
        }
    )


async def _migrated(database_url: str, data_dir: Path) -> None:
    config = settings_for(database_url, data_dir)
    async with open_database(config):
        await migration.migrate(config)


@pytest.fixture(scope="session")
def postgres_server(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Server]:
    if not POSTGRES:
        missing("postgres", "SAYSO_TEST_POSTGRES is not set")
    assert POSTGRES
    server = Server(POSTGRES)
    address = server.make_template()
    try:
        asyncio.run(_migrated(address, tmp_path_factory.mktemp("template")))
        server.know_template()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("template")
    path = folder / "sayso.db"
    asyncio.run(_migrated(f"sqlite://{path}", folder))
    return path


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated, empty database, this test's own while it runs, on each of the two."""
    if request.param == "sqlite":
        path = tmp_path / "sayso.db"
        shutil.copy(request.getfixturevalue("sqlite_template"), path)
        yield f"sqlite://{path}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    address = server.create()
    try:
        yield address
    finally:
        server.give_back(address)


@pytest.fixture
def config(database_url: str, tmp_path: Path) -> Iterator[settings.Settings]:
    """The installation's settings, in force while the test runs."""
    before = settings._current
    made = settings_for(database_url, tmp_path / "data")
    settings.use(made)
    invalidate_catalog()
    yield made
    settings._current = before
    invalidate_catalog()


@pytest.fixture
async def db(config: settings.Settings) -> AsyncIterator[settings.Settings]:
    """An open connection to an empty database; the value is the settings."""
    async with open_database(config):
        yield config


class Clock:
    """A clock that stands still until it is told to move."""

    def __init__(self) -> None:
        self.at = datetime(2026, 5, 4, 12, 0, tzinfo=UTC)

    def __call__(self) -> datetime:
        return self.at

    def forward(self, **by: float) -> datetime:
        self.at += timedelta(**by)
        return self.at


@pytest.fixture
def clock(monkeypatch: pytest.MonkeyPatch) -> Clock:
    fixed = Clock()
    monkeypatch.setattr(database, "clock", fixed)
    return fixed


@dataclass(frozen=True)
class Brands:
    """Acme asks for privacy, Bazaar does not."""

    acme: BusinessUnit
    bazaar: BusinessUnit
    digest: SubscriptionType
    offers: SubscriptionType
    receipts: SubscriptionType
    internal: SubscriptionType
    letters: SubscriptionType
    alerts: SubscriptionType


@pytest.fixture
async def brands(db: settings.Settings) -> Brands:
    """Two business units with their subscription types."""
    acme = await create_unit(key="acme", name="Acme", data_privacy=True)
    bazaar = await create_unit(key="bazaar", name="Bazaar", data_privacy=False, default_locale="pl")
    both = {"en": "Weekly digest", "pl": "Przegląd tygodnia"}
    everywhere = tuple(Channel)
    kinds = {
        "digest": await create_type(
            key="weekly-digest", business_unit="acme", name=both, channels=everywhere
        ),
        "offers": await create_type(
            key="offers", business_unit="acme", name={"en": "Offers"}, double_opt_in=True
        ),
        "receipts": await create_type(
            key="receipts",
            business_unit="acme",
            name={"en": "Receipts"},
            purpose=Purpose.TRANSACTIONAL,
            channels=everywhere,
        ),
        "internal": await create_type(
            key="internal-notes", business_unit="acme", name={"en": "Internal notes"}, is_public=False
        ),
        "letters": await create_type(
            key="letters", business_unit="bazaar", name={"en": "Letters", "pl": "Listy"}
        ),
        "alerts": await create_type(
            key="alerts", business_unit="bazaar", name={"en": "Alerts"}, channels=everywhere
        ),
    }
    return Brands(acme, bazaar, **kinds)


@pytest.fixture
async def alice(db: settings.Settings) -> int:
    """The recipient id of Alice's email address."""
    return (await recipients.ensure([parse(ALICE)]))[parse(ALICE)]


@pytest.fixture
async def bob(db: settings.Settings) -> int:
    """The recipient id of Bob's email address."""
    return (await recipients.ensure([parse(BOB)]))[parse(BOB)]


@pytest.fixture
async def alice_phone(db: settings.Settings) -> int:
    """The recipient id of Alice's phone number."""
    return (await recipients.ensure([parse(ALICE_PHONE)]))[parse(ALICE_PHONE)]


def by_recipient(origin: ConsentOrigin = ConsentOrigin.PREFERENCE_PAGE, **more: object) -> Provenance:
    """A change of the recipient's own."""
    return replace(Provenance(origin, RECIPIENT), **more)  # type: ignore[arg-type]


def by_team(origin: ConsentOrigin = ConsentOrigin.CONTACT_RECORD, **more: object) -> Provenance:
    """A change of the team's, with all the grounds that may be asked for."""
    grounds = Provenance(
        origin,
        TEAM,
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        processing_basis=LegalBasis.PROCESS_AND_STORE,
        explanation="Asked for it at the fair.",
    )
    return replace(grounds, **more)  # type: ignore[arg-type]
