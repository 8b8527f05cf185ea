"""Enrolling contacts at the team's request, as an operation."""

from __future__ import annotations

from preference_center.catalog.catalog import exact_catalog
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.filter_json import from_json, to_json
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger.refusals import refusal_message
from preference_center.operations import queue, selection
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow, Selection
from preference_center.operations.queue import NewOperation
from preference_center.operations.selection_text import describe_selection
from preference_center.rules.types import ActionOutcome, Actor, Channel, OperationKind, Trigger
from preference_center.rules.workflows import Workflow
from preference_center.storage import database
from preference_center.workflows import definitions
from preference_center.workflows.candidates import (
    Candidate,
    Cause,
    batch_size,
    lock_candidates,
    lock_workflows,
    matching_ids,
)
from preference_center.workflows.enrol import Enrolled, enrol

PART_SIZE = 2_000
"""How many contacts one transaction enrols at most."""


async def enqueue(
    workflow_id: int,
    contacts: ContactFilter,
    actor: Actor,
    *,
    dry_run: bool = False,
    idempotency_key: str | None = None,
) -> OperationRow:
    """Queue the enrolment of the contacts that match, and that the workflow's own filter lets through.

    The contacts are selected when the operation starts; the workflow's triggers play no part. A request with
    a known idempotency key returns the operation it queued before, whatever the workflow's state.
    Raises Invalid: NOT_FOUND, or INVALID_VALUE if the workflow is disabled.
    """
    selected = to_json(contacts, "contacts")
    new = NewOperation(
        OperationKind.WORKFLOW_ENROLMENT,
        actor,
        {"workflow": workflow_id, "selection": selected},
        described=describe_selection(selected),
        dry_run=dry_run,
        idempotency_key=idempotency_key,
    )
    duplicate = await queue.find_duplicate(new)
    if duplicate is not None:
        return duplicate
    await enabled_workflow(workflow_id)
    return await queue.enqueue(new)


async def enabled_workflow(workflow_id: int) -> Workflow:
    """Return the workflow. Raises Invalid: NOT_FOUND, or INVALID_VALUE if it is disabled."""
    workflow = await definitions.get(workflow_id)
    if workflow is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no workflow with this id.", "workflow")
    if not workflow.enabled:
        message = "The workflow is disabled. Enable it first: until then it enrols nobody."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "workflow")
    return workflow


async def _select(operation: OperationRow) -> Selection:
    """Select the contacts; without the workflow's own filter if the workflow was deleted."""
    catalog = await exact_catalog()
    filters = [from_json(operation.parameters["selection"], catalog)]
    channel = Channel.EMAIL
    workflow = await definitions.get(operation.parameters["workflow"])
    if workflow is not None:
        channel = workflow.actions[0].channel
        if workflow.filter is not None:
            filters.append(from_json(workflow.filter, catalog))
    part_size = batch_size(PART_SIZE, [workflow] if workflow else [])
    return await selection.select_contacts(filters, channel, part_size)


async def _run_part(operation: OperationRow, contact_ids: list[int]) -> PartResult:
    workflow_id: int = operation.parameters["workflow"]
    catalog = await exact_catalog()
    await lock_workflows([workflow_id], catalog)
    workflow = next((each for each in catalog.workflows if each.id == workflow_id), None)
    if workflow is None:
        return _refuse_all(contact_ids, "The workflow was disabled or deleted.")
    result = PartResult(processed=len(contact_ids))
    candidates = await _candidates(operation, contact_ids)
    for contact_id in contact_ids:
        if contact_id not in candidates:
            result.refuse(selection.deleted(contact_id))
    await lock_candidates(candidates.values())
    matching = await matching_ids(workflow, list(candidates.values()), catalog)
    enrolled = await enrol(workflow, [candidates[id_] for id_ in candidates if id_ in matching], catalog)
    result.unchanged += len(candidates) - len(enrolled)
    for each in enrolled:
        _count(result, each, workflow)
    return result


def _refuse_all(contact_ids: list[int], message: str) -> PartResult:
    result = PartResult(processed=len(contact_ids))
    for contact_id in contact_ids:
        result.refuse(RefusalRow(ErrorCode.INVALID_VALUE.value, message, contact_id=contact_id))
    return result


async def _candidates(operation: OperationRow, contact_ids: list[int]) -> dict[int, Candidate]:
    """The contacts of a part that still exist, in the order of the part."""
    cause = Cause(Trigger.MANUAL, operation_id=operation.id)
    rows = await database.fetch(
        f"SELECT id, email_recipient_id, phone_recipient_id FROM contacts WHERE id {database.any_of(1)}",
        contact_ids,
    )
    found = {
        row["id"]: Candidate(row["id"], row["email_recipient_id"], row["phone_recipient_id"], cause)
        for row in rows
    }
    return {contact_id: found[contact_id] for contact_id in contact_ids if contact_id in found}


def _count(result: PartResult, enrolled: Enrolled, workflow: Workflow) -> None:
    """Count one contact, and report every refused action."""
    candidate = enrolled.candidate
    targets = [(action.channel, key) for action in workflow.actions for key in action.types]
    for (channel, key), (outcome, code) in zip(targets, enrolled.results, strict=True):
        if outcome is ActionOutcome.REFUSED and code is not None:
            recipient_id = candidate.recipient_id(channel)
            message = refusal_message(ErrorCode(code))
            result.refusals.append(
                RefusalRow(code, message, None, candidate.contact_id, recipient_id, about=key)
            )
    outcomes = {outcome for outcome, _ in enrolled.results}
    result.count(changed=ActionOutcome.CHANGED in outcomes, refused=ActionOutcome.REFUSED in outcomes)


HANDLER = OperationHandler(run_part=_run_part, select=_select)
