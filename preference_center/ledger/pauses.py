"""Records pauses: decided while the recipient is locked, one event for each change (R18).

A pause changes no status: its event has the opt-out of all's status before and after, and the pause's end.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from preference_center.ledger.listeners import notify_after_commit
from preference_center.ledger.rows import PAUSES, ConsentEventRow, PauseRow, SourceColumns, source_columns
from preference_center.ledger.types import PauseIntent, Provenance
from preference_center.ledger.write import append_events, evidence_row
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.decisions import Accepted, Decision
from preference_center.rules.permissions.pauses import decide_pause
from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class _Current:
    """The pause that has not ended, if any, and the opt-out of all beside it."""

    until: datetime | None
    set_by: Maker
    status_of_all: PreferenceStatus


async def record_pauses_in_transaction(
    intents: Sequence[PauseIntent], provenance: Provenance
) -> list[Decision]:
    """Decide and write pauses in the open write transaction; a decision for each."""
    if not intents:
        return []
    await lock_recipients({intent.recipient_id for intent in intents})
    decisions = [await _record(intent, provenance) for intent in intents]
    notify_after_commit(provenance.origin, sum(isinstance(decision, Accepted) for decision in decisions))
    return decisions


async def _record(intent: PauseIntent, provenance: Provenance) -> Decision:
    at = database.now()
    current = await _current(intent, at)
    decision = decide_pause(intent.until, provenance.origin.maker, current.until, current.set_by)
    if isinstance(decision, Accepted):
        source = source_columns(provenance)
        event = _event_row(intent, current.status_of_all, source, at)
        [event_id] = await append_events([event], await evidence_row(provenance))
        await _write_state(intent, source, at, event_id)
    return decision


# Always one row: the recipient exists.
_CURRENT = """
SELECT p.until AS paused_until, p.origin AS pause_origin,
  EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.active AND o.recipient_id = r.id AND o.channel = $2
    AND o.business_unit_id = $3) AS opted_out_of_all
FROM recipients r
LEFT JOIN pauses p ON p.recipient_id = r.id AND p.channel = $2 AND p.business_unit_id = $3 AND p.until > $4
WHERE r.id = $1
""".strip()


async def _current(intent: PauseIntent, at: datetime) -> _Current:
    [row] = await database.fetch(
        _CURRENT, intent.recipient_id, intent.channel.value, intent.business_unit.id, at
    )
    return _Current(
        until=database.optional_instant(row["paused_until"]),
        set_by=ConsentOrigin(row["pause_origin"]).maker if row["pause_origin"] else Maker.NOBODY,
        status_of_all=PreferenceStatus.OPTED_OUT if row["opted_out_of_all"] else PreferenceStatus.NOT_OPTED,
    )


def _event_row(
    intent: PauseIntent, status_of_all: PreferenceStatus, source: SourceColumns, at: datetime
) -> ConsentEventRow:
    return ConsentEventRow(
        recipient_id=intent.recipient_id,
        channel=intent.channel.value,
        business_unit_id=intent.business_unit.id,
        subscription_type_id=None,
        before=status_of_all.value,
        after=status_of_all.value,
        superseded=False,
        origin=source.origin,
        actor=source.actor,
        legal_basis=source.legal_basis,
        operation_id=source.operation_id,
        occurred_at=at,
        recorded_at=at,
        about_pause=True,
        paused_until=intent.until,
    )


async def _write_state(intent: PauseIntent, source: SourceColumns, at: datetime, event_id: int) -> None:
    recipient_id, channel, unit_id = intent.recipient_id, intent.channel.value, intent.business_unit.id
    if intent.until is None:
        await database.execute(
            "DELETE FROM pauses WHERE recipient_id = $1 AND channel = $2 AND business_unit_id = $3",
            recipient_id,
            channel,
            unit_id,
        )
        return
    row = PauseRow(
        recipient_id=recipient_id,
        channel=channel,
        business_unit_id=unit_id,
        until=intent.until,
        origin=source.origin,
        actor=source.actor,
        set_at=at,
        event_id=event_id,
    )
    await database.insert(PAUSES.name, PAUSES.columns, [row], PAUSES.on_conflict)
