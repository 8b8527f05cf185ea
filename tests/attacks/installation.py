"""An installation to attack: a catalog, 5,000 contacts with a history, and links of all of them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from preference_center.access.tokens import create_token
from preference_center.catalog.catalog import SubscriptionType
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config.settings import Settings
from preference_center.demo.brands import TYPES, UNITS
from preference_center.links.maker import link_maker
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database
from tests.benchmarks.harness.databases import opened

CONTACTS = 5_000
TYPE = TYPES[0]["key"]
UNIT = UNITS[0]["key"]
TYPES_WITH_HISTORY = 4
_FIRST_DAY = datetime(2026, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Installation:
    """What an attacker and the people with links have."""

    settings: Settings
    token: str
    withdraw: Sequence[str]
    """The withdraw tokens of all contacts."""
    manage: Sequence[str]
    """The manage tokens of some contacts."""

    @property
    def on_postgres(self) -> bool:
        """Whether the database is PostgreSQL."""
        return not self.settings.database_url.startswith("sqlite")


def email(number: int) -> str:
    """The address of a contact, by its number from 0."""
    return f"reader{number}@example.com"


async def furnish(made: Settings) -> Installation:
    """Fill a migrated database, and make an API token and links."""
    async with opened(made):
        for unit in UNITS:
            await create_unit(**unit)
        types = [await create_type(**subscription_type) for subscription_type in TYPES]
        await _add_contacts()
        for number, subscription_type in enumerate(types[:TYPES_WITH_HISTORY]):
            await _add_history(subscription_type, number)
        token = await create_token("attacker", ["admin"])
    maker = link_maker(made)
    fingerprints = [maker.fingerprint(parse(email(number))) for number in range(CONTACTS)]
    now = datetime.now(UTC)
    return Installation(
        made,
        token,
        [maker.withdraw(fingerprint, Channel.EMAIL, TYPE) for fingerprint in fingerprints],
        [maker.manage(fingerprint, RecipientKind.EMAIL, now, UNIT) for fingerprint in fingerprints[:100]],
    )


async def _add_contacts() -> None:
    await recipients.ensure(parse(email(number)) for number in range(CONTACTS))
    properties = """'{"plan": "basic", "tags": [1, 2, 3]}'"""
    if database.dialect() == "postgres":
        properties += "::jsonb"
    await database.execute(
        "INSERT INTO contacts (email_recipient_id, email, first_name, last_name, folded_first_name,"
        " folded_last_name, locale, properties, created_at, updated_at)"
        " SELECT id, address, 'Alice', 'Adams', 'alice', 'adams', CASE id % 2 WHEN 0 THEN 'en' ELSE 'pl' END,"
        f" {properties}, created_at, created_at FROM recipients"
    )


async def _add_history(subscription_type: SubscriptionType, number: int) -> None:
    """Opt every contact in to a type; a quarter of them opts out of it in a second event."""
    for nth, (before, after, origin, chosen) in enumerate(
        (
            ("NOT_OPTED", "OPTED_IN", "CONTACT_RECORD", "TRUE"),
            ("OPTED_IN", "OPTED_OUT", "UNSUBSCRIBE_LINK", f"(id + {number}) % 4 = 0"),
        )
    ):
        at = _FIRST_DAY + timedelta(days=10 * number + nth)
        await database.execute(
            "INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id,"
            " before, after, superseded, origin, actor, occurred_at, recorded_at)"
            f" SELECT id, 'EMAIL', {subscription_type.business_unit.id}, {subscription_type.id}, '{before}',"
            f" '{after}', FALSE, '{origin}', 'crm', $1, $1 FROM recipients WHERE {chosen} ORDER BY id",
            at,
        )
    await database.execute(
        "INSERT INTO preferences (recipient_id, channel, subscription_type_id, status, origin, occurred_at,"
        " changed_at, event_id) SELECT recipient_id, channel, subscription_type_id, after, origin,"
        " occurred_at, recorded_at, id FROM consent_events WHERE id IN (SELECT MAX(id) FROM consent_events"
        " WHERE subscription_type_id = $1 GROUP BY recipient_id)",
        subscription_type.id,
    )
