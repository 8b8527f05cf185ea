"""One person's one change on PostgreSQL: the event, its proof and the state it leaves, in one statement."""

from __future__ import annotations

from functools import lru_cache
from itertools import count
from typing import Any

from preference_center.ledger.columns import EVENT, EVIDENCE, StateTable
from preference_center.storage import database


async def write(
    event: tuple[Any, ...], proof: tuple[Any, ...] | None, table: StateTable, state: tuple[Any, ...]
) -> int:
    """Write rows of the ledger, of evidence where there is any, and of a state; return the event's id.

    Proof and state come without that id: of the one it is the first column, of the other the last.
    """
    sql = _sql(table, proved=proof is not None)
    written = await database.fetch(sql, *event, *(proof or ()), *state)
    event_id: int = written[0]["id"]
    return event_id


@lru_cache(maxsize=8)
def _sql(table: StateTable, *, proved: bool) -> str:
    number = count(1)

    def places(columns: dict[str, str]) -> str:
        return ", ".join(f"${next(number)}::{kind}" for name, kind in columns.items() if name != "event_id")

    event, proof = f"SELECT {places(EVENT)}", ""
    if proved:
        given = f"SELECT id, {places(EVIDENCE)} FROM written"
        proof = f", proof AS (INSERT INTO evidence ({', '.join(EVIDENCE)}) {given})"
    state = f"SELECT {places(table.columns)}, id FROM written {table.upsert}"
    return (
        f"WITH written AS (INSERT INTO consent_events ({', '.join(EVENT)}) {event} RETURNING id){proof},"
        f" held AS (INSERT INTO {table.name} ({', '.join(table.columns)}) {state}) SELECT id FROM written"
    )
