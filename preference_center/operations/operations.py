"""Long jobs: asked for, looked at, cancelled. What runs them is `operation_runner`."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from tortoise.exceptions import IntegrityError

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import Actor, OperationKind, OperationState
from preference_center.storage import database, transactions
from preference_center.storage.keyset import KeysetRange
from preference_center.validation import check_text

FINISHED = frozenset({OperationState.COMPLETED, OperationState.FAILED, OperationState.CANCELLED})
ROWS_COMING = -2
"""The `position` of an import whose rows are still being received: nobody may run it yet."""
NOTHING_DONE = -1


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation, as it was when read."""

    id: int
    kind: OperationKind
    state: OperationState
    dry_run: bool
    parameters: dict[str, Any]
    explanation: str | None
    actor: str
    total: int | None
    position: int
    processed: int
    changed: int
    unchanged: int
    refused: int
    refusals: dict[str, int]
    error: str | None
    attempts: int
    cancelling: bool
    reverts_id: int | None
    reverted_by_id: int | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def acting(self) -> Actor:
        """Who asked for it, as the ledger names them."""
        return Actor(self.actor)


@dataclass(frozen=True, slots=True)
class Asked:
    """An operation to be made. `parameters` hold, as JSON, all that running it takes."""

    kind: OperationKind
    actor: Actor
    parameters: Mapping[str, Any]
    explanation: str | None = None
    dry_run: bool = False
    idempotency_key: str | None = None
    reverts_id: int | None = None
    position: int = NOTHING_DONE


async def create(asked: Asked) -> OperationRow:
    """Queue an operation; the same idempotency key with the same input answers with the same one.

    Raises Invalid: IDEMPOTENCY_CONFLICT where that key came with another input, NOT_REVERSIBLE where
    what it reverts is reverted already.
    """
    parameters, key, digest = _parameters(asked), _key(asked), _digest(asked)
    already = await _by_key(key, digest)
    if already is not None:
        return already
    try:
        async with transactions.write_transaction():
            rows = await database.fetch(
                "INSERT INTO operations (kind, state, dry_run, parameters, explanation, actor,"
                " idempotency_key, digest, position, reverts_id, refusals, created_at)"
                " VALUES ($1, 'QUEUED', $2, $3, $4, $5, $6, $7, $8, $9, '{}', $10) RETURNING id",
                asked.kind.value,
                asked.dry_run,
                parameters,
                asked.explanation,
                str(asked.actor),
                key,
                digest,
                asked.position,
                asked.reverts_id,
                database.now(),
            )
            if asked.reverts_id is not None:
                await database.execute(
                    "UPDATE operations SET reverted_by_id = $1 WHERE id = $2", rows[0]["id"], asked.reverts_id
                )
    except IntegrityError:
        already = await _by_key(key, digest)
        if already is None:
            message = "That operation is being undone, or is undone, already."
            raise Invalid(ErrorCode.NOT_REVERSIBLE, message, "id") from None
        return already
    return await _existing(rows[0]["id"])


async def known(asked: Asked) -> OperationRow | None:
    """The operation that the same idempotency key made of the same input before, or None.

    Raises Invalid: IDEMPOTENCY_CONFLICT where that key came with another input.
    """
    return await _by_key(_key(asked), _digest(asked))


def _parameters(asked: Asked) -> str:
    return json.dumps(asked.parameters, sort_keys=True, ensure_ascii=False)


def _key(asked: Asked) -> str | None:
    if asked.idempotency_key is None:
        return None
    key = check_text(asked.idempotency_key, "idempotencyKey", max_length=120, required=True)
    # Of each token its own, told apart by a digest: names may be long.
    return hashlib.sha256(asked.actor.name.encode()).hexdigest()[:16] + ":" + key


def _digest(asked: Asked) -> bytes:
    said = json.dumps([asked.kind.value, asked.dry_run, asked.explanation, _parameters(asked)])
    return hashlib.sha256(said.encode()).digest()


async def _by_key(key: str | None, digest: bytes) -> OperationRow | None:
    if key is None:
        return None
    rows = await database.fetch("SELECT * FROM operations WHERE idempotency_key = $1", key)
    if not rows:
        return None
    if bytes(rows[0]["digest"]) != digest:
        message = "That key came with another input before."
        raise Invalid(ErrorCode.IDEMPOTENCY_CONFLICT, message, "idempotencyKey")
    return row_of(rows[0])


async def get(operation_id: int) -> OperationRow | None:
    """The operation of an id, or None."""
    return (await get_many([operation_id])).get(operation_id)


