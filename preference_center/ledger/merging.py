"""Merges what two recipients decided that turned out to be one phone number (R3): the stronger "no" stays.

The recipient that remains gets an event for each decision of the other spelling that prevails. Events and
state of the other spelling stay: the ledger is never rewritten, and its state is what its events give.
"""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from typing import NamedTuple

from preference_center.ledger.rows import (
    OPT_OUTS_OF_ALL,
    PAUSES,
    PREFERENCES,
    ConsentEventRow,
    EvidenceRow,
    OptOutOfAllRow,
    PauseRow,
    PreferenceRow,
)
from preference_center.ledger.write import append_events
from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database

EXPLANATION = "Merged from another spelling of the same phone number."
_IN, _NOT_OPTED, _OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT


class _Key(NamedTuple):
    """A preference, an opt-out of all where `subscription_type_id` is None, or a pause."""

    recipient_id: int
    channel: str
    business_unit_id: int
    subscription_type_id: int | None


@dataclass(frozen=True, slots=True)
class _Decision:
    """What is current, and the event that it comes from."""

    status: PreferenceStatus
    origin: ConsentOrigin
    actor: str
    legal_basis: str | None
    operation_id: int | None
    occurred_at: datetime
    event_id: int
    paused_until: datetime | None = None

    @property
    def is_own_opt_out(self) -> bool:
        """Whether the recipient opted out themselves."""
        return self.status is _OUT and self.origin.maker is Maker.RECIPIENT

    def prevails_over(self, other: _Decision | None) -> bool:
        """Whether it holds for the merged recipient, whose decision so far is `other`.

        An opt-out is never lost, a recipient's own takes over a team's (R11). An opt-in holds where neither
        opted out. Of an opt-in and its removal, the newer holds; at the same instant, the removal (R17).
        """
        if other is None:
            return self.status is not _NOT_OPTED
        if self.status is _OUT:
            return other.status is not _OUT or (self.is_own_opt_out and not other.is_own_opt_out)
        if other.status in (_OUT, self.status):
            return False
        if self.occurred_at == other.occurred_at:
            return self.status is _NOT_OPTED
        return self.occurred_at > other.occurred_at


@dataclass(slots=True)
class _Merge:
    """The decisions of all recipients concerned, and what the merge adds."""

    into: Mapping[int, int]
    at: datetime
    decisions: dict[_Key, _Decision] = field(default_factory=dict)
    """Preferences and opt-outs of all."""
    pauses: dict[_Key, _Decision] = field(default_factory=dict)
    events: list[ConsentEventRow] = field(default_factory=list)
    changed: dict[_Key, tuple[int, _Decision]] = field(default_factory=dict)
    """The new state of preferences and opt-outs of all, with the position of its event."""
    changed_pauses: dict[_Key, tuple[int, _Decision]] = field(default_factory=dict)

    def add_all(self) -> None:
        """Decide about everything that the other spellings hold: statuses first, then pauses."""
        for key in sorted(set(self.decisions), key=_order):
            if key.recipient_id in self.into:
                self._add(key, self.decisions[key])
        for key in sorted(set(self.pauses), key=_order):
            if key.recipient_id in self.into:
                self._add_pause(key, self.pauses[key])

    def status_of_all(self, key: _Key) -> PreferenceStatus:
        """The status of the opt-out of all that covers a key."""
        of_all = self.decisions.get(key._replace(subscription_type_id=None))
        return of_all.status if of_all else _NOT_OPTED

    def _add(self, other_key: _Key, decision: _Decision) -> None:
        key = other_key._replace(recipient_id=self.into[other_key.recipient_id])
        before = self.decisions.get(key)
        if decision.prevails_over(before):
            self.decisions[key] = decision
            self.changed[key] = len(self.events), decision
            before_status = before.status if before else _NOT_OPTED
            self.events.append(self._event(key, decision, before_status, decision.status))

    def _add_pause(self, other_key: _Key, pause: _Decision) -> None:
        """The pause that lasts longer holds."""
        key = other_key._replace(recipient_id=self.into[other_key.recipient_id])
        until, before = pause.paused_until, self.pauses.get(key)
        if until is None or (before and before.paused_until and before.paused_until >= until):
            return
        self.pauses[key] = pause
        self.changed_pauses[key] = len(self.events), pause
        status = self.status_of_all(key)
        self.events.append(self._event(key, pause, status, status))

    def _event(
        self, key: _Key, decision: _Decision, before: PreferenceStatus, after: PreferenceStatus
    ) -> ConsentEventRow:
        return ConsentEventRow(
            recipient_id=key.recipient_id,
            channel=key.channel,
            business_unit_id=key.business_unit_id,
            subscription_type_id=key.subscription_type_id,
            before=before.value,
            after=after.value,
            superseded=False,
            origin=decision.origin.value,
            actor=decision.actor,
            legal_basis=decision.legal_basis,
            operation_id=decision.operation_id,
            occurred_at=decision.occurred_at,
            recorded_at=self.at,
            about_pause=decision.paused_until is not None,
            paused_until=decision.paused_until,
            carried_from_event_id=decision.event_id,
        )


