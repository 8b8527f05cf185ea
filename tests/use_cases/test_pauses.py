"""Silences through the door: an event of the ledger for each, and no status is touched (R18, R21, R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from tortoise.exceptions import IntegrityError

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.errors import Invalid
from preference_center.history import verification
from preference_center.ledger.rows import PAUSES
from preference_center.ledger.types import EvidenceFacts, Intent, PauseIntent
from preference_center.preferences import changes as preferences
from preference_center.preferences import eligibility
from preference_center.preferences.save_page import AddressChanges, save_page
from preference_center.recipients import visitors
from preference_center.recipients.recipients import fingerprint_of
from preference_center.recipients.states import read_states
from preference_center.recipients.visitors import Visitor
from preference_center.rules.addresses import parse
from preference_center.rules.decisions import Accepted, Decision, Refused, Unchanged
from preference_center.rules.eligibility import BlockReason
from preference_center.rules.types import Channel, ConsentOrigin, ErrorCode, PreferenceStatus, RecipientKind
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE, TEAM, Brands, Clock, by_recipient, by_team, update_preferences

EMAIL, SMS = Channel.EMAIL, Channel.SMS
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT
JUNE = datetime(2026, 6, 1, 9, 30, 15, 250_000, tzinfo=UTC)
OWN, TEAMS = by_recipient(), by_team()


async def silences() -> list[tuple[str, str, str, datetime | None, str]]:
    """Every silence of the ledger: channel, before, after, until, origin."""
    rows = await database.fetch("SELECT * FROM consent_events WHERE about_pause ORDER BY id")
    return [
        (r["channel"], r["before"], r["after"], database.optional_instant(r["paused_until"]), r["origin"])
        for r in rows
    ]


async def held(recipient: int) -> dict[tuple[int, Channel], datetime]:
    state = (await read_states([recipient]))[recipient]
    return {place: pause.until for place, pause in state.pauses.items()}


async def differences() -> list[str]:
    return [line async for line in verification.verify()]


async def pause(brands: Brands, who: int, until: datetime | None, by: Any = OWN) -> Decision:
    return await preferences.pause(who, EMAIL, brands.acme, until, by)


async def test_a_silence_is_one_event_with_all_that_an_event_has(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R18"""
    proof = EvidenceFacts("203.0.113.9", "Firefox of Alice", "/p", "[30 days]", "en")
    assert await pause(brands, alice, JUNE, by_recipient(evidence=proof)) == Accepted()
    [row] = await database.fetch(
        "SELECT e.*, v.ip_address, v.locale, w.text AS wording FROM consent_events e"
        " JOIN evidence v ON v.event_id = e.id JOIN shown_wordings w ON w.id = v.wording_id"
    )
    assert (row["recipient_id"], row["channel"], row["business_unit_id"]) == (alice, "EMAIL", brands.acme.id)
    assert row["subscription_type_id"] is None
    assert (row["origin"], row["actor"], row["operation_id"]) == ("PREFERENCE_PAGE", "recipient", None)
    assert database.instant(row["occurred_at"]) == database.instant(row["recorded_at"]) == clock.at
    assert database.instant(row["paused_until"]) == JUNE
    assert (row["wording"], row["locale"], row["ip_address"]) == ("[30 days]", "en", "203.0.113.9")
    assert await held(alice) == {(brands.acme.id, EMAIL): JUNE}
    assert await differences() == []


async def test_a_silence_is_no_consent_and_leaves_every_status(brands: Brands, alice: int) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN), (brands.letters, EMAIL, OUT)], OWN)
    before = [tuple(row) for row in await database.fetch("SELECT * FROM preferences ORDER BY id")]
    await pause(brands, alice, database.now() + timedelta(days=3))
    await pause(brands, alice, None)
    assert [tuple(row) for row in await database.fetch("SELECT * FROM preferences ORDER BY id")] == before
    assert await database.fetch("SELECT * FROM opt_outs_of_all") == []


@pytest.mark.parametrize("out", [False, True], ids=["nothing said of all", "opted out of all"])
async def test_before_and_after_are_both_what_holds_of_all(
    brands: Brands, alice: int, clock: Clock, out: bool
) -> None:
    if out:
        await preferences.opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await pause(brands, alice, JUNE)
    await pause(brands, alice, None)
    status = "OPTED_OUT" if out else "NOT_OPTED"
    assert [(before, after) for _, before, after, *_ in await silences()] == [(status, status)] * 2
    assert await differences() == []


async def test_an_opt_out_of_all_that_was_removed_is_none(brands: Brands, alice: int, clock: Clock) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await pause(brands, alice, JUNE)
    assert (await silences())[0][1:3] == ("NOT_OPTED", "NOT_OPTED")
    assert await differences() == []


