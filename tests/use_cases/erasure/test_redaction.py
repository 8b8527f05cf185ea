"""An erasure also redacts operations and workflows, and operations keep their counts (R36)."""

from __future__ import annotations

from dataclasses import replace

import pytest

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.erasure.erase import erase_contact
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations, queue, reversals
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, LegalBasis, OperationState, PreferenceStatus, Trigger
from preference_center.storage import database
from preference_center.workflows import definitions, manual_enrolment
from tests.conftest import ALICE, ALICE_PHONE, BOB, TEAM, Brands
from tests.imports import files
from tests.use_cases.workflows import enrolling

EMAIL = Channel.EMAIL
OUT = PreferenceStatus.OPTED_OUT


@pytest.fixture
async def her(brands: Brands) -> ContactRow:
    """Alice, called Will Anne May."""
    return await contacts.create(email=ALICE, phone=ALICE_PHONE, first_name="Will", last_name="Anne May")


async def bulk_opt_out(brands: Brands, email: str, explanation: str, key: str | None = None) -> OperationRow:
    update = BulkUpdate(
        ContactFilter(emails=[email]),
        EMAIL,
        (brands.letters,),
        OUT,
        explanation=explanation,
        legal_basis=LegalBasis.CONSENT_WITH_NOTICE,
        idempotency_key=key,
    )
    return await bulk_updates.enqueue(update, TEAM)


async def explanation_of(row: OperationRow) -> str | None:
    found = await operations.get(row.id)
    assert found
    return found.explanation


@pytest.mark.parametrize(
    ("explanation", "redacted"),
    [
        ("Asked by ALICE@Example.com.", "Asked by [erased]."),
        ("Not malice@example.com, alice@example.com.pl.", "Not malice@example.com, alice@example.com.pl."),
        ("Rang from +48 601 234 567; not +48 601 234 5678", "Rang from [erased]; not +48 601 234 5678"),
        ("48601234567 rang.", "[erased] rang."),
        ("Invoice 148601234567", "Invoice 148601234567"),
        ("will anne may rang; May, Anne: no.", "[erased] rang; May, Anne: no."),
        ("Anne May, Will asked.", "[erased] asked."),
        ("Willow and I will see in May.", "Willow and I will see in May."),
        ("Nothing about her.", "Nothing about her."),
    ],
)
async def test_explanations_about_others_lose_only_the_words_that_name_her(
    brands: Brands, her: ContactRow, explanation: str, redacted: str
) -> None:
    await contacts.create(email=BOB)
    done = await files.finished(await bulk_opt_out(brands, BOB, explanation))
    await erase_contact(her, TEAM)
    assert await explanation_of(done) == redacted


async def test_explanations_about_her_also_lose_single_names(brands: Brands, her: ContactRow) -> None:
    done = await files.finished(await bulk_opt_out(brands, ALICE, "Will rang: Anne May wants out."))
    await erase_contact(her, TEAM)
    assert await explanation_of(done) == "[erased] rang: [erased] wants out."


async def test_a_finished_operation_keeps_its_counts_and_not_its_selection(
    brands: Brands, her: ContactRow
) -> None:
    """R20: it can still be undone, and its idempotency key still works."""
    done = await files.finished(await bulk_opt_out(brands, ALICE, "They wrote.", key="letter-17"))
    assert (done.total, done.changed) == (1, 1)
    assert "selection" not in done.parameters
    again = await bulk_opt_out(brands, ALICE, "They wrote.", key="letter-17")
    assert again.id == done.id
    await erase_contact(her, TEAM)
    kept = await operations.get(done.id)
    assert kept
    assert (kept.total, kept.changed, kept.refused, kept.state) == (1, 1, 0, OperationState.COMPLETED)
    undone = await files.finished(await reversals.enqueue(done.id, "A mistake.", TEAM))
    assert (undone.total, undone.changed) == (1, 0)


async def test_a_queued_operation_still_runs(brands: Brands, her: ContactRow) -> None:
    queued = await bulk_opt_out(brands, ALICE, "Will wrote.")
    await erase_contact(her, TEAM)
    done = await files.finished(queued)
    assert (done.state, done.total) == (OperationState.COMPLETED, 0)
    assert "selection" not in done.parameters


async def test_a_queued_import_adds_the_address_again_and_keeps_no_rows(
    brands: Brands, her: ContactRow
) -> None:
    """R36"""
    queued = await files.receive_opt_outs(f"email\n{ALICE}\n{BOB}\n", brands)
    await erase_contact(her, TEAM)
    assert await files.count("operation_parts") == 1
    done = await files.finished(queued)
    assert (done.changed, done.refused) == (2, 0)
    assert await files.count("operation_parts") == 0
    known = await recipients.find(parse(ALICE))
    assert known
    assert known.address == ALICE


async def test_rows_are_deleted_with_the_part_that_is_done(
    brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("preference_center.imports.upload.PART_SIZE", 2)
    queued = await files.receive_opt_outs(files.people(range(6)), brands)
    seen = []
    handler = HANDLERS[queued.kind]

    async def count_and_run(operation: OperationRow, payload: list[object]) -> object:
        seen.append(await files.count("operation_parts"))
        return await handler.run_part(operation, payload)

    monkeypatch.setitem(HANDLERS, queued.kind, type(handler)(run_part=count_and_run))  # type: ignore[arg-type]
    assert await run_next(HANDLERS)
    assert seen == [3, 2, 1]


async def test_rows_of_a_cancelled_import_are_deleted_at_once(brands: Brands, her: ContactRow) -> None:
    queued = await files.receive_opt_outs(f"email\n{ALICE}\n", brands)
    await queue.cancel(queued.id)
    await erase_contact(her, TEAM)
    assert await files.count("operation_parts") == 0


async def test_workflows_lose_the_address_and_still_run(brands: Brands, her: ContactRow) -> None:
    workflow = await enrolling.create_workflow(
        Trigger.MANUAL,
        name=f"For {ALICE}",
        filter=ContactFilter(any_of=[ContactFilter(emails=[ALICE, BOB]), ContactFilter(search="zed")]),
        actions=[enrolling.set_status("letters")],
    )
    bob = await contacts.create(email=BOB)
    await erase_contact(her, TEAM)
    left = await database.fetch("SELECT name, condition, actions FROM workflows")
    assert ALICE not in str([tuple(row) for row in left])
    found = await definitions.get(workflow.id)
    assert found
    assert found.name == f"For [erased] {workflow.id}"
    operation = await manual_enrolment.enqueue(workflow.id, ContactFilter(ids=[bob.id]), TEAM)
    done = await files.finished(operation)
    assert (done.total, done.changed) == (1, 1)


@pytest.mark.parametrize(
    "explanation",
    [
        f"They rang. In the words of the mail:\n{ALICE}\nwrote this.",
        "Signed\nWill Anne May",
        'Says "Will Anne May".',
    ],
)
async def test_a_workflows_explanation_is_redacted_on_separate_lines_and_in_quotes(
    brands: Brands, her: ContactRow, explanation: str
) -> None:  # R36
    setting = replace(enrolling.set_status("letters"), explanation=explanation)
    workflow = await enrolling.create_workflow(Trigger.MANUAL, name="Letters", actions=[setting])
    await erase_contact(her, TEAM)
    found = await definitions.get(workflow.id)
    assert found
    assert "[erased]" in str(found.actions)
    assert ALICE not in str(found.actions)
    assert "Anne" not in str(found.actions)