def _order(key: _Key) -> tuple[int, str, int, int]:
    return key.recipient_id, key.channel, key.business_unit_id, key.subscription_type_id or 0


async def merge_decisions(into: Mapping[int, int]) -> None:
    """Merge what recipients decided into others, by id, in the open transaction, which has locked them."""
    merge = _Merge(into, database.now())
    await _read(merge)
    merge.add_all()
    event_ids = await append_events(merge.events, EvidenceRow(EXPLANATION)) if merge.events else []
    await database.insert(
        PREFERENCES.name,
        PREFERENCES.columns,
        [
            _preference_row(key, decision, merge.at, event_ids[position])
            for key, (position, decision) in merge.changed.items()
            if key.subscription_type_id is not None
        ],
        PREFERENCES.on_conflict,
    )
    await database.insert(
        OPT_OUTS_OF_ALL.name,
        OPT_OUTS_OF_ALL.columns,
        [
            _opt_out_of_all_row(key, decision, merge.at, event_ids[position])
            for key, (position, decision) in merge.changed.items()
            if key.subscription_type_id is None
        ],
        OPT_OUTS_OF_ALL.on_conflict,
    )
    await database.insert(
        PAUSES.name,
        PAUSES.columns,
        [
            _pause_row(key, pause, event_ids[position])
            for key, (position, pause) in merge.changed_pauses.items()
        ],
        PAUSES.on_conflict,
    )
    await _merge_pending_opt_ins(merge)


def _preference_row(key: _Key, decision: _Decision, at: datetime, event_id: int) -> PreferenceRow:
    return PreferenceRow(
        recipient_id=key.recipient_id,
        channel=key.channel,
        subscription_type_id=key.subscription_type_id or 0,
        status=decision.status.value,
        legal_basis=decision.legal_basis,
        origin=decision.origin.value,
        occurred_at=decision.occurred_at,
        changed_at=at,
        operation_id=decision.operation_id,
        event_id=event_id,
    )


def _opt_out_of_all_row(key: _Key, decision: _Decision, at: datetime, event_id: int) -> OptOutOfAllRow:
    return OptOutOfAllRow(
        recipient_id=key.recipient_id,
        channel=key.channel,
        business_unit_id=key.business_unit_id,
        active=decision.status is _OUT,
        origin=decision.origin.value,
        occurred_at=decision.occurred_at,
        changed_at=at,
        operation_id=decision.operation_id,
        event_id=event_id,
    )


def _pause_row(key: _Key, pause: _Decision, event_id: int) -> PauseRow:
    if pause.paused_until is None:
        raise ValueError("a pause without an end")
    return PauseRow(
        recipient_id=key.recipient_id,
        channel=key.channel,
        business_unit_id=key.business_unit_id,
        until=pause.paused_until,
        origin=pause.origin.value,
        actor=pause.actor,
        set_at=pause.occurred_at,
        event_id=event_id,
    )


