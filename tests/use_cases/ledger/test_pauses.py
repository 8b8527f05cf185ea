"""Recording pauses: one event for each, without any change of a status (R18, R21, R24)."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime, timedelta

import pytest
from tortoise.exceptions import IntegrityError

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.errors import Invalid
from preference_center.history import verification
from preference_center.ledger.rows import PAUSES
from preference_center.ledger.types import EvidenceFacts, Intent, PauseIntent, Provenance
from preference_center.preferences import changes as preferences
from preference_center.preferences import eligibility
from preference_center.preferences.own_page.save import AddressChanges, save_page
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
OWN, TEAM_MADE = by_recipient(), by_team()


async def pause_events() -> list[tuple[str, str, str, datetime | None, str]]:
    """Every pause in the ledger: channel, before, after, until, origin."""
    rows = await database.fetch("SELECT * FROM consent_events WHERE about_pause ORDER BY id")
    return [
        (r["channel"], r["before"], r["after"], database.optional_instant(r["paused_until"]), r["origin"])
        for r in rows
    ]


async def current_pauses(recipient_id: int) -> dict[tuple[int, Channel], datetime]:
    """The end of each current pause, by (business unit id, channel)."""
    state = (await read_states([recipient_id]))[recipient_id]
    return {unit_and_channel: pause.until for unit_and_channel, pause in state.pauses.items()}


async def differences() -> list[str]:
    return [line async for line in verification.verify()]


async def pause(brands: Brands, recipient_id: int, until: datetime | None, by: Provenance = OWN) -> Decision:
    return await preferences.pause(recipient_id, EMAIL, brands.acme, until, by)


async def test_a_pause_is_one_event_with_origin_actor_times_and_evidence(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R18"""
    evidence = EvidenceFacts("203.0.113.9", "Firefox of Alice", "/p", "[30 days]", "en")
    assert await pause(brands, alice, JUNE, by_recipient(evidence=evidence)) == Accepted()
    [row] = await database.fetch(
        "SELECT e.*, v.ip_address, v.locale, w.text AS shown_text FROM consent_events e"
        " JOIN evidence v ON v.event_id = e.id JOIN shown_wordings w ON w.id = v.wording_id"
    )
    assert (row["recipient_id"], row["channel"], row["business_unit_id"]) == (alice, "EMAIL", brands.acme.id)
    assert row["subscription_type_id"] is None
    assert (row["origin"], row["actor"], row["operation_id"]) == ("PREFERENCE_PAGE", "recipient", None)
    assert database.instant(row["occurred_at"]) == database.instant(row["recorded_at"]) == clock.at
    assert database.instant(row["paused_until"]) == JUNE
    assert (row["shown_text"], row["locale"], row["ip_address"]) == ("[30 days]", "en", "203.0.113.9")
    assert await current_pauses(alice) == {(brands.acme.id, EMAIL): JUNE}
    assert await differences() == []


async def test_a_pause_changes_no_status(brands: Brands, alice: int) -> None:
    await update_preferences(alice, [(brands.digest, EMAIL, IN), (brands.letters, EMAIL, OUT)], OWN)
    before = [tuple(row) for row in await database.fetch("SELECT * FROM preferences ORDER BY id")]
    await pause(brands, alice, database.now() + timedelta(days=3))
    await pause(brands, alice, None)
    assert [tuple(row) for row in await database.fetch("SELECT * FROM preferences ORDER BY id")] == before
    assert await database.fetch("SELECT * FROM opt_outs_of_all") == []


@pytest.mark.parametrize("out", [False, True], ids=["no opt-out of all", "opted out of all"])
async def test_before_and_after_are_both_the_status_of_the_opt_out_of_all(
    brands: Brands, alice: int, clock: Clock, out: bool
) -> None:
    if out:
        await preferences.opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await pause(brands, alice, JUNE)
    await pause(brands, alice, None)
    status = "OPTED_OUT" if out else "NOT_OPTED"
    assert [(before, after) for _, before, after, *_ in await pause_events()] == [(status, status)] * 2
    assert await differences() == []


async def test_a_removed_opt_out_of_all_does_not_count(brands: Brands, alice: int, clock: Clock) -> None:
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await pause(brands, alice, JUNE)
    assert (await pause_events())[0][1:3] == ("NOT_OPTED", "NOT_OPTED")
    assert await differences() == []


