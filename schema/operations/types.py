"""Long jobs as the schema shows them, and asking for them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from preference_center.config import settings
from preference_center.operations import operations
from preference_center.operations.operations import OperationRow
from schema.contract.connections import PageInfo, cut, span_of, window, write_cursor
from schema.contract.ids import Node, argument_id, global_id
from schema.contract.scalars import ErrorCode, OperationKind, OperationState
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver

READ = "contacts:read"


@strawberry.type
class RefusalCount:
    """How often an operation was refused something for one reason."""

    code: ErrorCode
    count: int


async def load_reverting(asked: Sequence[Operation], context: Context, **_: object) -> None:
    """Read the operations that undo others, in one statement."""
    numbers = {one.row.reverted_by_id for one in asked if one.row.reverted_by_id is not None}
    rows = await operations.get_many(sorted(numbers))
    for one in asked:
        row = rows.get(one.row.reverted_by_id or 0)
        one.known_reverting = operation_of(row) if row else None


@strawberry.type(
    description="A long job. It survives a crash of the process that runs it, goes on where it stopped,"
    " and does nothing twice."
)
class Operation(Node):
    """One operation. What it selects is fixed when it starts."""

    kind: OperationKind
    state: OperationState
    dry_run: bool
    total: int | None = strawberry.field(
        description="How many contacts, rows or events; null until it starts."
    )
    processed: int
    changed: int
    unchanged: int
    refused: int
    refusals: list[RefusalCount]
    refusals_url: str | None = strawberry.field(description="A CSV file of what was refused, and why.")
    actor: str
    explanation: str | None
    created_at: datetime
    finished_at: datetime | None
    error: str | None
    row: strawberry.Private[OperationRow]
    known_reverting: strawberry.Private[Any] = None

    @resolver(load=load_reverting)
    def reverted_by(self) -> Operation | None:
        """The operation that undoes this one (R20)."""
        found: Operation | None = self.known_reverting
        return found


@strawberry.type
class OperationEdge:
    """An operation and its place in the order."""

    cursor: str
    node: Operation


@strawberry.type
class OperationConnection:
    """A page of operations, newest first."""

    nodes: list[Operation]
    page_info: PageInfo

    @resolver()
    def edges(self) -> list[OperationEdge]:
        """The operations with their cursors."""
        return [OperationEdge(cursor=write_cursor(one.row.id), node=one) for one in self.nodes]


@strawberry.type
class OperationQueries:
    """Watching long jobs."""

    @resolver(scope=READ)
    async def operation(self, info: Info, id: strawberry.ID) -> Operation | None:
        """The operation of an id."""
        row = await operations.get(argument_id(id, "Operation", "id"))
        return operation_of(row) if row else None

    @resolver(scope=READ)
    async def operations(
        self,
        info: Info,
        kinds: list[OperationKind] | None = None,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> OperationConnection:
        """All of them, or those of some kinds, newest first."""
        asked = window(first, after, last, before)
        rows = await operations.page(kinds, span_of(asked, newest_first=True))
        shown, page_info = cut(rows, asked)
        return OperationConnection(nodes=[operation_of(row) for row in shown], page_info=page_info)


async def read_operations(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """Operations by number, for `node`."""
    return {number: operation_of(row) for number, row in (await operations.get_many(numbers)).items()}


def operation_of(row: OperationRow) -> Operation:
    """Show an operation."""
    number = global_id("Operation", row.id)
    url = f"{settings.current().public_url}/operations/{number}/refusals" if row.refusals else None
    return Operation(
        id=number,
        kind=row.kind,
        state=row.state,
        dry_run=row.dry_run,
        total=row.total,
        processed=row.processed,
        changed=row.changed,
        unchanged=row.unchanged,
        refused=row.refused,
        refusals=[RefusalCount(code=ErrorCode(code), count=n) for code, n in sorted(row.refusals.items())],
        refusals_url=url,
        actor=row.actor,
        explanation=row.explanation,
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
        row=row,
    )
