"""Writing a batch: events, evidence, state, pending opt-ins and what goes out, a statement for each."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from typing import TYPE_CHECKING, Any

from preference_center.ledger import confirmations as ledger_confirmations
from preference_center.ledger import current_state
from preference_center.ledger import shown_texts as ledger_wordings
from preference_center.ledger import write_single as ledger_single
from preference_center.ledger.columns import (
    EVENT,
    EVIDENCE,
    OPT_OUTS_OF_ALL,
    PENDING_OPT_INS,
    PREFERENCES,
    StateTable,
)
from preference_center.ledger.current_state import CurrentState
from preference_center.ledger.types import Event, Key, PendingRow, Provenance
from preference_center.outbox.queue import Confirmation, queue_confirmations
from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database

if TYPE_CHECKING:
    from preference_center.ledger.pauses import PauseIntent

CONFIRMATION_DAYS = timedelta(days=7)
"""How long an opt-in waits for its recipient (R19)."""


@dataclass(slots=True)
class Writes:
    """All that a batch writes."""

    at: datetime
    events: list[Event] = field(default_factory=list)
    newest: dict[Key, Event] = field(default_factory=dict)
    """The event that each state comes from."""
    pending: dict[Key, PendingRow] = field(default_factory=dict)
    forgotten: list[int] = field(default_factory=list)
    """Rows of opt-ins that wait no more."""
    asked_again: list[int] = field(default_factory=list)
    """Rows of opt-ins that were asked for again while they wait."""


async def write(writes: Writes, standing: CurrentState, provenance: Provenance) -> list[int]:
    """Write all that a batch decided; gives the events their ids, and answers which contacts it changed."""
    events, waiting = writes.events, list(writes.pending.values())
    came = _came(provenance, writes.at)
    rows = [_event_row(event, *came) for event in events]
    states = [_state_row(key, event, standing, provenance, writes.at) for key, event in writes.newest.items()]
    proof = await proof_of(provenance) if events else None
    if len(events) == len(states) == 1 and database.dialect() == "postgres":
        events[0].id = await ledger_single.write(rows[0], proof, *states[0])
    elif events:
        for event, event_id in zip(events, await append(rows, proof), strict=True):
            event.id = event_id
        await _hold(writes.newest, states)
    if writes.forgotten:
        of_ids = database.any_of(1)
        await database.execute(f"DELETE FROM pending_opt_ins WHERE id {of_ids}", writes.forgotten)
    if waiting:
        await _wait(waiting, standing, provenance, writes.at)
    if writes.asked_again:
        await ledger_confirmations.queue_again(writes.asked_again, writes.at)
    if provenance.origin.maker is Maker.TEAM and provenance.processing_basis:
        concerned = {event.intent.recipient_id for event in events if not event.superseded}
        concerned |= {row.intent.recipient_id for row in waiting}
        return await _keep_processing_basis(sorted(concerned - standing.with_processing_basis), provenance)
    return []


def _came(p: Provenance, at: datetime) -> tuple[tuple[Any, ...], datetime]:
    """What every event of the batch says of where it comes from, and when it was recorded."""
    basis = p.legal_basis.value if p.legal_basis else None
    return (p.origin.value, str(p.actor), basis, p.operation_id), at


def _event_row(event: Event, source: tuple[Any, ...], at: datetime) -> tuple[Any, ...]:
    intent = event.intent
    return (
        intent.recipient_id,
        intent.channel.value,
        intent.unit.id,
        intent.type.id if intent.type else None,
        event.before.value,
        intent.status.value,
        event.superseded,
        *source,
        event.occurred_at,
        at,
        False,
        None,
    )


def pause_row(
    pause: PauseIntent, of_all: PreferenceStatus, provenance: Provenance, at: datetime
) -> tuple[Any, ...]:
    """The ledger's row of a silence: what holds of all stays as it is."""
    source, recorded = _came(provenance, at)
    about = (pause.recipient_id, pause.channel.value, pause.unit.id, None)
    return (*about, of_all.value, of_all.value, False, *source, recorded, recorded, True, pause.until)


async def proof_of(provenance: Provenance) -> tuple[Any, ...] | None:
    """What is kept beside each event of the batch, where there is anything."""
    facts = provenance.evidence
    # An operation keeps its explanation once, for all its events; a workflow has one for each action.
    once = provenance.operation_id is not None and provenance.origin is not ConsentOrigin.WORKFLOW
    explanation = None if once else provenance.explanation or None
    if facts is None:
        return None if explanation is None else (explanation, *(None,) * 5)
    wording = await ledger_wordings.number_of(facts)
    return (explanation, facts.ip_address, facts.user_agent, facts.url, wording, facts.locale)


async def append(rows: Sequence[tuple[Any, ...]], proof: tuple[Any, ...] | None) -> list[int]:
    """Insert rows of the ledger, each with its proof, and return their ids, in the same order."""
    if database.dialect() == "sqlite":
        last = await database.fetch("SELECT COALESCE(MAX(id), 0) AS id FROM consent_events")
        first = last[0]["id"] + 1
        ids = list(range(first, first + len(rows)))
        numbered = [(event_id, *row) for event_id, row in zip(ids, rows, strict=True)]
        await database.insert("consent_events", {"id": "bigint", **EVENT}, numbered)
        if proof:
            await database.insert("evidence", EVIDENCE, [(event_id, *proof) for event_id in ids])
        return ids
    source, values = database.unnested(EVENT, rows)
    written = await database.fetch(
        _events_sql(source, len(values), proved=proof is not None), *values, *proof or ()
    )
    for row, given in zip(written, rows, strict=True):
        if (row["recipient_id"], row["subscription_type_id"]) != (given[0], given[3]):
            raise RuntimeError("the database returned the ledger's rows in another order")
    return [row["id"] for row in written]


