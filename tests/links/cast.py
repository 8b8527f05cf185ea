"""An installation that makes links, and the recipients they are for."""

from __future__ import annotations

from datetime import UTC, datetime
from pathlib import Path

from preference_center.config.settings import Settings
from preference_center.links.footers import FooterText
from preference_center.links.maker import LinkMaker
from preference_center.rules.addresses import parse

WITHDRAW_KEY = b"withdraw-key-withdraw-key-withdraw"
MANAGE_KEY = b"manage-key-manage-key-manage-key-m"
SECRET_KEY = b"secret-key-secret-key-secret-key-s"
NOW = datetime(2026, 3, 1, 12, 0, 0, 123456, UTC)


def settings(**changed: object) -> Settings:
    """The settings of an installation at https://sayso.example, with changes."""
    defaults: dict[str, object] = {
        "database_url": "sqlite://unused",
        "public_url": "https://sayso.example",
        "secret_keys": (SECRET_KEY,),
        "withdraw_keys": (WITHDRAW_KEY,),
        "manage_keys": (MANAGE_KEY,),
        "fingerprint_key": b"fingerprint-key-fingerprint-key-fp",
        "data_dir": Path("unused"),
    }
    return Settings(**{**defaults, **changed})  # type: ignore[arg-type]


MAKER = LinkMaker(settings())
ALICE = MAKER.fingerprint(parse("alice@example.com"))
BOB = MAKER.fingerprint(parse("+48601234567"))
FOOTER_TEXT = FooterText(
    why="You get this because you subscribed to Weekly digest.",
    manage="Manage preferences",
    unsubscribe="Unsubscribe",
    unsubscribe_all="Unsubscribe from all",
    sender="Acme",
    postal_address="1 Main Street\nSpringfield",
)
