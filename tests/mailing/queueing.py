"""Queues mails, and reads the outbox."""

from __future__ import annotations

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType, invalidate_catalog
from preference_center.catalog.changes import create_type
from preference_center.outbox.queue import queue_link
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database, transactions
from tests.conftest import ALICE, by_team, update_preferences


async def request_link(
    address: str = ALICE, unit: BusinessUnit | None = None, locale: str | None = None
) -> None:
    """Queue a link for a known address."""
    await recipients.ensure([parse(address)])
    async with transactions.write_transaction():
        await queue_link(parse(address), unit, locale)


async def request_opt_in(address: str, type_: SubscriptionType) -> None:
    """Opt an address in to a double-opt-in type (R19)."""
    ids = await recipients.ensure([parse(address)])
    await update_preferences(
        ids[parse(address)], [(type_, Channel.EMAIL, PreferenceStatus.OPTED_IN)], by_team()
    )


async def create_news(name: str = "News of the week") -> SubscriptionType:
    """Create a double-opt-in type of Acme."""
    made = await create_type(key="news", business_unit="acme", name={"en": name}, double_opt_in=True)
    invalidate_catalog()
    return made


async def outbox_rows() -> list[tuple[int, bool, str | None]]:
    """Attempts, whether it was sent, and the last failure, for each mail in the outbox."""
    rows = await database.fetch("SELECT attempts, sent_at, trouble FROM outgoing_mails ORDER BY id")
    return [(row["attempts"], row["sent_at"] is not None, row["trouble"]) for row in rows]
