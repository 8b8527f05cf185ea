"""Reads the ledger a page at a time, newest first: of many recipients in one statement, or by a filter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.conditions import Conditions
from preference_center.storage.counting import Count, count_rows
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
    """Which events to read; all conditions must match, and of a list one value."""

    recipient_id: int | None = None
    business_unit_id: int | None = None
    operation_id: int | None = None
    channels: tuple[Channel, ...] | None = None
    subscription_type_ids: tuple[int, ...] | None = None
    about_pause: frozenset[bool] | None = None
    """True: events that set or end a pause. False: events that set a status."""
    statuses: tuple[PreferenceStatus, ...] | None = None
    """Events that set one of these statuses. Pauses set none."""
    origins: tuple[ConsentOrigin, ...] | None = None
    recorded_from: datetime | None = None
    recorded_before: datetime | None = None


ALL = EventFilter()


async def events_of(
    recipient_ids: Sequence[int], keyset: KeysetRange, filter: EventFilter = ALL
) -> dict[int, list[EventRow]]:
    """Each recipient's events in a keyset range, in its order, in one statement.

    Events of other spellings of a phone number are the recipient's (R3).
    """
    found: dict[int, list[EventRow]] = {recipient_id: [] for recipient_id in recipient_ids}
    if not found or keyset.size < 1:
        return found
    values = (list(found), keyset.below, keyset.above, keyset.size)
    conditions = Conditions("e.id < $2", "e.id > $3", values=values)
    add_conditions(conditions, filter)
    rows = await database.fetch(
        f"SELECT * FROM (SELECT {_COLUMNS}, r.owner_id,"
        f" row_number() OVER (PARTITION BY r.owner_id ORDER BY e.id {keyset.order}) AS position"
        f" FROM {_of_recipients(1)} {_EXPLAINED} WHERE {conditions.sql}"
        f") AS ranked WHERE position <= $4 ORDER BY id {keyset.order}",
        *conditions.values,
    )
    for row in rows:
        found[row["owner_id"]].append(_event(row, row["owner_id"]))
    return found


async def count_of(recipient_ids: Sequence[int], filter: EventFilter = ALL) -> dict[int, Count]:
    """How many events each recipient has, in one statement."""
    found = dict.fromkeys(recipient_ids, Count(0))
    conditions = Conditions("TRUE", values=(list(found),))
    add_conditions(conditions, filter)
    rows = await database.fetch(
        f"SELECT r.owner_id, COUNT(*) AS events FROM {_of_recipients(1)}"
        f" WHERE {conditions.sql} GROUP BY r.owner_id",
        *conditions.values,
    )
    return found | {row["owner_id"]: Count(row["events"]) for row in rows}


def _of_recipients(parameter: int) -> str:
    """The events of recipients `r.owner_id`, those of their other spellings included, to follow FROM."""
    any_of_them = database.any_of(parameter)
    return (
        f"(SELECT id AS spelling_id, id AS owner_id FROM recipients WHERE id {any_of_them}"
        f" UNION ALL SELECT id, merged_into_id FROM recipients WHERE merged_into_id {any_of_them}) AS r"
        " JOIN consent_events e ON e.recipient_id = r.spelling_id"
    )


async def events(filter: EventFilter, keyset: KeysetRange) -> list[EventRow]:
    """The events that match a filter in a keyset range, in its order."""
    conditions = Conditions("e.id < $1", "e.id > $2", values=(keyset.below, keyset.above, keyset.size))
    add_conditions(conditions, filter)
    rows = await database.fetch(
        f"SELECT {_COLUMNS} FROM {_TABLES} WHERE {conditions.sql} ORDER BY e.id {keyset.order} LIMIT $3",
        *conditions.values,
    )
    return [_event(row) for row in rows]


async def count(filter: EventFilter) -> Count:
    """How many events match a filter."""
    conditions = Conditions("TRUE")
    add_conditions(conditions, filter)
    return await count_rows(f"consent_events e WHERE {conditions.sql}", conditions.values)


def add_conditions(conditions: Conditions, filter: EventFilter) -> None:
    """Add the conditions of a filter on events `e`."""
    conditions.add(_OF_RECIPIENT, filter.recipient_id, ")")
    conditions.add("e.business_unit_id =", filter.business_unit_id)
    conditions.add("e.operation_id =", filter.operation_id)
    conditions.add("e.recorded_at >=", filter.recorded_from)
    conditions.add("e.recorded_at <", filter.recorded_before)
    conditions.add_any_of("e.subscription_type_id", filter.subscription_type_ids)
    conditions.add_any_of("e.origin", None if filter.origins is None else [o.value for o in filter.origins])
    _add_what_is_rare(conditions, filter)


def _add_what_is_rare(conditions: Conditions, filter: EventFilter) -> None:
    """Add the conditions that have a partial index, as its predicate has them: not as parameters."""
    if filter.about_pause is not None and len(filter.about_pause) < 2:
        conditions.require(_ABOUT_PAUSE[filter.about_pause])
    if filter.channels is not None:
        conditions.require(_one_of("e.channel", filter.channels))
        if filter.channels and Channel.EMAIL not in filter.channels:
            conditions.require("e.channel <> 'EMAIL'")
    if filter.statuses is not None:
        conditions.require(f"{_one_of('e.after', filter.statuses)} AND NOT e.about_pause")


_ABOUT_PAUSE = {
    frozenset([True]): "e.about_pause",
    frozenset([False]): "NOT e.about_pause",
    frozenset[bool](): "FALSE",
}


def _one_of(column: str, values: Sequence[Channel] | Sequence[PreferenceStatus]) -> str:
    texts = sorted({f"'{value.value}'" for value in values})
    if len(texts) == 1:
        return f"{column} = {texts[0]}"
    return f"{column} IN ({', '.join(texts)})" if texts else "FALSE"


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
