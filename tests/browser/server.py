"""A real server for the browser tests: `python -m tests.browser.server FOLDER PORTS [LOCALES]`.

PORTS, between commas, are one for the two brands and one for each odd shape, in their order.
"""

from __future__ import annotations

import asyncio
import os
import sys
from collections.abc import Awaitable, Callable
from datetime import datetime
from pathlib import Path

import uvicorn

from api.app import create_app
from preference_center import translations as wording
from preference_center.catalog.changes import create_type, create_unit, update_unit
from preference_center.config import settings
from preference_center.config.settings import Settings, load
from preference_center.demo import build as demo
from preference_center.rules.types import Channel, Purpose
from preference_center.storage import database, migration
from preference_center.storage.connection import open_database
from tests.browser.states.unusual_catalogs import CATALOGS

EVERYWHERE = tuple(Channel)
CLOCK = "SAYSO_TEST_CLOCK"
"""The environment variable with the instant that the servers' clocks stand still at."""
DEMO = "SAYSO_TEST_DEMO"
"""The environment variable that has the demo's brands served instead of the two."""


def settings_in(folder: Path, port: int) -> Settings:
    """The settings of the server, for itself and for the tests."""
    return load(
        {
            "SAYSO_DATABASE_URL": f"sqlite://{folder / 'sayso.db'}",
            "SAYSO_DATA_DIR": str(folder),
            "SAYSO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
    )


async def demo_brands() -> None:
    """The demo's brands, and Ada."""
    await demo.load(1)


async def two_brands() -> None:
    """Two brands: an outdoor shop whose privacy setting is on, and a market whose is off."""
    await create_unit(key="acme", name="Acme Outdoors", data_privacy=True)
    await update_unit("acme", colour="#1f7a5c", postal_address="12 Long Acre, London WC2E 9LH")
    await create_unit(key="bazaar", name="Bazaar", data_privacy=False, default_locale="pl")
    await update_unit("bazaar", colour="#e4572e", postal_address="ul. Targowa 3, 03-448 Warszawa")
    for key, unit, names, about, more in TYPES:
        await create_type(
            key=key,
            business_unit=unit,
            name=dict(zip(("en", "pl"), names, strict=True)),
            description=dict(zip(("en", "pl"), about, strict=True)),
            **more,  # type: ignore[arg-type]
        )


TYPES: list[tuple[str, str, tuple[str, str], tuple[str, str], dict[str, object]]] = [
    (
        "weekly-digest",
        "acme",
        ("Weekly digest", "Przegląd tygodnia"),
        (
            "Routes, stories and a photograph, every Friday morning.",
            "Trasy, opowieści i jedno zdjęcie, w każdy piątek rano.",
        ),
        {"channels": EVERYWHERE},
    ),
    (
        "offers",
        "acme",
        ("Offers and sales", "Oferty i wyprzedaże"),
        ("At most twice a month, before anybody else hears of it.", "Najwyżej dwa razy w miesiącu."),
        {"channels": EVERYWHERE, "double_opt_in": True},
    ),
    (
        "arrivals",
        "acme",
        ("New arrivals", "Nowości"),
        (
            "When something we have worked on for long is ready.",
            "Kiedy gotowe jest coś, nad czym długo pracowaliśmy.",
        ),
        {},
    ),
    (
        "orders",
        "acme",
        ("Order updates", "Zamówienia"),
        ("Confirmations, shipping and returns.", "Potwierdzenia, wysyłka i zwroty."),
        {"purpose": Purpose.TRANSACTIONAL, "channels": EVERYWHERE},
    ),
    (
        "letter",
        "bazaar",
        ("Market letter", "List z targu"),
        ("What is fresh this week, and two recipes.", "Co w tym tygodniu świeże, i dwa przepisy."),
        {},
    ),
    (
        "tastings",
        "bazaar",
        ("Workshops and tastings", "Warsztaty i degustacje"),
        ("Invitations near you.", "Zaproszenia w Twojej okolicy."),
        {"channels": EVERYWHERE},
    ),
]


async def fill(settings: Settings, make: Callable[[], Awaitable[None]]) -> None:
    """Migrate the database and create a catalog."""
    async with open_database(settings):
        await migration.migrate(settings)
        await make()


def serve(folder: Path, port: int, make: Callable[[], Awaitable[None]]) -> None:
    """Fill the folder's database and serve until the process ends."""
    made = settings_in(folder, port)
    settings.use(made)
    asyncio.run(fill(made, make))
    uvicorn.run(create_app(made), host="127.0.0.1", port=port, log_level="warning", access_log=False)


def main() -> None:
    """Serve the two brands, and each unusual catalog in a fork of this process."""
    folder, ports = Path(sys.argv[1]), [int(port) for port in sys.argv[2].split(",")]
    if at := os.environ.get(CLOCK):
        database.clock = lambda: datetime.fromisoformat(at)
    if len(sys.argv) > 3:
        wording.LOCALES = Path(sys.argv[3])
    for port, (name, make) in zip(ports[1:], CATALOGS.items(), strict=True):
        if os.fork() == 0:
            serve(folder / name, port, make)
            return
    serve(folder, ports[0], demo_brands if os.environ.get(DEMO) else two_brands)


if __name__ == "__main__":
    main()
