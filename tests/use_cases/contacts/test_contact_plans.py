"""PostgreSQL finds contacts with indexes, for every filter in every order."""

from __future__ import annotations

import json
from datetime import UTC, datetime
from typing import Any

import pytest

from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.contacts import pages as contact_pages
from preference_center.contacts import property_pages
from preference_center.contacts.filter import (
    ContactFilter,
    DeliverabilityIs,
    Operator,
    OptedOutOfAllIs,
    PausedIs,
    PendingOptInIs,
    Period,
    PreferenceIs,
    PropertyComparison,
    PropertyEquals,
)
from preference_center.contacts.pages import ContactOrder, PageRequest
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database, shares, transactions
from preference_center.storage.connection import postgres_without_transaction
from preference_center.storage.shares import Share
from tests.conftest import Brands, create_brands
from tests.databases import Server

CONTACTS = 100_000
ORDERS = [order for order in ContactOrder if not order.by_property]
FILL_STATEMENTS = [
    "INSERT INTO recipients (id, kind, fingerprint, address, created_at) SELECT n, 'EMAIL',"
    " decode(md5(n::text), 'hex'), 'p' || n || '@example.com', now() FROM generate_series(1, {count}) n",
    "INSERT INTO contacts (email_recipient_id, email, phone, first_name, last_name, folded_first_name,"
    " folded_last_name, locale, properties, processing_basis, created_at, updated_at)"
    " SELECT n, 'p' || n || '@mail' || n % 3000 || '.example.com',"
    " CASE WHEN n % 3 = 0 THEN '+48' || 600000000 + n END,"
    " 'F' || n, 'L' || n % 5000, 'f' || n, 'l' || n % 5000, 'l' || n % 200,"
    " jsonb_build_object('number', n, 'city', 'c' || n % 1000, 'tags', jsonb_build_array('t' || n % 1000)),"
    " CASE WHEN n % 1000 = 0 THEN 'NON_GDPR' END,"
    " now() - n * interval '1 minute', now() - n * interval '1 second' FROM generate_series(1, {count}) n",
    "INSERT INTO contact_properties SELECT id, 'number', 1, (properties ->> 'number')::float8,"
    " '\U0010ffff' FROM contacts UNION ALL SELECT id, 'city', 2, 1.7e308, properties ->> 'city' FROM contacts"
    " UNION ALL SELECT id, 'tags', 4, 1.7e308, '\U0010ffff' FROM contacts"
    " UNION ALL SELECT id, 'tags', 5, 1.7e308, 't' || id % 1000 FROM contacts",
    "INSERT INTO consent_events (recipient_id, channel, business_unit_id, subscription_type_id, before,"
    " after, superseded, origin, actor, occurred_at, recorded_at)"
    " SELECT n, 'EMAIL', {unit}, {subscription_type}, 'NOT_OPTED',"
    " CASE WHEN n % 500 = 0 THEN 'OPTED_OUT' ELSE 'OPTED_IN' END, FALSE, 'IMPORT', 'x', now(), now()"
    " FROM generate_series(1, {count}) n",
    "INSERT INTO preferences (recipient_id, channel, subscription_type_id, status, origin, occurred_at,"
    " changed_at, event_id) SELECT recipient_id, channel, subscription_type_id, after, origin, occurred_at,"
    " recorded_at, id FROM consent_events",
    "INSERT INTO consent_events (recipient_id, channel, business_unit_id, before, after, superseded, origin,"
    " actor, occurred_at, recorded_at) SELECT n, 'EMAIL',"
    " CASE WHEN n % 50 = 1 THEN {unit} ELSE {other} END, 'NOT_OPTED', 'OPTED_OUT', FALSE,"
    " CASE WHEN n % 2 = 0 THEN 'IMPORT' ELSE 'ONE_CLICK' END, 'x', now(), now()"
    " FROM generate_series(1, {count}, 5) n",
    "INSERT INTO pending_opt_ins (recipient_id, channel, subscription_type_id, origin, actor, requested_at,"
    " expires_at) SELECT n, 'EMAIL', {subscription_type}, 'IMPORT', 'x', now(), now() + interval '9999 days'"
    " FROM generate_series(1, {count}, 50) n",
    "INSERT INTO pauses (recipient_id, channel, business_unit_id, until, origin, actor, set_at)"
    " SELECT n, 'EMAIL', {unit}, now() + interval '9999 days', 'PREFERENCE_PAGE', 'x', now()"
    " FROM generate_series(1, {count}, 50) n",
    "INSERT INTO address_refusals (recipient_id, answer, refused_at) SELECT n, '550', now()"
    " FROM generate_series(1, {count}, 50) n",
    "INSERT INTO opt_outs_of_all (recipient_id, channel, business_unit_id, active, origin, occurred_at,"
    " changed_at, event_id) SELECT recipient_id, channel, business_unit_id, TRUE, origin, occurred_at,"
    " recorded_at, id FROM consent_events WHERE subscription_type_id IS NULL",
]


