"""Workflows as the schema has them, and the queries that read them."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import strawberry

from preference_center.access.scopes import READ_ENROLMENTS, READ_WORKFLOWS
from preference_center.rules import workflows as rules
from preference_center.storage.counting import Count
from preference_center.workflows import definitions, enrolments
from schema.catalog.types import SubscriptionType
from schema.catalog.view import catalog_view, ensure_type_keys
from schema.contacts.filter_shown import shown_filter
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments, connection, counted_alone
from schema.contract.enums import Channel, LegalBasis, PreferenceStatus, Trigger
from schema.contract.fields import loaded, query, resolver, restricted
from schema.contract.ids import Node, argument_id, global_id, ids_in_range
from schema.contract.scalars import JSON
from schema.engine.context import Context, Info
from schema.workflows.enrolments import WorkflowEnrolment, ensure_catalog_has, to_enrolment
from schema.workflows.problems import WorkflowProblem, load_problems


@strawberry.type
class WorkflowAction:
    """An action of a workflow: a status to set for some subscription types."""

    channel: Channel = strawberry.field(description="The channel to set the status on.")
    subscription_types: list[SubscriptionType] = strawberry.field(
        description="The subscription types to set the status for, archived ones too."
    )
    status: PreferenceStatus = strawberry.field(description="The status to set for each of them.")
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate that the change is recorded with; null if none was given."
    )
    explanation: str | None = strawberry.field(
        description="Why the change is made, as it is recorded; null if no explanation was given."
    )


@strawberry.type
class WhenPreference:
    """The change of a preference that starts a workflow."""

    subscription_type: SubscriptionType | None = strawberry.field(
        description="The subscription type whose status changes; null if it is not known any more."
    )
    channel: Channel | None = strawberry.field(
        description="The channel on which it changes; null for any channel."
    )
    status: PreferenceStatus = strawberry.field(description="The status that it changes to.")


@strawberry.type
class WorkflowCounts:
    """How the enrolments of a workflow ended. Each enrolment is counted once, for its strongest result."""

    enrolled: int = strawberry.field(description="The sum of `changed`, `unchanged`, `refused` and `failed`.")
    changed: int = strawberry.field(description="Enrolments in which at least one preference changed.")
    unchanged: int = strawberry.field(
        description="Enrolments in which every preference had the status already, or waits for confirmation."
    )
    refused: int = strawberry.field(
        description="Enrolments in which no preference changed, and a change was refused."
    )
    failed: int = strawberry.field(
        description="Enrolments for which the workflow could not run, for example because a"
        " subscription type is archived."
    )
    cut: int = strawberry.field(
        description="Contacts that were not enrolled, because five workflows had started one another before."
    )


async def load_enrolments(workflows: Sequence[Workflow], context: Context, **arguments: Any) -> None:
    """Load one page of each workflow's enrolments, in one statement."""
    page = PageArguments(**arguments)
    ids = [workflow.row.id for workflow in workflows]
    found = await enrolments.pages(ids, page.keyset_range(newest_first=True))
    await ensure_catalog_has(context, [row for rows in found.values() for row in rows])
    for workflow in workflows:
        rows = found[workflow.row.id]
        counting = counted_alone(partial(_count_enrolments, workflow))
        workflow.enrolment_pages[page] = connection(
            rows, page, lambda row: to_enrolment(row, context), counting
        )


async def _count_enrolments(workflow: Workflow) -> Count:
    """Return how many enrolments are recorded: the workflow's row has their number."""
    return Count(workflow.row.counts.enrolled + workflow.row.counts.cut)


