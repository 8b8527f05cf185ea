"""Two business units and their types: one list for the model and for the database."""

from __future__ import annotations

from preference_center.catalog import changes as catalog_changes
from preference_center.rules.types import Channel, Purpose, ResubscribePolicy
from tests.journeys.values import Type, Unit

EMAIL, SMS, WHATSAPP = Channel.EMAIL, Channel.SMS, Channel.WHATSAPP
ACME = Unit("acme", privacy=True)
BAZAAR = Unit("bazaar", privacy=False, resubscribe=ResubscribePolicy.RECIPIENT_ONLY)
DIGEST = Type("digest", ACME)
ALERTS = Type("alerts", ACME, (EMAIL, SMS, WHATSAPP))
INSIDERS = Type("insiders", ACME, public=False)
TRIAL = Type("trial", ACME, double_opt_in=True)
RECEIPTS = Type("receipts", ACME, (EMAIL, SMS), purpose=Purpose.TRANSACTIONAL)
OFFERS = Type("offers", BAZAAR, (EMAIL, SMS))
CLUB = Type("club", BAZAAR, (EMAIL, SMS), double_opt_in=True)
UNITS = (ACME, BAZAAR)
TYPES = {kind.key: kind for kind in (DIGEST, ALERTS, INSIDERS, TRIAL, RECEIPTS, OFFERS, CLUB)}


async def make_catalog() -> None:
    """Create the units and types in the open database."""
    for unit in UNITS:
        await catalog_changes.create_unit(
            key=unit.key, name=unit.key.title(), data_privacy=unit.privacy, resubscribe=unit.resubscribe
        )
    for kind in TYPES.values():
        await catalog_changes.create_type(
            key=kind.key,
            business_unit=kind.unit.key,
            name={"en": kind.key.title()},
            purpose=kind.purpose,
            channels=kind.channels,
            is_public=kind.public,
            double_opt_in=kind.double_opt_in,
        )
