"""Bulk updates: one wish for many contacts, and undoing it (R8, R9, R13-R16, R20)."""

from __future__ import annotations

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.erasure import erase as erasure
from preference_center.errors import ErrorCode, Invalid
from preference_center.history import verification
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations, queue, reversals
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.preferences import changes as preferences
from preference_center.recipients.states import read_states
from preference_center.rules.types import (
    Channel,
    ConsentOrigin,
    LegalBasis,
    OperationState,
    PreferenceStatus,
)
from preference_center.storage import database
from tests.conftest import TEAM, Brands, by_recipient, by_team, update_preferences

EMAIL, SMS, WHATSAPP = Channel
IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
GROUNDS = {
    "explanation": "Moved from the old system.",
    "legal_basis": LegalBasis.CONSENT_WITH_NOTICE,
    "processing_basis": LegalBasis.PROCESS_AND_STORE,
}


@pytest.fixture
async def people(brands: Brands) -> list[ContactRow]:
    """Five contacts; the last has a phone alone, and shares it with the one before."""
    made = [await contacts.create(email=f"p{n}@example.com") for n in range(3)]
    made.append(await contacts.create(email="p3@example.com", phone="+48601234567"))
    made.append(await contacts.create(phone="+48601234567"))
    return made


async def run(update: BulkUpdate) -> OperationRow:
    asked = await bulk_updates.enqueue(update, TEAM)
    return await finished(asked)


async def finished(asked: OperationRow) -> OperationRow:
    while await run_next(HANDLERS):
        pass
    done = await operations.get(asked.id)
    assert done
    assert done.processed == done.changed + done.unchanged + done.refused == done.total
    assert [line async for line in verification.verify()] == []
    return done


async def statuses(
    people: list[ContactRow], brands: Brands, channel: Channel = EMAIL
) -> list[PreferenceStatus | None]:
    found = []
    for person in people:
        recipient = person.email_recipient_id if channel is EMAIL else person.phone_recipient_id
        if recipient is None:
            found.append(None)
            continue
        state = (await read_states([recipient]))[recipient]
        held = state.preferences.get((brands.digest.id, channel))
        found.append(held.status if held else NEITHER)
    return found


def everybody(brands: Brands, **more: object) -> BulkUpdate:
    given = {"selection": ContactFilter(), "channel": EMAIL, "types": [brands.digest], "status": IN}
    return BulkUpdate(**{**given, **GROUNDS, **more})  # type: ignore[arg-type]