@pytest.fixture
def database_url(postgres_server: Server) -> Any:
    address = postgres_server.create()
    yield address
    postgres_server.drop(address)


@pytest.fixture
async def db(db: Settings) -> Settings:
    """The database of this test is created for it alone, without the two brands."""
    await create_brands()
    return db


@pytest.fixture
async def crowd(db: Settings, brands: Brands) -> Brands:
    """Many contacts, each with an address and a preference."""
    # Without a time limit for the statements, which load more than any request does.
    with shares.using(Share.MIGRATIONS):
        await _fill(brands)
    async with postgres_without_transaction() as held:
        await held.execute("VACUUM ANALYZE")
    return brands


async def _fill(brands: Brands) -> None:
    async with transactions.write_transaction():
        await database.execute("SET LOCAL session_replication_role = replica")
        # Built at the end, it takes a fraction of the time.
        definition = (await database.fetch("SELECT pg_get_indexdef('contacts_by_text'::regclass) AS sql"))[0]
        await database.execute("DROP INDEX contacts_by_text")
        for sql in [*FILL_STATEMENTS, definition["sql"]]:
            await database.execute(
                sql.format(
                    count=CONTACTS,
                    unit=brands.acme.id,
                    other=brands.bazaar.id,
                    subscription_type=brands.digest.id,
                )
            )


LONG_AGO = datetime(2020, 1, 1, tzinfo=UTC)


def compares(name: str, operator: Operator, value: Any) -> ContactFilter:
    return ContactFilter(properties=[PropertyComparison(name, operator, value)])


