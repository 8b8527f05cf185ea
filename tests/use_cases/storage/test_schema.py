"""What the database itself enforces: checks, unique constraints, indexes, and durability."""

from __future__ import annotations

import re

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from preference_center.config.settings import Settings
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands

CHECKS = {
    "business_units_resubscribe_known",
    "subscription_types_purpose_known",
    "recipients_kind_known",
    "contacts_processing_basis_known",
    "consent_events_channel_known",
    "consent_events_before_known",
    "consent_events_after_known",
    "consent_events_origin_known",
    "consent_events_legal_basis_known",
    "preferences_channel_known",
    "preferences_status_known",
    "preferences_origin_known",
    "preferences_legal_basis_known",
    "opt_outs_of_all_channel_known",
    "opt_outs_of_all_origin_known",
    "pending_opt_ins_channel_known",
    "pauses_channel_known",
    "pauses_origin_known",
    "sender_numbers_channel_known",
    "keywords_meaning_known",
    "inbound_messages_channel_known",
    "inbound_messages_meaning_known",
    "inbound_messages_verdict_known",
    "call_permits_legal_basis_known",
    "workflow_triggers_kind_known",
    "enrolments_trigger_kind_known",
    "enrolments_state_known",
    "leaving_reasons_channel_known",
    "leaving_reasons_reason_known",
}
UNIQUES = {
    ("business_units", ("key",)),
    ("subscription_types", ("key",)),
    ("subscription_types", ("reference",)),
    ("recipients", ("kind", "fingerprint")),
    ("contacts", ("email",)),
    ("contacts", ("email_recipient_id",)),
    ("evidence", ("event_id",)),
    ("shown_wordings", ("digest",)),
    ("preferences", ("recipient_id", "subscription_type_id", "channel")),
    ("opt_outs_of_all", ("recipient_id", "business_unit_id", "channel")),
    ("pending_opt_ins", ("recipient_id", "subscription_type_id", "channel")),
    ("pauses", ("recipient_id", "business_unit_id", "channel")),
    ("access_tokens", ("prefix",)),
    ("access_tokens", ("name",)),
    ("sender_numbers", ("number", "channel")),
    ("sender_number_types", ("sender_number_id", "subscription_type_id")),
    ("keywords", ("business_unit_id", "word")),
    ("inbound_messages", ("digest",)),
    ("call_permits", ("contact_id",)),
    ("workflows", ("name",)),
    ("enrolments", ("workflow_id", "contact_id", "trigger_id")),
    ("enrolments", ("workflow_id", "contact_id")),
    ("leaving_reasons", ("event_id",)),
}


async def _indexes() -> list[tuple[str, tuple[str, ...], bool]]:
    """(table, columns, unique) of every index; expressions are left out."""
    if database.dialect() == "postgres":
        rows = await database.fetch(
            "SELECT c.relname AS name, i.indisunique AS uniq, array_agg(a.attname ORDER BY k.n) AS columns"
            " FROM pg_index i JOIN pg_class c ON c.oid = i.indrelid"
            " JOIN pg_namespace s ON s.oid = c.relnamespace"
            " CROSS JOIN LATERAL unnest(i.indkey) WITH ORDINALITY AS k (attnum, n)"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.attnum"
            " WHERE s.nspname = 'public' GROUP BY c.relname, i.indexrelid, i.indisunique"
        )
        return [(row["name"], tuple(row["columns"]), row["uniq"]) for row in rows]
    found = []
    for table in await database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'"):
        for index in await database.fetch(f"SELECT * FROM pragma_index_list('{table['name']}')"):
            columns = await database.fetch(f"SELECT name FROM pragma_index_info('{index['name']}')")
            found.append((table["name"], tuple(c["name"] or "" for c in columns), bool(index["unique"])))
        keys = await database.fetch(f"SELECT name FROM pragma_table_info('{table['name']}') WHERE pk > 0")
        found.append((table["name"], tuple(key["name"] for key in keys), True))
    return found


async def test_the_check_constraints_exist(db: Settings) -> None:
    if database.dialect() == "postgres":
        rows = await database.fetch("SELECT conname AS name FROM pg_constraint WHERE contype = 'c'")
        assert {row["name"] for row in rows} >= CHECKS
        return
    rows = await database.fetch("SELECT sql FROM sqlite_master WHERE type = 'table'")
    assert set(re.findall(r'CONSTRAINT "(\w+)" CHECK', " ".join(row["sql"] or "" for row in rows))) >= CHECKS


async def test_the_unique_constraints_exist(db: Settings) -> None:
    assert {(table, columns) for table, columns, unique in await _indexes() if unique} >= UNIQUES


async def test_every_foreign_key_used_in_a_join_has_an_index(db: Settings) -> None:
    leading = {(table, columns[0]) for table, columns, _ in await _indexes() if columns}
    if database.dialect() == "postgres":
        rows = await database.fetch(
            "SELECT c.relname AS name, a.attname AS col FROM pg_constraint k"
            " JOIN pg_class c ON c.oid = k.conrelid"
            " JOIN pg_attribute a ON a.attrelid = c.oid AND a.attnum = k.conkey[1] WHERE k.contype = 'f'"
        )
        keys = {(row["name"], row["col"]) for row in rows}
    else:
        keys = set()
        for table in await database.fetch("SELECT name FROM sqlite_master WHERE type = 'table'"):
            for key in await database.fetch(f"SELECT * FROM pragma_foreign_key_list('{table['name']}')"):
                keys.add((table["name"], key["from"]))
    # Nothing looks up the state of an event, and events are never deleted.
    never_joined = {(table, "event_id") for table in ("preferences", "opt_outs_of_all", "pauses")}
    assert len(keys) > 10
    assert keys - never_joined <= leading


async def test_the_database_refuses_an_unknown_status(brands: Brands, alice: int) -> None:
    now = database.now()
    with pytest.raises((IntegrityError, OperationalError)):
        await database.execute(
            "INSERT INTO consent_events (recipient_id, channel, business_unit_id, before, after, superseded,"
            " origin, actor, occurred_at, recorded_at)"
            " VALUES ($1, 'EMAIL', $2, 'NOT_OPTED', 'MAYBE', FALSE, 'IMPORT', 'x', $3, $3)",
            alice,
            brands.acme.id,
            now,
        )


async def test_a_committed_change_is_on_disk(db: Settings) -> None:
    if database.dialect() == "sqlite":
        [mode] = await database.fetch("PRAGMA synchronous")
        [journal] = await database.fetch("PRAGMA journal_mode")
        assert (mode["synchronous"], journal["journal_mode"]) == (2, "wal")
    else:
        # PostgreSQL waits for the disk by default. The databases of tests set otherwise; Sayso sets nothing.
        [commit] = await database.fetch("SELECT source FROM pg_settings WHERE name = 'synchronous_commit'")
        assert commit["source"] == "database"


async def test_the_check_constraints_allow_every_enum_member(db: Settings) -> None:
    """A member added to an enum of the rules has to be added to the database too."""
    values = [member.value for enum in (Channel, ConsentOrigin, PreferenceStatus) for member in enum]
    if database.dialect() == "postgres":
        rows = await database.fetch(
            "SELECT pg_get_constraintdef(oid) AS sql FROM pg_constraint WHERE contype = 'c'"
        )
    else:
        rows = await database.fetch("SELECT sql FROM sqlite_master WHERE type = 'table'")
    sql = " ".join(row["sql"] or "" for row in rows)
    assert [value for value in values if f"'{value}'" not in sql] == []