async def test_an_opt_out_of_all_between_silences_is_replayed_as_well(
    brands: Brands, alice: int, clock: Clock
) -> None:
    await pause(brands, alice, JUNE)
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await pause(brands, alice, JUNE + timedelta(days=1))
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    assert await held(alice) == {(brands.acme.id, EMAIL): JUNE + timedelta(days=1)}
    assert await differences() == []


async def test_the_same_again_writes_nothing_but_the_person_takes_the_teams_over(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R16, R11"""
    by_whom = [TEAMS, TEAMS, OWN, OWN, TEAMS]
    decisions = [await pause(brands, alice, JUNE, by) for by in by_whom]
    assert decisions == [Accepted(), Unchanged(), Accepted(), Unchanged(), Unchanged()]
    assert [(until, origin) for *_, until, origin in await silences()] == [
        (JUNE, "CONTACT_RECORD"),
        (JUNE, "PREFERENCE_PAGE"),
    ]
    assert await pause(brands, alice, None, TEAMS) == Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    assert await differences() == []


TEAM_ORIGINS = [origin for origin in ConsentOrigin if by_team(origin).origin.maker.value == "TEAM"]


@pytest.mark.parametrize("origin", TEAM_ORIGINS)
async def test_no_team_touches_a_persons_own_silence_whatever_its_way(
    brands: Brands, alice: int, clock: Clock, origin: ConsentOrigin
) -> None:
    await pause(brands, alice, JUNE)
    for until in (None, JUNE - timedelta(seconds=1), JUNE + timedelta(seconds=1)):
        refused = await pause(brands, alice, until, by_team(origin))
        assert refused == Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    assert await held(alice) == {(brands.acme.id, EMAIL): JUNE}
    assert len(await silences()) == 1


async def test_a_person_ends_and_shortens_what_a_team_set(brands: Brands, alice: int, clock: Clock) -> None:
    """R4"""
    await pause(brands, alice, JUNE, TEAMS)
    assert await pause(brands, alice, JUNE - timedelta(days=5)) == Accepted()
    assert await pause(brands, alice, None) == Accepted()
    assert await held(alice) == {}
    assert [until for *_, until, _ in await silences()] == [JUNE, JUNE - timedelta(days=5), None]
    assert await differences() == []


async def test_what_ran_out_is_nobodys_and_ending_it_is_nothing(
    brands: Brands, alice: int, clock: Clock
) -> None:
    await pause(brands, alice, JUNE)
    clock.at = JUNE
    assert await differences() == []  # one that is over needs no event: when it ends was said
    assert await pause(brands, alice, None) == Unchanged()
    assert await pause(brands, alice, None, TEAMS) == Unchanged()
    later = JUNE + timedelta(days=9)
    assert await pause(brands, alice, later, TEAMS) == Accepted()
    assert await held(alice) == {(brands.acme.id, EMAIL): later}
    assert len(await silences()) == 2
    assert await differences() == []


async def test_each_place_has_a_silence_of_its_own(
    brands: Brands, alice: int, alice_phone: int, clock: Clock
) -> None:
    await preferences.pause(alice, EMAIL, brands.acme, JUNE, OWN)
    await preferences.pause(alice, EMAIL, brands.bazaar, JUNE + timedelta(days=1), TEAMS)
    await preferences.pause(alice_phone, SMS, brands.acme, JUNE + timedelta(days=2), OWN)
    await preferences.pause(alice, EMAIL, brands.bazaar, None, TEAMS)
    assert await held(alice) == {(brands.acme.id, EMAIL): JUNE}
    assert await held(alice_phone) == {(brands.acme.id, SMS): JUNE + timedelta(days=2)}
    assert await differences() == []


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_silence_ends_in_the_future(brands: Brands, alice: int, clock: Clock, seconds: int) -> None:
    with pytest.raises(Invalid) as told:
        await pause(brands, alice, clock.at + timedelta(seconds=seconds))
    assert told.value.field == ("until",)
    assert await silences() == []


async def test_it_may_be_sent_again_from_the_instant_on_and_receipts_always(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R21, R24"""
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], OWN)
    await pause(brands, alice, JUNE)
    for at, reason, until in (
        (clock.at, BlockReason.PAUSED, JUNE),
        (JUNE - timedelta(microseconds=1), BlockReason.PAUSED, JUNE),
        (JUNE, None, None),
        (JUNE + timedelta(days=1), None, None),
    ):
        clock.at = at
        [digest] = await eligibility.of_addresses(brands.digest, EMAIL, [ALICE])
        assert (digest.reason, digest.until) == (reason, until), at
        [receipts] = await eligibility.of_addresses(brands.receipts, EMAIL, [ALICE])
        assert receipts.allowed


