"""Workflows as the schema shows them, and asking for them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any

import strawberry

from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrolments
from preference_center.workflows.definitions import Action
from preference_center.workflows.definitions import WhenPreference as PlainWhen
from preference_center.workflows.definitions import Workflow as Row
from schema.catalog.types import SubscriptionType
from schema.contacts.filter_shown import shown_filter
from schema.contract.connections import span_of, window
from schema.contract.ids import Node, argument_id, global_id
from schema.contract.scalars import JSON, Channel, LegalBasis, PreferenceStatus, Trigger
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver
from schema.ledger.events import Asked, asked_for
from schema.workflows.enrolments import WorkflowEnrolmentConnection, connection, know_types

READ = "contacts:read"
_LARGEST_ID = 2**31 - 1


@strawberry.type
class WorkflowAction:
    """A status that a workflow sets."""

    channel: Channel
    subscription_types: list[SubscriptionType]
    status: PreferenceStatus
    legal_basis: LegalBasis | None
    explanation: str | None


@strawberry.type
class WhenPreference:
    """What a preference has to become to set a workflow off."""

    subscription_type: SubscriptionType | None
    channel: Channel | None = strawberry.field(description="Null: any channel.")
    status: PreferenceStatus


@strawberry.type(
    description="What became of a workflow's enrolments: `enrolled` is the sum of `changed`, `unchanged`,"
    " `refused` and `failed`."
)
class WorkflowCounts:
    """Counts of enrolments; one is counted where the most came of it."""

    enrolled: int
    changed: int = strawberry.field(description="At least one preference was changed.")
    unchanged: int = strawberry.field(description="All was so already, or waits for confirmation.")
    refused: int = strawberry.field(description="Nothing was changed, and something was refused.")
    failed: int = strawberry.field(description="The workflow itself was broken: a type archived, say.")
    cut: int = strawberry.field(description="Not enrolled: too many workflows had set off one another.")


async def load_enrolments(found: Sequence[Workflow], context: Context, **asked: Any) -> None:
    """Read one page of each workflow's enrolments together."""
    key = asked_for(**asked)
    wanted = window(*key)
    pages = await enrolments.pages([one.row.id for one in found], span_of(wanted, newest_first=True))
    await know_types(context, [row for rows in pages.values() for row in rows])
    for one in found:
        one.pages[key] = connection(pages[one.row.id], wanted, context)


@strawberry.type(
    description="Enrols contacts by what happens to them, and then does its actions for each, as a team would"
    " by hand: an opt-out that a person made stays (R10)."
)
class Workflow(Node):
    """One workflow. Contacts that its filter does not let through are never enrolled."""

    name: str
    enabled: bool
    triggers: list[Trigger]
    when_property: str | None = strawberry.field(
        description="CONTACT_UPDATED enrols only where this property changed."
    )
    when_preference: WhenPreference | None = strawberry.field(
        description="PREFERENCE_CHANGED enrols only where a preference became this."
    )
    filter: JSON | None = strawberry.field(description="As in the input ContactFilter; null: everybody.")
    actions: list[WorkflowAction]
    reenroll: bool = strawberry.field(description="Whether a contact is enrolled more than once.")
    enrolments: int = strawberry.field(description="How many there have been.")
    counts: WorkflowCounts
    created_at: datetime
    updated_at: datetime
    row: strawberry.Private[Row]
    pages: strawberry.Private[dict[Asked, WorkflowEnrolmentConnection]]

    @resolver(scope=READ, load=load_enrolments, description="Newest first.")
    def enrolment_records(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> WorkflowEnrolmentConnection:
        """Whom it enrolled, and what came of each."""
        return self.pages[asked_for(first, after, last, before)]


@strawberry.type
class WorkflowQueries:
    """Reading workflows."""

    @resolver(scope=READ)
    async def workflow(self, info: Info, id: strawberry.ID) -> Workflow | None:
        """The workflow of an id."""
        number = argument_id(id, "Workflow", "id")
        found: Any = (await read_workflows(info.context, [number])).get(number)
        return found  # type: ignore[no-any-return]

    @resolver(scope=READ)
    async def workflows(self, info: Info) -> list[Workflow]:
        """All of them, disabled ones too, oldest first."""
        return await workflows_of(await workflows.all_(), info.context)


async def read_workflows(context: Context, numbers: Sequence[int]) -> dict[int, Node]:
    """Workflows by the numbers in their ids, in one statement."""
    rows = await workflows.get_many([number for number in numbers if number <= _LARGEST_ID])
    return dict(zip(rows, await workflows_of(rows.values(), context), strict=True))


async def workflows_of(rows: Iterable[Row], context: Context) -> list[Workflow]:
    """Show workflows in their order, also those of types that are new to this process."""
    found = list(rows)
    keys = {key for row in found for action in row.actions for key in action.types}
    keys |= {row.when_preference.type for row in found if row.when_preference is not None}
    if not all(map(context.catalog.type_by_key, keys)):
        await context.renew()
    return [_workflow(row, context) for row in found]


def _workflow(row: Row, context: Context) -> Workflow:
    said: Any = shown_filter(row.filter) if row.filter is not None else None
    counts = row.counts
    return Workflow(
        id=global_id("Workflow", row.id),
        name=row.name,
        enabled=row.enabled,
        triggers=[kind for kind in Trigger if kind in row.triggers],
        when_property=row.when_property,
        when_preference=_when(row.when_preference, context) if row.when_preference else None,
        filter=said,
        actions=[_action(action, context) for action in row.actions],
        reenroll=row.reenroll,
        enrolments=counts.enrolled,
        counts=WorkflowCounts(
            enrolled=counts.enrolled,
            changed=counts.changed,
            unchanged=counts.unchanged,
            refused=counts.refused,
            failed=counts.failed,
            cut=counts.cut,
        ),
        created_at=row.created_at,
        updated_at=row.updated_at,
        row=row,
        pages={},
    )


def _when(when: PlainWhen, context: Context) -> WhenPreference:
    kind = context.catalog.type_by_key(when.type)
    return WhenPreference(
        subscription_type=context.view.type(kind) if kind else None, channel=when.channel, status=when.status
    )


def _action(action: Action, context: Context) -> WorkflowAction:
    kinds = map(context.catalog.type_by_key, action.types)
    return WorkflowAction(
        channel=action.channel,
        subscription_types=[context.view.type(kind) for kind in kinds if kind is not None],
        status=action.status,
        legal_basis=action.legal_basis,
        explanation=action.explanation,
    )
