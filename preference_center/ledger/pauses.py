"""Silences through the door: decided under lock, an event of the ledger for each (R18), and its state.

A pause changes no status: its event says what held of all, before and after, and until when it is silent.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit
from preference_center.ledger import current_state
from preference_center.ledger import record as ledger
from preference_center.ledger import write as ledger_rows
from preference_center.ledger.types import Provenance
from preference_center.rules.decisions import Accepted, Decision
from preference_center.rules.pauses import decide_pause
from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database

_PAUSES = {
    "recipient_id": "bigint",
    "channel": "text",
    "business_unit_id": "int",
    "until": "timestamptz",
    "origin": "text",
    "actor": "text",
    "set_at": "timestamptz",
    "event_id": "bigint",
}
_UPSERT = (
    "ON CONFLICT (recipient_id, business_unit_id, channel) DO UPDATE SET until = excluded.until,"
    " origin = excluded.origin, actor = excluded.actor, set_at = excluded.set_at,"
    " event_id = excluded.event_id"
)


@dataclass(frozen=True, slots=True)
class PauseIntent:
    """A silence that is asked for; `until` None ends the one that holds."""

    recipient_id: int
    channel: Channel
    unit: BusinessUnit
    until: datetime | None


@dataclass(frozen=True, slots=True)
class _Held:
    until: datetime | None
    by: Maker
    all_status: PreferenceStatus


async def apply(intents: Sequence[PauseIntent], provenance: Provenance) -> list[Decision]:
    """Decide and write silences, in the write transaction that the caller holds; a decision for each."""
    if not intents:
        return []
    await current_state.lock(sorted({intent.recipient_id for intent in intents}))
    decisions = [await _take(intent, provenance) for intent in intents]
    ledger.tell(provenance.origin, sum(isinstance(decision, Accepted) for decision in decisions))
    return decisions


async def _take(intent: PauseIntent, provenance: Provenance) -> Decision:
    at, held = database.now(), await _held(intent)
    decision = decide_pause(intent.until, provenance.origin.maker, held.until, held.by)
    if isinstance(decision, Accepted):
        event = ledger_rows.pause_row(intent, held.all_status, provenance, at)
        [event_id] = await ledger_rows.append([event], await ledger_rows.proof_of(provenance))
        await _hold(intent, provenance, at, event_id)
    return decision


async def _held(intent: PauseIntent) -> _Held:
    place = (intent.recipient_id, intent.channel.value, intent.unit.id)
    where = "recipient_id = $1 AND channel = $2 AND business_unit_id = $3"
    rows = await database.fetch(
        f"SELECT origin, until FROM pauses WHERE {where} AND until > $4"
        f" UNION ALL SELECT '', NULL FROM opt_outs_of_all WHERE active AND {where}",
        *place,
        database.now(),
    )
    out = any(not row["origin"] for row in rows)
    status = PreferenceStatus.OPTED_OUT if out else PreferenceStatus.NOT_OPTED
    silence = next((row for row in rows if row["origin"]), None)
    if silence is None:
        return _Held(None, Maker.NOBODY, status)
    return _Held(database.instant(silence["until"]), ConsentOrigin(silence["origin"]).maker, status)


async def _hold(intent: PauseIntent, provenance: Provenance, at: datetime, event_id: int) -> None:
    place = (intent.recipient_id, intent.channel.value, intent.unit.id)
    if intent.until is None:
        await database.execute(
            "DELETE FROM pauses WHERE recipient_id = $1 AND channel = $2 AND business_unit_id = $3", *place
        )
        return
    came = (provenance.origin.value, str(provenance.actor), at, event_id)
    await database.insert("pauses", _PAUSES, [(*place, intent.until, *came)], _UPSERT)
