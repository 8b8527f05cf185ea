"""Reading the ledger: newest first, a page at a time, for one recipient or for a hundred in one statement."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange

_COLUMNS = (
    "e.id, e.recipient_id, e.channel, e.business_unit_id, e.subscription_type_id, e.before, e.after,"
    " e.superseded, e.origin, e.actor, e.legal_basis, e.occurred_at, e.recorded_at, e.operation_id,"
    " e.about_pause, e.paused_until, COALESCE(v.explanation, j.explanation) AS explanation"
)
_TABLES = (
    "consent_events e LEFT JOIN evidence v ON v.event_id = e.id"
    " LEFT JOIN operations j ON j.id = e.operation_id"
)


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event of the ledger, with its explanation while that is kept (R36)."""

    id: int
    recipient_id: int
    channel: Channel
    business_unit_id: int
    subscription_type_id: int | None
    before: PreferenceStatus
    after: PreferenceStatus
    superseded: bool
    origin: ConsentOrigin
    actor: str
    legal_basis: LegalBasis | None
    occurred_at: datetime
    recorded_at: datetime
    explanation: str | None
    operation_id: int | None
    about_pause: bool
    paused_until: datetime | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events are asked for; all that is given must hold."""

    recipient_id: int | None = None
    business_unit_id: int | None = None
    operation_id: int | None = None
    origins: Sequence[ConsentOrigin] | None = None
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None


async def events_of(recipient_ids: Sequence[int], span: KeysetRange) -> dict[int, list[EventRow]]:
    """Each recipient's events in the span, in the order of reading, in one statement."""
    found: dict[int, list[EventRow]] = {number: [] for number in recipient_ids}
    if not found or span.size < 1:
        return found
    rows = await database.fetch(
        f"SELECT * FROM (SELECT {_COLUMNS},"
        f" row_number() OVER (PARTITION BY e.recipient_id ORDER BY e.id {span.order}) AS place"
        f" FROM {_TABLES} WHERE e.recipient_id {database.any_of(1)} AND e.id < $2 AND e.id > $3"
        f") AS ranked WHERE place <= $4 ORDER BY id {span.order}",
        list(found),
        span.below,
        span.above,
        span.size,
    )
    for row in rows:
        found[row["recipient_id"]].append(_row(row))
    return found


async def events(wanted: EventFilter, span: KeysetRange) -> list[EventRow]:
    """The events of a filter in the span, in the order of reading."""
    values: list[Any] = [span.below, span.above, span.size]
    conditions = ["e.id < $1", "e.id > $2"]

    def add(sql: str, value: Any) -> None:
        if value is not None:
            values.append(value)
            conditions.append(sql.format(place=len(values), any_of=database.any_of(len(values))))

    add("e.recipient_id = ${place}", wanted.recipient_id)
    add("e.business_unit_id = ${place}", wanted.business_unit_id)
    add("e.operation_id = ${place}", wanted.operation_id)
    add("e.recorded_at >= ${place}", wanted.recorded_from)
    add("e.recorded_at < ${place}", wanted.recorded_before)
    if wanted.origins is not None:
        add("e.origin {any_of}", [origin.value for origin in wanted.origins])
    sql = f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {' AND '.join(conditions)}"
    rows = await database.fetch(f"{sql} ORDER BY e.id {span.order} LIMIT $3", *values)
    return [_row(row) for row in rows]


async def get_many(ids: Sequence[int]) -> dict[int, EventRow]:
    """Events by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE e.id {database.any_of(1)}", list(ids)
    )
    return {row["id"]: _row(row) for row in rows}


def _row(row: database.Row) -> EventRow:
    return EventRow(
        id=row["id"],
        recipient_id=row["recipient_id"],
        channel=Channel(row["channel"]),
        business_unit_id=row["business_unit_id"],
        subscription_type_id=row["subscription_type_id"],
        before=PreferenceStatus(row["before"]),
        after=PreferenceStatus(row["after"]),
        superseded=bool(row["superseded"]),
        origin=ConsentOrigin(row["origin"]),
        actor=row["actor"],
        legal_basis=LegalBasis(row["legal_basis"]) if row["legal_basis"] else None,
        occurred_at=database.instant(row["occurred_at"]),
        recorded_at=database.instant(row["recorded_at"]),
        explanation=row["explanation"],
        operation_id=row["operation_id"],
        about_pause=bool(row["about_pause"]),
        paused_until=database.optional_instant(row["paused_until"]),
    )
