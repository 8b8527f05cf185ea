"""PostgreSQL finds contacts with indexes, for every filter in every order."""

from __future__ import annotations

import json
from typing import Any

import pytest

from preference_center.catalog.catalog import exact_catalog
from preference_center.config.settings import Settings
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.filter import ContactFilter, OptedOutOfAllIs, PreferenceIs, PropertyEquals
from preference_center.contacts.pages import ContactOrder, PageRequest
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database, transactions
from tests.conftest import Brands, create_brands
from tests.databases import Server

CONTACTS = 150_000
FILL_STATEMENTS = [
    "INSERT INTO recipients (id, kind, fingerprint, address, created_at) SELECT n, 'EMAIL',"
    " decode(md5(n::text), 'hex'), 'p' || n || '@example.com', now() FROM generate_series(1, {count}) n",
    "INSERT INTO contacts (email_recipient_id, email, first_name, last_name, folded_first_name,"
    " folded_last_name, locale, properties, created_at, updated_at) SELECT n, 'p' || n || '@example.com',"
    " 'F' || n, 'L' || n % 5000, 'f' || n, 'l' || n % 5000, 'l' || n % 200, jsonb_build_object('number', n),"
    " now() - n * interval '1 minute', now() - n * interval '1 second' FROM generate_series(1, {count}) n",
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
    async with transactions.write_transaction():
        await database.execute("SET LOCAL session_replication_role = replica")
        for sql in FILL_STATEMENTS:
            await database.execute(
                sql.format(
                    count=CONTACTS,
                    unit=brands.acme.id,
                    other=brands.bazaar.id,
                    subscription_type=brands.digest.id,
                )
            )
    return brands


def filters(brands: Brands) -> dict[str, ContactFilter | None]:
    email = Channel.EMAIL
    out = PreferenceStatus.OPTED_OUT
    return {
        "nothing": None,
        "ids": ContactFilter(ids=[1, 2, 3]),
        "emails": ContactFilter(emails=["p1@example.com", "p2@example.com"]),
        "search": ContactFilter(search="f123"),
        "search of two words": ContactFilter(search="f12 l12"),
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
    for order in ContactOrder:
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
        return []

    await exact_catalog()
    monkeypatch.setattr(database, "fetch", explained)
    slow = {}
    for name, wanted in filters(crowd).items():
        for order in ContactOrder:
            await contact_pages.page(wanted, order, PageRequest(50))
            if tables := scanned(plans.pop()):
                slow[name, order.value] = tables
    assert slow == {}