_DECISIONS = """
SELECT 'status' AS source, p.recipient_id, p.channel, t.business_unit_id, p.subscription_type_id, p.status,
  p.origin, e.actor, p.legal_basis, p.operation_id, p.occurred_at, p.event_id,
  CAST(NULL AS timestamptz) AS paused_until
FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
JOIN consent_events e ON e.id = p.event_id WHERE p.recipient_id {of_recipients}
UNION ALL
SELECT 'status', o.recipient_id, o.channel, o.business_unit_id, NULL,
  CASE WHEN o.active THEN 'OPTED_OUT' ELSE 'NOT_OPTED' END, o.origin, e.actor, e.legal_basis, o.operation_id,
  o.occurred_at, o.event_id, NULL
FROM opt_outs_of_all o JOIN consent_events e ON e.id = o.event_id WHERE o.recipient_id {of_recipients}
UNION ALL
SELECT 'pause', s.recipient_id, s.channel, s.business_unit_id, NULL, 'NOT_OPTED', s.origin, s.actor,
  e.legal_basis, e.operation_id, s.set_at, s.event_id, s.until
FROM pauses s JOIN consent_events e ON e.id = s.event_id WHERE s.recipient_id {of_recipients} AND s.until > $2
""".strip()


async def _read(merge: _Merge) -> None:
    ids = sorted({*merge.into, *merge.into.values()})
    sql = _DECISIONS.format(of_recipients=database.any_of(1))
    for row in await database.fetch(sql, ids, merge.at):
        key = _Key(row["recipient_id"], row["channel"], row["business_unit_id"], row["subscription_type_id"])
        held = merge.pauses if row["source"] == "pause" else merge.decisions
        held[key] = _Decision(
            status=PreferenceStatus(row["status"]),
            origin=ConsentOrigin(row["origin"]),
            actor=row["actor"],
            legal_basis=row["legal_basis"],
            operation_id=row["operation_id"],
            occurred_at=database.instant(row["occurred_at"]),
            event_id=row["event_id"],
            paused_until=database.optional_instant(row["paused_until"]),
        )


_PENDING = """
SELECT p.id, p.recipient_id, p.channel, t.business_unit_id, p.subscription_type_id
FROM pending_opt_ins p JOIN subscription_types t ON t.id = p.subscription_type_id
WHERE p.recipient_id {of_recipients} ORDER BY p.id
""".strip()


async def _merge_pending_opt_ins(merge: _Merge) -> None:
    """Move opt-ins that await confirmation (R19), but end those that the merged recipient has decided."""
    ids = sorted({*merge.into, *merge.into.values()})
    rows = await database.fetch(_PENDING.format(of_recipients=database.any_of(1)), ids)
    ended = _ended_pending_ids(merge, rows)
    if ended:
        await database.execute(f"DELETE FROM pending_opt_ins WHERE id {database.any_of(1)}", ended)
    moved = [
        {"id": row["id"], "into_id": merge.into[row["recipient_id"]]}
        for row in rows
        if row["recipient_id"] in merge.into and row["id"] not in ended
    ]
    if moved:
        source = database.recordset(1, {"id": "bigint", "into_id": "bigint"})
        await database.execute(
            f"UPDATE pending_opt_ins AS p SET recipient_id = m.into_id FROM {source} AS m WHERE p.id = m.id",
            json.dumps(moved),
        )


def _ended_pending_ids(merge: _Merge, rows: Sequence[database.Row]) -> list[int]:
    ended, kept = [], set()
    # What the remaining recipient asked for comes first.
    for row in sorted(rows, key=lambda row: (row["recipient_id"] in merge.into, row["id"])):
        other_id, channel, type_id = row["recipient_id"], row["channel"], row["subscription_type_id"]
        key = _Key(merge.into.get(other_id, other_id), channel, row["business_unit_id"], type_id)
        of_all = key._replace(subscription_type_id=None)
        decided = key in merge.changed or of_all in merge.changed
        if other_id in merge.into:
            held = merge.decisions.get(key)
            decided |= held is not None and held.status is not _NOT_OPTED
            decided |= merge.status_of_all(key) is _OUT
        if decided or key in kept:
            ended.append(row["id"])
        else:
            kept.add(key)
    return ended
