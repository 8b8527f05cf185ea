"""A real server for the browser's tests: `python -m tests.browser.server FOLDER PORT [LOCALES]`."""

from __future__ import annotations

import asyncio
import sys
from pathlib import Path

import uvicorn

from api.app import create_app
from preference_center import database, migration, wording
from preference_center.catalog_changes import create_type, create_unit, update_unit
from preference_center.rules.types import Channel, Purpose
from preference_center.settings import Settings, load

EVERYWHERE = tuple(Channel)


def settings_in(folder: Path, port: int) -> Settings:
    """The server's settings, for the server and for the tests beside it."""
    return load(
        {
            "SAYSO_DATABASE_URL": f"sqlite://{folder / 'sayso.db'}",
            "SAYSO_DATA_DIR": str(folder),
            "SAYSO_PUBLIC_URL": f"http://127.0.0.1:{port}",
        }
    )


async def fill(settings: Settings) -> None:
    """Two brands as people know them: an outdoor shop that asks first, and a market that need not."""
    async with database.connected(settings):
        await migration.migrate(settings)
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


def main() -> None:
    """Fill an empty database and serve until the process is ended."""
    folder, port = Path(sys.argv[1]), int(sys.argv[2])
    settings = settings_in(folder, port)
    if len(sys.argv) > 3:
        wording.LOCALES = Path(sys.argv[3])
    asyncio.run(fill(settings))
    uvicorn.run(create_app(settings), host="127.0.0.1", port=port, log_level="warning", access_log=False)


if __name__ == "__main__":
    main()