async def test_an_opt_out_of_all_between_pauses_is_replayed_too(
    brands: Brands, alice: int, clock: Clock
) -> None:
    await pause(brands, alice, JUNE)
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    await pause(brands, alice, JUNE + timedelta(days=1))
    await preferences.remove_opt_out_of_all(alice, EMAIL, brands.acme, OWN)
    assert await current_pauses(alice) == {(brands.acme.id, EMAIL): JUNE + timedelta(days=1)}
    assert await differences() == []


async def test_the_same_pause_again_writes_nothing_unless_the_person_takes_it_over(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R16, R11"""
    provenances = [TEAM_MADE, TEAM_MADE, OWN, OWN, TEAM_MADE]
    decisions = [await pause(brands, alice, JUNE, by) for by in provenances]
    assert decisions == [Accepted(), Unchanged(), Accepted(), Unchanged(), Unchanged()]
    assert [(until, origin) for *_, until, origin in await pause_events()] == [
        (JUNE, "CONTACT_RECORD"),
        (JUNE, "PREFERENCE_PAGE"),
    ]
    assert await pause(brands, alice, None, TEAM_MADE) == Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    assert await differences() == []


TEAM_ORIGINS = [origin for origin in ConsentOrigin if by_team(origin).origin.maker.value == "TEAM"]


@pytest.mark.parametrize("origin", TEAM_ORIGINS)
async def test_the_team_cannot_change_a_recipients_own_pause_whatever_the_origin(
    brands: Brands, alice: int, clock: Clock, origin: ConsentOrigin
) -> None:
    await pause(brands, alice, JUNE)
    for until in (None, JUNE - timedelta(seconds=1), JUNE + timedelta(seconds=1)):
        refused = await pause(brands, alice, until, by_team(origin))
        assert refused == Refused(ErrorCode.OPTED_OUT_BY_RECIPIENT)
    assert await current_pauses(alice) == {(brands.acme.id, EMAIL): JUNE}
    assert len(await pause_events()) == 1


async def test_a_recipient_can_end_and_shorten_the_teams_pause(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R4"""
    await pause(brands, alice, JUNE, TEAM_MADE)
    assert await pause(brands, alice, JUNE - timedelta(days=5)) == Accepted()
    assert await pause(brands, alice, None) == Accepted()
    assert await current_pauses(alice) == {}
    assert [until for *_, until, _ in await pause_events()] == [JUNE, JUNE - timedelta(days=5), None]
    assert await differences() == []


async def test_ending_a_pause_that_is_over_changes_nothing(brands: Brands, alice: int, clock: Clock) -> None:
    await pause(brands, alice, JUNE)
    clock.at = JUNE
    assert await differences() == []  # the end of a pause needs no event of its own
    assert await pause(brands, alice, None) == Unchanged()
    assert await pause(brands, alice, None, TEAM_MADE) == Unchanged()
    later = JUNE + timedelta(days=9)
    assert await pause(brands, alice, later, TEAM_MADE) == Accepted()
    assert await current_pauses(alice) == {(brands.acme.id, EMAIL): later}
    assert len(await pause_events()) == 2
    assert await differences() == []


async def test_each_recipient_unit_and_channel_has_a_pause_of_its_own(
    brands: Brands, alice: int, alice_phone: int, clock: Clock
) -> None:
    await preferences.pause(alice, EMAIL, brands.acme, JUNE, OWN)
    await preferences.pause(alice, EMAIL, brands.bazaar, JUNE + timedelta(days=1), TEAM_MADE)
    await preferences.pause(alice_phone, SMS, brands.acme, JUNE + timedelta(days=2), OWN)
    await preferences.pause(alice, EMAIL, brands.bazaar, None, TEAM_MADE)
    assert await current_pauses(alice) == {(brands.acme.id, EMAIL): JUNE}
    assert await current_pauses(alice_phone) == {(brands.acme.id, SMS): JUNE + timedelta(days=2)}
    assert await differences() == []


@pytest.mark.parametrize("seconds", [0, -1])
async def test_a_pause_that_ends_in_the_past_is_invalid(
    brands: Brands, alice: int, clock: Clock, seconds: int
) -> None:
    with pytest.raises(Invalid) as raised:
        await pause(brands, alice, clock.at + timedelta(seconds=seconds))
    assert raised.value.field == ("until",)
    assert await pause_events() == []


async def test_a_pause_blocks_marketing_until_its_end_and_never_transactional_messages(
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


async def test_a_pause_blocks_its_own_unit_and_channel_only(brands: Brands, alice: int, clock: Clock) -> None:
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
async def test_verification_finds_a_pause_that_was_tampered_with(
    brands: Brands, alice: int, clock: Clock, tampering: str
) -> None:
    await pause(brands, alice, JUNE)
    await database.execute(tampering, JUNE + timedelta(days=1))
    [line] = await differences()
    assert f"recipient {alice}, EMAIL, pause of unit {brands.acme.id}" in line


async def test_verification_finds_a_pause_without_an_event(brands: Brands, alice: int, clock: Clock) -> None:
    await pause(brands, alice, JUNE)
    await pause(brands, alice, None)
    await database.insert(
        "pauses",
        PAUSES.columns,
        [(alice, "EMAIL", brands.acme.id, JUNE, "CONTACT_RECORD", "crm", clock.at, None)],
    )
    [line] = await differences()
    assert "the ledger says nothing" in line


async def test_erasing_a_recipient_deletes_the_evidence_of_their_pauses(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R36, R37: the pauses and their events stay."""
    await pause(brands, alice, JUNE, by_team(explanation="Alice is away."))
    evidence = EvidenceFacts("203.0.113.9", "Firefox of Alice", "/p", "Take a break", "en")
    await pause(brands, alice, JUNE + timedelta(days=1), by_recipient(evidence=evidence))
    stored = await database.fetch(
        "SELECT v.explanation, w.text FROM evidence v LEFT JOIN shown_wordings w ON w.id = v.wording_id"
        " ORDER BY v.event_id"
    )
    assert [tuple(row) for row in stored] == [("Alice is away.", None), (None, "Take a break")]
    await erase_recipient(alice, TEAM)
    assert await database.fetch("SELECT * FROM evidence") == []
    assert len(await pause_events()) == 2
    assert await current_pauses(alice) == {(brands.acme.id, EMAIL): JUNE + timedelta(days=1)}
    assert await differences() == []


async def test_a_pause_does_not_supersede_an_older_change(brands: Brands, alice: int, clock: Clock) -> None:
    """R17: an opt-in of yesterday that arrives today takes effect in spite of today's pause."""
    await preferences.opt_out_of_all(
        alice, EMAIL, brands.acme, by_team(occurred_at=clock.at - timedelta(days=9))
    )
    await pause(brands, alice, JUNE)
    yesterday = by_recipient(occurred_at=clock.at - timedelta(days=1))
    [outcome] = await update_preferences(alice, [(brands.digest, EMAIL, IN)], yesterday)
    assert outcome.decision == Accepted(lifts_all=True)
    assert await differences() == []


async def test_a_pause_that_fails_rolls_back_everything_saved_with_it(
    brands: Brands, alice: int, clock: Clock
) -> None:
    """R18: everything is written in one transaction, or not at all."""
    visitor = await visitor_of(ALICE)
    unknown_unit = replace(brands.acme, id=999_999)
    changes = AddressChanges(
        lambda recipient_id: [Intent(recipient_id, EMAIL, IN, brands.acme, brands.digest)],
        OWN,
        lambda recipient_id: [
            PauseIntent(recipient_id, EMAIL, unit, JUNE) for unit in (brands.acme, unknown_unit)
        ],
    )
    with pytest.raises(IntegrityError):
        await save_page(visitor, changes)
    assert await current_pauses(alice) == {}
    assert await database.fetch("SELECT * FROM consent_events") == []
    assert await database.fetch("SELECT * FROM preferences") == []


async def test_a_pause_of_the_number_that_fails_rolls_back_the_pause_of_the_address(
    brands: Brands, alice: int, alice_phone: int, clock: Clock
) -> None:
    """R18: the changes of the phone number are written last."""
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    visitor, state = await visitors.find_visitor_with_state(RecipientKind.EMAIL, fingerprint_of(parse(ALICE)))
    visitor = await visitors.with_phone(visitor, state)
    unknown_unit = replace(brands.acme, id=999_999)
    own = AddressChanges(lambda _: [], OWN, lambda id_: [PauseIntent(id_, EMAIL, brands.acme, JUNE)])
    phone = AddressChanges(lambda _: [], OWN, lambda id_: [PauseIntent(id_, SMS, unknown_unit, JUNE)])
    with pytest.raises(IntegrityError):
        await save_page(visitor, own, phone)
    assert await current_pauses(alice) == {}
    assert await pause_events() == []


async def visitor_of(address: str) -> Visitor:
    parsed = parse(address)
    return await visitors.find_visitor(parsed.kind, fingerprint_of(parsed))
