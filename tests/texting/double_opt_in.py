"""A double-opt-in type on every channel."""

from __future__ import annotations

from preference_center.catalog.catalog import SubscriptionType, invalidate_catalog
from preference_center.catalog.changes import create_type
from preference_center.rules.types import Channel


async def create_news() -> SubscriptionType:
    """Create Acme's news, a double-opt-in type (R19)."""
    made = await create_type(
        key="news",
        business_unit="acme",
        name={"en": "News of the week", "pl": "Nowości tygodnia"},
        channels=tuple(Channel),
        double_opt_in=True,
    )
    invalidate_catalog()
    return made
