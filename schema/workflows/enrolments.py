"""Enrolments in workflows: whom, by what, and what came of each action."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from preference_center.contacts import contacts
from preference_center.history import events as history
from preference_center.operations import operations
from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrolments
from preference_center.workflows.enrolments import ActionResult, EnrolmentRow
from schema.catalog.types import SubscriptionType
from schema.contract.connections import PageInfo, Window, cut, write_cursor
from schema.contract.ids import Node, global_id
from schema.contract.scalars import (
    ActionOutcome,
    Channel,
    EnrolmentState,
    ErrorCode,
    PreferenceStatus,
    Trigger,
)
from schema.engine.context import Context
from schema.engine.resolver import resolver

if TYPE_CHECKING:
    from schema.contacts.types import Contact
    from schema.ledger.events import ConsentEvent
    from schema.operations.types import Operation
    from schema.workflows.types import Workflow

CONSENT = "preferences:read"


async def load_contacts(enrolments: Sequence[WorkflowEnrolment], context: Context, **_: object) -> None:
    """Read the contacts that were enrolled, in one statement."""
    from schema.contacts.types import contact_of

    numbers = {one.row.contact_id for one in enrolments if one.row.contact_id is not None}
    rows = await contacts.get_many(sorted(numbers))
    known = {number: contact_of(row, context) for number, row in rows.items()}
    for one in enrolments:
        one.known_contact = known.get(one.row.contact_id or 0)


async def load_workflows(enrolments: Sequence[WorkflowEnrolment], context: Context, **_: object) -> None:
    """Read the workflows, in one statement."""
    from schema.workflows.types import workflows_of

    rows = await workflows.get_many(sorted({one.row.workflow_id for one in enrolments}))
    known = dict(zip(rows, await workflows_of(rows.values(), context), strict=True))
    for one in enrolments:
        one.known_workflow = known.get(one.row.workflow_id)


async def load_operations(enrolments: Sequence[WorkflowEnrolment], context: Context, **_: object) -> None:
    """Read the operations that enrolled, in one statement."""
    from schema.operations.types import operation_of

    numbers = {one.row.operation_id for one in enrolments if one.row.operation_id is not None}
    rows = await operations.get_many(sorted(numbers))
    for one in enrolments:
        row = rows.get(one.row.operation_id or 0)
        one.known_operation = operation_of(row) if row else None


async def load_events(enrolments: Sequence[WorkflowEnrolment], context: Context, **_: object) -> None:
    """Read the events of the ledger that set the workflows off, in one statement."""
    from schema.ledger.events import event_of, know_catalog

    numbers = {one.row.event_id for one in enrolments if one.row.event_id is not None}
    rows = await history.get_many(sorted(numbers))
    await know_catalog(context, list(rows.values()))
    for one in enrolments:
        row = rows.get(one.row.event_id or 0)
        one.known_event = event_of(row, context) if row else None


@strawberry.type
class WorkflowActionResult:
    """What an action did to one type."""

    channel: Channel
    subscription_type: SubscriptionType | None
    status: PreferenceStatus = strawberry.field(description="The status that was to be set.")
    outcome: ActionOutcome
    code: ErrorCode | None = strawberry.field(description="Why it was refused.")


@strawberry.type(
    description="One contact's way through a workflow. What it says stays when the workflow is edited."
)
class WorkflowEnrolment(Node):
    """One enrolment."""

    trigger: Trigger = strawberry.field(description="What set the workflow off; MANUAL: an operation did.")
    state: EnrolmentState
    reason: str | None = strawberry.field(description="Why it failed, or was cut.")
    enrolled_at: datetime
    row: strawberry.Private[EnrolmentRow]
    tried: strawberry.Private[list[WorkflowActionResult]]
    known_contact: strawberry.Private[Any] = None
    known_workflow: strawberry.Private[Any] = None
    known_operation: strawberry.Private[Any] = None
    known_event: strawberry.Private[Any] = None

    @resolver(load=load_contacts)
    def contact(self) -> Annotated[Contact, strawberry.lazy("schema.contacts.types")] | None:
        """Who was enrolled; null where the contact was deleted since."""
        found: Contact | None = self.known_contact
        return found

    @resolver(load=load_workflows)
    def workflow(self) -> Annotated[Workflow, strawberry.lazy("schema.workflows.types")] | None:
        """What the contact was enrolled in, as it is now."""
        found: Workflow | None = self.known_workflow
        return found

    @resolver(load=load_operations)
    def operation(self) -> Annotated[Operation, strawberry.lazy("schema.operations.types")] | None:
        """The operation that enrolled the contact, where one did."""
        found: Operation | None = self.known_operation
        return found

    @resolver(scope=CONSENT)
    def results(self) -> list[WorkflowActionResult]:
        """One for each type of each action, in order; none where nothing was tried."""
        return self.tried

    @resolver(scope=CONSENT, load=load_events)
    def event(self) -> Annotated[ConsentEvent, strawberry.lazy("schema.ledger.events")] | None:
        """The change of a preference that set the workflow off, where one did."""
        found: ConsentEvent | None = self.known_event
        return found


@strawberry.type
class WorkflowEnrolmentEdge:
    """An enrolment and its place in the order."""

    cursor: str
    node: WorkflowEnrolment


@strawberry.type
class WorkflowEnrolmentConnection:
    """A page of enrolments, newest first."""

    nodes: list[WorkflowEnrolment]
    page_info: PageInfo

    @resolver()
    def edges(self) -> list[WorkflowEnrolmentEdge]:
        """The enrolments with their cursors."""
        return [WorkflowEnrolmentEdge(cursor=write_cursor(one.row.id), node=one) for one in self.nodes]


async def read_enrolments(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """Enrolments by the numbers in their ids, in one statement."""
    rows = await enrolments.get_many(numbers)
    await know_types(context, rows.values())
    return {number: enrolment_of(row, context) for number, row in rows.items()}


async def know_types(context: Context, rows: Any) -> None:
    """See to it that the context has the types that enrolments tell of."""
    keys = {result.type for row in rows for result in row.results}
    if not all(map(context.catalog.type_by_key, keys)):
        await context.renew()


def connection(rows: Sequence[EnrolmentRow], wanted: Window, context: Context) -> WorkflowEnrolmentConnection:
    """Make a page of rows that were read in the window's order."""
    page, info = cut(rows, wanted)
    return WorkflowEnrolmentConnection(nodes=[enrolment_of(row, context) for row in page], page_info=info)


def enrolment_of(row: EnrolmentRow, context: Context) -> WorkflowEnrolment:
    """Show an enrolment whose types this operation's catalogue has."""
    return WorkflowEnrolment(
        id=global_id("WorkflowEnrolment", row.id),
        trigger=row.trigger,
        state=row.state,
        reason=row.error,
        tried=[_result(one, context) for one in row.results],
        enrolled_at=row.enrolled_at,
        row=row,
    )


def _result(one: ActionResult, context: Context) -> WorkflowActionResult:
    kind = context.catalog.type_by_key(one.type)
    return WorkflowActionResult(
        channel=one.channel,
        subscription_type=context.view.type(kind) if kind else None,
        status=one.status,
        outcome=one.outcome,
        code=ErrorCode(one.code) if one.code else None,
    )