async def test_a_silence_silences_its_unit_and_channel_alone(
    brands: Brands, alice: int, clock: Clock
) -> None:
    await pause(brands, alice, JUNE)
    [letters] = await eligibility.of_addresses(brands.letters, EMAIL, [ALICE])
    assert letters.allowed


@pytest.mark.parametrize(
    "tampering",
    [
        "UPDATE pauses SET until = $1",
        "UPDATE pauses SET origin = 'CONTACT_RECORD' WHERE until <> $1",
        "DELETE FROM pauses WHERE until <> $1",
    ],
)
async def test_verify_finds_a_silence_that_was_tampered_with(
    brands: Brands, alice: int, clock: Clock, tampering: str
) -> None:
    await pause(brands, alice, JUNE)
    await database.execute(tampering, JUNE + timedelta(days=1))
    [line] = await differences()
    assert f"recipient {alice}, EMAIL, pause of unit {brands.acme.id}" in line


async def test_verify_finds_a_silence_that_no_event_made(brands: Brands, alice: int, clock: Clock) -> None:
    await pause(brands, alice, JUNE)
    await pause(brands, alice, None)
    await database.insert(
        "pauses",
        PAUSES.columns,
        [(alice, "EMAIL", brands.acme.id, JUNE, "CONTACT_RECORD", "crm", clock.at, None)],
    )
    [line] = await differences()
    assert "the ledger says nothing" in line


async def test_the_explanation_is_kept_beside_and_goes_with_the_person(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R36, R37: the silence itself outlasts them."""
    await pause(brands, alice, JUNE, by_team(explanation="Alice is away."))
    proof = EvidenceFacts("203.0.113.9", "Firefox of Alice", "/p", "Take a break", "en")
    await pause(brands, alice, JUNE + timedelta(days=1), by_recipient(evidence=proof))
    kept = await database.fetch(
        "SELECT v.explanation, w.text FROM evidence v LEFT JOIN shown_wordings w ON w.id = v.wording_id"
        " ORDER BY v.event_id"
    )
    assert [tuple(row) for row in kept] == [("Alice is away.", None), (None, "Take a break")]
    await erase_recipient(alice, TEAM)
    assert await database.fetch("SELECT * FROM evidence") == []
    assert len(await silences()) == 2
    assert await held(alice) == {(brands.acme.id, EMAIL): JUNE + timedelta(days=1)}
    assert await differences() == []


async def test_a_silence_is_no_word_of_consent_that_orders_others(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R17: an opt-in of yesterday that arrives today holds, for a silence of today says nothing of it."""
    await preferences.opt_out_of_all(
        alice, EMAIL, brands.acme, by_team(occurred_at=clock.at - timedelta(days=9))
    )
    await pause(brands, alice, JUNE)
    yesterday = by_recipient(occurred_at=clock.at - timedelta(days=1))
    [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], yesterday)
    assert outcome.decision == Accepted(lifts_all=True)
    assert await differences() == []


async def test_a_silence_that_fails_leaves_nothing_of_what_was_saved_with_it(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R18: state, event and what is saved with it come in one transaction, or not at all."""
    visitor = await visitor_of(ALICE)
    nowhere = replace(brands.acme, id=999_999)
    part = AddressChanges(
        lambda who: [Intent(who, EMAIL, IN, brands.acme, brands.digest)],
        OWN,
        lambda who: [PauseIntent(who, EMAIL, brands.acme, JUNE), PauseIntent(who, EMAIL, nowhere, JUNE)],
    )
    with pytest.raises(IntegrityError):
        await save_page(visitor, part)
    assert await held(alice) == {}
    assert await database.fetch("SELECT * FROM consent_events") == []
    assert await database.fetch("SELECT * FROM preferences") == []


async def test_a_failing_part_for_the_number_leaves_no_silence_of_the_address(
    brands: Brands, alice: int, alice_phone: int, clock: Clock
) -> None:
    """R18: the number's part comes last, and takes the silence of the address with it."""
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    visitor, state = await visitors.find_visitor_with_state(RecipientKind.EMAIL, fingerprint_of(parse(ALICE)))
    visitor = await visitors.with_phone(visitor, state)
    own = AddressChanges(lambda _who: [], OWN, lambda who: [PauseIntent(who, EMAIL, brands.acme, JUNE)])
    nowhere = replace(brands.acme, id=999_999)
    phone = AddressChanges(lambda _who: [], OWN, lambda who: [PauseIntent(who, SMS, nowhere, JUNE)])
    with pytest.raises(IntegrityError):
        await save_page(visitor, own, phone)
    assert await held(alice) == {}
    assert await silences() == []


async def visitor_of(address: str) -> Visitor:
    parsed = parse(address)
    return await visitors.find_visitor(parsed.kind, fingerprint_of(parsed))
