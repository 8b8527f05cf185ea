"""Writes events with their evidence, and the state that they leave. The ledger's hot statements."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import lru_cache
from itertools import count
from typing import Any, NamedTuple

from preference_center.ledger.batch import Batch
from preference_center.ledger.rows import (
    OPT_OUTS_OF_ALL,
    PREFERENCES,
    ConsentEventRow,
    EvidenceRow,
    OptOutOfAllRow,
    PreferenceRow,
    SourceColumns,
    StateTable,
    source_columns,
)
from preference_center.ledger.shown_texts import shown_text_id
from preference_center.ledger.types import Event, Provenance
from preference_center.rules.types import ConsentOrigin, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.rows import columns_of

_EVENT_COLUMNS = columns_of(ConsentEventRow)
_EVIDENCE_COLUMNS = columns_of(EvidenceRow)


async def write_events(batch: Batch) -> None:
    """Append a batch's events with their evidence, set their ids, and write the new state.

    A single change takes one statement on PostgreSQL, any number of changes takes at most three.
    """
    events, newest = batch.writes.events, batch.writes.newest_events
    if not events:
        return
    source = source_columns(batch.provenance)
    rows = [_event_row(event, source, batch.at) for event in events]
    evidence = await evidence_row(batch.provenance)
    if len(events) == len(newest) == 1 and database.dialect() == "postgres":
        await _write_single(batch, rows[0], evidence, source)
        return
    for event, event_id in zip(events, await append_events(rows, evidence), strict=True):
        event.id = event_id
    await _write_states(batch, source)


def _event_row(event: Event, source: SourceColumns, at: datetime) -> ConsentEventRow:
    intent = event.intent
    return ConsentEventRow(
        recipient_id=intent.recipient_id,
        channel=intent.channel.value,
        business_unit_id=intent.business_unit.id,
        subscription_type_id=intent.subscription_type.id if intent.subscription_type else None,
        before=event.before.value,
        after=intent.status.value,
        superseded=event.superseded,
        origin=source.origin,
        actor=source.actor,
        legal_basis=source.legal_basis,
        operation_id=source.operation_id,
        occurred_at=event.occurred_at,
        recorded_at=at,
        about_pause=False,
        paused_until=None,
        carried_from_event_id=intent.carried_from_event_id,
    )


async def evidence_row(provenance: Provenance) -> EvidenceRow | None:
    """The evidence to store with each event of a transaction, if there is any."""
    facts = provenance.evidence
    # An operation keeps one explanation for all its events; a workflow has one for each action.
    kept_by_operation = (
        provenance.operation_id is not None and provenance.origin is not ConsentOrigin.WORKFLOW
    )
    explanation = None if kept_by_operation else provenance.explanation or None
    if facts is None:
        return None if explanation is None else EvidenceRow(explanation)
    return EvidenceRow(
        explanation=explanation,
        ip_address=facts.ip_address,
        user_agent=facts.user_agent,
        url=facts.url,
        wording_id=await shown_text_id(facts),
        locale=facts.locale,
    )


async def _write_states(batch: Batch, source: SourceColumns) -> None:
    """Make the newest event of each key the current state."""
    for table in (PREFERENCES, OPT_OUTS_OF_ALL):
        rows = [
            _state_row(event, source, batch.current.preferences[key].occurred_at, batch.at)
            for key, event in batch.writes.newest_events.items()
            if (key.subscription_type_id is None) is (table is OPT_OUTS_OF_ALL)
        ]
        await database.insert(table.name, table.columns, rows, table.on_conflict)


def _state_row(
    event: Event, source: SourceColumns, occurred_at: datetime, at: datetime
) -> PreferenceRow | OptOutOfAllRow:
    """The state that an event leaves."""
    intent = event.intent
    if intent.subscription_type is None:
        return OptOutOfAllRow(
            recipient_id=intent.recipient_id,
            channel=intent.channel.value,
            business_unit_id=intent.business_unit.id,
            active=intent.status is PreferenceStatus.OPTED_OUT,
            origin=source.origin,
            occurred_at=occurred_at,
            changed_at=at,
            operation_id=source.operation_id,
            event_id=event.id,
        )
    return PreferenceRow(
        recipient_id=intent.recipient_id,
        channel=intent.channel.value,
        subscription_type_id=intent.subscription_type.id,
        status=intent.status.value,
        legal_basis=source.legal_basis,
        origin=source.origin,
        occurred_at=occurred_at,
        changed_at=at,
        operation_id=source.operation_id,
        event_id=event.id,
    )


async def append_events(rows: Sequence[ConsentEventRow], evidence: EvidenceRow | None) -> list[int]:
    """Insert events, each with the same evidence; return their ids in the same order."""
    if database.dialect() == "sqlite":
        return await _append_on_sqlite(rows, evidence)
    source, values = database.unnested(_EVENT_COLUMNS, rows)
    sql = _append_sql(source, len(values), with_evidence=evidence is not None)
    inserted = await database.fetch(sql, *values, *_without_event_id(evidence))
    for new, row in zip(inserted, rows, strict=True):
        if (new["recipient_id"], new["subscription_type_id"]) != (row.recipient_id, row.subscription_type_id):
            raise RuntimeError("PostgreSQL returned the inserted events in another order")
    return [new["id"] for new in inserted]


async def _append_on_sqlite(rows: Sequence[ConsentEventRow], evidence: EvidenceRow | None) -> list[int]:
    """SQLite has no bulk RETURNING; its one writer can number the events itself."""
    [last] = await database.fetch("SELECT COALESCE(MAX(id), 0) AS id FROM consent_events")
    ids = range(last["id"] + 1, last["id"] + 1 + len(rows))
    columns = {"id": "bigint", **_EVENT_COLUMNS}
    await database.insert(
        "consent_events", columns, [(id_, *row) for id_, row in zip(ids, rows, strict=True)]
    )
    if evidence:
        proofs = [evidence._replace(event_id=event_id) for event_id in ids]
        await database.insert("evidence", _EVIDENCE_COLUMNS, proofs)
    return list(ids)


def _append_sql(event_source: str, event_places: int, *, with_evidence: bool) -> str:
    """Insert events from a SELECT with `event_places` parameters and, after these, their common evidence."""
    events = (
        f"WITH new_events AS (INSERT INTO consent_events ({', '.join(_EVENT_COLUMNS)}) {event_source}"
        " RETURNING id, recipient_id, subscription_type_id)"
    )
    if with_evidence:
        events += f", new_evidence AS ({_insert_evidence_sql('new_events', count(event_places + 1))})"
    return f"{events} SELECT id, recipient_id, subscription_type_id FROM new_events"


async def _write_single(
    batch: Batch, row: ConsentEventRow, evidence: EvidenceRow | None, source: SourceColumns
) -> None:
    """Write one event, its evidence and the state that it leaves in one statement; set the event's id."""
    [(key, event)] = batch.writes.newest_events.items()
    state = _state_row(event, source, batch.current.preferences[key].occurred_at, batch.at)
    table = PREFERENCES if key.subscription_type_id is not None else OPT_OUTS_OF_ALL
    sql = _single_sql(table, with_evidence=evidence is not None)
    [written] = await database.fetch(sql, *row, *_without_event_id(evidence), *_without_event_id(state))
    event.id = written["id"]