async def get_many(ids: Sequence[int]) -> dict[int, OperationRow]:
    """Operations by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT * FROM operations WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: row_of(row) for row in rows}


async def page(kinds: Sequence[OperationKind] | None, span: KeysetRange) -> list[OperationRow]:
    """The operations of a span, or those of some kinds; in the order of reading."""
    values: list[Any] = [span.below, span.above, span.size]
    condition = "id < $1 AND id > $2"
    if kinds is not None:
        values.append([kind.value for kind in kinds])
        condition += f" AND kind {database.any_of(4)}"
    rows = await database.fetch(
        f"SELECT * FROM operations WHERE {condition} ORDER BY id {span.order} LIMIT $3", *values
    )
    return [row_of(row) for row in rows]


async def cancel(operation_id: int) -> OperationRow:
    """Ask an operation to stop after the part that is under way; what is done stays done.

    Raises Invalid NOT_FOUND, or INVALID_VALUE for one that is finished.
    """
    row = await _existing(operation_id)
    if row.state in FINISHED:
        raise Invalid(ErrorCode.INVALID_VALUE, "That operation is finished.", "id")
    async with transactions.write_transaction():
        await database.execute(
            "UPDATE operations SET cancelling = TRUE WHERE id = $1 AND state IN ('QUEUED', 'RUNNING')",
            operation_id,
        )
        await database.execute(
            f"UPDATE operations SET state = 'CANCELLED', finished_at = $2, parameters = {done_parameters()}"
            " WHERE id = $1 AND state = 'QUEUED' AND lease_owner IS NULL",
            operation_id,
            database.now(),
        )
        rows = await database.fetch("SELECT state FROM operations WHERE id = $1", operation_id)
        if rows[0]["state"] == OperationState.CANCELLED.value:
            await free(row)
    return await _existing(operation_id)


def done_parameters() -> str:
    """SQL for the parameters of an operation that is finished: without whom it selected, who may be named."""
    if database.dialect() == "postgres":
        return "parameters - 'selection'"
    return "json_remove(parameters, '$.selection')"


async def free(reversal: OperationRow) -> None:
    """Let what a reversal did not undo to its end be undone again; of other operations nothing is to do."""
    if reversal.reverts_id is None:
        return
    await database.execute("UPDATE operations SET reverts_id = NULL WHERE id = $1", reversal.id)
    await database.execute("UPDATE operations SET reverted_by_id = NULL WHERE id = $1", reversal.reverts_id)


async def _existing(operation_id: int) -> OperationRow:
    row = await get(operation_id)
    if row is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such operation.", "id")
    return row


async def add_parts(operation_id: int, payloads: Sequence[Any], *, first: int = 0) -> None:
    """Keep targets or rows of an operation, each part as JSON, numbered from `first`."""
    rows = [
        (operation_id, number, json.dumps(payload, ensure_ascii=False, separators=(",", ":")))
        for number, payload in enumerate(payloads, first)
    ]
    columns = {"operation_id": "bigint", "number": "int", "payload": "text"}
    await database.insert("operation_parts", columns, rows)


@dataclass(frozen=True, slots=True)
class RefusalRow:
    """One thing that an operation could not do, and why."""

    code: str
    message: str
    line: int | None = None
    contact_id: int | None = None
    recipient_id: int | None = None
    about: str | None = None


_REFUSAL = {
    "operation_id": "bigint",
    "line": "bigint",
    "contact_id": "bigint",
    "recipient_id": "bigint",
    "about": "text",
    "code": "text",
    "message": "text",
}


async def add_refusals(operation_id: int, refusals: Sequence[RefusalRow]) -> None:
    """Keep what could not be done, for the file to download."""
    rows = [
        (operation_id, r.line, r.contact_id, r.recipient_id, r.about, r.code, r.message) for r in refusals
    ]
    await database.insert("operation_refusals", _REFUSAL, rows)


def row_of(row: database.Row) -> OperationRow:
    """An operation from its table's row."""
    return OperationRow(
        id=row["id"],
        kind=OperationKind(row["kind"]),
        state=OperationState(row["state"]),
        dry_run=bool(row["dry_run"]),
        parameters=database.json_value(row["parameters"]),
        explanation=row["explanation"],
        actor=row["actor"],
        total=row["total"],
        position=row["position"],
        processed=row["processed"],
        changed=row["changed"],
        unchanged=row["unchanged"],
        refused=row["refused"],
        refusals=database.json_value(row["refusals"]),
        error=row["error"],
        attempts=row["attempts"],
        cancelling=bool(row["cancelling"]),
        reverts_id=row["reverts_id"],
        reverted_by_id=row["reverted_by_id"],
        created_at=database.instant(row["created_at"]),
        finished_at=database.optional_instant(row["finished_at"]),
    )
