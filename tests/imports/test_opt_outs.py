"""Importing opt-out lists: every address in the file is opted out of all, once (R2, R9, R11, R16, R17)."""

from __future__ import annotations

from datetime import UTC, datetime

import pytest

from preference_center.contacts import contacts
from preference_center.erasure.erase import erase_recipient
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports import upload
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.operations import reversals
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients
from preference_center.recipients.states import read_states
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, ConsentOrigin, OperationState, PreferenceStatus
from preference_center.storage import database
from tests.conftest import (
    ALICE,
    ALICE_PHONE,
    BOB,
    CHARLIE,
    TEAM,
    Brands,
    Clock,
    by_recipient,
    by_team,
    update_preferences,
)
from tests.imports.files import (
    count,
    finished,
    numbers,
    opt_outs,
    opted_out,
    pieces,
    refusals,
)

EMAIL, SMS, WHATSAPP = Channel
IN, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.OPTED_OUT


async def test_every_address_in_the_file_is_opted_out_and_no_contact_is_created(brands: Brands) -> None:
    """R2, R18"""
    done = await opt_outs(f"Name;E-mail Address\nA;{ALICE.upper()}\nB; {BOB}\n", brands)
    assert (done.state, done.total, *numbers(done)) == (OperationState.COMPLETED, 2, 2, 0, 0, {})
    assert await opted_out(brands) == {ALICE, BOB}
    assert await count("contacts") == 0
    recipient = await recipients.find(parse(ALICE))
    assert recipient
    [opt_out] = (await read_states([recipient.id]))[recipient.id].opt_outs_of_all.values()
    assert (opt_out.origin, opt_out.explanation) == (ConsentOrigin.IMPORT, "The list of the old system.")


@pytest.mark.parametrize("channel", [SMS, WHATSAPP])
async def test_phone_numbers_are_opted_out_on_the_given_channel_only(
    brands: Brands, channel: Channel
) -> None:
    done = await opt_outs("email,Phone Number\nx,'+48 601 234 567\ny,601234567\n", brands, channel=channel)
    assert numbers(done) == (1, 0, 1, {"INVALID_ADDRESS": 1})
    assert await opted_out(brands, channel) == {ALICE_PHONE}
    assert await opted_out(brands, WHATSAPP if channel is SMS else SMS) == set()


async def test_invalid_rows_are_reported_by_line_and_the_others_are_imported(brands: Brands) -> None:
    text = f'note,email\n"two\nlines",{ALICE}\n,no address\nx,\n,{BOB}\n,a@b@c.example\n'
    done = await opt_outs(text, brands)
    assert numbers(done) == (2, 0, 3, {"INVALID_ADDRESS": 2, "ADDRESS_MISSING": 1})
    assert await refusals(done) == [
        (4, "INVALID_ADDRESS", "email"),
        (5, "ADDRESS_MISSING", "email"),
        (7, "INVALID_ADDRESS", "email"),
    ]
    assert await opted_out(brands) == {ALICE, BOB}


