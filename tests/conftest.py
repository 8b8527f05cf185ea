"""The cast, two brands, and both databases: every test that asks for `db` runs on each."""

from __future__ import annotations

import asyncio
import gc
import os
import shutil
from collections.abc import AsyncIterator, Generator, Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

import pytest
import structlog

from preference_center.catalog.catalog import (
    BusinessUnit,
    SubscriptionType,
    exact_catalog,
    invalidate_catalog,
)
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config import settings
from preference_center.ledger.types import Outcome, Provenance
from preference_center.preferences import changes as preferences
from preference_center.preferences.changes import StatusChange
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import RECIPIENT, Actor, Channel, ConsentOrigin, LegalBasis, Purpose
from preference_center.storage import database, migration
from preference_center.storage.connection import open_database
from tests import prepared_models
from tests.databases import Contents, Server

prepared_models.install()
POSTGRES = os.environ.get("SAYSO_TEST_POSTGRES")
REQUIRED = {word.strip() for word in os.environ.get("SAYSO_TEST_REQUIRE", "").split(",") if word.strip()}
structlog.dev.ConsoleRenderer.get_active().exception_formatter = structlog.dev.plain_traceback
"""Rich tracebacks take a second each."""
PUBLIC_URL = "http://sayso.test"
ALICE, BOB, CHARLIE = "alice@example.com", "bob@example.com", "charlie@example.com"
ALICE_PHONE = "+48601234567"
TEAM = Actor("crm")


@pytest.hookimpl(wrapper=True)
def pytest_collection() -> Generator[None, object, object]:
    """Collect thousands of tests without walking those that are there, and never walk them later."""
    gc.disable()
    try:
        return (yield)
    finally:
        gc.freeze()
        gc.enable()


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
    """A PostgreSQL server with a migrated template."""
    if not POSTGRES:
        missing("postgres", "SAYSO_TEST_POSTGRES is not set")
    assert POSTGRES
    server = Server(POSTGRES)
    address = server.make_template()
    try:
        asyncio.run(_migrated(address, tmp_path_factory.mktemp("template")))
        server.measure_template()
        yield server
    finally:
        server.close()


@pytest.fixture(scope="session")
def postgres_brands(postgres_server: Server, tmp_path_factory: pytest.TempPathFactory) -> Contents:
    """The contents of a migrated PostgreSQL database with the two brands."""
    address = postgres_server.create()
    asyncio.run(_with_brands(address, tmp_path_factory.mktemp("brands")))
    try:
        return postgres_server.contents(address)
    finally:
        postgres_server.give_back(address)


@pytest.fixture(scope="session")
def sqlite_template(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated, empty SQLite database, to be copied."""
    folder = tmp_path_factory.mktemp("template")
    path = folder / "sayso.db"
    asyncio.run(_migrated(f"sqlite://{path}", folder))
    return path


@pytest.fixture(scope="session")
def sqlite_brands(sqlite_template: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """A migrated SQLite database with the two brands, to be copied."""
    folder = tmp_path_factory.mktemp("brands")
    path = folder / "sayso.db"
    shutil.copy(sqlite_template, path)
    asyncio.run(_with_brands(f"sqlite://{path}", folder))
    return path


async def _with_brands(database_url: str, data_dir: Path) -> None:
    before, real = settings._current, database.clock
    settings.use(settings_for(database_url, data_dir))
    database.clock = Clock()
    invalidate_catalog()
    async with open_database(settings.current()):
        await create_brands()
    database.clock, settings._current = real, before
    invalidate_catalog()


@contextmanager
def new_database(request: pytest.FixtureRequest, folder: Path, *, branded: bool) -> Iterator[str]:
    """The address of a migrated database, empty or with the brands, of the kind that the parameter names."""
    if request.param == "sqlite":
        path = folder / "sayso.db"
        shutil.copy(request.getfixturevalue("sqlite_brands" if branded else "sqlite_template"), path)
        yield f"sqlite://{path}"
        return
    server: Server = request.getfixturevalue("postgres_server")
    address = server.create(request.getfixturevalue("postgres_brands") if branded else None)
    try:
        yield address
    finally:
        server.give_back(address)


@pytest.fixture(params=["sqlite", "postgres"])
def database_url(request: pytest.FixtureRequest, tmp_path: Path) -> Iterator[str]:
    """The address of a migrated database of this test alone, on each of the two.

    It is empty, but for the two brands where the test uses `brands`.
    """
    with new_database(request, tmp_path, branded="brands" in request.fixturenames) as address:
        yield address


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
    """Two business units with their subscription types. Acme's privacy setting is on, Bazaar's is off."""

    acme: BusinessUnit
    bazaar: BusinessUnit
    digest: SubscriptionType
    offers: SubscriptionType
    receipts: SubscriptionType
    internal: SubscriptionType
    letters: SubscriptionType
    alerts: SubscriptionType


_EVERYWHERE = tuple(Channel)
_TYPES: dict[str, dict[str, Any]] = {
    "digest": {
        "key": "weekly-digest",
        "business_unit": "acme",
        "name": {"en": "Weekly digest", "pl": "Przegląd tygodnia"},
        "channels": _EVERYWHERE,
    },
    "offers": {"key": "offers", "business_unit": "acme", "name": {"en": "Offers"}, "double_opt_in": True},
    "receipts": {
        "key": "receipts",
        "business_unit": "acme",
        "name": {"en": "Receipts"},
        "purpose": Purpose.TRANSACTIONAL,
        "channels": _EVERYWHERE,
    },
    "internal": {
        "key": "internal-notes",
        "business_unit": "acme",
        "name": {"en": "Internal notes"},
        "is_public": False,
    },
    "letters": {"key": "letters", "business_unit": "bazaar", "name": {"en": "Letters", "pl": "Listy"}},
    "alerts": {
        "key": "alerts",
        "business_unit": "bazaar",
        "name": {"en": "Alerts"},
        "channels": _EVERYWHERE,
    },
}


async def create_brands() -> None:
    """Create the two brands in the open database."""
    await create_unit(key="acme", name="Acme", data_privacy=True)
    await create_unit(key="bazaar", name="Bazaar", data_privacy=False, default_locale="pl")
    for new in _TYPES.values():
        await create_type(**new)


@pytest.fixture
async def brands(db: settings.Settings) -> Brands:
    """The two brands, which are in the database already."""
    catalog = await exact_catalog()
    units = {unit.key: unit for unit in catalog.units}
    types = {type_.key: type_ for type_ in catalog.types}
    return Brands(**units, **{name: types[new["key"]] for name, new in _TYPES.items()})


async def update_preferences(
    recipient_id: int, changes: Iterable[StatusChange], provenance: Provenance
) -> list[Outcome]:
    """Set statuses of one recipient."""
    return await preferences.update(dict.fromkeys(Channel, recipient_id), changes, provenance)


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
