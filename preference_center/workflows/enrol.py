"""Enrolling: a workflow's actions done for many contacts, through the door, and what came of each kept.

Everything in the transaction that the caller holds, with the workflow's row locked by `hold`.
"""

from __future__ import annotations

import json
from collections import Counter
from collections.abc import Iterable, Sequence
from typing import NamedTuple

import asyncpg

from preference_center.catalog.catalog import Catalog, SubscriptionType, exact_catalog
from preference_center.contacts.filter import Condition
from preference_center.contacts.filter_json import from_json
from preference_center.errors import ErrorCode
from preference_center.ledger import current_state
from preference_center.ledger import record as ledger
from preference_center.ledger.record import Intent, Provenance
from preference_center.ledger.refusals import refusal_message
from preference_center.rules.types import (
    ActionOutcome,
    Actor,
    Channel,
    ConsentOrigin,
    EnrolmentState,
    LegalBasis,
    Trigger,
)
from preference_center.rules.workflows import (
    ADDRESS_MISSING,
    DEEPEST,
    Action,
    Result,
    Workflow,
    counted_as,
    result_of,
    state_of,
    went_through,
)
from preference_center.storage import database

TOO_DEEP = f"More than {DEEPEST} workflows set off one another: this one enrolled nobody."
FAULT = "An unexpected fault; the log tells more."
MOST_STEPS = 20_000
"""How many changes one transaction may come to, about."""
_COLUMNS = {
    "workflow_id": "int",
    "contact_id": "bigint",
    "trigger_kind": "text",
    "trigger_id": "bigint",
    "event_id": "bigint",
    "operation_id": "bigint",
    "is_first": "bool",
    "state": "text",
    "error": "text",
    "results": "jsonb",
    "enrolled_at": "timestamptz",
}


class Cause(NamedTuple):
    """What a contact is enrolled by: a trigger that was kept, or an operation."""

    kind: Trigger
    trigger_id: int | None = None
    event_id: int | None = None
    operation_id: int | None = None
    path: tuple[int, ...] = ()


class Candidate(NamedTuple):
    """A contact, its addresses, and what it is to be enrolled by."""

    contact_id: int
    email_recipient_id: int | None
    phone_recipient_id: int | None
    cause: Cause

    def recipient(self, channel: Channel) -> int | None:
        """Whom the channel reaches."""
        return self.email_recipient_id if channel is Channel.EMAIL else self.phone_recipient_id


class Enrolled(NamedTuple):
    """What became of one candidate: a result for each step of the workflow, in order."""

    candidate: Candidate
    state: EnrolmentState
    error: str | None
    results: tuple[Result, ...]


Step = tuple[Action, str, SubscriptionType | None]
"""An action, the key of one of its types, and that type, None where it is gone."""


