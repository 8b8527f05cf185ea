"""Operations as the schema has them, and the queries that read them."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import TYPE_CHECKING, Annotated, Any, TypeVar

import strawberry

from preference_center.access.scopes import READ_CONTACTS, READ_OPERATIONS, READ_WORKFLOWS, Access
from preference_center.operations import operations
from preference_center.operations.operations import OperationFilter, OperationRow
from preference_center.operations.visibility import access_to_progress, access_to_results, refusals_shown
from schema.catalog.view import ensure_type_keys
from schema.contract.actions import ActionState
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments, connection, counted_alone
from schema.contract.enums import ErrorCode, OperationKind, OperationState
from schema.contract.fields import loaded, query, resolver
from schema.contract.ids import Node, argument_id, global_id
from schema.engine.context import Context, Info
from schema.ledger.actors import Actor, load_actors
from schema.operations.actions import cancellation_of, reversal_of
from schema.operations.changes import (
    OperationChange,
    OperationSelection,
    change_of,
    selection_of,
    type_keys_of,
)
from schema.operations.downloads import refusals_url
from schema.operations.refusals import PageKey, RefusedItem, load_refused_items, refused_items

if TYPE_CHECKING:
    from schema.workflows.types import Workflow

Count = TypeVar("Count", int, int | None)


@strawberry.type
class RefusalCount:
    """How many changes of an operation were refused for one reason."""

    code: ErrorCode = strawberry.field(description="The reason for the refusals.")
    count: int = strawberry.field(description="How many changes were refused for this reason.")


@strawberry.type
class ImportedColumn:
    """A column of an imported file that was used, and what for."""

    name: str = strawberry.field(description="The name of the column in the first line of the file.")
    used_as: str = strawberry.field(
        name="as",
        description="What the column was read as, for example `email`, `opt_in:TYPE:EMAIL`,"
        " `opt_out:all` or `property:NAME`.",
    )


@strawberry.type
class ImportedColumns:
    """How the columns of an imported file were read."""

    used: list[ImportedColumn] = strawberry.field(description="The columns that were used, and as what.")
    ignored: list[str] = strawberry.field(
        description="The names of the columns that were not used, in the order of the file."
    )


async def load_change(operations: Sequence[Operation], context: Context) -> None:
    """Refresh the catalog if operations set types that another process has just created."""
    await ensure_type_keys(context, {key for each in operations for key in type_keys_of(each.row)})


@strawberry.type
class Operation(Node):
    """A long job, such as a bulk update or an import.

    If the process that runs it crashes, it resumes where it stopped, and does nothing twice. The results of a
    dry run need the scope `preferences:read`, and if it imports or enrols contacts `contacts:read` too.
    """

    kind: OperationKind = strawberry.field(description="What the operation does.")
    state: OperationState = strawberry.field(description="How far the operation is.")
    dry_run: bool = strawberry.field(
        description="Whether it only counts what it would change, and changes nothing."
    )
    columns: ImportedColumns | None = strawberry.field(
        description="How the columns of an imported file were read; null for other operations."
    )
    refusals: list[RefusalCount] = strawberry.field(
        description="The reasons for refusals, with their counts. Reasons that tell what somebody chose are"
        " listed for tokens with the scope `preferences:read`."
    )
    actor: str = strawberry.field(
        description="Who started it: the name of a token, or the command line; with the end user it"
        " acted for, such as `shop for jane@example.com`."
    )
    explanation: str | None = strawberry.field(
        description="Why it was started, in the team's words; null if no explanation was given, or"
        " once it was erased."
    )
    created_at: datetime = strawberry.field(description="When the operation was queued.")
    finished_at: datetime | None = strawberry.field(
        description="When it was completed, failed or was cancelled; null until then."
    )
    error: str | None = strawberry.field(description="Why it failed, in words; null if it did not.")
    row: strawberry.Private[OperationRow]
    context: strawberry.Private[Context]
    refusal_pages: strawberry.Private[dict[PageKey, Connection[RefusedItem]]]
    actor_details: Actor = loaded(
        "Who started it, in parts: what kind of actor it is, its name, and the end user it acted for.",
        load=load_actors,
    )
    reverted_by: Operation | None = loaded("The operation that undoes this one; null if none does.")
    reverts: Operation | None = loaded("The operation that this one undoes; null unless it is a `REVERSAL`.")
    workflow: Annotated[Workflow, strawberry.lazy("schema.workflows.types")] | None = loaded(
        "The workflow that contacts are enrolled in; null unless it is a `WORKFLOW_ENROLMENT`, and once the"
        " workflow was deleted.",
        access=READ_WORKFLOWS,
    )

    @resolver(load=load_change)
    def change(self) -> OperationChange | None:
        """What it sets. Null for a `REVERSAL`, which sets what was before the operation that it `reverts`,
        and for a `WORKFLOW_ENROLMENT`, whose `workflow` says what it sets.
        """
        return change_of(self.row, self.context)

    @resolver(access=READ_CONTACTS)
    def selection(self) -> OperationSelection | None:
        """The contacts that it works on. Null for imports and reversals, and for operations that were started
        before Sayso kept a description.
        """
        return selection_of(self.row)

    @resolver(load=load_refused_items)
    @group_arguments(page=PageArguments)
    def refused_items(
        self,
        page: PageArguments,
        codes: Annotated[
            list[ErrorCode] | None,
            strawberry.argument(description="Only refusals for these reasons. Left out: for every reason."),
        ] = None,
    ) -> Connection[RefusedItem]:
        """Each refusal with its reason, in the order they were found. It grows while the operation runs.

        Refusals for reasons that tell what somebody chose are listed for tokens with the scope
        `preferences:read`, as in `refusals`.
        """
        return refused_items(self, page, codes)

    @resolver()
    def refusals_url(self) -> str | None:
        """The URL of a CSV file with each refusal and its reason; null if `refusals` is empty.

        A browser can open it without a token, for an hour: it is signed, and shows what this token may read.
        With `&format=ndjson` the file has a JSON object for each refusal.
        """
        return refusals_url(self.row, self.context)

    @resolver()
    def cancellable(self) -> ActionState:
        """Whether the token that asks may cancel it with `cancelOperation`, and why not."""
        return cancellation_of(self.row, self.context)

    @resolver()
    def revertible(self) -> ActionState:
        """Whether the token that asks may undo it with `revertOperation`, which needs an explanation."""
        return reversal_of(self.row, self.context)

    @resolver(guarded=True)
    def total(self) -> int | None:
        """How many contacts, rows or events it has to process; null until it starts."""
        return self._readable(self.row.total, access_to_progress(self.row))

    @resolver(guarded=True)
    def processed(self) -> int:
        """How many of `total` it has processed. It grows while the operation is running."""
        return self._readable(self.row.processed, access_to_progress(self.row))

    @resolver(guarded=True)
    def changed(self) -> int:
        """How many of the processed ones it changed, or would change if this is a dry run."""
        return self._readable(self.row.changed, access_to_results(self.row))

    @resolver(guarded=True)
    def unchanged(self) -> int:
        """How many of the processed ones needed no change."""
        return self._readable(self.row.unchanged, access_to_results(self.row))

    @resolver(guarded=True)
    def refused(self) -> int:
        """How many of the processed ones it could not change: see `refusals`."""
        return self._readable(self.row.refused, access_to_results(self.row))

    @resolver(guarded=True)
    def opted_out(self) -> int:
        """How many rows of an imported file say no, whether or not that changed anything. 0 for other
        operations.
        """
        return self._readable(self.row.opted_out, access_to_results(self.row))

    def _readable(self, count: Count, access: Access | None) -> Count:
        """Return a count. Raises Forbidden if it needs more than reading the operation."""
        if access is not None:
            self.context.require(access)
        return count


@strawberry.type
class OperationQueries:
    """Queries of operations."""

    @query(access=READ_OPERATIONS)
    async def operation(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The id that the mutation or the import returned.")
        ],
    ) -> Operation | None:
        """The operation with an id; null if there is none. Ask again to follow its progress."""
        row = await operations.get(argument_id(id, "Operation", "id"))
        return to_operation(row, info.context) if row else None

    @query(access=READ_OPERATIONS)
    @group_arguments(page=PageArguments)
    async def operations(
        self,
        info: Info,
        page: PageArguments,
        kinds: Annotated[
            list[OperationKind] | None,
            strawberry.argument(description="Only operations of these kinds. Left out: of all kinds."),
        ] = None,
        states: Annotated[
            list[OperationState] | None,
            strawberry.argument(description="Only operations in these states. Left out: in all states."),
        ] = None,
    ) -> Connection[Operation]:
        """The operations that were started, newest first. Imports from the command line are among them."""
        wanted = OperationFilter(kinds, states)
        rows = await operations.page(wanted, page.keyset_range(newest_first=True))
        counting = counted_alone(lambda: operations.count(wanted))
        return connection(rows, page, partial(to_operation, context=info.context), counting)


def to_operation(row: OperationRow, context: Context) -> Operation:
    """Return an operation as the schema has it."""
    operation_id = global_id("Operation", row.id)
    refusals = refusals_shown(row, context.scopes)
    return Operation(
        id=operation_id,
        kind=row.kind,
        state=row.state,
        dry_run=row.dry_run,
        columns=_columns(row.parameters.get("columns")),
        refusals=[RefusalCount(code=code, count=count) for code, count in refusals.items()],
        actor=row.actor,
        explanation=row.explanation,
        created_at=row.created_at,
        finished_at=row.finished_at,
        error=row.error,
        row=row,
        context=context,
        refusal_pages={},
    )


def _columns(stored: dict[str, Any] | None) -> ImportedColumns | None:
    if stored is None:
        return None
    used = [ImportedColumn(name=column["name"], used_as=column["as"]) for column in stored["used"]]
    return ImportedColumns(used=used, ignored=stored["ignored"])


async def read_operations(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the operations with these ids, in one statement."""
    rows = await operations.get_many(ids)
    return {operation_id: to_operation(row, context) for operation_id, row in rows.items()}
