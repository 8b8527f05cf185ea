"""Reads the ledger a page at a time, newest first: of many recipients in one statement, or by a filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.conditions import Conditions
from preference_center.storage.keyset import KeysetRange

_COLUMNS = (
    "e.id, e.recipient_id, e.channel, e.business_unit_id, e.subscription_type_id, e.before, e.after,"
    " e.superseded, e.origin, e.actor, e.legal_basis, e.occurred_at, e.recorded_at, e.operation_id,"
    " e.about_pause, e.paused_until, e.carried_from_event_id,"
    " COALESCE(v.explanation, j.explanation) AS explanation"
)
_EXPLAINED = "LEFT JOIN evidence v ON v.event_id = e.id LEFT JOIN operations j ON j.id = e.operation_id"
_TABLES = f"consent_events e {_EXPLAINED}"
_OF_RECIPIENT = (
    "e.recipient_id IN (SELECT s.id FROM recipients r JOIN recipients s"
    " ON s.id = r.id OR s.merged_into_id = r.id WHERE r.id ="
)
"""Events of a recipient and of the other spellings of a phone number (R3)."""


@dataclass(frozen=True, slots=True)
class EventRow:
    """One event, with its explanation until that is erased (R36)."""

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
    carried_from_event_id: int | None


@dataclass(frozen=True, slots=True)
class EventFilter:
    """Which events to read; all conditions must match."""

    recipient_id: int | None = None
    business_unit_id: int | None = None
    operation_id: int | None = None
    origins: Sequence[ConsentOrigin] | None = None
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None


async def events_of(recipient_ids: Sequence[int], keyset: KeysetRange) -> dict[int, list[EventRow]]:
    """Each recipient's events in a keyset range, in its order, in one statement.

    Events of other spellings of a phone number are the recipient's (R3).
    """
    found: dict[int, list[EventRow]] = {recipient_id: [] for recipient_id in recipient_ids}
    if not found or keyset.size < 1:
        return found
    any_of_them = database.any_of(1)
    rows = await database.fetch(
        f"SELECT * FROM (SELECT {_COLUMNS}, r.owner_id,"
        f" row_number() OVER (PARTITION BY r.owner_id ORDER BY e.id {keyset.order}) AS position"
        f" FROM (SELECT id AS spelling_id, id AS owner_id FROM recipients WHERE id {any_of_them}"
        f" UNION ALL SELECT id, merged_into_id FROM recipients WHERE merged_into_id {any_of_them}) AS r"
        f" JOIN consent_events e ON e.recipient_id = r.spelling_id {_EXPLAINED} WHERE e.id < $2 AND e.id > $3"
        f") AS ranked WHERE position <= $4 ORDER BY id {keyset.order}",
        list(found),
        keyset.below,
        keyset.above,
        keyset.size,
    )
    for row in rows:
        found[row["owner_id"]].append(_event(row, row["owner_id"]))
    return found


async def events(filter: EventFilter, keyset: KeysetRange) -> list[EventRow]:
    """The events that match a filter in a keyset range, in its order."""
    conditions = Conditions("e.id < $1", "e.id > $2", values=(keyset.below, keyset.above, keyset.size))
    conditions.add(_OF_RECIPIENT, filter.recipient_id, ")")
    conditions.add("e.business_unit_id =", filter.business_unit_id)
    conditions.add("e.operation_id =", filter.operation_id)
    conditions.add("e.recorded_at >=", filter.recorded_from)
    conditions.add("e.recorded_at <", filter.recorded_before)
    origins = filter.origins
    conditions.add_any_of("e.origin", [origin.value for origin in origins] if origins is not None else None)
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {conditions.sql} ORDER BY e.id {keyset.order} LIMIT $3",
        *conditions.values,
    )
    return [_event(row) for row in rows]


async def get_many(ids: Sequence[int]) -> dict[int, EventRow]:
    """Events by id, in one statement."""
    if not ids:
        return {}
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE e.id {database.any_of(1)}", list(ids)
    )
    return {row["id"]: _event(row) for row in rows}


def _event(row: database.Row, recipient_id: int | None = None) -> EventRow:
    return EventRow(
        id=row["id"],
        recipient_id=recipient_id or row["recipient_id"],
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
        carried_from_event_id=row["carried_from_event_id"],
    )
