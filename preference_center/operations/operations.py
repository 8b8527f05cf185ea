"""Operations as they are stored and read: the progress of each long-running job."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, fields
from datetime import datetime
from typing import Any

from preference_center.rules.types import Actor, OperationKind, OperationState
from preference_center.storage import database
from preference_center.storage.conditions import Conditions
from preference_center.storage.counting import Count, count_rows
from preference_center.storage.keyset import KeysetRange

FINISHED = frozenset({OperationState.COMPLETED, OperationState.FAILED, OperationState.CANCELLED})
RECEIVING = -2
"""The `position` of an import whose file is still being uploaded: no worker may claim it."""
NOT_STARTED = -1
"""The `position` of an operation of which no part is done."""


@dataclass(frozen=True, slots=True)
class OperationRow:
    """One operation, as it was when read. Each field is a column of `operations`."""

    id: int
    kind: OperationKind
    state: OperationState
    dry_run: bool
    parameters: dict[str, Any]
    explanation: str | None
    actor: str
    total: int | None
    """Contacts, rows or events to process; None until the operation starts."""
    position: int
    """The last part that is done, from 0; or RECEIVING, or NOT_STARTED."""
    processed: int
    changed: int
    unchanged: int
    refused: int
    opted_out: int
    """Rows of an import that say no: their addresses are opted out."""
    refusals: dict[str, int]
    """Refusals by error code."""
    error: str | None
    attempts: int
    """Failures in a row since a part was last done."""
    cancelling: bool
    reverts_id: int | None
    reverted_by_id: int | None
    created_at: datetime
    finished_at: datetime | None

    @property
    def ledger_actor(self) -> Actor:
        """The actor of the events that this operation records."""
        return Actor(self.actor)

    @property
    def undone_id(self) -> int | None:
        """The operation that this one undoes, whether or not it still may."""
        found: int | None = self.parameters.get("operation")
        return found

    @property
    def workflow_id(self) -> int | None:
        """The workflow that this one enrols contacts in."""
        found: int | None = self.parameters.get("workflow")
        return found


COLUMNS = ", ".join(field.name for field in fields(OperationRow))


async def get(operation_id: int) -> OperationRow | None:
    """Return the operation, or None."""
    return (await get_many([operation_id])).get(operation_id)


async def get_many(ids: Sequence[int]) -> dict[int, OperationRow]:
    """Return operations by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT {COLUMNS} FROM operations WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: operation_of(row) for row in rows}


@dataclass(frozen=True, slots=True)
class OperationFilter:
    """Which operations to list: of some kinds, in some states, or all (None)."""

    kinds: Sequence[OperationKind] | None = None
    states: Sequence[OperationState] | None = None

    def add_to(self, conditions: Conditions) -> Conditions:
        """Add the filter to the conditions of a statement."""
        for column, values in (("kind", self.kinds), ("state", self.states)):
            conditions.add_any_of(column, None if values is None else [each.value for each in values])
        return conditions


async def page(wanted: OperationFilter, span: KeysetRange) -> list[OperationRow]:
    """Return the operations of a filter in a keyset range, in the range's order."""
    values = [span.below, span.above, span.size]
    conditions = wanted.add_to(Conditions("id < $1", "id > $2", values=values))
    rows = await database.fetch(
        f"SELECT {COLUMNS} FROM operations WHERE {conditions.sql} ORDER BY id {span.order} LIMIT $3",
        *conditions.values,
    )
    return [operation_of(row) for row in rows]


async def count(wanted: OperationFilter) -> Count:
    """Return how many operations there are of a filter."""
    conditions = wanted.add_to(Conditions("TRUE"))
    return await count_rows(f"operations WHERE {conditions.sql}", conditions.values)


async def count_unfinished() -> Count:
    """Return how many operations are queued or running."""
    return await count_rows("operations WHERE state IN ('QUEUED', 'RUNNING')")


def operation_of(row: database.Row) -> OperationRow:
    """Convert a row that has COLUMNS."""
    values = {field.name: row[field.name] for field in fields(OperationRow)}
    values |= {
        "kind": OperationKind(row["kind"]),
        "state": OperationState(row["state"]),
        "dry_run": bool(row["dry_run"]),
        "parameters": database.json_value(row["parameters"]),
        "refusals": database.json_value(row["refusals"]),
        "cancelling": bool(row["cancelling"]),
        "created_at": database.instant(row["created_at"]),
        "finished_at": database.optional_instant(row["finished_at"]),
    }
    return OperationRow(**values)
