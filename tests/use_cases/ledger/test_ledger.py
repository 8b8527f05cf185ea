"""Recording changes: what is written, and what is not (R11, R12, R16-R19)."""

from __future__ import annotations

from datetime import timedelta

import pytest
from tortoise.exceptions import IntegrityError, OperationalError

from preference_center.catalog import changes as catalog_changes
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.decisions import Accepted, Pending, Refused, Superseded, Unchanged
from preference_center.rules.types import Channel, ConsentOrigin, ErrorCode, LegalBasis, PreferenceStatus
from preference_center.storage import database
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences

EMAIL = Channel.EMAIL
IN, NOT_OPTED, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


async def events() -> list[tuple[str, str, bool]]:
    rows = await database.fetch("SELECT before, after, superseded FROM consent_events ORDER BY id")
    return [(row["before"], row["after"], bool(row["superseded"])) for row in rows]


async def test_a_change_is_one_event_with_its_origin_actor_legal_basis_and_explanation(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R18"""
    [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_team())
    assert outcome.changed
    assert outcome.status is IN
    [row] = await database.fetch("SELECT * FROM consent_events JOIN evidence ON event_id = id")
    assert (row["before"], row["after"], row["origin"]) == ("NOT_OPTED", "OPTED_IN", "CONTACT_RECORD")
    assert (row["actor"], row["legal_basis"]) == ("crm", "CONSENT_WITH_NOTICE")
    assert row["explanation"] == "Asked for it at the fair."
    assert database.instant(row["occurred_at"]) == database.instant(row["recorded_at"]) == clock.at


async def test_the_same_change_twice_writes_one_event(brands: Brands, alice: int) -> None:
    """R16"""
    for expected in (Accepted(), Unchanged()):
        [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
        assert outcome.decision == expected
    assert await events() == [("NOT_OPTED", "OPTED_OUT", False)]


async def test_a_recipients_opt_out_takes_over_the_teams_and_not_the_reverse(
    brands: Brands, alice: int
) -> None:
    """R11"""
    change = [(brands.digest, EMAIL, OUT)]
    await update_preferences(alice, change, by_team())
    [taken_over] = await update_preferences(alice, change, by_recipient())
    assert taken_over.changed
    [again] = await update_preferences(alice, change, by_team())
    assert again.decision == Unchanged()
    state = (await read_states([alice]))[alice]
    assert state.preferences[brands.digest.id, EMAIL].origin is ConsentOrigin.PREFERENCE_PAGE
    assert await events() == [("NOT_OPTED", "OPTED_OUT", False), ("OPTED_OUT", "OPTED_OUT", False)]


async def test_a_recipients_opt_in_removes_their_opt_out_of_all_with_a_second_event(
    brands: Brands, alice: int
) -> None:
    """R12"""
    await update_preferences(alice, [(brands.internal, EMAIL, IN)], by_team())
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    [refused] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_team())
    assert refused.decision == Refused(ErrorCode.OPTED_OUT_OF_ALL)
    [lifted] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    assert lifted.decision == Accepted(lifts_all=True)
    state = (await read_states([alice]))[alice]
    assert state.opt_outs_of_all == {}
    assert state.preferences[brands.internal.id, EMAIL].status is IN
    rows = await database.fetch("SELECT subscription_type_id, after FROM consent_events ORDER BY id")
    assert [(row["subscription_type_id"], row["after"]) for row in rows[-2:]] == [
        (brands.digest.id, "OPTED_IN"),
        (None, "NOT_OPTED"),
    ]


async def test_an_older_decision_is_recorded_without_effect(brands: Brands, alice: int, clock: Clock) -> None:
    """R17"""
    yesterday = clock.at - timedelta(days=1)
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    [late] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_team(occurred_at=yesterday))
    assert late.decision == Superseded()
    assert late.status is OUT
    assert (await events())[-1] == ("OPTED_OUT", "OPTED_IN", True)


async def test_an_opt_out_of_all_older_than_the_recipients_opt_in_is_superseded(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R17, R12: in the order of the decisions, the opt-in came last and removed it."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    earlier = by_recipient(ConsentOrigin.PROVIDER, occurred_at=clock.at - timedelta(hours=1))
    late = await preferences.opt_out_of_all(alice, EMAIL, brands.acme, earlier)
    assert late.decision == Superseded()
    assert (await read_states([alice]))[alice].opt_outs_of_all == {}


async def test_an_opt_in_dated_later_than_now_is_refused(brands: Brands, alice: int, clock: Clock) -> None:
    """R17: so is everything else that takes an opt-out back."""
    soon = by_team(occurred_at=clock.at + timedelta(seconds=1))
    outcomes = await update_preferences(
        alice, [(brands.digest, EMAIL, IN), (brands.digest, EMAIL, NOT_OPTED)], soon
    )
    assert [outcome.decision for outcome in outcomes] == [Refused(ErrorCode.OCCURRED_IN_FUTURE)] * 2
    assert await events() == []
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_team())
    removal = await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, soon)
    assert removal.decision == Refused(ErrorCode.OCCURRED_IN_FUTURE)


@pytest.mark.parametrize("ahead", [timedelta(seconds=1), timedelta(hours=8), timedelta(days=3_650)])
async def test_an_opt_out_dated_later_than_now_counts_as_now(
    brands: Brands, alice: int, clock: Clock, ahead: timedelta
) -> None:
    """R17: an opt-out is never lost for a clock or a time zone."""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    soon = by_team(occurred_at=clock.at + ahead)
    [opted_out] = await update_preferences(alice, [(brands.digest, EMAIL, OUT)], soon)
    of_all = await preferences.opt_out_of_all(alice, EMAIL, brands.acme, soon)
    assert opted_out.changed
    assert of_all.changed
    rows = await database.fetch("SELECT occurred_at FROM consent_events WHERE after = 'OPTED_OUT'")
    assert [database.instant(row["occurred_at"]) for row in rows] == [clock.at, clock.at]
    clock.forward(seconds=2)
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient(occurred_at=clock.at))
    state = (await read_states([alice]))[alice]
    assert state.preferences[brands.digest.id, EMAIL].status is IN
    assert state.opt_outs_of_all == {}


async def test_a_clock_that_is_behind_does_not_supersede_a_new_decision(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R17: a change without a time of its own is newer than every recorded decision."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    clock.forward(hours=-1)
    [back] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient())
    assert back.decision == Accepted()


async def test_a_double_opt_in_is_pending_until_an_opt_out_ends_it(brands: Brands, alice: int) -> None:
    """R19"""
    [pending] = await update_preferences(alice, [(brands.offers, EMAIL, IN)], by_team())
    assert pending.decision == Pending()
    assert pending.status is NOT_OPTED
    assert await events() == []
    [mail] = await database.fetch("SELECT kind, address FROM outgoing_mails")
    assert (mail["kind"], mail["address"]) == ("CONFIRM", "alice@example.com")
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    confirmed = await preferences.confirm(
        alice, brands.offers, EMAIL, by_recipient(ConsentOrigin.CONFIRMATION)
    )
    assert confirmed.decision == Refused(ErrorCode.NOT_FOUND)


async def test_a_confirmation_opts_in_with_the_requested_legal_basis_and_expires_after_seven_days(
    brands: Brands, alice: int, bob: int, clock: Clock
) -> None:
    """R19"""
    for recipient_id in (alice, bob):
        await update_preferences(recipient_id, [(brands.offers, EMAIL, IN)], by_team())
    confirmation = by_recipient(ConsentOrigin.CONFIRMATION)
    clock.forward(days=6)
    confirmed = await preferences.confirm(alice, brands.offers, EMAIL, confirmation)
    assert confirmed.changed
    preference = (await read_states([alice]))[alice].preferences[brands.offers.id, EMAIL]
    assert (preference.status, preference.origin) == (IN, ConsentOrigin.CONFIRMATION)
    assert (preference.legal_basis, preference.explanation) == (
        LegalBasis.CONSENT_WITH_NOTICE,
        "Asked for it at the fair.",
    )
    clock.forward(days=1)
    expired = await preferences.confirm(bob, brands.offers, EMAIL, confirmation)
    assert expired.decision == Refused(ErrorCode.NOT_FOUND)


async def test_a_change_sees_the_effect_of_earlier_changes_in_its_batch(brands: Brands, alice: int) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_team())
    remove = Intent(alice, EMAIL, NOT_OPTED, brands.acme)
    opt_in = Intent(alice, EMAIL, IN, brands.acme, brands.digest)
    removed, then = await record([remove, opt_in], by_team(ConsentOrigin.BULK_UPDATE))
    assert (removed.changed, then.changed) == (True, True)


async def test_changes_are_decided_by_the_catalog_as_other_processes_left_it(
    brands: Brands, alice: int
) -> None:
    """A type archived by another process is archived here, whatever this process has cached."""
    stale = brands.digest
    await catalog_changes.archive_type("weekly-digest")
    [refused] = await update_preferences(alice, [(stale, EMAIL, IN)], by_team())
    assert refused.decision == Refused(ErrorCode.TYPE_ARCHIVED)


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE consent_events SET after = 'OPTED_IN'",
        "DELETE FROM consent_events",
        "INSERT INTO consent_events SELECT * FROM consent_events ON CONFLICT (id)"
        " DO UPDATE SET after = 'OPTED_IN'",
    ],
)
async def test_the_database_refuses_to_change_the_ledger(brands: Brands, alice: int, sql: str) -> None:
    """R18: append-only."""
    await update_preferences(alice, [(brands.digest, EMAIL, OUT)], by_recipient())
    before = await database.fetch("SELECT * FROM consent_events")
    if database.dialect() == "sqlite":
        sql = sql.replace("consent_events ON CONFLICT", "consent_events WHERE true ON CONFLICT")
    with pytest.raises((IntegrityError, OperationalError), match="append-only"):
        await database.execute(sql)
    assert [tuple(r) for r in await database.fetch("SELECT * FROM consent_events")] == [
        tuple(r) for r in before
    ]
