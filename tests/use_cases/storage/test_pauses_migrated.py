"""Pauses from before they were recorded in the ledger get one event each (migration 0017) and stay."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.history import verification
from preference_center.preferences import changes as preferences
from preference_center.rules.decisions import Accepted, Refused, Unchanged
from preference_center.rules.types import Channel, ErrorCode
from preference_center.storage import database, migration
from tests.conftest import by_recipient, by_team

EMAIL = Channel.EMAIL
SET_AT = datetime(2026, 1, 5, 8, 15, 30, 123_456, tzinfo=UTC)
LATER = database.now().replace(microsecond=654_321) + timedelta(days=30)
OVER = datetime(2026, 1, 9, tzinfo=UTC)
UNITS = {
    "id": "int", "key": "text", "name": "text", "data_privacy": "boolean", "resubscribe": "text",
    "default_locale": "text", "created_at": "timestamptz",
}  # fmt: skip


async def fill() -> None:
    """Insert two recipients with three pauses, one opted out of all, one pause over, in the old schema."""
    made = (True, "WITH_LEGAL_BASIS", "en", SET_AT)
    await database.insert(
        "business_units", UNITS, [(1, "acme", "Acme", *made), (2, "bazaar", "Bazaar", *made)]
    )
    recipients = {
        "id": "bigint",
        "kind": "text",
        "fingerprint": "bytea",
        "address": "text",
        "created_at": "timestamptz",
    }
    await database.insert(
        "recipients", recipients, [(n, "EMAIL", bytes([n]) * 16, f"p{n}@example.com", SET_AT) for n in (1, 2)]
    )
    out = {
        "recipient_id": "bigint", "channel": "text", "business_unit_id": "int", "before": "text",
        "after": "text", "superseded": "boolean", "origin": "text", "actor": "text",
        "occurred_at": "timestamptz", "recorded_at": "timestamptz",
    }  # fmt: skip
    await database.insert(
        "consent_events",
        {"id": "bigint", **out},
        [(1, 2, "EMAIL", 1, "NOT_OPTED", "OPTED_OUT", False, "ONE_CLICK", "recipient", SET_AT, SET_AT)],
    )
    of_all = {
        "recipient_id": "bigint", "channel": "text", "business_unit_id": "int", "active": "boolean",
        "origin": "text", "occurred_at": "timestamptz", "changed_at": "timestamptz", "event_id": "bigint",
    }  # fmt: skip
    await database.insert("opt_outs_of_all", of_all, [(2, "EMAIL", 1, True, "ONE_CLICK", SET_AT, SET_AT, 1)])
    if database.dialect() == "postgres":
        await database.execute("SELECT setval(pg_get_serial_sequence('consent_events', 'id'), 1)")
    pauses = {
        "recipient_id": "bigint", "channel": "text", "business_unit_id": "int", "until": "timestamptz",
        "actor": "text", "set_at": "timestamptz",
    }  # fmt: skip
    rows = [(1, "EMAIL", 1, LATER), (1, "EMAIL", 2, OVER), (2, "EMAIL", 1, LATER)]
    await database.insert("pauses", pauses, [(*row, "crm", SET_AT) for row in rows])


async def test_each_pause_gets_an_event_and_verification_finds_no_difference(
    before_0017: Settings,
) -> None:
    """R18: a pause that is over too, and one beside an opt-out of all."""
    await fill()
    assert "0017_pauses" in await migration.migrate(before_0017)
    rows = await database.fetch("SELECT * FROM consent_events WHERE about_pause ORDER BY id")
    events = [
        (
            r["recipient_id"],
            r["business_unit_id"],
            r["before"],
            r["after"],
            database.instant(r["paused_until"]),
        )
        for r in rows
    ]
    assert events == [
        (1, 1, "NOT_OPTED", "NOT_OPTED", LATER),
        (1, 2, "NOT_OPTED", "NOT_OPTED", OVER),
        (2, 1, "OPTED_OUT", "OPTED_OUT", LATER),
    ]
    for row in rows:
        assert (row["origin"], row["actor"], bool(row["superseded"])) == ("CONTACT_RECORD", "crm", False)
        assert database.instant(row["recorded_at"]) == database.instant(row["occurred_at"]) == SET_AT
    pauses = await database.fetch("SELECT event_id, origin FROM pauses ORDER BY id")
    assert [(r["event_id"], r["origin"]) for r in pauses] == [(r["id"], "CONTACT_RECORD") for r in rows]
    assert [line async for line in verification.verify()] == []


async def test_a_migrated_pause_is_team_made_and_can_be_changed(before_0017: Settings) -> None:
    await fill()
    await migration.migrate(before_0017)
    acme = (await current_catalog()).unit_by_key("acme")
    assert acme is not None
    assert await preferences.pause(1, EMAIL, acme, LATER, by_team()) == Unchanged()
    assert await preferences.pause(1, EMAIL, acme, LATER, by_recipient()) == Accepted()
    refused = await preferences.pause(1, EMAIL, acme, None, by_team())
    assert refused == Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    assert await preferences.pause(2, EMAIL, acme, None, by_team()) == Accepted()
    assert [line async for line in verification.verify()] == []


async def test_the_ledger_is_still_append_only_and_a_recipient_has_one_pause_per_unit_and_channel(
    before_0017: Settings,
) -> None:
    """The tables that the migration rebuilds keep their triggers and constraints."""
    await fill()
    await migration.migrate(before_0017)
    for sql in ("UPDATE consent_events SET paused_until = NULL", "DELETE FROM consent_events"):
        with pytest.raises((IntegrityError, OperationalError), match="append-only"):
            await database.execute(sql)
    copied = (
        "INSERT INTO pauses (recipient_id, channel, business_unit_id, until, actor, set_at)"
        " SELECT recipient_id, channel, business_unit_id, until, actor, set_at FROM pauses"
    )
    with pytest.raises(IntegrityError):
        await database.execute(copied)