def filters(brands: Brands) -> dict[str, ContactFilter | None]:
    email = Channel.EMAIL
    out = PreferenceStatus.OPTED_OUT
    return {
        "nothing": None,
        "ids": ContactFilter(ids=[1, 2, 3]),
        "emails": ContactFilter(emails=["p1@mail1.example.com", "p2@mail2.example.com"]),
        "search": ContactFilter(search="f123"),
        "search of two words": ContactFilter(search="f12 l12"),
        "search within": ContactFilter(search="l999.example"),
        "search of everybody": ContactFilter(search="example"),
        "search of a short word": ContactFilter(search="f1"),
        "search of a phone number": ContactFilter(search="+48 600 100 002"),
        "email domains": ContactFilter(email_domains=["mail7.example.com"]),
        "phones": ContactFilter(phones=["+48600000003"]),
        "has an email address": ContactFilter(has_email=True),
        "has a phone number": ContactFilter(has_phone=True),
        "processing basis": ContactFilter(processing_bases=[LegalBasis.NON_GDPR]),
        "no processing basis": ContactFilter(has_processing_basis=False),
        "updated": ContactFilter(updated_from=LONG_AGO),
        "property exists": compares("city", Operator.EXISTS, True),
        "property is missing": compares("city", Operator.EXISTS, False),
        "property is one of": compares("city", Operator.IN, ["c7", 7, True]),
        "property is less": compares("number", Operator.LESS, 30),
        "property is greater": compares("city", Operator.GREATER, "c999"),
        "property contains": compares("city", Operator.CONTAINS, "99"),
        "list contains": compares("tags", Operator.CONTAINS, "t7"),
        "changed": ContactFilter(
            preference_changed=PreferenceIs(brands.digest, email, None, None, Period(LONG_AGO))
        ),
        "consent before": ContactFilter(
            preference=PreferenceIs(
                brands.digest, email, PreferenceStatus.OPTED_IN, None, None, Period(None, LONG_AGO)
            )
        ),
        "pending": ContactFilter(pending_opt_in=PendingOptInIs(brands.digest)),
        "not pending": ContactFilter(pending_opt_in=PendingOptInIs(None, email, value=False)),
        "paused": ContactFilter(paused=PausedIs(brands.acme, email)),
        "paused anywhere": ContactFilter(paused=PausedIs()),
        "unusable": ContactFilter(deliverability=DeliverabilityIs(usable=False)),
        "usable": ContactFilter(deliverability=DeliverabilityIs(usable=True)),
        "locale": ContactFilter(locale="l7"),
        "property": ContactFilter(property=PropertyEquals("number", 17)),
        "preference": ContactFilter(preference=PreferenceIs(brands.digest, email, out)),
        "imported opt-outs": ContactFilter(
            preference=PreferenceIs(brands.digest, email, out, [ConsentOrigin.IMPORT])
        ),
        "opted out of email": ContactFilter(opted_out_of_email=brands.digest),
        "unsubscribed from all": ContactFilter(unsubscribed_from_all_email=True),
        "opted out of all": ContactFilter(
            opted_out_of_all=OptedOutOfAllIs(email, brands.acme, [ConsentOrigin.IMPORT])
        ),
        "not": ContactFilter(negated=ContactFilter(locale="l7")),
        "or": ContactFilter(any_of=[ContactFilter(emails=["p9@example.com"]), ContactFilter(search="f77")]),
    }


def scanned(plan: dict[str, Any]) -> set[str]:
    """The tables that a plan scans completely."""
    found = {plan["Relation Name"]} if plan["Node Type"] == "Seq Scan" else set()
    return found.union(*(scanned(part) for part in plan.get("Plans", [])))


async def test_every_filter_in_every_order_uses_indexes(
    crowd: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Tables of types and units are small and may be scanned; tables of people may not."""
    for order in ORDERS:
        rows = (await contact_pages.page(None, order, PageRequest(100))).rows
        page = await contact_pages.page(
            None, order, PageRequest(100, after=contact_pages.position(rows[-1], order))
        )
        assert len({row.id for row in [*rows, *page.rows]}) == 200
    fetch = database.fetch
    plans: list[dict[str, Any]] = []

    async def explained(sql: str, *values: Any) -> list[Any]:
        rows = await fetch(f"EXPLAIN (FORMAT JSON) {sql}", *values)
        plans.append(json.loads(rows[0]["QUERY PLAN"])[0]["Plan"])
        return await fetch(sql, *values) if sql.startswith("SELECT id FROM (") else []

    await exact_catalog()
    monkeypatch.setattr(database, "fetch", explained)
    slow: dict[tuple[str, str], set[str]] = {}
    for name, wanted in filters(crowd).items():
        for order in ORDERS:
            await contact_pages.page(wanted, order, PageRequest(50))
            slow[name, order.value] = set().union(*map(scanned, plans))
            plans.clear()
        for descending in (False, True):
            await property_pages.page(wanted, "city", PageRequest(50), descending=descending)
            slow[name, f"city {descending}"] = set().union(*map(scanned, plans))
            plans.clear()
    assert {key: tables for key, tables in slow.items() if tables} == {}
