"""What sets a workflow off, where chains of workflows end, and what an enrolment has come to (R10, R16)."""

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

DEEPEST = 5
"""How many workflows may set off one another; the next in such a chain enrols nobody."""


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
    """Narrows PREFERENCE_CHANGED to a status of a type, on one channel or on any (`channel` None)."""

    type: str
    channel: Channel | None
    status: PreferenceStatus


@dataclass(frozen=True, slots=True)
class Counts:
    """What became of a workflow's enrolments: `enrolled` is the sum of the four that follow it."""

    enrolled: int = 0
    changed: int = 0
    unchanged: int = 0
    """With those that wait for confirmation."""
    refused: int = 0
    failed: int = 0
    cut: int = 0


@dataclass(frozen=True, slots=True, eq=False)
class Workflow:
    """Who is enrolled by what, and what is then done; as it was when read."""

    id: int
    name: str
    enabled: bool
    triggers: frozenset[Trigger]
    filter: dict[str, Any] | None
    """A contact filter as JSON; None for everybody."""
    when_property: str | None
    """Narrows CONTACT_UPDATED to changes of this property, or field of the contact's own."""
    when_preference: WhenPreference | None
    actions: tuple[Action, ...]
    reenroll: bool
    counts: Counts
    created_at: datetime
    updated_at: datetime


@dataclass(frozen=True, slots=True)
class WorkflowEvent:
    """Something that may set workflows off. `path`: the workflows whose doing it is, oldest first."""

    kind: Trigger
    path: tuple[int, ...] = ()
    properties: frozenset[str] = field(default_factory=frozenset)
    """Of an updated contact: which of its properties, and fields of its own, changed."""
    type: str | None = None
    """Of a changed preference: the type's key, None for an opt-out of all or its removal."""
    channel: Channel | None = None
    status: PreferenceStatus | None = None
    """What it changed to; None where only who made it did (R11)."""


class Answer(DomainEnum):
    """What an event is to a workflow."""

    ENROL = "ENROL"
    CUT = "CUT"
    NOTHING = "NOTHING"


def answer(workflow: Workflow, happening: WorkflowEvent) -> Answer:
    """Whether an event enrols the contacts that it is about, as far as their filter lets them.

    A workflow never enrols through a chain that it is part of already: so loops end.
    """
    if not listens(workflow, happening) or workflow.id in happening.path:
        return Answer.NOTHING
    return Answer.CUT if len(happening.path) >= DEEPEST else Answer.ENROL


def listens(workflow: Workflow, happening: WorkflowEvent) -> bool:
    """Whether an event is of the kind that a workflow waits for, whatever led to it."""
    if not workflow.enabled or happening.kind not in workflow.triggers:
        return False
    if happening.kind is Trigger.CONTACT_UPDATED and workflow.when_property is not None:
        return workflow.when_property in happening.properties
    wanted = workflow.when_preference
    if happening.kind is Trigger.PREFERENCE_CHANGED and wanted is not None:
        return (
            happening.type == wanted.type
            and happening.status is wanted.status
            and wanted.channel in (None, happening.channel)
        )
    return True


ADDRESS_MISSING = "ADDRESS_MISSING"
"""The contact has no address on the action's channel."""
BROKEN = frozenset(
    code.value
    for code in (
        ErrorCode.NOT_FOUND,
        ErrorCode.TYPE_ARCHIVED,
        ErrorCode.CHANNEL_NOT_OFFERED,
        ErrorCode.LEGAL_BASIS_REQUIRED,
        ErrorCode.EXPLANATION_REQUIRED,
    )
)
"""Refusals that are the workflow's own fault: saved as it was, the catalogue has changed since."""
Result = tuple[ActionOutcome, str | None]
"""What an action did, and why not."""


def result_of(decision: Decision) -> Result:
    """What a decision of the door is to an enrolment."""
    if isinstance(decision, Accepted):
        return ActionOutcome.CHANGED, None
    if isinstance(decision, Pending):
        return ActionOutcome.PENDING, None
    if isinstance(decision, Refused):
        return ActionOutcome.REFUSED, decision.code.value
    if isinstance(decision, Superseded):
        return ActionOutcome.REFUSED, "SUPERSEDED"
    return ActionOutcome.UNCHANGED, None


def state_of(results: Collection[Result]) -> tuple[EnrolmentState, str | None]:
    """An enrolment fails where any of its actions shows the workflow broken; the first says why."""
    faults = (code for outcome, code in results if outcome is ActionOutcome.REFUSED and code in BROKEN)
    fault = next(faults, None)
    return (EnrolmentState.FAILED, fault) if fault else (EnrolmentState.DONE, None)


def went_through(state: EnrolmentState, results: Collection[Result]) -> bool:
    """Whether an enrolment counts as the one that a contact has without re-enrolment: any action was tried.

    What was cut, and what failed whole, is as if it had not been.
    """
    return state is EnrolmentState.DONE or any(code not in BROKEN for _, code in results)


def counted_as(state: EnrolmentState, results: Collection[Result]) -> str:
    """The one of `Counts` that an enrolment is: changed where anything was, else refused, else unchanged."""
    if state is not EnrolmentState.DONE:
        return "failed" if state is EnrolmentState.FAILED else "cut"
    outcomes = {outcome for outcome, _ in results}
    if ActionOutcome.CHANGED in outcomes:
        return "changed"
    return "refused" if ActionOutcome.REFUSED in outcomes else "unchanged"
