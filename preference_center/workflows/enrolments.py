"""Reading enrolments: which contacts went through a workflow, and what each action did."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.types import (
    ActionOutcome,
    Channel,
    EnrolmentState,
    PreferenceStatus,
    Trigger,
)
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange

_WORKFLOWS_PER_STATEMENT = 100


@dataclass(frozen=True, slots=True)
class ActionResult:
    """What one action did to one type; `type` is its key, `code` says why it was refused."""

    channel: Channel
    type: str
    status: PreferenceStatus
    outcome: ActionOutcome
    code: str | None


@dataclass(frozen=True, slots=True)
class EnrolmentRow:
    """One enrolment: when, why, and its results. Later edits of the workflow don't change it."""

    id: int
    workflow_id: int
    contact_id: int
    """The contact may have been deleted since."""
    trigger: Trigger
    event_id: int | None
    operation_id: int | None
    state: EnrolmentState
    error: str | None
    results: tuple[ActionResult, ...]
    enrolled_at: datetime


async def page(workflow_id: int, span: KeysetRange) -> list[EnrolmentRow]:
    """Return the enrolments of one workflow in a keyset range, in the range's order."""
    return (await pages([workflow_id], span))[workflow_id]


async def pages(workflow_ids: Sequence[int], span: KeysetRange) -> dict[int, list[EnrolmentRow]]:
    """Return the same for several workflows, reading no more rows than the pages have."""
    found: dict[int, list[EnrolmentRow]] = {workflow_id: [] for workflow_id in workflow_ids}
    for start in range(0, len(found) if span.size > 0 else 0, _WORKFLOWS_PER_STATEMENT):
        page_sql = (
            f"SELECT * FROM (SELECT * FROM enrolments WHERE workflow_id = {id_:d} AND id < $1 AND id > $2"
            f" ORDER BY id {span.order} LIMIT $3) AS of_{id_:d}"
            for id_ in list(found)[start : start + _WORKFLOWS_PER_STATEMENT]
        )
        rows = await database.fetch(" UNION ALL ".join(page_sql), span.below, span.above, span.size)
        for row in sorted(rows, key=lambda row: row["id"], reverse=not span.ascending):
            found[row["workflow_id"]].append(_row(row))
    return found


async def get_many(ids: Sequence[int]) -> dict[int, EnrolmentRow]:
    """Return enrolments by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(f"SELECT * FROM enrolments WHERE id {database.any_of(1)}", list(ids))
    return {row["id"]: _row(row) for row in rows}


def _row(row: database.Row) -> EnrolmentRow:
    return EnrolmentRow(
        id=row["id"],
        workflow_id=row["workflow_id"],
        contact_id=row["contact_id"],
        trigger=Trigger(row["trigger_kind"]),
        event_id=row["event_id"],
        operation_id=row["operation_id"],
        state=EnrolmentState(row["state"]),
        error=row["error"],
        results=tuple(
            ActionResult(Channel(channel), key, PreferenceStatus(status), ActionOutcome(outcome), code)
            for channel, key, status, outcome, code in database.json_value(row["results"])
        ),
        enrolled_at=database.instant(row["enrolled_at"]),
    )
