"""Events of a recipient, inside a statement that reads something else besides: as compact rows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any, Final

from preference_center.history.events import EventFilter, add_conditions
from preference_center.storage import database
from preference_center.storage.compact import Column, Reading, nested
from preference_center.storage.conditions import Conditions
from preference_center.storage.keyset import HIGHEST_ID, KeysetRange

EXPLANATION: Final = "COALESCE(v.explanation, j.explanation)"
_EXPLAINED: Final = (
    " LEFT JOIN evidence v ON v.event_id = e.id LEFT JOIN operations j ON j.id = e.operation_id"
)


def conditions_of(
    keyset: KeysetRange, wanted: EventFilter, values: Sequence[Any]
) -> tuple[str, Sequence[Any]]:
    """Return the conditions of a page of events `e`, and the values of the statement with theirs added."""
    conditions = Conditions("TRUE", values=values)
    conditions.add("e.id <", keyset.below if keyset.below < HIGHEST_ID else None)
    conditions.add("e.id >", keyset.above if keyset.above >= 0 else None)
    add_conditions(conditions, wanted)
    return conditions.sql, conditions.values


def events_sql(of: str, columns: Sequence[Column], keyset: KeysetRange, where: str, *, spelled: bool) -> str:
    """Return SQL for the first events in a keyset range of the recipient whose id is `of`.

    `spelled`: it is a phone number, and the events of its other spellings are the recipient's too (R3).
    """
    order = f"ORDER BY e.id {keyset.order} LIMIT {keyset.size}"
    events = f"SELECT e.* FROM consent_events e WHERE {{of}} AND {where} {order}"
    if not spelled:
        first = events.format(of=f"e.recipient_id = {of}")
    elif database.dialect() == "sqlite":
        first = events.format(of=f"e.recipient_id IN ({_spellings(of)})")
    else:  # the first events of each spelling by the index, instead of all events of all of them
        each = events.format(of="e.recipient_id = s.id")
        first = f"SELECT e.* FROM ({_spellings(of)}) s CROSS JOIN LATERAL ({each}) e {order}"
    explained = _EXPLAINED if any(column.sql == EXPLANATION for column in columns) else ""
    return nested(columns, f"({first}) AS e{explained}")


async def events(
    reading: Reading, columns: Sequence[Column], keyset: KeysetRange, wanted: EventFilter
) -> list[Any]:
    """Return the compact rows of the events that match a filter in a keyset range, in its order."""
    where, values = conditions_of(keyset, wanted, reading.values)
    explained = _EXPLAINED if any(column.sql == EXPLANATION for column in columns) else ""
    rows = await database.fetch(
        f"SELECT {reading.sql} FROM (SELECT e.* FROM consent_events e WHERE {where}"
        f" ORDER BY e.id {keyset.order} LIMIT {keyset.size}) AS e{explained}",
        *values,
    )
    return sorted(rows, key=lambda row: row[0], reverse=not keyset.ascending)


def _spellings(of: str) -> str:
    # `of` may be "r.id" of the statement around this one: no table here may be called `r`.
    return (
        f"SELECT own.id FROM recipients own WHERE own.id = {of}"
        f" UNION ALL SELECT other.id FROM recipients other WHERE other.merged_into_id = {of}"
    )
