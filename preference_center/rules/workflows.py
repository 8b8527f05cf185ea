"""What triggers a workflow, where chains of workflows end, and how an enrolment is counted (R10, R16)."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any

from preference_center.rules.decisions import Accepted, Decision, Pending, Refused, Superseded
from preference_center.rules.types import (
    ActionOutcome,
    Channel,
    DomainEnum,
    EnrolmentState,
    ErrorCode,
    LegalBasis,
    PreferenceStatus,
    Trigger,
)

MAX_CHAIN_LENGTH = 5
"""How many workflows may trigger one another; the next one in the chain enrols nobody."""


@dataclass(frozen=True, slots=True)
class Action:
    """Set a status of some types on a channel; `types` are keys."""

    channel: Channel
    types: tuple[str, ...]
    status: PreferenceStatus
    legal_basis: LegalBasis | None = None
    explanation: str | None = None


@dataclass(frozen=True, slots=True)
class WhenPreference:
    """Limits PREFERENCE_CHANGED to a status of a type (by key), on one channel or on any (`channel` None)."""

    type: str
    channel: Channel | None
    status: PreferenceStatus


@dataclass(frozen=True, slots=True)
class Counts:
    """The results of a workflow's enrolments: `enrolled` is the sum of the four that follow it."""

    enrolled: int = 0
    changed: int = 0
    unchanged: int = 0
    """Includes those that wait for confirmation."""
    refused: int = 0
    failed: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """A workflow as read from the database: its triggers, its filter and its actions."""

    id: int
    name: str
    enabled: bool
    triggers: frozenset[Trigger]
    filter: dict[str, Any] | None
    """A contact filter as JSON; None lets every contact through."""
    when_property: str | None
    """Limits CONTACT_UPDATED to changes of this property or field of the contact."""
    when_preference: WhenPreference | None
    actions: tuple[Action, ...]
    reenroll: bool
    counts: Counts
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WorkflowEvent:
    """An event that may trigger workflows. `path`: ids of the workflows that led to it, oldest first."""

    trigger: Trigger
    path: tuple[int, ...] = ()
    changed_properties: frozenset[str] = field(default_factory=frozenset)
    """CONTACT_UPDATED: the properties and fields of the contact that changed."""
    type_key: str | None = None
    """PREFERENCE_CHANGED: the key of the type, None for an opt-out of all or its removal."""
    channel: Channel | None = None
    status: PreferenceStatus | None = None
    """PREFERENCE_CHANGED: the new status, None if only its maker changed (R11)."""


class Reaction(DomainEnum):
    """What a workflow does about an event."""

    ENROL = "ENROL"
    CUT = "CUT"
    """The chain of workflows is too long: record that nobody was enrolled."""
    IGNORE = "IGNORE"


def reaction(workflow: Workflow, event: WorkflowEvent) -> Reaction:
    """Decide whether an event enrols its contacts, provided the workflow's filter lets them through.

    A workflow never enrols through a chain that it is already part of: loops end there.
    """
    if not matches(workflow, event) or workflow.id in event.path:
        return Reaction.IGNORE
    return Reaction.CUT if len(event.path) >= MAX_CHAIN_LENGTH else Reaction.ENROL


def matches(workflow: Workflow, event: WorkflowEvent) -> bool:
    """Return whether a workflow is enabled and waits for such an event, whatever led to it."""
    if not workflow.enabled or event.trigger not in workflow.triggers:
        return False
    if event.trigger is Trigger.CONTACT_UPDATED and workflow.when_property is not None:
        return workflow.when_property in event.changed_properties
    wanted = workflow.when_preference
    if event.trigger is Trigger.PREFERENCE_CHANGED and wanted is not None:
        return (
            event.type_key == wanted.type
            and event.status is wanted.status
            and wanted.channel in (None, event.channel)
        )
    return True


WORKFLOW_FAULTS = frozenset(
    code.value
    for code in (
        ErrorCode.NOT_FOUND,
        ErrorCode.TYPE_ARCHIVED,
        ErrorCode.CHANNEL_NOT_OFFERED,
        ErrorCode.LEGAL_BASIS_REQUIRED,
        ErrorCode.EXPLANATION_REQUIRED,
    )
)
"""Refusals that the workflow itself causes: the catalog has changed since the workflow was saved."""
Result = tuple[ActionOutcome, str | None]
"""What an action did, and the error code if it was refused."""


def result_of(decision: Decision) -> Result:
    """Convert a decision on a consent change to the result of an action."""
    if isinstance(decision, Accepted):
        return ActionOutcome.CHANGED, None
    if isinstance(decision, Pending):
        return ActionOutcome.PENDING, None
    if isinstance(decision, Refused):
        return ActionOutcome.REFUSED, decision.code.value
    if isinstance(decision, Superseded):
        return ActionOutcome.REFUSED, ErrorCode.SUPERSEDED.value
    return ActionOutcome.UNCHANGED, None


def state_of(results: Collection[Result]) -> tuple[EnrolmentState, str | None]:
    """Return the state of an enrolment. It fails with the first fault of the workflow itself."""
    faults = (
        code for outcome, code in results if outcome is ActionOutcome.REFUSED and code in WORKFLOW_FAULTS
    )
    fault = next(faults, None)
    return (EnrolmentState.FAILED, fault) if fault else (EnrolmentState.DONE, None)


def was_attempted(state: EnrolmentState, results: Collection[Result]) -> bool:
    """Return whether any action was attempted: only then is the contact not enrolled again by default.

    An enrolment that was cut, or whose every action failed by a fault of the workflow, does not count.
    """
    return state is EnrolmentState.DONE or any(code not in WORKFLOW_FAULTS for _, code in results)


def counter_of(state: EnrolmentState, results: Collection[Result]) -> str:
    """Return the field of `Counts` for an enrolment: changed wins over refused, refused over unchanged."""
    if state is not EnrolmentState.DONE:
        return "failed" if state is EnrolmentState.FAILED else "cut"
    outcomes = {outcome for outcome, _ in results}
    if ActionOutcome.CHANGED in outcomes:
        return "changed"
    return "refused" if ActionOutcome.REFUSED in outcomes else "unchanged"
