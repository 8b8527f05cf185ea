"""Reads the database for tests: events, row counts, a digest of everything."""

from __future__ import annotations

import hashlib
from typing import Any

from preference_center.storage import database

TABLES = (
    "business_units",
    "subscription_types",
    "catalog_state",
    "recipients",
    "contacts",
    "consent_events",
    "evidence",
    "shown_wordings",
    "preferences",
    "opt_outs_of_all",
    "pending_opt_ins",
    "pauses",
    "leaving_reasons",
    "outgoing_mails",
    "address_refusals",
    "network_askings",
    "access_tokens",
    "operations",
    "sender_numbers",
    "sender_number_types",
    "keywords",
    "inbound_messages",
    "whatsapp_users",
    "call_permits",
    "erasure_leftovers",
)


async def events() -> list[dict[str, Any]]:
    """The ledger with its evidence, oldest first; types and units by key."""
    rows = await database.fetch(
        "SELECT e.channel, e.before, e.after, e.origin, e.actor, e.superseded, t.key AS type, u.key AS unit,"
        " v.ip_address, v.user_agent, v.url, w.text AS wording, v.locale"
        " FROM consent_events e JOIN business_units u ON u.id = e.business_unit_id"
        " LEFT JOIN subscription_types t ON t.id = e.subscription_type_id"
        " LEFT JOIN evidence v ON v.event_id = e.id"
        " LEFT JOIN shown_wordings w ON w.id = v.wording_id ORDER BY e.id"
    )
    return [dict(row) for row in rows]


async def changes() -> list[tuple[str | None, str, str, str]]:
    """(type or None, before, after, origin) of every event, oldest first."""
    return [(e["type"], e["before"], e["after"], e["origin"]) for e in await events()]


async def count(table: str) -> int:
    """How many rows a table has."""
    return int((await database.fetch(f"SELECT count(*) AS n FROM {table}"))[0]["n"])


async def dump() -> str:
    """A digest of everything in the database, to the byte."""
    digest = hashlib.sha256()
    for table in TABLES:
        rows = await database.fetch(f"SELECT * FROM {table} ORDER BY 1")
        digest.update(repr((table, [tuple(dict(row).items()) for row in rows])).encode())
    return digest.hexdigest()
