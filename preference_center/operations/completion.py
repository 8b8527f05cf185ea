"""Finishing operations. A finished operation keeps its counts, and no personal data of its input (R36)."""

from __future__ import annotations

from preference_center.operations.operations import OperationRow
from preference_center.rules.types import OperationState
from preference_center.storage import database
from preference_center.tables.operations import Operation, OperationPart


async def finish(operation: OperationRow, state: OperationState, error: str | None = None) -> None:
    """End an operation in a final state, in the open transaction: delete its parts, release its lease."""
    await database.execute(
        "UPDATE operations SET state = $2, finished_at = $3, error = $4, lease_owner = NULL,"
        f" lease_until = NULL, total = COALESCE(total, processed),"
        f" parameters = {parameters_without_selection()} WHERE id = $1",
        operation.id,
        state.value,
        database.now(),
        error,
    )
    await OperationPart.filter(operation_id=operation.id).delete()
    if state is not OperationState.COMPLETED:
        await release_reverted(operation)


async def release_reverted(reversal: OperationRow) -> None:
    """Allow another reversal of what this one did not finish undoing; no effect on other operations."""
    if reversal.reverts_id is None:
        return
    await Operation.filter(id=reversal.id).update(reverts_id=None)
    await Operation.filter(id=reversal.reverts_id).update(reverted_by_id=None)


def parameters_without_selection() -> str:
    """SQL for `parameters` without the contact filter, which may name people."""
    if database.dialect() == "postgres":
        return "parameters - 'selection'"
    return "json_remove(parameters, '$.selection')"