@strawberry.type
class Workflow(Node):
    """A workflow enrols contacts when something happens, and sets preferences for each.

    It acts as the team would by hand, with the legal basis and explanation of its actions. It never opts in
    a recipient who is opted out.
    """

    name: str = strawberry.field(
        description="The name, unique among workflows. The ledger records it as the actor of changes."
    )
    enabled: bool = strawberry.field(description="Whether the workflow enrols contacts.")
    triggers: list[Trigger] = strawberry.field(description="What enrols a contact: at least one trigger.")
    when_property: str | None = strawberry.field(
        description="The property or field of the contact that has to change for"
        " `CONTACT_UPDATED`; null for any."
    )
    when_preference: WhenPreference | None = strawberry.field(
        description="The change that `PREFERENCE_CHANGED` is limited to; null for any change."
    )
    filter: JSON | None = restricted(
        "The filter that a contact has to fulfil when the workflow runs, written"
        " like the input `ContactFilter`; null for all contacts.",
        READ_WORKFLOWS,
    )
    actions: list[WorkflowAction] = strawberry.field(
        description="The statuses to set, in order: at most 20 actions."
    )
    reenroll: bool = strawberry.field(description="Whether a contact can be enrolled more than once.")
    enrolments: int = restricted(
        "How many times contacts were enrolled: the same as `counts.enrolled`.",
        READ_ENROLMENTS,
    )
    counts: WorkflowCounts | None = restricted("How the enrolments ended, in numbers.", READ_ENROLMENTS)
    created_at: datetime = strawberry.field(description="When the workflow was created.")
    updated_at: datetime = strawberry.field(
        description="When the definition of the workflow was last changed."
    )
    row: strawberry.Private[rules.Workflow]
    problems: list[WorkflowProblem] = loaded(
        "What stops it, or one of its actions, when it runs: a type that was archived or is not offered on"
        " the channel any more, a legal basis that is needed by now, a missing sender number. Empty if"
        " nothing does.",
        load=load_problems,
    )
    enrolment_pages: strawberry.Private[dict[PageArguments, Connection[WorkflowEnrolment]]]

    @resolver(access=READ_ENROLMENTS, load=load_enrolments)
    @group_arguments(page=PageArguments)
    def enrolment_records(self, page: PageArguments) -> Connection[WorkflowEnrolment]:
        """The enrolments in the workflow, newest first."""
        return self.enrolment_pages[page]


@strawberry.type
class WorkflowQueries:
    """Queries of workflows."""

    @query(access=READ_WORKFLOWS)
    async def workflow(
        self,
        info: Info,
        id: Annotated[
            strawberry.ID, strawberry.argument(description="The id of the workflow, as `workflows` gives it.")
        ],
    ) -> Workflow | None:
        """The workflow with an id; null if there is none."""
        workflow_ids = ids_in_range("Workflow", [argument_id(id, "Workflow", "id")])
        rows = await definitions.get_many(workflow_ids)
        found = await to_workflows(rows.values(), info.context)
        return found[0] if found else None

    @query(access=READ_WORKFLOWS)
    async def workflows(self, info: Info) -> list[Workflow]:
        """All workflows, in the order of their creation, disabled ones too."""
        return await to_workflows(await definitions.list_all(), info.context)


async def to_workflows(rows: Iterable[rules.Workflow], context: Context) -> list[Workflow]:
    """Return workflows as the schema has them, in their order."""
    found = list(rows)
    keys = {key for row in found for action in row.actions for key in action.types}
    keys |= {row.when_preference.type for row in found if row.when_preference is not None}
    await ensure_type_keys(context, keys)
    return [_workflow(row, context) for row in found]


def _workflow(row: rules.Workflow, context: Context) -> Workflow:
    stored_filter: Any = shown_filter(row.filter) if row.filter is not None else None
    return Workflow(
        id=global_id("Workflow", row.id),
        name=row.name,
        enabled=row.enabled,
        triggers=[trigger for trigger in Trigger if trigger in row.triggers],
        when_property=row.when_property,
        when_preference=_when_preference(row.when_preference, context) if row.when_preference else None,
        filter=stored_filter,
        actions=[_action(action, context) for action in row.actions],
        reenroll=row.reenroll,
        enrolments=row.counts.enrolled,
        counts=_counts(row.counts),
        created_at=row.created_at,
        updated_at=row.updated_at,
        row=row,
        enrolment_pages={},
    )


def _counts(counts: rules.Counts) -> WorkflowCounts:
    return WorkflowCounts(
        enrolled=counts.enrolled,
        changed=counts.changed,
        unchanged=counts.unchanged,
        refused=counts.refused,
        failed=counts.failed,
        cut=counts.cut,
    )


def _when_preference(when: rules.WhenPreference, context: Context) -> WhenPreference:
    type_ = context.catalog.type_by_key(when.type)
    return WhenPreference(
        subscription_type=catalog_view(context).type(type_) if type_ else None,
        channel=when.channel,
        status=when.status,
    )


def _action(action: rules.Action, context: Context) -> WorkflowAction:
    types = map(context.catalog.type_by_key, action.types)
    return WorkflowAction(
        channel=action.channel,
        subscription_types=[catalog_view(context).type(type_) for type_ in types if type_ is not None],
        status=action.status,
        legal_basis=action.legal_basis,
        explanation=action.explanation,
    )


async def read_workflows(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the workflows with these ids, in one statement."""
    rows = await definitions.get_many(ids_in_range("Workflow", ids))
    return dict(zip(rows, await to_workflows(rows.values(), context), strict=True))
