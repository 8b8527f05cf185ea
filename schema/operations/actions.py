"""Whether the token that asks may cancel an operation, or undo it."""

from __future__ import annotations

from preference_center.access.scopes import RUN_OPERATIONS
from preference_center.action_states import Refusal, action_state
from preference_center.operations.operations import OperationRow
from preference_center.operations.queue import why_not_cancellable
from preference_center.operations.reversals import why_not_reversible
from preference_center.rules.permissions.actions import Requirement
from schema.contract.actions import ActionState, to_action
from schema.engine.context import Context


def cancellation_of(row: OperationRow, context: Context) -> ActionState:
    """Whether an operation may be cancelled."""
    return _shown(context, why_not_cancellable(row))


def reversal_of(row: OperationRow, context: Context) -> ActionState:
    """Whether an operation may be undone (R20)."""
    refused = why_not_reversible(row)
    return _shown(context, refused, *(() if refused else (Requirement.EXPLANATION,)))


def _shown(context: Context, refused: Refusal | None, *requires: Requirement) -> ActionState:
    state = action_state([refused] if refused else [], *requires)
    return to_action(state, RUN_OPERATIONS, context.scopes)