async def test_a_bulk_opt_in_reverses_the_teams_no_but_not_the_recipients(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R9, R16"""
    ids = [person.email_recipient_id or 0 for person in people]
    await update_preferences(ids[0], [(brands.digest, EMAIL, OUT)], by_recipient())
    await update_preferences(ids[1], [(brands.digest, EMAIL, OUT)], by_team())
    await update_preferences(ids[2], [(brands.digest, EMAIL, IN)], by_team())
    done = await run(everybody(brands))
    assert done.state is OperationState.COMPLETED
    assert (done.total, done.changed, done.unchanged, done.refused) == (5, 2, 1, 2)
    assert done.refusals == {"OPTED_OUT_BY_RECIPIENT": 1, "ADDRESS_MISSING": 1}
    assert await statuses(people, brands) == [OUT, IN, IN, IN, None]
    rows = await database.fetch("SELECT contact_id, code FROM operation_refusals ORDER BY code")
    assert [(row["contact_id"], row["code"]) for row in rows] == [
        (people[4].id, "ADDRESS_MISSING"),
        (people[0].id, "OPTED_OUT_BY_RECIPIENT"),
    ]


async def test_the_explanation_of_an_operation_is_told_with_each_preference(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R18"""
    await run(everybody(brands))
    recipient = people[0].email_recipient_id or 0
    held = (await read_states([recipient]))[recipient].preferences[brands.digest.id, EMAIL]
    assert (held.explanation, held.origin) == ("Moved from the old system.", ConsentOrigin.BULK_UPDATE)


@pytest.mark.parametrize("channel", [SMS, WHATSAPP])
async def test_every_channel_can_be_updated_and_a_shared_number_changes_once(
    brands: Brands, people: list[ContactRow], channel: Channel
) -> None:
    """R15"""
    done = await run(everybody(brands, channel=channel))
    assert (done.changed, done.unchanged, done.refusals) == (1, 1, {"ADDRESS_MISSING": 3})


@pytest.mark.parametrize("status", PreferenceStatus)
async def test_a_dry_run_tells_the_numbers_and_changes_nothing(
    brands: Brands, people: list[ContactRow], status: PreferenceStatus
) -> None:
    await update_preferences(people[0].email_recipient_id or 0, [(brands.digest, EMAIL, OUT)], by_recipient())
    before = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    rehearsed = await run(everybody(brands, status=status, dry_run=True))
    after = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert before[0]["n"] == after[0]["n"]
    real = await run(everybody(brands, status=status))
    numbers = [(op.total, op.changed, op.unchanged, op.refused, op.refusals) for op in (rehearsed, real)]
    assert numbers[0] == numbers[1]


async def test_removing_an_opt_out_of_all_comes_before_opting_in(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R8, R12"""
    ids = [person.email_recipient_id or 0 for person in people]
    await preferences.opt_out_of_all(ids[0], EMAIL, brands.acme, by_recipient())
    await preferences.opt_out_of_all(ids[1], EMAIL, brands.acme, by_team(ConsentOrigin.IMPORT))
    refused = await run(everybody(brands))
    assert refused.refusals == {"OPTED_OUT_OF_ALL": 2, "ADDRESS_MISSING": 1}
    done = await run(everybody(brands, remove_opt_out_of_all=True))
    assert done.refusals == {"OPTED_OUT_BY_RECIPIENT": 1, "OPTED_OUT_OF_ALL": 1, "ADDRESS_MISSING": 1}
    assert await statuses(people, brands) == [NEITHER, IN, IN, IN, None]


async def test_a_contact_without_basis_to_process_is_refused_and_told(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R14"""
    await contacts.update(people[0].id, processing_basis=LegalBasis.PROCESS_AND_STORE)
    done = await run(everybody(brands, processing_basis=None))
    assert done.refusals == {"PROCESSING_BASIS_REQUIRED": 3, "ADDRESS_MISSING": 1}


@pytest.mark.parametrize(
    ("change", "code", "field"),
    [
        ({"explanation": "  "}, ErrorCode.EXPLANATION_REQUIRED, ("explanation",)),
        ({"legal_basis": None}, ErrorCode.LEGAL_BASIS_REQUIRED, ("legalBasis",)),
        ({"types": []}, ErrorCode.INVALID_VALUE, ("subscriptionTypes",)),
        ({"status": None}, ErrorCode.INVALID_VALUE, ("status",)),
        ({"types": [], "status": None}, ErrorCode.INVALID_VALUE, ("status",)),
        ({"opt_out_of_all": True}, ErrorCode.INVALID_VALUE, ("businessUnit",)),
        (
            {"opt_out_of_all": True, "remove_opt_out_of_all": True},
            ErrorCode.INVALID_VALUE,
            ("removeOptOutOfAll",),
        ),
    ],
)
async def test_a_wish_that_makes_no_sense_is_not_queued(
    brands: Brands, change: dict[str, object], code: ErrorCode, field: tuple[str, ...]
) -> None:
    """R14"""
    with pytest.raises(Invalid) as refused:
        await bulk_updates.enqueue(everybody(brands, **change), TEAM)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert (await database.fetch("SELECT COUNT(*) AS n FROM operations"))[0]["n"] == 0


async def test_the_same_key_answers_with_the_same_operation_and_another_input_conflicts(
    brands: Brands, people: list[ContactRow]
) -> None:
    first = await bulk_updates.enqueue(everybody(brands, idempotency_key="k"), TEAM)
    again = await bulk_updates.enqueue(everybody(brands, idempotency_key="k"), TEAM)
    assert first.id == again.id
    with pytest.raises(Invalid) as conflict:
        await bulk_updates.enqueue(everybody(brands, idempotency_key="k", status=OUT), TEAM)
    assert conflict.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


async def test_the_selection_is_fixed_when_the_operation_starts(
    brands: Brands, people: list[ContactRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_updates, "PART_SIZE", 2)
    asked = await bulk_updates.enqueue(everybody(brands), TEAM)
    await contacts.create(email="late@example.com")
    done = await finished(asked)
    assert done.total == 6


async def test_undoing_restores_what_was_and_leaves_alone_what_changed_since(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R20"""
    ids = [person.email_recipient_id or 0 for person in people]
    await update_preferences(ids[1], [(brands.digest, EMAIL, OUT)], by_team())
    done = await run(everybody(brands))
    await update_preferences(ids[2], [(brands.digest, EMAIL, OUT)], by_recipient())
    undone = await finished(await reversals.enqueue(done.id, "It was the wrong list.", TEAM))
    assert (undone.total, undone.changed, undone.refused) == (4, 3, 1)
    assert undone.refusals == {"NOT_REVERSIBLE": 1}
    assert await statuses(people, brands) == [NEITHER, OUT, OUT, NEITHER, None]
    original = await operations.get(done.id)
    assert original
    assert original.reverted_by_id == undone.id
    with pytest.raises(Invalid) as twice:
        await reversals.enqueue(done.id, "Again.", TEAM)
    assert twice.value.code is ErrorCode.NOT_REVERSIBLE


async def test_undoing_gives_no_opt_in_back_to_who_was_erased_since(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R20, R36: not while the address is gone, and not when it was typed again."""
    for person in people[:2]:
        await update_preferences(person.email_recipient_id or 0, [(brands.digest, EMAIL, IN)], by_team())
    done = await run(everybody(brands, status=OUT))
    await erasure.erase_contact(people[0], TEAM)
    await contacts.create(email=people[0].email)
    await finished(await reversals.enqueue(done.id, "It was the wrong list.", TEAM))
    assert (await statuses(people, brands))[:2] == [OUT, IN]
    assert [line async for line in verification.verify()] == []


async def test_undoing_an_opt_out_of_all_and_what_waits_for_confirmation(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R20, R19"""
    out = await run(everybody(brands, types=[], status=None, opt_out_of_all=True, unit=brands.acme))
    await finished(await reversals.enqueue(out.id, "Wrong unit.", TEAM))
    waiting = await run(everybody(brands, types=[brands.offers]))
    assert waiting.unchanged == 4
    await finished(await reversals.enqueue(waiting.id, "Wrong type.", TEAM))
    for person in people[:4]:
        recipient = person.email_recipient_id or 0
        state = (await read_states([recipient]))[recipient]
        assert (state.opt_outs_of_all, state.pending_opt_ins) == ({}, {})


@pytest.mark.parametrize("why", ["running", "dry", "reversal"])
async def test_what_cannot_be_undone_says_why(brands: Brands, people: list[ContactRow], why: str) -> None:
    """R20"""
    asked = await bulk_updates.enqueue(everybody(brands, dry_run=why == "dry"), TEAM)
    if why != "running":
        asked = await finished(asked)
    if why == "reversal":
        asked = await finished(await reversals.enqueue(asked.id, "Wrong.", TEAM))
    with pytest.raises(Invalid) as refused:
        await reversals.enqueue(asked.id, "Undo.", TEAM)
    assert refused.value.code is ErrorCode.NOT_REVERSIBLE


async def test_cancelling_keeps_what_is_done_and_does_no_more(
    brands: Brands, people: list[ContactRow]
) -> None:
    asked = await bulk_updates.enqueue(everybody(brands), TEAM)
    cancelled = await queue.cancel(asked.id)
    assert cancelled.state is OperationState.CANCELLED
    assert not await run_next(HANDLERS)
    with pytest.raises(Invalid, match="finished"):
        await queue.cancel(asked.id)
    assert await statuses(people, brands) == [NEITHER, NEITHER, NEITHER, NEITHER, None]
