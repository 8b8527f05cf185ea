"""Verifies that replaying the ledger gives the current state."""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from typing import NamedTuple

from preference_center.storage import database

_CHUNK = 2_000
"""How many recipients are compared in one snapshot."""


class _Key(NamedTuple):
    """What a state is about: `subject` is "type", "all of unit" or "pause of unit", with the id of that."""

    recipient_id: int
    channel: str
    subject: str
    subject_id: int


class _Value(NamedTuple):
    """A state and the event it comes from. `status` is the pause's end for a pause."""

    event_id: int
    status: str
    origin: str | None = None
    legal_basis: str | None = None


_State = dict[_Key, _Value]


async def verify(progress: Callable[[int], None] = lambda _verified: None) -> AsyncIterator[str]:
    """Yield a line for each difference between the ledger and the current state.

    Verifies the recipients in chunks, each in one snapshot; calls `progress` with the size of each chunk.
    """
    last_id = 0
    while True:
        rows = await database.fetch(
            "SELECT id FROM recipients WHERE id > $1 ORDER BY id LIMIT $2", last_id, _CHUNK
        )
        if not rows:
            return
        ids = [row["id"] for row in rows]
        for line in await _differences(ids[0], ids[-1]):
            yield line
        progress(len(ids))
        last_id = ids[-1]


async def count_recipients() -> int:
    """How many recipients there are to verify."""
    [row] = await database.fetch("SELECT COUNT(*) AS recipients FROM recipients")
    return int(row["recipients"])


# One statement is one snapshot: a concurrent change is in both the ledger and the state, or in neither.
_EVENTS_AND_STATES = """
SELECT 'event' AS source, id AS event_id, recipient_id, channel, subscription_type_id, business_unit_id,
  before, after AS status, superseded, origin, legal_basis, CAST(NULL AS text) AS paused_until
FROM consent_events WHERE recipient_id BETWEEN $1 AND $2 AND NOT about_pause
UNION ALL
SELECT 'pause_event', id, recipient_id, channel, NULL, business_unit_id, NULL, NULL, NULL, origin, NULL,
  CAST(paused_until AS text)
FROM consent_events WHERE recipient_id BETWEEN $1 AND $2 AND about_pause
UNION ALL
SELECT 'preference', event_id, recipient_id, channel, subscription_type_id, NULL, NULL, status, NULL, origin,
  legal_basis, NULL
FROM preferences WHERE recipient_id BETWEEN $1 AND $2
UNION ALL
SELECT 'opt_out_of_all', event_id, recipient_id, channel, NULL, business_unit_id, NULL,
  CASE WHEN active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, NULL, origin, NULL, NULL
FROM opt_outs_of_all WHERE recipient_id BETWEEN $1 AND $2
UNION ALL
SELECT 'pause', event_id, recipient_id, channel, NULL, business_unit_id, NULL, NULL, NULL, origin, NULL,
  CAST(until AS text)
FROM pauses WHERE recipient_id BETWEEN $1 AND $2
ORDER BY event_id
""".strip()


async def _differences(first_id: int, last_id: int) -> list[str]:
    by_source: dict[str, list[database.Row]] = {}
    for row in await database.fetch(_EVENTS_AND_STATES, first_id, last_id):
        by_source.setdefault(row["source"], []).append(row)
    replayed = _replay(by_source.get("event", ())) | _replay_pauses(by_source.get("pause_event", ()))
    current = {
        _key(row): _value(row)
        for source in ("preference", "opt_out_of_all", "pause")
        for row in by_source.get(source, ())
    }
    return [
        f"recipient {key.recipient_id}, {key.channel}, {key.subject} {key.subject_id}:"
        f" the ledger says {_text(replayed.get(key))}, the current state is {_text(current.get(key))}"
        for key in sorted({*replayed, *current})
        if replayed.get(key) != current.get(key)
    ]


def _replay(events: Iterable[database.Row]) -> _State:
    """Replay events in order. An event whose `before` is not the state at that point breaks the chain."""
    state: _State = {}
    for row in events:
        key = _key(row)
        status = state[key].status if key in state else "NOT_OPTED"
        if row["before"] != status:
            broken = f"event {row['event_id']} starts from {row['before']} instead of {status}"
            state[key] = _Value(row["event_id"], broken)
        elif not row["superseded"]:
            state[key] = _value(row)
    return state


def _replay_pauses(events: Iterable[database.Row]) -> _State:
    """Replay pauses in order. A pause that was ended early leaves nothing."""
    newest = {_key(row): row for row in events}
    return {key: _value(row) for key, row in newest.items() if row["paused_until"] is not None}


def _key(row: database.Row) -> _Key:
    recipient_id, channel = row["recipient_id"], row["channel"]
    if row["subscription_type_id"] is not None:
        return _Key(recipient_id, channel, "type", row["subscription_type_id"])
    subject = "pause of unit" if row["source"] in ("pause", "pause_event") else "all of unit"
    return _Key(recipient_id, channel, subject, row["business_unit_id"])


def _value(row: database.Row) -> _Value:
    legal_basis = row["legal_basis"] if row["subscription_type_id"] is not None else None
    return _Value(row["event_id"], row["paused_until"] or row["status"], row["origin"], legal_basis)


def _text(value: _Value | None) -> str:
    return "nothing" if value is None else ", ".join(str(part) for part in value if part is not None)
