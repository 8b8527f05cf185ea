"""Verifies that replaying the ledger gives the current state, and that the ledger is append-only.

Rows are read as the API reads them: one that cannot be read is listed.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Callable, Iterable
from datetime import datetime
from typing import NamedTuple

from preference_center.history.guards import missing_guards
from preference_center.rules.types import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
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
    occurred_at: datetime | None = None
    """The time that later decisions are compared with (R17); None for a pause."""


class _Entry(NamedTuple):
    """A row, of the ledger or of the state, as the API reads it."""

    source: str
    key: _Key
    value: _Value
    before: str
    superseded: bool
    is_merged: bool
    """Whether the event is the decision of another spelling of the phone number, with its time (R3)."""
    is_end: bool
    """Whether the event ends a pause."""


_State = dict[_Key, _Value]


async def verify(progress: Callable[[int], None] = lambda _verified: None) -> AsyncIterator[str]:
    """Yield a line for each difference between the ledger and the current state, and for what is missing.

    Verifies the recipients in chunks, each in one snapshot; calls `progress` with the size of each chunk.
    """
    for name in await missing_guards():
        yield f"the ledger can be changed: its trigger {name} is missing, disabled or changed"
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
SELECT 'event' AS source, e.id AS event_id, e.recipient_id, e.channel, e.subscription_type_id,
  e.business_unit_id, e.before, e.after AS status, e.superseded, e.origin, e.legal_basis, e.occurred_at,
  CAST(NULL AS timestamptz) AS paused_until,
  CASE WHEN e.carried_from_event_id IS NOT NULL THEN
    (SELECT r.id FROM consent_events c JOIN recipients r ON r.id = c.recipient_id
     WHERE c.id = e.carried_from_event_id AND r.merged_into_id = e.recipient_id) END AS merged_from_id
FROM consent_events e WHERE e.recipient_id BETWEEN $1 AND $2 AND NOT e.about_pause
UNION ALL
SELECT 'pause_event', id, recipient_id, channel, NULL, business_unit_id, NULL, NULL, NULL, origin, NULL, NULL,
  paused_until, NULL
FROM consent_events WHERE recipient_id BETWEEN $1 AND $2 AND about_pause
UNION ALL
SELECT 'preference', event_id, recipient_id, channel, subscription_type_id, NULL, NULL, status, NULL, origin,
  legal_basis, occurred_at, NULL, NULL
FROM preferences WHERE recipient_id BETWEEN $1 AND $2
UNION ALL
SELECT 'opt_out_of_all', event_id, recipient_id, channel, NULL, business_unit_id, NULL,
  CASE WHEN active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, NULL, origin, NULL, occurred_at, NULL, NULL
FROM opt_outs_of_all WHERE recipient_id BETWEEN $1 AND $2
UNION ALL
SELECT 'pause', event_id, recipient_id, channel, NULL, business_unit_id, NULL, NULL, NULL, origin, NULL, NULL,
  until, NULL
FROM pauses WHERE recipient_id BETWEEN $1 AND $2
ORDER BY event_id
""".strip()


async def _differences(first_id: int, last_id: int) -> list[str]:
    try:
        rows = await database.fetch(_EVENTS_AND_STATES, first_id, last_id)
    except (ValueError, OverflowError) as error:  # the driver cannot read a value
        return [f"recipients {first_id} to {last_id}: a row cannot be read: {error}"]
    entries, unreadable = _read_all(rows)
    replayed = _replay(each for each in entries if each.source == "event")
    replayed |= _replay_pauses(each for each in entries if each.source == "pause_event")
    current = {each.key: each.value for each in entries if each.source not in ("event", "pause_event")}
    return unreadable + [
        f"recipient {key.recipient_id}, {key.channel}, {key.subject} {key.subject_id}:"
        f" the ledger says {_text(replayed.get(key))}, the current state is {_text(current.get(key))}"
        for key in sorted({*replayed, *current})
        if replayed.get(key) != current.get(key)
    ]


def _read_all(rows: Iterable[database.Row]) -> tuple[list[_Entry], list[str]]:
    """The rows in order, and a line for each that cannot be read."""
    entries: list[_Entry] = []
    unreadable: list[str] = []
    for row in rows:
        try:
            entries.append(_read(row))
        except (ValueError, OverflowError) as error:
            of = f"recipient {row['recipient_id']}, {row['channel']}"
            unreadable.append(f"{of}: the {row['source']} of event {row['event_id']} cannot be read: {error}")
    return entries, unreadable


def _read(row: database.Row) -> _Entry:
    """Read a row as the API does. Raises ValueError, or OverflowError."""
    of_type, of_pause = row["subscription_type_id"] is not None, row["source"] in ("pause", "pause_event")
    subject = "type" if of_type else ("pause of unit" if of_pause else "all of unit")
    subject_id = row["subscription_type_id"] if of_type else row["business_unit_id"]
    until = database.optional_instant(row["paused_until"])
    status = until.isoformat() if until else row["status"]
    value = _Value(
        event_id=row["event_id"],
        status=status if of_pause else PreferenceStatus(status).value,
        origin=ConsentOrigin(row["origin"]).value,
        legal_basis=LegalBasis(row["legal_basis"]).value if of_type and row["legal_basis"] else None,
        occurred_at=None if of_pause else database.instant(row["occurred_at"]),
    )
    return _Entry(
        source=row["source"],
        key=_Key(row["recipient_id"], Channel(row["channel"]).value, subject, subject_id),
        value=value,
        before=row["before"],
        superseded=bool(row["superseded"]),
        is_merged=row["merged_from_id"] is not None,
        is_end=until is None,
    )


def _replay(events: Iterable[_Entry]) -> _State:
    """Replay events in order. An event whose `before` is not the state at that point breaks the chain."""
    state: _State = {}
    for event in events:
        prior = state.get(event.key)
        status = prior.status if prior else PreferenceStatus.NOT_OPTED.value
        if event.before != status:
            broken = f"event {event.value.event_id} starts from {event.before} instead of {status}"
            state[event.key] = _Value(event.value.event_id, broken)
        elif not event.superseded:
            state[event.key] = event.value if event.is_merged else _at_latest_time(event.value, prior)
    return state


def _at_latest_time(value: _Value, prior: _Value | None) -> _Value:
    """The state that an event leaves: of the time of the latest decision so far."""
    times = [each.occurred_at for each in (value, prior) if each and each.occurred_at]
    return value._replace(occurred_at=max(times, default=None))


def _replay_pauses(events: Iterable[_Entry]) -> _State:
    """Replay pauses in order. A pause that was ended early leaves nothing."""
    newest = {event.key: event for event in events}
    return {key: event.value for key, event in newest.items() if not event.is_end}


def _text(value: _Value | None) -> str:
    return "nothing" if value is None else ", ".join(str(part) for part in value if part is not None)
