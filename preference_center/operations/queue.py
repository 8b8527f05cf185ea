"""Putting operations into the queue, and cancelling them. Workers take them out (`runner`)."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from tortoise.exceptions import IntegrityError

from preference_center.action_states import Refusal
from preference_center.errors import ErrorCode, Invalid
from preference_center.operations import operations
from preference_center.operations.completion import parameters_without_selection, release_reverted
from preference_center.operations.operations import COLUMNS, FINISHED, NOT_STARTED, OperationRow, operation_of
from preference_center.rules.types import Actor, OperationKind, OperationState
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables.operations import Operation
from preference_center.validation import check_text

_IDEMPOTENCY_KEY_MAX_LENGTH = 120


@dataclass(frozen=True, slots=True)
class NewOperation:
    """An operation to put into the queue. `parameters` hold, as JSON, everything its handler needs."""

    kind: OperationKind
    actor: Actor
    parameters: Mapping[str, Any]
    explanation: str | None = None
    dry_run: bool = False
    idempotency_key: str | None = None
    reverts_id: int | None = None
    position: int = NOT_STARTED
    described: str | None = None
    """The selected contacts, in words that name nobody. It stays when the selection is deleted."""


async def enqueue(new: NewOperation) -> OperationRow:
    """Queue an operation, or return the one that the same idempotency key queued before.

    Raises Invalid: IDEMPOTENCY_CONFLICT if that key was used with another input, NOT_REVERSIBLE if the
    operation that this one reverts is already reverted or being reverted.
    """
    duplicate = await find_duplicate(new)
    if duplicate is not None:
        return duplicate
    try:
        return await _insert(new)
    except IntegrityError:  # another request was faster with the same key, or the same reversal
        duplicate = await find_duplicate(new)
        if duplicate is None:
            message = "Another operation has undone this one, or is doing so: see `revertedBy`."
            raise Invalid(ErrorCode.NOT_REVERSIBLE, message, "id") from None
        return duplicate


async def find_duplicate(new: NewOperation) -> OperationRow | None:
    """Return the operation that the same idempotency key queued before with the same input, or None.

    Raises Invalid: IDEMPOTENCY_CONFLICT if that key was used with another input.
    """
    key = _idempotency_key(new)
    if key is None:
        return None
    rows = await database.fetch(f"SELECT {COLUMNS}, digest FROM operations WHERE idempotency_key = $1", key)
    if not rows:
        return None
    if bytes(rows[0]["digest"]) != _digest(new):
        message = "This idempotency key was used with other input. Use a new key for other input."
        raise Invalid(ErrorCode.IDEMPOTENCY_CONFLICT, message, "idempotencyKey")
    return operation_of(rows[0])


@transaction
async def _insert(new: NewOperation) -> OperationRow:
    rows = await database.fetch(
        "INSERT INTO operations (kind, state, dry_run, parameters, explanation, actor,"
        " idempotency_key, digest, position, reverts_id, refusals, created_at)"
        f" VALUES ($1, 'QUEUED', $2, $3, $4, $5, $6, $7, $8, $9, '{{}}', $10) RETURNING {COLUMNS}",
        new.kind.value,
        new.dry_run,
        _stored_parameters(new),
        new.explanation,
        str(new.actor),
        _idempotency_key(new),
        _digest(new),
        new.position,
        new.reverts_id,
        database.now(),
    )
    operation = operation_of(rows[0])
    if new.reverts_id is not None:
        await Operation.filter(id=new.reverts_id).update(reverted_by_id=operation.id)
    return operation


def _stored_parameters(new: NewOperation) -> str:
    described = {} if new.described is None else {"described": new.described}
    return json.dumps({**new.parameters, **described}, sort_keys=True, ensure_ascii=False)


def _parameters(new: NewOperation) -> str:
    return json.dumps(new.parameters, sort_keys=True, ensure_ascii=False)


def check_idempotency_key(key: str | None) -> str:
    """Return an idempotency key, trimmed; "" for none. Raises Invalid."""
    if key is None:
        return ""
    return check_text(key, "idempotencyKey", max_length=_IDEMPOTENCY_KEY_MAX_LENGTH, required=True)


def _idempotency_key(new: NewOperation) -> str | None:
    """The key with a digest of the token's name in front: keys of different tokens never collide."""
    if new.idempotency_key is None:
        return None
    key = check_idempotency_key(new.idempotency_key)
    return hashlib.sha256(new.actor.name.encode()).hexdigest()[:16] + ":" + key


def _digest(new: NewOperation) -> bytes:
    """A digest of the input, to recognise a retry."""
    content = json.dumps([new.kind.value, new.dry_run, new.explanation, _parameters(new)])
    return hashlib.sha256(content.encode()).digest()


async def cancel(operation_id: int) -> OperationRow:
    """Cancel an operation. One that runs stops after its current part; what is done stays done.

    Raises Invalid: NOT_FOUND, or OPERATION_ENDED if it has finished.
    """
    operation = await operations.get(operation_id)
    if operation is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no operation with this id.", "id")
    refused = why_not_cancellable(operation)
    if refused is not None:
        raise Invalid(*refused, "id")
    return await _cancel(operation)


def why_not_cancellable(operation: OperationRow) -> Refusal | None:
    """Why an operation cannot be cancelled; None if it can."""
    if operation.state not in FINISHED:
        return None
    message = "This operation has ended. To undo what it changed, use `revertOperation`."
    return ErrorCode.OPERATION_ENDED, message


@transaction
async def _cancel(operation: OperationRow) -> OperationRow:
    await database.execute(
        "UPDATE operations SET cancelling = TRUE WHERE id = $1 AND state IN ('QUEUED', 'RUNNING')",
        operation.id,
    )
    await database.execute(
        "UPDATE operations SET state = 'CANCELLED', finished_at = $2,"
        f" parameters = {parameters_without_selection()}"
        " WHERE id = $1 AND state = 'QUEUED' AND lease_owner IS NULL",
        operation.id,
        database.now(),
    )
    rows = await database.fetch(f"SELECT {COLUMNS} FROM operations WHERE id = $1", operation.id)
    cancelled = operation_of(rows[0])
    if cancelled.state is OperationState.CANCELLED:
        await release_reverted(operation)
    return cancelled
