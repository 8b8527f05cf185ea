"""Replaying the ledger and comparing it with the current state: they must be the same."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable
from typing import Any

from preference_center.storage import database

_CHUNK = 2000
_State = dict[tuple[Any, ...], tuple[Any, ...]]


async def verify(progress: Callable[[int], None] = lambda _done: None) -> AsyncIterator[str]:
    """Yield a line for each place where the state is not what the ledger says.

    Goes through the recipients in chunks, each read in one snapshot; `progress` is told how many it went
    through since last.
    """
    last = 0
    while True:
        rows = await database.fetch(
            "SELECT id FROM recipients WHERE id > $1 ORDER BY id LIMIT $2", last, _CHUNK
        )
        if not rows:
            return
        ids = [row["id"] for row in rows]
        for line in await _differences(ids[0], ids[-1]):
            yield line
        progress(len(ids))
        last = ids[-1]


async def count_recipients() -> int:
    """How many recipients there are to go through."""
    number: int = (await database.fetch("SELECT COUNT(*) AS n FROM recipients"))[0]["n"]
    return number


async def _differences(first: int, last: int) -> list[str]:
    rows = await database.fetch(_SQL, first, last)
    said = _replayed([row for row in rows if row["what"] == "event"])
    said |= _silences([row for row in rows if row["what"] == "pause"])
    held = {_key(row): _value(row) for row in rows if row["what"] == "state"}
    lines = []
    for key in sorted({*said, *held}, key=str):
        if said.get(key) != held.get(key):
            recipient, channel, about, number = key
            where = f"recipient {recipient}, {channel}, {about} {number}"
            lines.append(f"{where}: the ledger says {_words(said.get(key))}, held is {_words(held.get(key))}")
    return lines


# One statement is one snapshot: changes that are made meanwhile are in both, or in neither.
_SQL = """
SELECT 'event' AS what, id, recipient_id, channel,
  CASE WHEN subscription_type_id IS NULL THEN 'all of unit' ELSE 'type' END AS about,
  COALESCE(subscription_type_id, business_unit_id) AS number,
  before, after AS status, superseded, origin, legal_basis
  FROM consent_events WHERE recipient_id BETWEEN $1 AND $2 AND NOT about_pause
UNION ALL SELECT 'pause', id, recipient_id, channel, 'pause of unit', business_unit_id,
  '', CAST(paused_until AS text), FALSE, origin, NULL
  FROM consent_events WHERE recipient_id BETWEEN $1 AND $2 AND about_pause
UNION ALL SELECT 'state', event_id, recipient_id, channel, 'type', subscription_type_id,
  '', status, FALSE, origin, legal_basis FROM preferences WHERE recipient_id BETWEEN $1 AND $2
UNION ALL SELECT 'state', event_id, recipient_id, channel, 'all of unit', business_unit_id,
  '', CASE WHEN active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, FALSE, origin, NULL
  FROM opt_outs_of_all WHERE recipient_id BETWEEN $1 AND $2
UNION ALL SELECT 'state', event_id, recipient_id, channel, 'pause of unit', business_unit_id,
  '', CAST(until AS text), FALSE, origin, NULL FROM pauses WHERE recipient_id BETWEEN $1 AND $2
ORDER BY 2
""".strip()


def _replayed(events: list[database.Row]) -> _State:
    """Play the events in order; one whose `before` is not what held is a break in the chain."""
    state: _State = {}
    for row in events:
        key = _key(row)
        held = state[key][1] if key in state else "NOT_OPTED"
        if row["before"] != held:
            state[key] = (
                row["id"],
                f"broken at event {row['id']}: before is {row['before']}, held was {held}",
            )
        elif not row["superseded"]:
            state[key] = _value(row)
    return state


def _silences(events: list[database.Row]) -> _State:
    """Play the silences in order; one that was ended by hand leaves nothing."""
    newest = {_key(row): row for row in events}
    return {key: _value(row) for key, row in newest.items() if row["status"] is not None}


def _key(row: database.Row) -> tuple[Any, ...]:
    return (row["recipient_id"], row["channel"], row["about"], row["number"])


def _value(row: database.Row) -> tuple[Any, ...]:
    basis = row["legal_basis"] if row["about"] == "type" else None
    return (row["id"], row["status"], row["origin"], basis)


def _words(value: tuple[Any, ...] | None) -> str:
    return "nothing" if value is None else ", ".join(str(part) for part in value if part is not None)