def _events_sql(source: str, places: int, *, proved: bool) -> str:
    """Events and, after their own values, what proves them all: one statement on PostgreSQL."""
    proof = ""
    if proved:
        kinds = list(EVIDENCE.values())[1:]
        shown = ", ".join(f"${n}::{kind}" for n, kind in enumerate(kinds, places + 1))
        proof = f", proof AS (INSERT INTO evidence ({', '.join(EVIDENCE)}) SELECT id, {shown} FROM written)"
    return (
        f"WITH written AS (INSERT INTO consent_events ({', '.join(EVENT)}) {source}"
        f" RETURNING id, recipient_id, subscription_type_id){proof} SELECT * FROM written"
    )


def _state_row(
    key: Key, event: Event, standing: CurrentState, provenance: Provenance, at: datetime
) -> tuple[StateTable, tuple[Any, ...]]:
    """The state that an event leaves: its table, and its row without the event's id, which comes last."""
    recipient, channel, about_all, about = key
    status, occurred = event.intent.status.value, standing.rows[key].occurred_at
    came = (provenance.origin.value, occurred, at, provenance.operation_id)
    if about_all:
        return OPT_OUTS_OF_ALL, (recipient, channel.value, about, status == "OPTED_OUT", *came)
    basis = provenance.legal_basis.value if provenance.legal_basis else None
    return PREFERENCES, (recipient, channel.value, about, status, basis, *came)


async def _hold(newest: Mapping[Key, Event], states: Sequence[tuple[StateTable, tuple[Any, ...]]]) -> None:
    """Make the newest event of each key the state."""
    for table in (PREFERENCES, OPT_OUTS_OF_ALL):
        rows = [
            (*row, event.id) for event, (of, row) in zip(newest.values(), states, strict=True) if of is table
        ]
        await database.insert(table.name, table.columns, rows, table.upsert)


async def _wait(
    rows: Sequence[PendingRow], standing: CurrentState, provenance: Provenance, at: datetime
) -> None:
    """Keep what waits for confirmation, and ask the recipient, by mail or text message (R19)."""
    p = provenance
    basis = p.legal_basis.value if p.legal_basis else None
    until = at + CONFIRMATION_DAYS
    waiting = [
        (
            row.intent.recipient_id,
            row.intent.channel.value,
            row.type.id,
            p.origin.value,
            str(p.actor),
            basis,
            p.explanation,
            at,
            until,
            p.operation_id,
            1,
            None,
        )
        for row in rows
    ]
    table = PENDING_OPT_INS
    await database.insert(table.name, table.columns, waiting, table.upsert)
    confirmations = []
    for row in rows:
        fingerprint, address = standing.addresses[row.intent.recipient_id]
        if address:
            intent = row.intent
            confirmations.append(
                Confirmation(intent.channel, fingerprint, address, intent.unit.id, row.type.id)
            )
    await queue_confirmations(confirmations, at)


async def _keep_processing_basis(recipients: list[int], provenance: Provenance) -> list[int]:
    """Keep the basis to process with the contacts that had none (R6); answers these."""
    if not recipients or provenance.processing_basis is None:
        return []
    of_ids = database.any_of(2)
    rows = await database.fetch(
        "UPDATE contacts SET processing_basis = $1, updated_at = $3 WHERE processing_basis IS NULL"
        f" AND (email_recipient_id {of_ids} OR phone_recipient_id {of_ids}) RETURNING id",
        provenance.processing_basis.value,
        recipients,
        database.now(),
    )
    return [row["id"] for row in rows]


About = tuple[int, str, int | None, int]
"""Recipient id, channel, type id (None for all), unit id."""


def about(event: database.Row) -> About:
    """What an event of the ledger is about."""
    type_id = event["subscription_type_id"]
    unit_id = event["business_unit_id"] if type_id is None else 0
    return (event["recipient_id"], event["channel"], type_id, unit_id)


async def lock_newest(recipient_ids: Sequence[int]) -> dict[About, tuple[int, int | None]]:
    """Lock recipients; the newest event of all that holds of them, and the operation it was part of."""
    await current_state.lock(recipient_ids)
    of_ids = database.any_of(1)
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id, 0 AS business_unit_id, event_id, operation_id"
        f" FROM preferences WHERE recipient_id {of_ids}"
        " UNION ALL SELECT recipient_id, channel, NULL, business_unit_id, event_id, operation_id"
        f" FROM opt_outs_of_all WHERE recipient_id {of_ids}",
        list(recipient_ids),
    )
    return {about(row): (row["event_id"], row["operation_id"]) for row in rows}


async def drop_pending(operation_id: int | None) -> None:
    """Drop the opt-ins that an operation asked for and that nobody has confirmed yet (R19, R20)."""
    await database.execute("DELETE FROM pending_opt_ins WHERE operation_id = $1", operation_id)
