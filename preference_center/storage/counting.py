"""Counts rows: exactly up to a bound, above it by an estimate, so that no count scans a large table."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Final

from preference_center.storage import database

MOST_COUNTED: Final = {"postgres": 100_000, "sqlite": 1_000_000}
"""Rows counted one by one. PostgreSQL visits rows for it, and estimates well; SQLite does neither."""


@dataclass(frozen=True, slots=True)
class Count:
    """How many rows there are."""

    number: int
    is_estimate: bool = False


async def count_rows(source: str, values: Sequence[object] = (), most: int | None = None) -> Count:
    """Count the rows of `source`, which follows FROM: exactly if there are no more than `most`.

    Above that the number is what PostgreSQL's planner expects, and on SQLite `most`: at least so many.
    """
    most = MOST_COUNTED[database.dialect()] if most is None else most
    sql = f"SELECT COUNT(*) AS counted FROM (SELECT 1 FROM {source} LIMIT {most + 1}) AS bounded"
    counted = int((await database.fetch(sql, *values))[0]["counted"])
    if counted <= most:
        return Count(counted)
    if database.dialect() == "sqlite":
        return Count(most, is_estimate=True)
    return Count(max(most, await _expected(source, values)), is_estimate=True)


async def _expected(source: str, values: Sequence[object]) -> int:
    rows = await database.fetch(f"EXPLAIN (FORMAT JSON) SELECT 1 FROM {source}", *values)
    [explained] = database.json_value(rows[0]["QUERY PLAN"])
    return int(explained["Plan"]["Plan Rows"])


def sum_of(counts: Iterable[Count]) -> Count:
    """Return the sum of counts: an estimate if one of them is."""
    found = list(counts)
    return Count(sum(each.number for each in found), any(each.is_estimate for each in found))
