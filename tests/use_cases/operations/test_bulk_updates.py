"""Bulk updates: the same changes to many contacts, and their reversal (R8, R9, R13-R16, R20)."""

from __future__ import annotations

import asyncio
from typing import Any

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.erasure.erase import erase_contact
from preference_center.errors import ErrorCode, Invalid
from preference_center.history import verification
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations, queue, reversals, selection
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import Selection
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
REASONS = {
    "explanation": "Moved from the old system.",
    "legal_basis": LegalBasis.CONSENT_WITH_NOTICE,
    "processing_basis": LegalBasis.PROCESS_AND_STORE,
}


@pytest.fixture
async def people(brands: Brands) -> list[ContactRow]:
    """Five contacts; the last has only a phone number, and shares it with the one before."""
    created = [await contacts.create(email=f"p{n}@example.com") for n in range(3)]
    created.append(await contacts.create(email="p3@example.com", phone="+48601234567"))
    created.append(await contacts.create(phone="+48601234567"))
    return created


async def run(update: BulkUpdate) -> OperationRow:
    queued = await bulk_updates.enqueue(update, TEAM)
    return await finished(queued)


async def finished(queued: OperationRow) -> OperationRow:
    while await run_next(HANDLERS):
        pass
    done = await operations.get(queued.id)
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
        preference = state.preferences.get((brands.digest.id, channel))
        found.append(preference.status if preference else NEITHER)
    return found


def opt_in_everybody(brands: Brands, **changes: object) -> BulkUpdate:
    values = {"selection": ContactFilter(), "channel": EMAIL, "types": [brands.digest], "status": IN}
    return BulkUpdate(**{**values, **REASONS, **changes})  # type: ignore[arg-type]


