"""Enrolments: which contact, started by what, with which results."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.workflows import enrolments
from preference_center.workflows.enrolments import ActionResult, EnrolmentRow
from schema.catalog.types import SubscriptionType
from schema.catalog.view import catalog_view, ensure_type_keys
from schema.contract.enums import (
    ActionOutcome,
    Channel,
    EnrolmentState,
    ErrorCode,
    PreferenceStatus,
    Trigger,
)
from schema.contract.fields import loaded, restricted
from schema.contract.ids import Node, global_id
from schema.engine.context import Context

if TYPE_CHECKING:
    from schema.contacts.types import Contact
    from schema.ledger.events import ConsentEvent
    from schema.operations.types import Operation
    from schema.workflows.types import Workflow


@strawberry.type
class WorkflowActionResult:
    """What a workflow action did to one subscription type of one contact."""

    channel: Channel = strawberry.field(description="The channel that the action names.")
    subscription_type: SubscriptionType | None = strawberry.field(
        description="The subscription type that the action names; null if it is not known any more."
    )
    status: PreferenceStatus = strawberry.field(description="The status that the action sets.")
    outcome: ActionOutcome = strawberry.field(description="Whether the preference changed, and if not why.")
    code: ErrorCode | None = strawberry.field(description="Why the change was refused; null if it was not.")


@strawberry.type
class WorkflowEnrolment(Node):
    """The enrolment of one contact in a workflow. It stays as it is when the workflow is changed."""

    trigger: Trigger = strawberry.field(description="What enrolled the contact.")
    state: EnrolmentState = strawberry.field(description="How the enrolment ended.")
    reason: str | None = strawberry.field(
        description="Why the enrolment failed or was cut, in words; null if it is done."
    )
    enrolled_at: datetime = strawberry.field(description="When the contact was enrolled.")
    row: strawberry.Private[EnrolmentRow]
    contact: Annotated[Contact, strawberry.lazy("schema.contacts.types")] | None = loaded(
        "The contact that was enrolled; null once it was deleted."
    )
    workflow: Annotated[Workflow, strawberry.lazy("schema.workflows.types")] | None = loaded(
        "The workflow, as it is now; null once it was deleted."
    )
    operation: Annotated[Operation, strawberry.lazy("schema.operations.types")] | None = loaded(
        "The operation that enrolled the contact; null unless `enrollContacts` did."
    )
    results: list[WorkflowActionResult] = restricted(
        "One result for each subscription type of each action, in order. Empty if the actions did not run.",
        READ_CONSENT,
    )
    event: Annotated[ConsentEvent, strawberry.lazy("schema.ledger.events")] | None = loaded(
        "The change of a preference that started the workflow; null if something else did.",
        access=READ_CONSENT,
    )


async def ensure_catalog_has(context: Context, rows: Iterable[EnrolmentRow]) -> None:
    """Refresh the catalog if enrolments refer to types that another process has just created."""
    await ensure_type_keys(context, {result.type for row in rows for result in row.results})


def to_enrolment(row: EnrolmentRow, context: Context) -> WorkflowEnrolment:
    """Return an enrolment as the schema has it."""
    return WorkflowEnrolment(
        id=global_id("WorkflowEnrolment", row.id),
        trigger=row.trigger,
        state=row.state,
        reason=row.error,
        results=[_result(result, context) for result in row.results],
        enrolled_at=row.enrolled_at,
        row=row,
    )


def _result(result: ActionResult, context: Context) -> WorkflowActionResult:
    type_ = context.catalog.type_by_key(result.type)
    return WorkflowActionResult(
        channel=result.channel,
        subscription_type=catalog_view(context).type(type_) if type_ else None,
        status=result.status,
        outcome=result.outcome,
        code=ErrorCode(result.code) if result.code else None,
    )


async def read_enrolments(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the enrolments with these ids, in one statement."""
    rows = await enrolments.get_many(ids)
    await ensure_catalog_has(context, rows.values())
    return {enrolment_id: to_enrolment(row, context) for enrolment_id, row in rows.items()}
