"""Fills a database with recipients and their decisions: the rows that the ledger would write, in bulk.

The fingerprints are real, so that links and addresses find their recipients, and the state follows from the
events, so that `sayso verify` finds no difference.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime

import asyncpg
from rich.progress import Progress

from preference_center.catalog.catalog import SubscriptionType
from preference_center.catalog.changes import create_type, create_unit
from preference_center.config.settings import Settings
from preference_center.rules.addresses import keyed_fingerprint, parse_email

UNITS = (("acme", "Acme", "#7a3e9d"), ("bazaar", "Bazaar", "#0b6e4f"))
TYPES = (
    ("weekly-digest", "acme", "Weekly digest", "What happened, every Friday."),
    ("product-news", "acme", "Product news", "What is new, when there is something new."),
    ("events", "acme", "Events", "Where to meet us, once a month."),
    ("offers", "bazaar", "Offers", "What is cheaper this week."),
    ("new-arrivals", "bazaar", "New arrivals", "What came in, on Mondays."),
    ("surveys", "bazaar", "Surveys", "A few questions, twice a year."),
)
OUT_EVERY = 4
"""Recipient r has opted out of the nth type where (r + n) is a multiple of this, and in to the others."""
OUT_OF_ALL_EVERY = 50
"""Every such recipient has opted out of all of the second unit besides."""
_BEGIN = datetime(2026, 1, 1, tzinfo=UTC)


def email(number: int) -> str:
    """The address of the contact of that number, from 1; it is its recipient's too."""
    return f"reader.{number}@mail{number % 40}.example.com"


async def make_catalog() -> list[SubscriptionType]:
    """Two units with three types each."""
    for key, name, colour in UNITS:
        await create_unit(key=key, name=name, colour=colour, postal_address=f"{name} Ltd\n1 High Street")
    return [
        await create_type(key=key, business_unit=unit, name={"en": name}, description={"en": text})
        for key, unit, name, text in TYPES
    ]


async def fill(
    config: Settings, contacts: int, types: Sequence[SubscriptionType], progress: Progress
) -> None:
    """Load recipients, contacts, and for each type events, evidence and preferences; then VACUUM ANALYZE."""
    steps = 3 + 3 * len(types) + 3
    task = progress.add_task(f"loading {contacts:,} contacts", total=steps)
    if not progress.console.is_terminal:  # where nobody sees the bar move
        progress.console.print(f"loading {contacts:,} contacts …")
    db = await asyncpg.connect(config.database_url)
    try:
        await _trust_what_comes(db)
        indexes = await _take_indexes_down(db)
        await db.copy_records_to_table(
            "recipients",
            records=_recipients(contacts, config.fingerprint_key),
            columns=["id", "kind", "fingerprint", "address", "created_at"],
        )
        progress.advance(task)
        for sql in _statements(contacts, types):
            await db.execute(sql)
            progress.advance(task)
        for sql in (*indexes, *_SEQUENCES):
            await db.execute(sql)
        progress.advance(task)
        await db.execute("VACUUM ANALYZE")
        await db.execute("CHECKPOINT")
        progress.advance(task)
    finally:
        await db.close()


async def _trust_what_comes(db: asyncpg.Connection) -> None:
    """Skip the check of every foreign key where the server allows it: that halves the time."""
    with suppress(asyncpg.InsufficientPrivilegeError):
        await db.execute("SET session_replication_role = replica")
    await db.execute("SET synchronous_commit = off; SET maintenance_work_mem = '256MB'")


async def _take_indexes_down(db: asyncpg.Connection) -> list[str]:
    """Drop the indexes of no constraint, and return the statements that create them at the end."""
    rows = await db.fetch(
        "SELECT i.indexname, i.indexdef FROM pg_indexes i WHERE i.schemaname = 'public' AND NOT EXISTS ("
        "SELECT 1 FROM pg_constraint c WHERE c.conindid = format('%I', i.indexname)::regclass)"
        " AND i.indexdef NOT LIKE 'CREATE UNIQUE%'"
    )
    for row in rows:
        await db.execute(f'DROP INDEX "{row["indexname"]}"')
    return [row["indexdef"] for row in rows]


def _recipients(count: int, key: bytes) -> Iterator[tuple[int, str, bytes, str, datetime]]:
    for number in range(1, count + 1):
        address = parse_email(email(number))
        yield number, "EMAIL", keyed_fingerprint(address, key), address.value, _BEGIN