async def test_a_bulk_opt_in_reverses_the_teams_opt_out_but_not_the_recipients(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R9, R16"""
    ids = [person.email_recipient_id or 0 for person in people]
    await update_preferences(ids[0], [(brands.digest, EMAIL, OUT)], by_recipient())
    await update_preferences(ids[1], [(brands.digest, EMAIL, OUT)], by_team())
    await update_preferences(ids[2], [(brands.digest, EMAIL, IN)], by_team())
    done = await run(opt_in_everybody(brands))
    assert done.state is OperationState.COMPLETED
    assert (done.total, done.changed, done.unchanged, done.refused) == (5, 2, 1, 2)
    assert done.refusals == {"OPTED_OUT_BY_RECIPIENT": 1, "ADDRESS_MISSING": 1}
    assert await statuses(people, brands) == [OUT, IN, IN, IN, None]
    rows = await database.fetch("SELECT contact_id, code FROM operation_refusals ORDER BY code")
    assert [(row["contact_id"], row["code"]) for row in rows] == [
        (people[4].id, "ADDRESS_MISSING"),
        (people[0].id, "OPTED_OUT_BY_RECIPIENT"),
    ]


async def test_each_preference_shows_the_explanation_of_its_operation(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R18"""
    await run(opt_in_everybody(brands))
    recipient = people[0].email_recipient_id or 0
    preference = (await read_states([recipient]))[recipient].preferences[brands.digest.id, EMAIL]
    assert (preference.explanation, preference.origin) == (
        "Moved from the old system.",
        ConsentOrigin.BULK_UPDATE,
    )


@pytest.mark.parametrize("channel", [SMS, WHATSAPP])
async def test_every_channel_can_be_updated_and_a_shared_number_changes_once(
    brands: Brands, people: list[ContactRow], channel: Channel
) -> None:
    """R15"""
    done = await run(opt_in_everybody(brands, channel=channel))
    assert (done.changed, done.unchanged, done.refusals) == (1, 1, {"ADDRESS_MISSING": 3})


@pytest.mark.parametrize("status", PreferenceStatus)
async def test_a_dry_run_reports_the_counts_and_changes_nothing(
    brands: Brands, people: list[ContactRow], status: PreferenceStatus
) -> None:
    await update_preferences(people[0].email_recipient_id or 0, [(brands.digest, EMAIL, OUT)], by_recipient())
    before = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    dry = await run(opt_in_everybody(brands, status=status, dry_run=True))
    after = await database.fetch("SELECT COUNT(*) AS n FROM consent_events")
    assert before[0]["n"] == after[0]["n"]
    real = await run(opt_in_everybody(brands, status=status))
    counts = [(op.total, op.changed, op.unchanged, op.refused, op.refusals) for op in (dry, real)]
    assert counts[0] == counts[1]


async def test_an_opt_out_of_all_is_removed_before_the_opt_in(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R8, R12"""
    ids = [person.email_recipient_id or 0 for person in people]
    await preferences.opt_out_of_all(ids[0], EMAIL, brands.acme, by_recipient())
    await preferences.opt_out_of_all(ids[1], EMAIL, brands.acme, by_team(ConsentOrigin.IMPORT))
    refused = await run(opt_in_everybody(brands))
    assert refused.refusals == {"OPTED_OUT_OF_ALL": 2, "ADDRESS_MISSING": 1}
    done = await run(opt_in_everybody(brands, remove_opt_out_of_all=True))
    assert done.refusals == {"OPTED_OUT_BY_RECIPIENT": 1, "OPTED_OUT_OF_ALL": 1, "ADDRESS_MISSING": 1}
    assert await statuses(people, brands) == [NEITHER, IN, IN, IN, None]


async def test_a_contact_without_a_basis_to_process_is_refused(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R14"""
    await contacts.update(people[0].id, processing_basis=LegalBasis.PROCESS_AND_STORE)
    done = await run(opt_in_everybody(brands, processing_basis=None))
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
async def test_an_invalid_update_is_not_queued(
    brands: Brands, change: dict[str, object], code: ErrorCode, field: tuple[str, ...]
) -> None:
    """R14"""
    with pytest.raises(Invalid) as refused:
        await bulk_updates.enqueue(opt_in_everybody(brands, **change), TEAM)
    assert (refused.value.code, refused.value.field) == (code, field)
    assert (await database.fetch("SELECT COUNT(*) AS n FROM operations"))[0]["n"] == 0


async def test_the_same_idempotency_key_returns_the_same_operation_and_another_input_conflicts(
    brands: Brands, people: list[ContactRow]
) -> None:
    first = await bulk_updates.enqueue(opt_in_everybody(brands, idempotency_key="k"), TEAM)
    again = await bulk_updates.enqueue(opt_in_everybody(brands, idempotency_key="k"), TEAM)
    assert first.id == again.id
    with pytest.raises(Invalid) as conflict:
        await bulk_updates.enqueue(opt_in_everybody(brands, idempotency_key="k", status=OUT), TEAM)
    assert conflict.value.code is ErrorCode.IDEMPOTENCY_CONFLICT


async def test_the_selection_is_fixed_when_the_operation_starts(
    brands: Brands, people: list[ContactRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(bulk_updates, "PART_SIZE", 2)
    queued = await bulk_updates.enqueue(opt_in_everybody(brands), TEAM)
    await contacts.create(email="late@example.com")
    done = await finished(queued)
    assert done.total == 6


async def test_a_reversal_restores_statuses_and_leaves_later_changes_alone(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R20"""
    ids = [person.email_recipient_id or 0 for person in people]
    await update_preferences(ids[1], [(brands.digest, EMAIL, OUT)], by_team())
    done = await run(opt_in_everybody(brands))
    await update_preferences(ids[2], [(brands.digest, EMAIL, OUT)], by_recipient())
    undone = await finished(await reversals.enqueue(done.id, "It was the wrong list.", TEAM))
    assert (undone.total, undone.changed, undone.refused) == (4, 3, 1)
    assert undone.refusals == {"NOT_REVERSIBLE": 1}
    assert await statuses(people, brands) == [NEITHER, OUT, OUT, NEITHER, None]
    original = await operations.get(done.id)
    assert original
    assert original.reverted_by_id == undone.id
    with pytest.raises(Invalid) as conflict:
        await reversals.enqueue(done.id, "Again.", TEAM)
    assert conflict.value.code is ErrorCode.NOT_REVERSIBLE


async def test_a_reversal_restores_no_opt_in_of_an_erased_person(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R20, R36: neither while the address is erased, nor after it was entered again."""
    for person in people[:2]:
        await update_preferences(person.email_recipient_id or 0, [(brands.digest, EMAIL, IN)], by_team())
    done = await run(opt_in_everybody(brands, status=OUT))
    await erase_contact(people[0], TEAM)
    await contacts.create(email=people[0].email)
    await finished(await reversals.enqueue(done.id, "It was the wrong list.", TEAM))
    assert (await statuses(people, brands))[:2] == [OUT, IN]
    assert [line async for line in verification.verify()] == []


async def test_a_reversal_removes_opt_outs_of_all_and_pending_confirmations(
    brands: Brands, people: list[ContactRow]
) -> None:
    """R20, R19"""
    out = await run(opt_in_everybody(brands, types=[], status=None, opt_out_of_all=True, unit=brands.acme))
    await finished(await reversals.enqueue(out.id, "Wrong unit.", TEAM))
    pending = await run(opt_in_everybody(brands, types=[brands.offers]))
    assert pending.unchanged == 4
    await finished(await reversals.enqueue(pending.id, "Wrong type.", TEAM))
    for person in people[:4]:
        recipient = person.email_recipient_id or 0
        state = (await read_states([recipient]))[recipient]
        assert (state.opt_outs_of_all, state.pending_opt_ins) == ({}, {})


@pytest.mark.parametrize("case", ["running", "dry run", "reversal"])
async def test_an_operation_that_is_not_reversible_cannot_be_undone(
    brands: Brands, people: list[ContactRow], case: str
) -> None:
    """R20"""
    queued = await bulk_updates.enqueue(opt_in_everybody(brands, dry_run=case == "dry run"), TEAM)
    if case != "running":
        queued = await finished(queued)
    if case == "reversal":
        queued = await finished(await reversals.enqueue(queued.id, "Wrong.", TEAM))
    with pytest.raises(Invalid) as refused:
        await reversals.enqueue(queued.id, "Undo.", TEAM)
    assert refused.value.code is ErrorCode.NOT_REVERSIBLE


async def test_a_cancelled_operation_in_the_queue_changes_nothing(
    brands: Brands, people: list[ContactRow]
) -> None:
    queued = await bulk_updates.enqueue(opt_in_everybody(brands), TEAM)
    cancelled = await queue.cancel(queued.id)
    assert cancelled.state is OperationState.CANCELLED
    assert not await run_next(HANDLERS)
    with pytest.raises(Invalid, match="ended"):
        await queue.cancel(queued.id)
    assert await statuses(people, brands) == [NEITHER, NEITHER, NEITHER, NEITHER, None]


async def test_opt_outs_do_not_wait_for_a_slow_selection(
    brands: Brands, people: list[ContactRow], monkeypatch: pytest.MonkeyPatch
) -> None:
    selecting, opted_out = asyncio.Event(), asyncio.Event()
    select, waited = selection.select_contacts, []

    async def select_slowly(*given: Any) -> Selection:
        selecting.set()
        waited.append(await asyncio.wait([asyncio.ensure_future(opted_out.wait())], timeout=20))
        return await select(*given)

    async def opt_out() -> None:
        await selecting.wait()
        change = (brands.digest, EMAIL, OUT)
        await update_preferences(people[0].email_recipient_id or 0, [change], by_recipient())
        opted_out.set()

    monkeypatch.setattr(selection, "select_contacts", select_slowly)
    done, _ = await asyncio.gather(run(opt_in_everybody(brands)), opt_out())
    assert [len(pending) for _, pending in waited] == [0]
    assert (done.total, done.refusals) == (5, {"OPTED_OUT_BY_RECIPIENT": 1, "ADDRESS_MISSING": 1})