def at_once(most: int, workflows: Iterable[Workflow]) -> int:
    """How many contacts go through in one transaction: `most`, or fewer where much is done to each."""
    steps = sum(len(action.types) for workflow in workflows for action in workflow.actions)
    return max(1, min(most, MOST_STEPS // max(1, steps)))


def steps_of(workflow: Workflow, catalog: Catalog) -> list[Step]:
    """All that a workflow does to a contact, in order."""
    return [(action, key, catalog.type_by_key(key)) for action in workflow.actions for key in action.types]


async def hold(workflow_ids: Iterable[int], catalog: Catalog) -> None:
    """Lock workflows, in id order, as the catalogue has them: nobody edits them, or enrols by them, beside.

    Raises SerializationError where they are others by now: all is to be done anew.
    """
    lock = " FOR NO KEY UPDATE" if database.dialect() == "postgres" else ""
    await database.fetch(
        f"SELECT id FROM workflows WHERE id {database.any_of(1)} ORDER BY id{lock}", sorted(workflow_ids)
    )
    if (await exact_catalog()).version != catalog.version:
        raise asyncpg.SerializationError("the catalogue changed meanwhile")


async def meant(workflow: Workflow, candidates: Sequence[Candidate], catalog: Catalog) -> set[int]:
    """Those of the contacts that the workflow's filter lets through now."""
    ids = [one.contact_id for one in candidates]
    if workflow.filter is None:
        return set(ids)
    condition = Condition()
    among = condition.among(ids)
    where = condition.of(from_json(workflow.filter, catalog))
    # The contacts first: an index of what the filter asks for may lead to a million others.
    rows = await database.fetch(
        f"WITH concerned AS MATERIALIZED (SELECT * FROM contacts WHERE id {among})"
        f" SELECT c.id FROM concerned c WHERE {where}",
        *condition.values,
    )
    return {row["id"] for row in rows}


async def lock_addresses(candidates: Iterable[Candidate]) -> None:
    """Hold all addresses that are concerned before anything is asked about them, in one order."""
    pairs = ((one.email_recipient_id, one.phone_recipient_id) for one in candidates)
    ids = sorted({number for pair in pairs for number in pair if number is not None})
    if ids:
        await current_state.lock(ids)


async def _new(workflow: Workflow, candidates: Sequence[Candidate]) -> tuple[list[Candidate], set[int]]:
    """Those to go through the workflow, and who of all went through it before.

    What failed whole or was cut does not count as before.
    """
    if not candidates:
        return [], set()
    rows = await database.fetch(
        "SELECT contact_id FROM enrolments WHERE workflow_id = $1 AND is_first"
        f" AND contact_id {database.any_of(2)}",
        workflow.id,
        [one.contact_id for one in candidates],
    )
    before = {row["contact_id"] for row in rows}
    return [one for one in candidates if workflow.reenroll or one.contact_id not in before], before


async def enrol(workflow: Workflow, candidates: Sequence[Candidate], catalog: Catalog) -> list[Enrolled]:
    """Do a workflow's actions for contacts, each at most once among them, and keep what came of each.

    Without re-enrolment whoever was enrolled before is passed over, and not among the answers.
    """
    candidates, before = await _new(workflow, candidates)
    if not candidates:
        return []
    steps = steps_of(workflow, catalog)
    results = await _act(workflow, candidates, steps)
    states: dict[tuple[Result, ...], tuple[EnrolmentState, str | None]] = {}
    enrolled = []
    for one, of_one in zip(candidates, results, strict=True):
        if of_one not in states:
            state, code = state_of(of_one)
            states[of_one] = (state, refusal_message(ErrorCode(code)) if code else None)
        enrolled.append(Enrolled(one, *states[of_one], of_one))
    await _keep(workflow, enrolled, steps, before)
    return enrolled


async def record(
    workflow: Workflow, candidates: Sequence[Candidate], state: EnrolmentState, error: str
) -> None:
    """Keep that contacts were cut, or that the workflow failed before it did anything to them."""
    candidates, before = await _new(workflow, candidates)
    await _keep(workflow, [Enrolled(one, state, error, ()) for one in candidates], [], before)


async def _act(
    workflow: Workflow, candidates: Sequence[Candidate], steps: Sequence[Step]
) -> list[tuple[Result, ...]]:
    """The results of each candidate, in the order of the steps."""
    results: list[list[Result]] = [[] for _ in candidates]
    members: dict[tuple[int, ...], list[int]] = {}
    for place, one in enumerate(candidates):
        members.setdefault(one.cause.path, []).append(place)
    for path, places in members.items():
        operation_id = candidates[places[0]].cause.operation_id
        for (basis, explanation), alike in _by_grounds(steps):
            provenance = Provenance(
                ConsentOrigin.WORKFLOW,
                Actor(workflow.name, origin=ConsentOrigin.WORKFLOW),
                legal_basis=basis,
                explanation=explanation,
                operation_id=operation_id,
                workflow_path=(*path, workflow.id),
            )
            await _apply(candidates, places, alike, provenance, results)
    return [tuple(of_one) for of_one in results]


def _by_grounds(
    steps: Sequence[Step],
) -> list[tuple[tuple[LegalBasis | None, str | None], list[Step]]]:
    """The steps, those that follow each other on the same grounds together."""
    groups: list[tuple[tuple[LegalBasis | None, str | None], list[Step]]] = []
    for step in steps:
        grounds = (step[0].legal_basis, step[0].explanation)
        if not groups or groups[-1][0] != grounds:
            groups.append((grounds, []))
        groups[-1][1].append(step)
    return groups


async def _apply(
    candidates: Sequence[Candidate],
    places: Sequence[int],
    steps: Sequence[Step],
    provenance: Provenance,
    results: list[list[Result]],
) -> None:
    """Do some steps, on one ground, for the candidates at some places."""
    intents: list[Intent] = []
    asked: list[tuple[int, int]] = []
    for place in places:
        one, own = candidates[place], results[place]
        for action, _, kind in steps:
            recipient = one.recipient(action.channel)
            if kind is None:
                own.append((ActionOutcome.REFUSED, ErrorCode.NOT_FOUND.value))
            elif recipient is None:
                own.append((ActionOutcome.REFUSED, ADDRESS_MISSING))
            else:
                asked.append((place, len(own)))
                own.append((ActionOutcome.UNCHANGED, None))
                intents.append(Intent(recipient, action.channel, action.status, kind.business_unit, kind))
    for first in range(0, len(intents), MOST_STEPS):
        outcomes = await ledger.apply(intents[first : first + MOST_STEPS], provenance)
        for (place, number), outcome in zip(asked[first:], outcomes, strict=False):
            results[place][number] = result_of(outcome.decision)


async def _keep(
    workflow: Workflow, enrolled: Sequence[Enrolled], steps: Sequence[Step], before: set[int]
) -> None:
    """Write the enrolments and count them."""
    now = database.now()
    written: dict[tuple[Result, ...], str] = {}
    rows = []
    for one in enrolled:
        results = written.get(one.results)
        if results is None:
            results = written[one.results] = _results(steps, one.results)
        cause, contact_id = one.candidate.cause, one.candidate.contact_id
        first = went_through(one.state, one.results) and contact_id not in before
        came = (cause.kind.value, cause.trigger_id, cause.event_id, cause.operation_id)
        rows.append((workflow.id, contact_id, *came, first, one.state.value, one.error, results, now))
    await database.insert("enrolments", _COLUMNS, rows)
    await _count(workflow, Counter(counted_as(one.state, one.results) for one in enrolled))


def _results(steps: Sequence[Step], results: Sequence[Result]) -> str:
    said = [
        (action.channel.value, key, action.status.value, outcome.value, code)
        for (action, key, _), (outcome, code) in zip(steps, results, strict=True)
    ]
    return json.dumps(said)


async def _count(workflow: Workflow, counts: Counter[str]) -> None:
    if not counts:
        return
    cut = counts.pop("cut", 0)
    settings = ["enrolled = enrolled + $2", "cut = cut + $3"]
    settings += [f"{name} = {name} + ${n}" for n, name in enumerate(counts, 4)]
    await database.execute(
        f"UPDATE workflows SET {', '.join(settings)} WHERE id = $1",
        workflow.id,
        counts.total(),
        cut,
        *counts.values(),
    )