@dataclass(frozen=True, slots=True)
class _Said:
    """SQL for the decision of a recipient `r` on one type or unit."""

    status: str
    origin: str
    basis: str

    @classmethod
    def of_type(cls, nth: int) -> _Said:
        out = f"(r.id + {nth}) % {OUT_EVERY} = 0"
        return cls(
            f"CASE WHEN {out} THEN 'OPTED_OUT' ELSE 'OPTED_IN' END",
            f"CASE WHEN {out} THEN 'UNSUBSCRIBE_LINK' ELSE 'CONTACT_RECORD' END",
            f"CASE WHEN {out} THEN NULL ELSE 'CONSENT_WITH_NOTICE' END",
        )


def _statements(contacts: int, types: Sequence[SubscriptionType]) -> Iterator[str]:
    """The statements that load the data, one for each step, type after type."""
    yield _CONTACTS
    yield _PROPERTIES
    for nth, kind in enumerate(types):
        said, first = _Said.of_type(nth), nth * contacts
        at = f"timestamptz '{_BEGIN.isoformat()}' + interval '{nth} weeks' + r.id * interval '1 second'"
        yield _events(said, f"{first} + r.id", kind, at)
        yield (
            "INSERT INTO evidence (event_id, explanation, ip_address, user_agent) SELECT"
            f" {first} + r.id, 'Asked at the counter', '192.0.2.1', 'Mozilla/5.0' FROM recipients r"
        )
        yield (
            "INSERT INTO preferences (recipient_id, channel, subscription_type_id, status, origin,"
            " legal_basis, occurred_at, changed_at, event_id)"
            f" SELECT r.id, 'EMAIL', {kind.id}, {said.status}, {said.origin}, {said.basis},"
            f" {at}, {at}, {first} + r.id FROM recipients r"
        )
    yield _out_of_all(types[-1].business_unit.id, len(types) * contacts)


_CONTACTS = (
    "INSERT INTO contacts (id, email_recipient_id, email, first_name, last_name, folded_first_name,"
    " folded_last_name, locale, properties, processing_basis, created_at, updated_at)"
    " SELECT r.id, r.id, r.address, n.first, n.last, lower(n.first), lower(n.last), n.locale,"
    """ '{"plan": "basic"}', 'PROCESS_AND_STORE', r.created_at + r.id * interval '1 second',"""
    " r.created_at + r.id * interval '1 second' FROM recipients r CROSS JOIN LATERAL (SELECT"
    " (ARRAY['Alice','Bob','Charlie','Dana','Eve','Filip','Grace'])[1 + r.id % 7] AS first,"
    " (ARRAY['Adams','Brown','Clark','Davies','Evans','Fox','Green','Hill','Irwin','Jones','King'])"
    "[1 + r.id % 11] AS last, (ARRAY['en','pl',NULL])[1 + r.id % 3] AS locale) n"
)

_PROPERTIES = (
    "INSERT INTO contact_properties SELECT id, 'plan', 2, 1.7e308, properties ->> 'plan' FROM contacts"
)
"""What the trigger of `contacts` adds, which does not run here."""


def _events(said: _Said, event_id: str, subscription_type: SubscriptionType, at: str) -> str:
    unit_id, type_id = subscription_type.business_unit.id, subscription_type.id
    return (
        "INSERT INTO consent_events (id, recipient_id, channel, business_unit_id, subscription_type_id,"
        " before, after, superseded, origin, actor, legal_basis, occurred_at, recorded_at)"
        f" SELECT {event_id}, r.id, 'EMAIL', {unit_id}, {type_id}, 'NOT_OPTED', {said.status}, FALSE,"
        f" {said.origin}, 'crm', {said.basis}, {at}, {at} FROM recipients r"
    )


def _out_of_all(unit: int, first: int) -> str:
    at = f"timestamptz '{_BEGIN.isoformat()}' + interval '20 weeks'"
    return (
        "WITH told AS (INSERT INTO consent_events (id, recipient_id, channel, business_unit_id, before,"
        " after, superseded, origin, actor, occurred_at, recorded_at)"
        f" SELECT {first} + r.id, r.id, 'EMAIL', {unit}, 'NOT_OPTED', 'OPTED_OUT', FALSE,"
        f" 'PREFERENCE_PAGE', 'recipient', {at}, {at} FROM recipients r"
        f" WHERE r.id % {OUT_OF_ALL_EVERY} = 0 RETURNING id, recipient_id)"
        " INSERT INTO opt_outs_of_all (recipient_id, channel, business_unit_id, active, origin, occurred_at,"
        f" changed_at, event_id) SELECT recipient_id, 'EMAIL', {unit}, TRUE, 'PREFERENCE_PAGE', {at}, {at},"
        " id FROM told"
    )


_SEQUENCES = [
    f"SELECT setval(pg_get_serial_sequence('{table}', 'id'), (SELECT MAX(id) FROM {table}))"
    for table in ("recipients", "contacts", "consent_events", "preferences")
]
