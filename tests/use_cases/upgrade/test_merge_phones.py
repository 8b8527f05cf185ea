"""Spellings of one phone number that a database has as several recipients become one (R3)."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.exports import suppressions
from preference_center.history import events
from preference_center.history.events import EventFilter
from preference_center.ledger.merging import EXPLANATION
from preference_center.preferences import changes as preferences
from preference_center.preferences import eligibility
from preference_center.recipients import recipients, visitors
from preference_center.rules.addresses import Address, parse
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.upgrade import upgrade
from tests.conftest import Brands, Clock, by_recipient, by_team, update_preferences
from tests.use_cases.upgrade.spellings import PHONE, differences, fingerprint, state_of, stored, upgraded

WITHOUT_9, TODAY = "+541128507544", "+5491128507544"
SMS, WHATSAPP = Channel.SMS, Channel.WHATSAPP
IN, NOT_OPTED, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
OWN, TEAM_MADE = by_recipient(), by_team()


async def events_of(recipient_id: int) -> list[dict[str, Any]]:
    rows = await database.fetch(
        "SELECT e.*, v.explanation FROM consent_events e LEFT JOIN evidence v ON v.event_id = e.id"
        " WHERE e.recipient_id = $1 ORDER BY e.id",
        recipient_id,
    )
    return [dict(row) for row in rows]


async def test_a_number_in_its_old_form_gets_todays(brands: Brands, db: Settings) -> None:
    old = await stored("+22509139490")
    await preferences.opt_out_of_all(old, WHATSAPP, brands.acme, OWN)
    assert await upgraded(db) == [upgrade.MERGED_PHONES]

    found = await recipients.find(parse("+225 07 09 13 94 90"))
    assert found
    assert (found.id, found.address, found.fingerprint) == (
        old,
        "+2250709139490",
        fingerprint("+2250709139490"),
    )
    by_old_link = await recipients.find_by_fingerprint(PHONE, fingerprint("+22509139490"))
    assert by_old_link == found
    assert (brands.acme.id, WHATSAPP) in (await state_of("+22509139490")).opt_outs_of_all
    assert len(await events_of(old)) == 1, "the recipient is the same: nothing was decided"
    assert await differences() == []


@pytest.mark.parametrize("opted_in", [WITHOUT_9, TODAY])
async def test_a_stop_under_one_spelling_blocks_the_other(
    brands: Brands, db: Settings, opted_in: str
) -> None:
    """Case 02, from a database with both recipients."""
    ids = {number: await stored(number) for number in (WITHOUT_9, TODAY)}
    stopped = TODAY if opted_in == WITHOUT_9 else WITHOUT_9
    await update_preferences(ids[opted_in], [(brands.alerts, WHATSAPP, IN)], TEAM_MADE)
    await preferences.opt_out_of_all(
        ids[stopped], WHATSAPP, brands.bazaar, by_recipient(ConsentOrigin.KEYWORD)
    )
    await upgraded(db)

    for number in (WITHOUT_9, TODAY):
        [answer] = await eligibility.of_addresses(brands.alerts, WHATSAPP, [number])
        assert not answer.allowed
        state = await state_of(number)
        assert state.opt_outs_of_all[brands.bazaar.id, WHATSAPP].origin is ConsentOrigin.KEYWORD
        assert state.preferences[brands.alerts.id, WHATSAPP].status is IN, "single statuses stay"
    assert await differences() == []


CHOICES = [
    # (under the old spelling, under today's): (status, origin) that holds after the merge
    (("in", None), (IN, "CONTACT_RECORD")),
    ((None, "in"), (IN, "CONTACT_RECORD")),
    (("out", None), (OUT, "CONTACT_RECORD")),
    (("own out", None), (OUT, "PREFERENCE_PAGE")),
    (("in", "out"), (OUT, "CONTACT_RECORD")),
    (("out", "in"), (OUT, "CONTACT_RECORD")),
    (("own out", "in"), (OUT, "PREFERENCE_PAGE")),
    (("own out", "own in"), (OUT, "PREFERENCE_PAGE")),
    (("own in", "own out"), (OUT, "PREFERENCE_PAGE")),
    (("own out", "out"), (OUT, "PREFERENCE_PAGE")),
    (("out", "own out"), (OUT, "PREFERENCE_PAGE")),
    (("out", "out"), (OUT, "CONTACT_RECORD")),
    (("in", "own in"), (IN, "PREFERENCE_PAGE")),
    (("own in", "in"), (IN, "CONTACT_RECORD")),
    (("removed", "in"), (IN, "CONTACT_RECORD")),
    (("in", "removed"), (NOT_OPTED, "CONTACT_RECORD")),
    (("removed", "own out"), (OUT, "PREFERENCE_PAGE")),
    (("own out", "removed"), (OUT, "PREFERENCE_PAGE")),
    (("removed", None), None),
]


async def choose(brands: Brands, recipient_id: int, choice: str) -> None:
    provenance = OWN if choice.startswith("own") else TEAM_MADE
    for status in {"in": [IN], "out": [OUT], "removed": [IN, NOT_OPTED]}[choice.removeprefix("own ")]:
        await update_preferences(recipient_id, [(brands.digest, SMS, status)], provenance)


@pytest.mark.parametrize(("choices", "merged"), CHOICES)
async def test_the_stronger_no_holds(
    brands: Brands, db: Settings, clock: Clock, choices: tuple[Any, Any], merged: tuple[Any, Any] | None
) -> None:
    """R11, R17: the second choice is a minute newer."""
    old, today = await stored(WITHOUT_9), await stored(TODAY)
    for recipient_id, choice in zip((old, today), choices, strict=True):
        clock.forward(minutes=1)
        if choice:
            await choose(brands, recipient_id, choice)
    before = {recipient_id: await events_of(recipient_id) for recipient_id in (old, today)}
    clock.forward(minutes=1)
    await upgraded(db)

    held = (await state_of(TODAY)).preferences.get((brands.digest.id, SMS))
    assert (held and (held.status, held.origin.value)) == merged
    assert await events_of(old) == before[old], "its events stay with it"
    added = (await events_of(today))[len(before[today]) :]
    for event in added:
        assert event["explanation"] == EXPLANATION
        assert event["carried_from_event_id"] == before[old][-1]["id"]
        assert database.instant(event["occurred_at"]) < clock.at == database.instant(event["recorded_at"])
    changed = held is not None and (not before[today] or held.event_id != before[today][-1]["id"])
    assert len(added) == changed
    assert await differences() == []


async def test_the_longer_pause_holds_and_an_opt_in_still_awaits_confirmation(
    brands: Brands, db: Settings, clock: Clock
) -> None:
    old, today = await stored(WITHOUT_9), await stored(TODAY)
    longer, shorter = clock.at + timedelta(days=60), clock.at + timedelta(days=30)
    await preferences.pause(old, SMS, brands.acme, longer, OWN)
    await preferences.pause(today, SMS, brands.acme, shorter, OWN)
    await preferences.pause(old, SMS, brands.bazaar, shorter, OWN)
    await preferences.pause(today, SMS, brands.bazaar, longer, OWN)
    await upgraded(db)
    state = await state_of(TODAY)
    assert {key: pause.until for key, pause in state.pauses.items()} == {
        (brands.acme.id, SMS): longer,
        (brands.bazaar.id, SMS): longer,
    }
    assert await differences() == []


async def pending(brands: Brands, recipient_id: int) -> None:
    """An opt-in that awaits confirmation."""
    now = database.now()
    await database.execute(
        "INSERT INTO pending_opt_ins (recipient_id, channel, subscription_type_id, origin, actor,"
        " requested_at, expires_at) VALUES ($1, 'SMS', $2, 'CONTACT_RECORD', 'crm', $3, $4)",
        *(recipient_id, brands.digest.id, now, now + timedelta(days=7)),
    )


@pytest.mark.parametrize(
    ("asked", "opted_out", "still_pending"),
    [
        ("old", None, True),
        ("today", None, True),
        ("both", None, True),
        ("old", "today", False),
        ("today", "old", False),
        ("both", "old", False),
    ],
)
async def test_an_opt_in_awaits_confirmation_unless_the_other_spelling_opted_out(
    brands: Brands, db: Settings, asked: str, opted_out: str | None, still_pending: bool
) -> None:
    ids = {"old": await stored(WITHOUT_9), "today": await stored(TODAY)}
    if opted_out:
        await update_preferences(ids[opted_out], [(brands.digest, SMS, OUT)], OWN)
    for name in ids:
        if asked in (name, "both"):
            await pending(brands, ids[name])
    await upgraded(db)
    state = await state_of(TODAY)
    assert ((brands.digest.id, SMS) in state.pending_opt_ins) is still_pending
    [row] = await database.fetch("SELECT COUNT(*) AS n FROM pending_opt_ins")
    assert row["n"] == still_pending


async def test_contacts_and_messages_belong_to_the_one_recipient(brands: Brands, db: Settings) -> None:
    old, today = await stored(WITHOUT_9), await stored(TODAY)
    ann = await contacts.create(email="ann@example.com", phone=TODAY)
    ben = await contacts.create(email="ben@example.com", phone=TODAY)
    await database.execute(
        "UPDATE contacts SET phone_recipient_id = $1, phone = $2 WHERE id = $3", old, WITHOUT_9, ben.id
    )
    await database.execute(
        "INSERT INTO inbound_messages (digest, channel, recipient_id, sent_to, meaning, needs_review,"
        " occurred_at, received_at) VALUES ($1, 'SMS', $2, '1', 'UNCLEAR', TRUE, $3, $3)",
        *(b"1" * 32, old, database.now()),
    )
    await database.execute(
        "INSERT INTO outgoing_mails (kind, channel, fingerprint, address, created_at, due_at)"
        " VALUES ('LINK', 'SMS', $1, $2, $3, $3)",
        *(fingerprint(WITHOUT_9), WITHOUT_9, database.now()),
    )
    await upgraded(db)
    rows = await database.fetch("SELECT id, phone, phone_recipient_id FROM contacts ORDER BY id")
    assert [tuple(row) for row in rows] == [(ann.id, TODAY, today), (ben.id, TODAY, today)]
    [message] = await database.fetch("SELECT recipient_id FROM inbound_messages")
    assert message["recipient_id"] == today
    [queued] = await database.fetch("SELECT fingerprint, address FROM outgoing_mails")
    assert (bytes(queued["fingerprint"]), queued["address"]) == (fingerprint(TODAY), TODAY)


async def test_links_with_the_old_fingerprint_lead_to_the_person(brands: Brands, db: Settings) -> None:
    """R32: a sender that signs links itself uses the old spelling."""
    old, today = await stored(WITHOUT_9), await stored(TODAY)
    await recipients.revoke_links(old)
    await upgraded(db)
    assert await recipients.ensure_fingerprint(PHONE, fingerprint(WITHOUT_9)) == today
    assert (await recipients.get_many([old]))[old].id == today, "nor does the old id change anything else"
    visitor = await visitors.find_visitor(PHONE, fingerprint(WITHOUT_9))
    assert visitor.recipient
    assert visitor.recipient.id == today
    assert visitor.recipient.links_revoked_at, "revoked links stay revoked"
    visitor, _state = await visitors.find_visitor_with_state(PHONE, fingerprint(WITHOUT_9))
    assert visitor.recipient
    assert visitor.recipient.address == TODAY


async def test_opt_outs_of_an_erased_spelling_hold_for_the_number(brands: Brands, db: Settings) -> None:
    """R36: typed again, in any spelling, it is opted out; before the merge and after."""
    erased = await stored(WITHOUT_9)
    await preferences.opt_out_of_all(erased, SMS, brands.acme, OWN)
    await erase_recipient(erased, OWN.actor)
    await stored(TODAY)
    await upgraded(db)
    assert (brands.acme.id, SMS) in (await state_of(TODAY)).opt_outs_of_all
    assert await differences() == []


async def test_a_number_known_only_as_erased_in_its_old_form_is_opted_out_when_typed(
    brands: Brands, db: Settings
) -> None:
    erased = await stored("+22997123456")
    await preferences.opt_out_of_all(erased, SMS, brands.acme, OWN)
    await erase_recipient(erased, OWN.actor)
    assert await upgraded(db) == [upgrade.MERGED_PHONES]
    address = parse("+229 01 97 12 34 56")
    assert (await recipients.ensure([address]))[address] == erased
    assert (brands.acme.id, SMS) in (await state_of("+22997123456")).opt_outs_of_all
    assert await recipients.ensure_fingerprint(PHONE, fingerprint("+22997123456")) == erased


async def test_an_erased_number_that_was_added_again_in_its_old_form_is_known_again(
    brands: Brands, db: Settings
) -> None:
    erased = await stored(TODAY)
    await preferences.opt_out_of_all(erased, SMS, brands.acme, OWN)
    await erase_recipient(erased, OWN.actor)
    await stored(WITHOUT_9)
    await upgraded(db)
    found = await recipients.find(parse(TODAY))
    assert found
    assert (found.id, found.address, found.erased_at) == (erased, TODAY, None)
    assert (brands.acme.id, SMS) in (await state_of(TODAY)).opt_outs_of_all


async def test_a_number_in_an_older_form_of_a_waiting_import_is_the_recipient_of_today(db: Settings) -> None:
    today = await stored(TODAY)
    older = Address(PHONE, WITHOUT_9)
    assert await recipients.ensure([older]) == {older: today}


async def test_erasing_the_person_erases_every_spelling(brands: Brands, db: Settings) -> None:
    old, today = await stored(WITHOUT_9), await stored(TODAY)
    await update_preferences(old, [(brands.digest, SMS, OUT)], by_recipient(explanation="Ana asked."))
    await upgraded(db)
    await erase_recipient(today, OWN.actor)
    rows = await database.fetch("SELECT id, address, erased_at FROM recipients")
    assert {row["id"] for row in rows if row["address"] is None and row["erased_at"]} == {old, today}
    assert await database.fetch("SELECT 1 FROM evidence") == []
    assert (await state_of(TODAY)).preferences[brands.digest.id, SMS].status is OUT
    assert await differences() == []


async def test_the_list_of_suppressions_has_a_merged_opt_out_once(brands: Brands, db: Settings) -> None:
    old = await stored(WITHOUT_9)
    await stored(TODAY)
    await preferences.opt_out_of_all(old, SMS, brands.acme, OWN)
    await upgraded(db)
    export = suppressions.suppressions(suppressions.SuppressionFilter())
    found = [source for source in export.sources if "opt_outs_of_all" in source.tables]
    rows = await database.fetch(
        f"SELECT r.address FROM {found[0].tables} WHERE {found[0].condition}", *found[0].values
    )
    assert [row["address"] for row in rows] == [TODAY]


async def test_the_history_of_the_person_has_the_events_of_every_spelling(
    brands: Brands, db: Settings
) -> None:
    old, today = await stored(WITHOUT_9), await stored(TODAY)
    await update_preferences(old, [(brands.digest, SMS, OUT)], OWN)
    await update_preferences(today, [(brands.alerts, SMS, OUT)], OWN)
    await upgraded(db)
    newest_first = KeysetRange(10)
    found = await events.events_of([today], newest_first)
    merged, of_today, of_old = found[today]
    assert [event.recipient_id for event in found[today]] == [today] * 3
    assert merged.carried_from_event_id == of_old.id
    assert (merged.occurred_at, merged.origin) == (of_old.occurred_at, of_old.origin)
    assert of_today.subscription_type_id == brands.alerts.id
    assert await events.events(EventFilter(recipient_id=old), newest_first) != []
    of_person = await events.events(EventFilter(recipient_id=today), newest_first)
    assert [event.id for event in of_person] == [merged.id, of_today.id, of_old.id]
