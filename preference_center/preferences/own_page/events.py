"""The ledger events that one press on a preference page made, and which of them still hold."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime, timedelta

from preference_center.ledger.types import Provenance
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import database

_LONGER = (
    "(e.paused_until IS NULL OR e.paused_until > COALESCE((SELECT b.paused_until FROM consent_events b"
    " WHERE b.about_pause AND b.recipient_id = e.recipient_id AND b.channel = e.channel"
    " AND b.business_unit_id = e.business_unit_id AND b.id < e.id ORDER BY b.id DESC LIMIT 1),"
    " e.recorded_at))"
)
"""Whether a pause did more than make one that was there the person's own (R11)."""
PRESSED_TWICE = timedelta(seconds=10)
"""A press that is repeated within this time is the same one: a double click, a second tap on a slow line."""


@dataclass(frozen=True, slots=True)
class PageEvent:
    """An event of a page: a status of one type or of all, or a pause of a unit's channel."""

    id: int
    recipient_id: int
    channel: Channel
    business_unit_id: int
    subscription_type_id: int | None
    before: PreferenceStatus
    after: PreferenceStatus
    origin: ConsentOrigin
    about_pause: bool
    paused_until: datetime | None
    paused_before: datetime | None
    """The end of the pause that this one replaced or ended; None where there was none."""

    @property
    def place(self) -> tuple[int, Channel]:
        """The unit's id and the channel: what an opt-out of all or a pause covers."""
        return (self.business_unit_id, self.channel)

    @property
    def of_all(self) -> bool:
        """Whether it is an opt-out of all, or the end of one."""
        return self.subscription_type_id is None and not self.about_pause

    @property
    def opts_out(self) -> bool:
        """Whether it is an opt-out that changed a status, not one that took over the team's (R11)."""
        out = PreferenceStatus.OPTED_OUT
        return not self.about_pause and self.after is out and self.before is not out


async def newest_event_id(recipient_ids: Collection[int]) -> int:
    """The id of the newest event of these recipients; 0 without any. Ask while they are locked."""
    rows = await database.fetch(
        f"SELECT MAX(id) AS id FROM consent_events WHERE recipient_id {database.any_of(1)}",
        list(recipient_ids),
    )
    return rows[0]["id"] or 0


async def event_ids_after(recipient_ids: Collection[int], event_id: int) -> list[int]:
    """The ids of the events of these recipients that follow an event, in order."""
    rows = await database.fetch(
        f"SELECT id FROM consent_events WHERE recipient_id {database.any_of(1)} AND id > $2 ORDER BY id",
        list(recipient_ids),
        event_id,
    )
    return [row["id"] for row in rows]


async def events_of_first_press(
    recipient_ids: Collection[int], provenances: Collection[Provenance]
) -> list[int]:
    """The ids of what a press changed that was made a moment ago with the same words, in order.

    After a double press, the browser shows the answer to the second one, which changed nothing. With these
    ids that answer describes the first one and offers to undo it.
    """
    shown = {each.evidence.shown_text for each in provenances if each.evidence and each.evidence.shown_text}
    if not shown or not recipient_ids:
        return []
    rows = await database.fetch(
        "SELECT e.id FROM consent_events e JOIN evidence v ON v.event_id = e.id"
        " JOIN shown_wordings w ON w.id = v.wording_id"
        f" WHERE e.recipient_id {database.any_of(1)} AND w.text {database.any_of(2)} AND e.recorded_at >= $3"
        f" AND CASE WHEN e.about_pause THEN {_LONGER} ELSE e.before <> e.after END ORDER BY e.id",
        list(recipient_ids),
        list(shown),
        database.now() - PRESSED_TWICE,
    )
    return [row["id"] for row in rows]


async def current_page_events(event_ids: Collection[int], recipient_ids: Collection[int]) -> list[PageEvent]:
    """Those of the events that still hold, in order; none where any belongs to somebody else.

    An event holds while it is the newest of its preference, opt-out of all or pause. One of a type does not
    while an opt-out of all covers it, unless it was made under that. An event on a page has evidence: erasure
    deletes it, so nothing of an erased person is found (R36).
    """
    if not event_ids or not recipient_ids:
        return []
    rows = await database.fetch(_current_sql(), list(event_ids), database.now())
    if any(row["recipient_id"] not in recipient_ids for row in rows):
        return []
    return [_event(row) for row in rows if row["holds"]]


def _current_sql() -> str:
    """The events $1 of pages, and whether they hold at $2."""
    return f"""
SELECT e.id, e.recipient_id, e.channel, e.business_unit_id, e.subscription_type_id, e.before, e.after,
  e.origin, e.about_pause, e.paused_until,
  CASE WHEN e.about_pause THEN (SELECT b.paused_until FROM consent_events b
    WHERE b.about_pause AND b.recipient_id = e.recipient_id AND b.channel = e.channel
      AND b.business_unit_id = e.business_unit_id AND b.id < e.id ORDER BY b.id DESC LIMIT 1) END
    AS paused_before,
  EXISTS (SELECT 1 FROM evidence v WHERE v.event_id = e.id) AND NOT e.superseded
  AND CASE WHEN e.about_pause
    THEN (e.paused_until IS NULL OR e.paused_until > $2) AND NOT EXISTS (SELECT 1 FROM consent_events n
      WHERE n.about_pause AND n.recipient_id = e.recipient_id AND n.channel = e.channel
        AND n.business_unit_id = e.business_unit_id AND n.id > e.id)
  WHEN e.subscription_type_id IS NULL
    THEN EXISTS (SELECT 1 FROM opt_outs_of_all o
      WHERE o.recipient_id = e.recipient_id AND o.event_id = e.id)
  ELSE EXISTS (SELECT 1 FROM preferences p WHERE p.recipient_id = e.recipient_id AND p.event_id = e.id)
    AND NOT EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.active AND o.recipient_id = e.recipient_id
      AND o.channel = e.channel AND o.business_unit_id = e.business_unit_id
      AND NOT o.event_id {database.any_of(1)})
  END AS holds
FROM consent_events e WHERE e.id {database.any_of(1)} ORDER BY e.id""".strip()


def _event(row: database.Row) -> PageEvent:
    return PageEvent(
        id=row["id"],
        recipient_id=row["recipient_id"],
        channel=Channel(row["channel"]),
        business_unit_id=row["business_unit_id"],
        subscription_type_id=row["subscription_type_id"],
        before=PreferenceStatus(row["before"]),
        after=PreferenceStatus(row["after"]),
        origin=ConsentOrigin(row["origin"]),
        about_pause=bool(row["about_pause"]),
        paused_until=database.optional_instant(row["paused_until"]),
        paused_before=database.optional_instant(row["paused_before"]),
    )
