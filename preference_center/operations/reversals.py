"""Reversals: undo a bulk update or import where nothing has changed since (R20)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Final

from preference_center.action_states import Refusal
from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.ledger.confirmations import delete_pending_of_operation
from preference_center.ledger.current_state import key_of_event, lock_newest_events
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, PreferenceKey, Provenance
from preference_center.operations import operations, queue
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import FINISHED, OperationRow
from preference_center.operations.parts import RefusalRow, json_array_of_ids
from preference_center.operations.queue import NewOperation
from preference_center.rules.types import Actor, Channel, ConsentOrigin, OperationKind, PreferenceStatus
from preference_center.storage import database
from preference_center.validation import check_required_explanation

PART_SIZE = 2_000
"""Recipients whose preferences are restored in one transaction."""
_REVERSIBLE: Final = frozenset(
    {OperationKind.BULK_UPDATE, OperationKind.IMPORT_OPT_OUTS, OperationKind.IMPORT_CONTACTS}
)


async def enqueue(operation_id: int, explanation: str, actor: Actor) -> OperationRow:
    """Queue the reversal of an operation.

    Raises Invalid: NOT_FOUND; EXPLANATION_REQUIRED; NOT_REVERSIBLE for an operation that still runs, was a
    dry run, is no bulk update or import, or is already undone.
    """
    with Faults() as faults:
        await faults.awaited(_check_reversible(operation_id))
        text = faults.of(check_reason, explanation)
    parameters = {"operation": operation_id}
    return await queue.enqueue(
        NewOperation(OperationKind.REVERSAL, actor, parameters, text, reverts_id=operation_id)
    )


def check_reason(explanation: str) -> str:
    """Return the explanation of a reversal, trimmed. Raises Invalid."""
    missing = "Give an explanation: undoing an operation needs one."
    return check_required_explanation(explanation, "explanation", missing=missing)


async def _check_reversible(operation_id: int) -> None:
    reverted = await operations.get(operation_id)
    if reverted is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no operation with this id.", "id")
    refused = why_not_reversible(reverted)
    if refused is not None:
        raise Invalid(*refused, "id")


def why_not_reversible(operation: OperationRow) -> Refusal | None:
    """Why an operation cannot be undone (R20); None if it can."""
    reason = _why_not_reversible(operation)
    return None if reason is None else (ErrorCode.NOT_REVERSIBLE, reason)


def _why_not_reversible(operation: OperationRow) -> str | None:
    if operation.kind not in _REVERSIBLE:
        return "This operation cannot be undone: only bulk updates and imports can."
    if operation.state not in FINISHED:
        return "The operation has not ended. Wait until it has, or cancel it first."
    if operation.dry_run:
        return "This was a dry run: it changed nothing that could be undone."
    if operation.reverted_by_id is not None:
        return "Another operation has undone this one, or is doing so: see `revertedBy`."
    return None


async def _prepare(reversal: OperationRow) -> int:
    """Store the events to undo as parts, and drop the opt-ins that still wait for confirmation (R19)."""
    await delete_pending_of_operation(reversal.reverts_id)
    rows = await database.fetch(
        "SELECT COUNT(*) AS events FROM consent_events WHERE operation_id = $1 AND NOT superseded",
        reversal.reverts_id,
    )
    await database.execute(
        f"INSERT INTO operation_parts (operation_id, number, payload) SELECT $1, part, {json_array_of_ids()}"
        " FROM (SELECT id, CAST((dense_rank() OVER (ORDER BY recipient_id) - 1) / $3 AS int) AS part"
        " FROM consent_events WHERE operation_id = $2 AND NOT superseded) AS selected GROUP BY part",
        reversal.id,
        reversal.reverts_id,
        PART_SIZE,
    )
    return int(rows[0]["events"])


async def _run_part(reversal: OperationRow, event_ids: list[int]) -> PartResult:
    """Restore what was before the events, where the newest event is still the operation's.

    Of several events of one preference, the first has the status before and the last is the newest.
    """
    catalog = await exact_catalog()
    events = await _events(event_ids)
    newest = await lock_newest_events(sorted({event["recipient_id"] for event in events}))
    before: dict[PreferenceKey, str] = {}
    for event in events:
        before.setdefault(key_of_event(event), event["before"])
    result = PartResult(processed=len(events))
    intents = []
    for event in events:
        key = key_of_event(event)
        newest_id, operation_id = newest.get(key, (None, None))
        if operation_id != reversal.reverts_id:
            result.refuse(_changed_since(event, catalog))
        elif newest_id == event["id"] and before[key] != event["after"]:
            intents.append(_restored(event, before[key], catalog))
        else:
            result.unchanged += 1
    outcomes = await record_in_transaction(intents, _provenance(reversal)) if intents else []
    result.changed = sum(outcome.changed for outcome in outcomes)
    return result


async def _events(event_ids: list[int]) -> Sequence[database.Row]:
    return await database.fetch(
        "SELECT id, recipient_id, channel, business_unit_id, subscription_type_id, before, after"
        f" FROM consent_events WHERE id {database.any_of(1)} ORDER BY id",
        event_ids,
    )


def _restored(event: database.Row, status: str, catalog: Catalog) -> Intent:
    type_id = event["subscription_type_id"]
    return Intent(
        event["recipient_id"],
        Channel(event["channel"]),
        PreferenceStatus(status),
        catalog.unit_by_id(event["business_unit_id"]),
        catalog.type_by_id(type_id) if type_id else None,
    )


def _provenance(reversal: OperationRow) -> Provenance:
    return Provenance(
        ConsentOrigin.REVERSAL,
        reversal.ledger_actor,
        explanation=reversal.explanation,
        operation_id=reversal.id,
    )


def _changed_since(event: database.Row, catalog: Catalog) -> RefusalRow:
    type_id = event["subscription_type_id"]
    key = catalog.type_by_id(type_id).key if type_id else catalog.unit_by_id(event["business_unit_id"]).key
    return RefusalRow(
        ErrorCode.NOT_REVERSIBLE.value,
        "This was changed after the operation, and was left as it is.",
        recipient_id=event["recipient_id"],
        about=key,
    )


HANDLER = OperationHandler(run_part=_run_part, prepare=_prepare)
