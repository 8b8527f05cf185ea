"""Verification finds what was changed past the ledger: times, and the triggers that keep it append-only."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from preference_center.history import verification
from preference_center.preferences import changes as preferences
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences

EMAIL, OUT = Channel.EMAIL, PreferenceStatus.OPTED_OUT
EARLIER = datetime(2020, 1, 1, tzinfo=UTC)


async def differences() -> list[str]:
    return [line async for line in verification.verify()]


@pytest.fixture
async def opted_out(brands: Brands, alice: int) -> int:
    """Alice is opted out of a type and of all of Acme, and Bazaar is paused."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_team())
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    until = database.now() + timedelta(days=9)
    await preferences.pause(alice, EMAIL, brands.bazaar, until, by_recipient())
    return alice


async def test_a_ledger_and_a_state_that_agree_have_no_differences(opted_out: int) -> None:
    assert await differences() == []


@pytest.mark.parametrize(
    "change",
    [
        "UPDATE preferences SET occurred_at = $1",
        "UPDATE opt_outs_of_all SET occurred_at = $1",
        "UPDATE pauses SET until = $1",
    ],
)
async def test_a_time_that_was_changed_is_found(opted_out: int, change: str) -> None:
    """R17 decides by it."""
    await database.execute(change, EARLIER)
    [line] = await differences()
    assert str(EARLIER)[:10] in line


async def test_the_time_of_the_latest_decision_is_compared_not_of_the_newest_event(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R11, R17: a recipient's earlier opt-out takes over the team's, whose time stays."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_team())
    earlier = by_recipient(occurred_at=clock.at - timedelta(days=3))
    [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, OUT)], earlier)
    assert outcome.changed
    assert await differences() == []


GUARDS = {
    "sqlite": {
        "DROP TRIGGER consent_events_never_deleted": "consent_events_never_deleted",
        "DROP TRIGGER consent_events_never_replaced": "consent_events_never_replaced",
        "CREATE TRIGGER consent_events_never_updated BEFORE UPDATE ON consent_events"
        " WHEN 0 BEGIN SELECT RAISE(ABORT, 'the ledger is append-only: UPDATE is refused'); END": (
            "consent_events_never_updated"
        ),
    },
    "postgres": {
        "DROP TRIGGER consent_events_final ON consent_events": "consent_events_final",
        "ALTER TABLE consent_events DISABLE TRIGGER consent_events_never_emptied": (
            "consent_events_never_emptied"
        ),
        "ALTER TABLE consent_events ENABLE REPLICA TRIGGER consent_events_final": "consent_events_final",
        "CREATE OR REPLACE FUNCTION consent_events_are_final() RETURNS trigger LANGUAGE plpgsql AS"
        " $$ BEGIN RETURN NEW; END $$": "consent_events_final",
    },
}


@pytest.mark.parametrize(
    ("database_url", "sql", "name"),
    [(dialect, sql, name) for dialect, changes in GUARDS.items() for sql, name in changes.items()],
    indirect=["database_url"],
)
async def test_a_trigger_of_the_ledger_that_is_missing_or_changed_is_found(
    opted_out: int, sql: str, name: str
) -> None:
    if sql.startswith("CREATE TRIGGER"):
        await database.execute(f"DROP TRIGGER {name}")
    await database.execute(sql)
    assert (
        f"the ledger can be changed: its trigger {name} is missing, disabled or changed"
        in await differences()
    )


async def test_a_row_that_the_api_cannot_read_is_listed(opted_out: int) -> None:
    if database.dialect() == "postgres":
        await database.execute("UPDATE preferences SET occurred_at = '20000-01-01'")
    else:
        await database.execute("UPDATE preferences SET occurred_at = '20000-01-01 00:00:00+00:00'")
    assert any("cannot be read" in line for line in await differences())
