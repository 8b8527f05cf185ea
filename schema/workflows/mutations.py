"""Mutations of workflows, and enrolment by hand."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.access.scopes import WRITE_WORKFLOWS
from preference_center.errors import Faults
from preference_center.operations.queue import check_idempotency_key
from preference_center.rules import workflows as rules
from preference_center.workflows import definitions, manual_enrolment
from preference_center.workflows.checks import check_triggers
from schema.contacts.filter import ContactFilter, check_access, parse_filter
from schema.contract.enums import Channel, LegalBasis, PreferenceStatus, Trigger
from schema.contract.fields import mutation
from schema.contract.ids import input_id
from schema.contract.inputs import written_values
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Context, Info
from schema.operations.mutations import DRY_RUN, IDEMPOTENCY_KEY, OperationPayload
from schema.operations.selection import ContactSelection, parse_selection
from schema.operations.types import to_operation
from schema.workflows.types import Workflow, to_workflows

_WHEN_PROPERTY = (
    "The property that has to change for `CONTACT_UPDATED`, or one of the contact's own"
    " fields: email, phone, firstName, lastName, locale, processingBasis. Left out or null: any."
)
_WHEN_PREFERENCE = "The change that `PREFERENCE_CHANGED` is limited to. Left out or null: any change."
_FILTER = (
    "Only contacts that this filter selects are enrolled. It is applied when the"
    " workflow runs. Left out or null: all contacts."
)
_REENROLL = "Whether a contact can be enrolled more than once."


@strawberry.input
class WorkflowActionInput:
    """A status to set, with the legal basis and explanation that the team would give by hand."""

    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel to set the status on."
    )
    subscription_types: list[Key] = strawberry.field(
        description="The keys of the subscription types to set the status for: 1 to 100. They are"
        " offered on the channel."
    )
    status: PreferenceStatus = strawberry.field(description="The status to set for each of them.")
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate. Opt-ins need it where a type's business"
        " unit has `dataPrivacy` on. Left out: none."
    )
    explanation: str | None = strawberry.field(
        description="Why the change is made, in the team's words: at most 2,000 characters. Opt-ins"
        " where `dataPrivacy` is on and `NOT_OPTED` need it. Left out: none."
    )


@strawberry.input
class WhenPreferenceInput:
    """The change of a preference that starts a workflow."""

    subscription_type: Key = strawberry.field(
        description="The key of the subscription type whose status changes, such as `weekly-digest`."
    )
    channel: Channel | None = strawberry.field(
        description="The channel on which it changes. Left out: any channel."
    )
    status: PreferenceStatus = strawberry.field(description="The status that it changes to.")


@strawberry.input
class CreateWorkflowInput:
    """A workflow to create, with what starts it and what it does."""

    name: str = strawberry.field(
        description="The name, unique among workflows: at most 200 characters. The ledger records it"
        " as the actor of changes."
    )
    triggers: list[Trigger] = strawberry.field(
        description="What enrols a contact: at least one trigger. `MANUAL` alone leaves it to"
        " `enrollContacts`."
    )
    when_property: str | None = strawberry.field(description=_WHEN_PROPERTY)
    when_preference: WhenPreferenceInput | None = strawberry.field(description=_WHEN_PREFERENCE)
    filter: ContactFilter | None = strawberry.field(description=_FILTER)
    actions: list[WorkflowActionInput] = strawberry.field(
        description="The statuses to set, in order: 1 to 20 actions."
    )
    reenroll: bool | None = strawberry.field(default=False, description=_REENROLL)
    enabled: bool | None = strawberry.field(
        default=True, description="Whether the workflow enrols contacts at once."
    )


@strawberry.input
class UpdateWorkflowInput:
    """Changes to a workflow. Fields that are left out stay as they are; null clears a condition."""

    id: strawberry.ID = strawberry.field(
        description="The id of the workflow to change, as `workflows` gives it."
    )
    name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The name, unique among workflows: at most 200 characters."
    )
    triggers: list[Trigger] | None = strawberry.field(
        default=strawberry.UNSET, description="What enrols a contact: at least one trigger."
    )
    when_property: str | None = strawberry.field(default=strawberry.UNSET, description=_WHEN_PROPERTY)
    when_preference: WhenPreferenceInput | None = strawberry.field(
        default=strawberry.UNSET, description=_WHEN_PREFERENCE
    )
    filter: ContactFilter | None = strawberry.field(default=strawberry.UNSET, description=_FILTER)
    actions: list[WorkflowActionInput] | None = strawberry.field(
        default=strawberry.UNSET,
        description="The statuses to set, in order: 1 to 20 actions. They replace those that the"
        " workflow has.",
    )
    reenroll: bool | None = strawberry.field(default=strawberry.UNSET, description=_REENROLL)
    enabled: bool | None = strawberry.field(
        default=strawberry.UNSET, description="Whether the workflow enrols contacts."
    )


@strawberry.input
class DeleteWorkflowInput:
    """A workflow to delete, by its id."""

    id: strawberry.ID = strawberry.field(description="The id of the workflow. It must be disabled.")


@strawberry.input
class EnrollContactsInput:
    """Contacts to enrol in a workflow, and how."""

    workflow: strawberry.ID = strawberry.field(description="The id of an enabled workflow.")
    contacts: ContactSelection = strawberry.field(
        description="The contacts. Those that the workflow's filter does not select are skipped."
    )
    dry_run: bool = strawberry.field(default=False, description=DRY_RUN)
    idempotency_key: str | None = strawberry.field(description=IDEMPOTENCY_KEY)


@strawberry.type
class WorkflowPayload:
    """The workflow as a mutation left it, or why the input was refused."""

    workflow: Workflow | None = strawberry.field(
        default=None, description="The workflow after the change; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class DeleteWorkflowPayload:
    """Which workflow was deleted, or why not."""

    deleted_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the deleted workflow, to remove it from a cache; null if the"
        " input was refused.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class WorkflowMutations:
    """Mutations of workflows."""

    @mutation(WorkflowPayload, access=WRITE_WORKFLOWS)
    async def create_workflow(self, info: Info, input: CreateWorkflowInput) -> WorkflowPayload:
        """Create a workflow. Only what happens from now on starts it; `enrollContacts` enrols others.

        Its actions are checked like the changes of `updatePreferences`.
        """
        with Faults() as faults:
            values = await _values(input, info.context, faults)
            if faults:
                conditions = (values.get("when_property"), values.get("when_preference"))
                faults.of(check_triggers, values["triggers"], *conditions)
        non_null = {name: value for name, value in values.items() if value is not None}
        return await _payload(await definitions.create(**non_null), info.context)

    @mutation(WorkflowPayload, access=WRITE_WORKFLOWS)
    async def update_workflow(self, info: Info, input: UpdateWorkflowInput) -> WorkflowPayload:
        """Change, enable or disable a workflow. Enrolments that wait run as the workflow is then."""
        with Faults() as faults:
            workflow_id = faults.of(input_id, input.id, "Workflow", "id")
            values = await _values(input, info.context, faults)
        row = await definitions.update(workflow_id, **values)
        return await _payload(row, info.context)

    @mutation(DeleteWorkflowPayload, access=WRITE_WORKFLOWS)
    async def delete_workflow(self, info: Info, input: DeleteWorkflowInput) -> DeleteWorkflowPayload:
        """Delete a disabled workflow with its enrolments. Preferences that it set stay as they are."""
        await definitions.delete(input_id(input.id, "Workflow", "id"))
        return DeleteWorkflowPayload(deleted_id=input.id)

    @mutation(OperationPayload, access=WRITE_WORKFLOWS)
    async def enroll_contacts(self, info: Info, input: EnrollContactsInput) -> OperationPayload:
        """Enrol contacts in an enabled workflow, in the background, whatever its triggers."""
        with Faults() as faults:
            workflow_id = faults.of(input_id, input.workflow, "Workflow", "workflow")
            selection = faults.of(parse_selection, input.contacts, info.context)
            faults.of(check_idempotency_key, input.idempotency_key)
            if faults and workflow_id is not None:
                await faults.awaited(manual_enrolment.enabled_workflow(workflow_id))
        row = await manual_enrolment.enqueue(
            workflow_id,
            selection,
            info.context.actor,
            dry_run=input.dry_run,
            idempotency_key=input.idempotency_key,
        )
        return OperationPayload(operation=to_operation(row, info.context))


async def _payload(row: rules.Workflow, context: Context) -> WorkflowPayload:
    return WorkflowPayload(workflow=(await to_workflows([row], context))[0])


async def _values(
    input: CreateWorkflowInput | UpdateWorkflowInput, context: Context, faults: Faults
) -> dict[str, Any]:
    """Return the fields that the caller wrote, as the use case takes them.

    The use case checks them. If it is not asked, because there are faults already, its faults are added.
    """
    values = written_values(input, without="id")
    if values.get("filter") is not None:
        check_access(values["filter"], context, "input", "filter")
        values["filter"] = faults.of(parse_filter, values["filter"], context)
    when: WhenPreferenceInput | None = values.get("when_preference")
    if when is not None:
        values["when_preference"] = rules.WhenPreference(when.subscription_type, when.channel, when.status)
    if values.get("actions") is not None:
        values["actions"] = [_action(action) for action in values["actions"]]
    if faults:
        await faults.awaited(definitions.check_fields(values))
    return values


def _action(input: WorkflowActionInput) -> rules.Action:
    types = tuple(input.subscription_types)
    return rules.Action(input.channel, types, input.status, input.legal_basis, input.explanation)
