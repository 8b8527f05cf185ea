"""Making and changing workflows, and enrolling by hand."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.errors import ErrorCode, Invalid
from preference_center.workflows import definitions as workflows
from preference_center.workflows import enrolments
from preference_center.workflows.definitions import Action
from preference_center.workflows.definitions import WhenPreference as PlainWhen
from schema.contacts.filter import ContactFilter, check_scope, plain_filter
from schema.contract.ids import number_of
from schema.contract.scalars import Channel, Key, LegalBasis, PreferenceStatus, Trigger
from schema.contract.user_errors import UserError, answering
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver
from schema.operations.mutations import ContactSelection, OperationPayload, plain_selection
from schema.operations.types import operation_of
from schema.workflows.types import Workflow, workflows_of

WRITE = "workflows:write"
_LARGEST_ID = 2**31 - 1


@strawberry.input
class WorkflowActionInput:
    """A status to set, on the grounds that the team would give by hand (R6, R13)."""

    channel: Channel = Channel.EMAIL
    subscription_types: list[Key]
    status: PreferenceStatus
    legal_basis: LegalBasis | None
    explanation: str | None


@strawberry.input
class WhenPreferenceInput:
    """What a preference has to become."""

    subscription_type: Key
    channel: Channel | None = strawberry.field(description="Left out: any channel.")
    status: PreferenceStatus


_PROPERTY = (
    "CONTACT_UPDATED enrols only where this property changed, or this of the contact's own fields: email,"
    " phone, firstName, lastName, locale, processingBasis."
)
_PREFERENCE = "PREFERENCE_CHANGED enrols only where a preference became this."


@strawberry.input
class CreateWorkflowInput:
    """A workflow to make. Nothing of what was before sets it off; `enrollContacts` is for that."""

    name: str
    triggers: list[Trigger]
    when_property: str | None = strawberry.field(description=_PROPERTY)
    when_preference: WhenPreferenceInput | None = strawberry.field(description=_PREFERENCE)
    filter: ContactFilter | None = strawberry.field(
        description="Who may be enrolled: looked at when the workflow runs. Left out: everybody."
    )
    actions: list[WorkflowActionInput]
    reenroll: bool | None = False
    enabled: bool | None = True


@strawberry.input
class UpdateWorkflowInput:
    """What to change of a workflow: what is not given stays, null clears what may be without."""

    id: strawberry.ID
    name: str | None = strawberry.UNSET
    triggers: list[Trigger] | None = strawberry.UNSET
    when_property: str | None = strawberry.field(default=strawberry.UNSET, description=_PROPERTY)
    when_preference: WhenPreferenceInput | None = strawberry.field(
        default=strawberry.UNSET, description=_PREFERENCE
    )
    filter: ContactFilter | None = strawberry.UNSET
    actions: list[WorkflowActionInput] | None = strawberry.UNSET
    reenroll: bool | None = strawberry.UNSET
    enabled: bool | None = strawberry.UNSET


@strawberry.input
class DeleteWorkflowInput:
    """A disabled workflow to delete, with the records of its enrolments; the preferences stay as they are."""

    id: strawberry.ID


@strawberry.input
class EnrollContactsInput:
    """Contacts to enrol by hand: those of them that the workflow's own filter lets through."""

    workflow: strawberry.ID
    contacts: ContactSelection
    dry_run: bool = False
    idempotency_key: str | None = strawberry.field(
        description="The same key with the same input answers with the same operation."
    )


@strawberry.type
class WorkflowPayload:
    """The workflow as it is now."""

    workflow: Workflow | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DeleteWorkflowPayload:
    """The id of what is gone."""

    deleted_id: strawberry.ID | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class WorkflowMutations:
    """Making and changing workflows, and enrolling by hand."""

    @resolver(scope=WRITE)
    @answering(WorkflowPayload)
    async def create_workflow(self, info: Info, input: CreateWorkflowInput) -> WorkflowPayload:
        """Make a workflow, checked as the door will check its actions (R6, R13)."""
        given = _given(input, info.context)
        defaults = {name: value for name, value in given.items() if value is not None}
        return await _payload(await workflows.create(**defaults), info.context)

    @resolver(scope=WRITE)
    @answering(WorkflowPayload)
    async def update_workflow(self, info: Info, input: UpdateWorkflowInput) -> WorkflowPayload:
        """Change a workflow, enable or disable it. What waits to be run runs as the workflow is then."""
        number = _number(input.id, "id")
        row = await workflows.update(number, **_given(input, info.context))
        return await _payload(row, info.context)

    @resolver(scope=WRITE)
    @answering(DeleteWorkflowPayload)
    async def delete_workflow(self, info: Info, input: DeleteWorkflowInput) -> DeleteWorkflowPayload:
        """Delete a workflow that is disabled, with the records of its enrolments."""
        await workflows.delete(_number(input.id, "id"))
        return DeleteWorkflowPayload(deleted_id=input.id)

    @resolver(scope=WRITE)
    @answering(OperationPayload)
    async def enroll_contacts(self, info: Info, input: EnrollContactsInput) -> OperationPayload:
        """Enrol contacts in an enabled workflow, whatever its triggers; each as an event would (R10, R14)."""
        row = await enrolments.ask(
            _number(input.workflow, "workflow"),
            plain_selection(input.contacts, info.context),
            info.context.actor,
            dry_run=input.dry_run,
            idempotency_key=input.idempotency_key,
        )
        return OperationPayload(operation=operation_of(row))


async def _payload(row: workflows.Workflow, context: Context) -> WorkflowPayload:
    return WorkflowPayload(workflow=(await workflows_of([row], context))[0])


def _number(text: str, *names: str) -> int:
    number = number_of(text, "Workflow")
    if number is None or number > _LARGEST_ID:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such workflow.", *names)
    return number


def _given(input: CreateWorkflowInput | UpdateWorkflowInput, context: Context) -> dict[str, Any]:
    """What the input says, in the words of `workflows`; null where it says so."""
    given = {
        name: value for name, value in vars(input).items() if value is not strawberry.UNSET and name != "id"
    }
    if given.get("filter") is not None:
        check_scope(given["filter"], context)
        given["filter"] = plain_filter(given["filter"], context)
    if given.get("when_preference") is not None:
        when: WhenPreferenceInput = given["when_preference"]
        given["when_preference"] = PlainWhen(when.subscription_type, when.channel, when.status)
    if given.get("actions") is not None:
        given["actions"] = [_action(action) for action in given["actions"]]
    return given


def _action(given: WorkflowActionInput) -> Action:
    keys = tuple(given.subscription_types)
    return Action(given.channel, keys, given.status, given.legal_basis, given.explanation)
