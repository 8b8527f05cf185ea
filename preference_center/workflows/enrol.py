"""Enrolling: run a workflow's actions for many contacts, through the ledger, and record each enrolment.

Everything runs in the transaction that the caller holds, with the workflow locked by `lock_workflows` and the
recipients by `lock_candidates`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Sequence
from typing import NamedTuple

from preference_center.catalog.catalog import Catalog, SubscriptionType
from preference_center.errors import ErrorCode
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.refusals import refusal_message
from preference_center.ledger.types import Intent, Provenance
from preference_center.rules.types import (
    ActionOutcome,
    Actor,
    ConsentOrigin,
    EnrolmentState,
    LegalBasis,
)
from preference_center.rules.workflows import (
    MAX_CHAIN_LENGTH,
    Action,
    Result,
    Workflow,
    counter_of,
    result_of,
    state_of,
    was_attempted,
)
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Bool, Instant, Int, Json, Text, columns_of
from preference_center.workflows.candidates import MAX_STEPS, Candidate, enrolled_before

CHAIN_TOO_LONG = f"More than {MAX_CHAIN_LENGTH} workflows triggered one another: this one enrolled nobody."
UNEXPECTED_ERROR = "An unexpected error; the log has the details."


class Enrolled(NamedTuple):
    """An enrolment of one candidate: a result for each step of the workflow, in order."""

    candidate: Candidate
    state: EnrolmentState
    error: str | None
    results: tuple[Result, ...]


class Step(NamedTuple):
    """One subscription type of an action; `subscription_type` is None if the key no longer exists."""

    action: Action
    key: str
    subscription_type: SubscriptionType | None


class _EnrolmentRow(NamedTuple):
    """A new row of `enrolments`."""

    workflow_id: Int
    contact_id: BigInt
    trigger_kind: Text
    trigger_id: BigInt | None
    event_id: BigInt | None
    operation_id: BigInt | None
    is_first: Bool
    state: Text
    error: Text | None
    results: Json
    enrolled_at: Instant


_Reasons = tuple[LegalBasis | None, str | None]
"""The legal basis and the explanation of an action."""


async def enrol(workflow: Workflow, candidates: Sequence[Candidate], catalog: Catalog) -> list[Enrolled]:
    """Run a workflow's actions for contacts, each at most once in the list, and record the enrolments.

    Without re-enrolment, contacts that were enrolled before are skipped and not returned.
    """
    candidates, before = await _to_enrol(workflow, candidates)
    if not candidates:
        return []
    steps = [
        Step(action, key, catalog.type_by_key(key)) for action in workflow.actions for key in action.types
    ]
    results = await _run_steps(workflow, candidates, steps)
    enrolled = [_enrolled(*pair) for pair in zip(candidates, results, strict=True)]
    await _write(workflow, enrolled, steps, before)
    return enrolled


async def record_without_actions(
    workflow: Workflow, candidates: Sequence[Candidate], state: EnrolmentState, error: str
) -> None:
    """Record enrolments that were cut, or that failed before any action."""
    candidates, before = await _to_enrol(workflow, candidates)
    await _write(workflow, [Enrolled(each, state, error, ()) for each in candidates], [], before)


async def _to_enrol(workflow: Workflow, candidates: Sequence[Candidate]) -> tuple[list[Candidate], set[int]]:
    """Return the candidates that the workflow enrols, and the ids of those it has enrolled before."""
    before = await enrolled_before(workflow, candidates)
    return [each for each in candidates if workflow.reenroll or each.contact_id not in before], before


def _enrolled(candidate: Candidate, results: tuple[Result, ...]) -> Enrolled:
    state, code = state_of(results)
    return Enrolled(candidate, state, refusal_message(ErrorCode(code)) if code else None, results)


async def _run_steps(
    workflow: Workflow, candidates: Sequence[Candidate], steps: Sequence[Step]
) -> list[tuple[Result, ...]]:
    """Return the results of each candidate, in the order of the steps.

    Candidates with the same path, and consecutive steps with the same reasons, go to the ledger together.
    """
    results: list[list[Result]] = [[] for _ in candidates]
    by_path: dict[tuple[int, ...], list[int]] = {}
    for index, candidate in enumerate(candidates):
        by_path.setdefault(candidate.cause.path, []).append(index)
    for path, indexes in by_path.items():
        operation_id = candidates[indexes[0]].cause.operation_id
        for (legal_basis, explanation), group in _by_reasons(steps):
            provenance = Provenance(
                ConsentOrigin.WORKFLOW,
                Actor(workflow.name, origin=ConsentOrigin.WORKFLOW),
                legal_basis=legal_basis,
                explanation=explanation,
                operation_id=operation_id,
                workflow_path=(*path, workflow.id),
            )
            await _apply(candidates, indexes, group, provenance, results)
    return [tuple(of_candidate) for of_candidate in results]


def _by_reasons(steps: Sequence[Step]) -> list[tuple[_Reasons, list[Step]]]:
    """Group consecutive steps that have the same legal basis and explanation."""
    groups: list[tuple[_Reasons, list[Step]]] = []
    for step in steps:
        reasons = (step.action.legal_basis, step.action.explanation)
        if not groups or groups[-1][0] != reasons:
            groups.append((reasons, []))
        groups[-1][1].append(step)
    return groups


async def _apply(
    candidates: Sequence[Candidate],
    indexes: Sequence[int],
    steps: Sequence[Step],
    provenance: Provenance,
    results: list[list[Result]],
) -> None:
    """Run steps for the candidates at these indexes, and append the results of each candidate."""
    intents: list[Intent] = []
    places: list[tuple[int, int]] = []
    for index in indexes:
        own = results[index]
        for action, _, subscription_type in steps:
            recipient_id = candidates[index].recipient_id(action.channel)
            if subscription_type is None:
                own.append((ActionOutcome.REFUSED, ErrorCode.NOT_FOUND.value))
            elif recipient_id is None:
                own.append((ActionOutcome.REFUSED, ErrorCode.ADDRESS_MISSING.value))
            else:
                places.append((index, len(own)))
                own.append((ActionOutcome.UNCHANGED, None))
                target = (subscription_type.business_unit, subscription_type)
                intents.append(Intent(recipient_id, action.channel, action.status, *target))
    for start in range(0, len(intents), MAX_STEPS):
        outcomes = await record_in_transaction(intents[start : start + MAX_STEPS], provenance)
        for (index, place), outcome in zip(places[start:], outcomes, strict=False):
            results[index][place] = result_of(outcome.decision)


async def _write(
    workflow: Workflow, enrolled: Sequence[Enrolled], steps: Sequence[Step], before: set[int]
) -> None:
    """Insert the enrolments and add them to the workflow's counters."""
    now = database.now()
    json_of: dict[tuple[Result, ...], str] = {}
    rows = []
    for each in enrolled:
        if each.results not in json_of:
            json_of[each.results] = _results_json(steps, each.results)
        cause, contact_id = each.candidate.cause, each.candidate.contact_id
        rows.append(
            _EnrolmentRow(
                workflow_id=workflow.id,
                contact_id=contact_id,
                trigger_kind=cause.trigger.value,
                trigger_id=cause.trigger_id,
                event_id=cause.event_id,
                operation_id=cause.operation_id,
                is_first=was_attempted(each.state, each.results) and contact_id not in before,
                state=each.state.value,
                error=each.error,
                results=json_of[each.results],
                enrolled_at=now,
            )
        )
    await database.insert("enrolments", columns_of(_EnrolmentRow), rows)
    await _count(workflow, Counter(counter_of(each.state, each.results) for each in enrolled))


def _results_json(steps: Sequence[Step], results: Sequence[Result]) -> str:
    return json.dumps(
        [
            (action.channel.value, key, action.status.value, outcome.value, code)
            for (action, key, _), (outcome, code) in zip(steps, results, strict=True)
        ]
    )


async def _count(workflow: Workflow, counts: Counter[str]) -> None:
    """Add to the workflow's counters; an enrolment that was cut is not counted as enrolled."""
    if not counts:
        return
    cut = counts.pop("cut", 0)
    assignments = ["enrolled = enrolled + $2", "cut = cut + $3"]
    assignments += [f"{name} = {name} + ${n}" for n, name in enumerate(counts, 4)]
    await database.execute(
        f"UPDATE workflows SET {', '.join(assignments)} WHERE id = $1",
        workflow.id,
        counts.total(),
        cut,
        *counts.values(),
    )
