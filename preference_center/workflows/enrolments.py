"""Enrolling contacts by hand, as an operation; and reading what became of enrolments."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger.refusals import refusal_message
from preference_center.operations import queue, selection
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow
from preference_center.operations.queue import NewOperation
from preference_center.operations.runner import OperationHandler, PartResult
from preference_center.rules.types import (
    ActionOutcome,
    Actor,
    Channel,
    EnrolmentState,
    OperationKind,
    PreferenceStatus,
    Trigger,
)
from preference_center.rules.workflows import Workflow, counted_as
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from preference_center.workflows import definitions as workflows
from preference_center.workflows.enrol import (
    Candidate,
    Cause,
    Enrolled,
    at_once,
    enrol,
    hold,
    lock_addresses,
    meant,
)

PART = 2_000
"""How many contacts are enrolled in one transaction, at most."""
_READ_AT_ONCE = 100
"""How many workflows' enrolments are read in one statement."""


async def ask(
    workflow_id: int,
    selection: ContactFilter,
    actor: Actor,
    *,
    dry_run: bool = False,
    idempotency_key: str | None = None,
) -> OperationRow:
    """Queue the enrolment of those contacts that the workflow's filter lets through; fixed when it starts.

    Whatever its triggers. Raises Invalid: NOT_FOUND, or INVALID_VALUE where the workflow is disabled; a
    retry with its key is answered with its operation all the same.
    """
    parameters = {"workflow": workflow_id, "selection": to_json(selection)}
    kind = OperationKind.WORKFLOW_ENROLMENT
    asked = NewOperation(kind, actor, parameters, dry_run=dry_run, idempotency_key=idempotency_key)
    known = await queue.find_duplicate(asked)
    if known is not None:
        return known
    workflow = await workflows.get(workflow_id)
    if workflow is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such workflow.", "workflow")
    if not workflow.enabled:
        raise Invalid(ErrorCode.INVALID_VALUE, "The workflow is disabled.", "workflow")
    return await queue.enqueue(asked)


async def _prepare(operation: OperationRow) -> int:
    """Fix the contacts meant. Of a workflow that is gone or disabled by now: those that are named."""
    catalog = await exact_catalog()
    selections = [from_json(operation.parameters["selection"], catalog)]
    channel = Channel.EMAIL
    workflow = await workflows.get(operation.parameters["workflow"])
    if workflow is not None:
        channel = workflow.actions[0].channel
        if workflow.filter is not None:
            selections.append(from_json(workflow.filter, catalog))
    return await selection.store_contacts(
        operation, selections, channel, at_once(PART, [workflow] if workflow else [])
    )


async def _run(operation: OperationRow, contact_ids: list[int]) -> PartResult:
    workflow_id: int = operation.parameters["workflow"]
    catalog = await exact_catalog()
    await hold([workflow_id], catalog)
    done = PartResult(processed=len(contact_ids))
    workflow = next((one for one in catalog.workflows if one.id == workflow_id), None)
    if workflow is None:
        for contact_id in contact_ids:
            message = "The workflow was disabled or deleted."
            done.refuse(RefusalRow(ErrorCode.INVALID_VALUE.value, message, contact_id=contact_id))
        return done
    candidates = await _candidates(operation, contact_ids)
    for contact_id in contact_ids:
        if contact_id not in candidates:
            done.refuse(selection.deleted(contact_id))
    await lock_addresses(candidates.values())
    still = await meant(workflow, list(candidates.values()), catalog)
    enrolled = await enrol(
        workflow, [candidates[number] for number in candidates if number in still], catalog
    )
    done.unchanged += len(candidates) - len(enrolled)
    for one in enrolled:
        _count_one(done, one, workflow)
    return done


async def _candidates(operation: OperationRow, contact_ids: list[int]) -> dict[int, Candidate]:
    """The contacts of a part that are still there, in its order."""
    cause = Cause(Trigger.MANUAL, operation_id=operation.id)
    rows = await database.fetch(
        f"SELECT id, email_recipient_id, phone_recipient_id FROM contacts WHERE id {database.any_of(1)}",
        contact_ids,
    )
    found = {
        row["id"]: Candidate(row["id"], row["email_recipient_id"], row["phone_recipient_id"], cause)
        for row in rows
    }
    return {number: found[number] for number in contact_ids if number in found}


def _count_one(done: PartResult, enrolled: Enrolled, workflow: Workflow) -> None:
    """A contact is changed where anything was, else refused where anything was, else unchanged."""
    keys = [(action.channel, key) for action in workflow.actions for key in action.types]
    for (channel, key), (outcome, code) in zip(keys, enrolled.results, strict=True):
        if outcome is not ActionOutcome.REFUSED or code is None:
            continue
        one = enrolled.candidate
        recipient = one.recipient(channel)
        message = refusal_message(ErrorCode(code))
        done.refusals.append(RefusalRow(code, message, None, one.contact_id, recipient, about=key))
    counted = counted_as(EnrolmentState.DONE, enrolled.results)
    setattr(done, counted, getattr(done, counted) + 1)


HANDLER = OperationHandler(run_part=_run, prepare=_prepare)


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What one action did to one type; `type` is its key, `code` says why it was refused."""

    channel: Channel
    type: str
    status: PreferenceStatus
    outcome: ActionOutcome
    code: str | None


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One enrolment: when, by what, and what came of it. Later edits of the workflow don't change it."""

    id: int
    workflow_id: int
    contact_id: int
    """Nobody's, where the contact was deleted since."""
    trigger: Trigger
    event_id: int | None
    operation_id: int | None
    state: EnrolmentState
    error: str | None
    results: tuple[ActionResult, ...]
    enrolled_at: datetime


async def page(workflow_id: int, span: KeysetRange) -> list[EnrolmentRow]:
    """A workflow's enrolments in the span, in the order of reading."""
    return (await pages([workflow_id], span))[workflow_id]


async def pages(workflow_ids: Sequence[int], span: KeysetRange) -> dict[int, list[EnrolmentRow]]:
    """The same of several workflows; no more rows are read than their pages have."""
    found: dict[int, list[EnrolmentRow]] = {number: [] for number in workflow_ids}
    for start in range(0, len(found) if span.size > 0 else 0, _READ_AT_ONCE):
        each = (
            f"SELECT * FROM (SELECT * FROM enrolments WHERE workflow_id = {number:d} AND id < $1 AND id > $2"
            f" ORDER BY id {span.order} LIMIT $3) AS of_{number:d}"
            for number in list(found)[start : start + _READ_AT_ONCE]
        )
        rows = await database.fetch(" UNION ALL ".join(each), span.below, span.above, span.size)
        for row in sorted(rows, key=lambda row: row["id"], reverse=not span.ascending):
            found[row["workflow_id"]].append(_row(row))
    return found


async def get_many(ids: Sequence[int]) -> dict[int, EnrolmentRow]:
    """Enrolments by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT * FROM enrolments WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: _row(row) for row in rows}


def _row(row: database.Row) -> EnrolmentRow:
    return EnrolmentRow(
        id=row["id"],
        workflow_id=row["workflow_id"],
        contact_id=row["contact_id"],
        trigger=Trigger(row["trigger_kind"]),
        event_id=row["event_id"],
        operation_id=row["operation_id"],
        state=EnrolmentState(row["state"]),
        error=row["error"],
        results=tuple(
            ActionResult(Channel(channel), key, PreferenceStatus(status), ActionOutcome(outcome), code)
            for channel, key, status, outcome, code in database.json_value(row["results"])
        ),
        enrolled_at=database.instant(row["enrolled_at"]),
    )