@lru_cache(maxsize=8)
def _single_sql(table: StateTable, *, with_evidence: bool) -> str:
    places = count(1)
    sql = (
        f"WITH new_event AS (INSERT INTO consent_events ({', '.join(_EVENT_COLUMNS)})"
        f" SELECT {_parameters(_EVENT_COLUMNS, places)} RETURNING id)"
    )
    if with_evidence:
        sql += f", new_evidence AS ({_insert_evidence_sql('new_event', places)})"
    columns = _other_columns(table.columns)
    return (
        f"{sql}, new_state AS (INSERT INTO {table.name} ({', '.join(columns)}, event_id)"
        f" SELECT {_parameters(columns, places)}, id FROM new_event {table.on_conflict})"
        " SELECT id FROM new_event"
    )


def _insert_evidence_sql(events: str, places: count[int]) -> str:
    columns = _other_columns(_EVIDENCE_COLUMNS)
    return (
        f"INSERT INTO evidence ({', '.join(columns)}, event_id)"
        f" SELECT {_parameters(columns, places)}, id FROM {events}"
    )


def _parameters(columns: dict[str, str], places: count[int]) -> str:
    """A typed parameter for each column: $1::bigint, $2::text …"""
    return ", ".join(f"${next(places)}::{sql_type}" for sql_type in columns.values())


def _other_columns(columns: dict[str, str]) -> dict[str, str]:
    """The columns without `event_id`, whose value comes from the event's INSERT."""
    return {name: sql_type for name, sql_type in columns.items() if name != "event_id"}


def _without_event_id(row: NamedTuple | None) -> list[Any]:
    """The values for `_other_columns`."""
    if row is None:
        return []
    return [value for name, value in zip(row._fields, row, strict=True) if name != "event_id"]