@pytest.mark.parametrize("part", [1, 1_000])
async def test_the_same_file_again_changes_nothing(
    brands: Brands, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    """R16"""
    monkeypatch.setattr(upload, "PART_SIZE", part)
    text = f"email,unsubscribed_at\n{ALICE},2024-05-31T10:00:00Z\n{BOB},\n{ALICE},2023-01-01\n"
    assert numbers(await opt_outs(text, brands)) == (2, 1, 0, {})
    events = await count("consent_events")
    assert numbers(await opt_outs(text, brands)) == (0, 3, 0, {})
    assert await count("consent_events") == events == 2


@pytest.mark.parametrize("part", [1, 2, 1_000])
@pytest.mark.parametrize("times", ["", ",2024-05-31"])
async def test_a_dry_run_reports_the_counts_of_the_real_import(
    brands: Brands, monkeypatch: pytest.MonkeyPatch, part: int, times: str
) -> None:
    """Also if addresses are repeated in other spellings and far apart."""
    monkeypatch.setattr(upload, "PART_SIZE", part)
    addresses = [ALICE, BOB, "nobody", ALICE.upper(), CHARLIE, f" {BOB}", "no one", ALICE]
    text = "email,occurred_at\n" + "".join(f"{address}{times}\n" for address in addresses)
    await preferences.opt_out_of_all(
        (await recipients.ensure([parse(CHARLIE)]))[parse(CHARLIE)], EMAIL, brands.acme, by_recipient()
    )
    before = await count("consent_events"), await count("recipients")
    dry = await opt_outs(text, brands, dry_run=True)
    assert (await count("consent_events"), await count("recipients")) == before
    real = await opt_outs(text, brands)
    assert numbers(dry) == numbers(real) == (2, 4, 2, {"INVALID_ADDRESS": 2})
    assert await refusals(dry) == await refusals(real)


async def test_a_recipients_own_opt_out_remains_theirs(brands: Brands, alice: int) -> None:
    """R11"""
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    assert numbers(await opt_outs(f"mail\n{ALICE}\n", brands)) == (0, 1, 0, {})
    [opt_out] = (await read_states([alice]))[alice].opt_outs_of_all.values()
    assert opt_out.origin is ConsentOrigin.PREFERENCE_PAGE


@pytest.mark.parametrize("part", [1, 1_000])
async def test_the_time_in_the_file_is_the_time_of_the_opt_out(
    brands: Brands, alice: int, bob: int, clock: Clock, monkeypatch: pytest.MonkeyPatch, part: int
) -> None:
    """R17: a recipient who came back later stays opted in; of several times the newest counts.

    A time later than now, as a file without time zones from the east of Greenwich has it, is now.
    """
    monkeypatch.setattr(upload, "PART_SIZE", part)
    await update_preferences(alice, [(brands.digest, EMAIL, IN)], by_recipient(occurred_at=clock.at))
    await update_preferences(bob, [(brands.digest, EMAIL, IN)], by_recipient(occurred_at=clock.at))
    clock.forward(days=10)
    text = (
        "email,UNSUB_TIME\n"
        f"{ALICE},2026-05-01 08:00:00\n{BOB},2026-05-01\n{BOB},2026-05-06T08:00:00+02:00\n"
        f"{CHARLIE},2027-01-01\n{CHARLIE},last week\n"
    )
    done = await opt_outs(text, brands)
    assert numbers(done) == (2, 2, 1, {"SUPERSEDED": 1, "INVALID_VALUE": 1})
    assert await opted_out(brands) == {BOB, CHARLIE}
    rows = await database.fetch("SELECT occurred_at FROM opt_outs_of_all ORDER BY occurred_at")
    times = [database.instant(row["occurred_at"]) for row in rows]
    assert times == [datetime(2026, 5, 6, 6, tzinfo=UTC), clock.at]
    events = await count("consent_events")
    assert numbers(await opt_outs(text, brands))[:3] == (0, 4, 1)
    assert await count("consent_events") == events


async def test_an_older_time_does_not_record_an_existing_opt_out_again(brands: Brands, alice: int) -> None:
    """R16"""
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_recipient())
    assert numbers(await opt_outs(f"email,opt-out date\n{ALICE},2020-01-01\n", brands)) == (0, 1, 0, {})
    assert await count("consent_events") == 1


async def test_an_erased_address_is_found_opted_out_and_stays_opted_out(brands: Brands) -> None:
    """R36, R8"""
    contact = await contacts.create(email=ALICE)
    recipient = contact.email_recipient_id or 0
    await preferences.opt_out_of_all(recipient, EMAIL, brands.acme, by_recipient())
    await erase_recipient(recipient, TEAM)
    assert await opted_out(brands) == {None}
    assert numbers(await opt_outs(f"email\n{ALICE}\n", brands)) == (0, 1, 0, {})
    assert await opted_out(brands) == {ALICE}
    assert await count("contacts") == 0


async def test_an_import_can_be_reversed(brands: Brands, alice: int) -> None:
    """R20"""
    await preferences.opt_out_of_all(alice, EMAIL, brands.acme, by_team())
    done = await opt_outs(f"email\n{ALICE}\n{BOB}\n", brands)
    undone = await finished(await reversals.enqueue(done.id, "The wrong list.", TEAM))
    assert undone.changed == 1
    assert await opted_out(brands) == {ALICE}


@pytest.mark.parametrize(
    ("text", "message", "field"),
    [
        ("", "empty", "file"),
        ("email\n", "no rows", "file"),
        ("name;city\nAl;Rome\n", "No column has a name for an email address.*'name', 'city'", "file"),
        (f"{ALICE}\n{BOB}\n", "must name the columns", "file"),
        (f"phone\n{ALICE_PHONE}\n", "No column has a name for an email address", "file"),
        (f'email\n{ALICE}\n"{BOB}\n', "Line 3 opens a quote", "file"),
        (f"email\n{ALICE}\n{BOB}\n", "2 rows, and 3 were expected", "expect"),
    ],
)
async def test_nothing_of_a_refused_file_is_kept(brands: Brands, text: str, message: str, field: str) -> None:
    request = OptOutImport(brands.acme, EMAIL, "A list.")
    with pytest.raises(Invalid, match=message) as refused:
        await opt_out_imports.receive(request, Upload(pieces(text.encode()), expected_rows=3), TEAM)
    assert refused.value.field == (field,)
    assert [await count(table) for table in ("operations", "operation_parts", "recipients")] == [0, 0, 0]


async def test_an_import_needs_an_explanation(brands: Brands) -> None:
    with pytest.raises(Invalid) as refused:
        await opt_out_imports.receive(
            OptOutImport(brands.acme, EMAIL, "  "), Upload(pieces(b"email\na@b.example\n")), TEAM
        )
    assert refused.value.code is ErrorCode.EXPLANATION_REQUIRED
