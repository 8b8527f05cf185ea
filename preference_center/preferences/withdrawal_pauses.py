"""Pausing through a withdraw link: a withdrawal for a time, which can only lengthen a pause (R31).

Ending it is an undo: within a day, of the pause that the link itself set, and back to what was before.
"""

from __future__ import annotations

from collections.abc import Collection, Sequence
from datetime import datetime

from preference_center.catalog.catalog import exact_catalog
from preference_center.ledger.pauses import record_pauses_in_transaction
from preference_center.ledger.types import PauseIntent, Provenance
from preference_center.preferences.own_page.events import PRESSED_TWICE, events_of_first_press
from preference_center.preferences.withdrawal import WithdrawalTarget
from preference_center.recipients.locking import lock_recipients
from preference_center.recipients.recipients import ensure_fingerprint
from preference_center.rules.types import Channel, RecipientKind
from preference_center.storage import database
from preference_center.storage.transactions import transaction


@transaction
async def pause(
    recipient_kind: RecipientKind,
    fingerprint: bytes,
    target: WithdrawalTarget,
    until: datetime,
    provenance: Provenance,
) -> list[int]:
    """Pause the business units of a link on its channel; return the events that `end_pauses` can undo.

    A pause that lasts longer, or as long but for a moment, stays as it is, but becomes the recipient's own
    (R11). Creates the recipient, without an address, if it is unknown (R32). The erased get nothing anyway:
    nothing is recorded for them.
    """
    recipient_id = await ensure_fingerprint(recipient_kind, fingerprint)
    [recipient] = await lock_recipients([recipient_id])
    if recipient.is_erased:
        return []
    before = {row["business_unit_id"]: row for row in await _current(recipient_id, target.channel)}
    ends = {unit_id: database.instant(row["until"]) for unit_id, row in before.items()}
    intents = [
        PauseIntent(recipient_id, target.channel, unit, _end(until, ends.get(unit.id)))
        for unit in target.business_units
    ]
    await record_pauses_in_transaction(intents, provenance)
    made = [
        row["event_id"]
        for row in await _current(recipient_id, target.channel)
        if row["business_unit_id"] not in ends
        or ends[row["business_unit_id"]] < database.instant(row["until"])
    ]
    return made or await events_of_first_press([recipient_id], [provenance])


def _end(until: datetime, current: datetime | None) -> datetime:
    """The end of a pause that only becomes longer; a button that is pressed twice leaves one to undo."""
    return current if current and current >= until - PRESSED_TWICE else until


@transaction
async def end_pauses(event_ids: Collection[int], recipient_id: int, provenance: Provenance) -> bool:
    """Undo pauses that `pause` set: bring back an earlier one that has not ended, or end them.

    Nothing is done unless all events belong to the recipient and the recipient is not erased, checked while
    the recipient is locked. Skips pauses that were changed since. Returns whether any was undone.
    """
    [recipient] = await lock_recipients([recipient_id])
    if recipient.is_erased:
        return False
    events = await database.fetch(
        f"SELECT id, recipient_id, channel, business_unit_id FROM consent_events"
        f" WHERE id {database.any_of(1)} AND about_pause ORDER BY id",
        list(event_ids),
    )
    if len(events) != len(set(event_ids)) or any(event["recipient_id"] != recipient_id for event in events):
        return False
    intents = [intent for event in events if (intent := await _restoring_intent(event))]
    await record_pauses_in_transaction(intents, provenance)
    return bool(intents)


async def _current(recipient_id: int, channel: Channel) -> Sequence[database.Row]:
    return await database.fetch(
        "SELECT business_unit_id, until, event_id FROM pauses"
        " WHERE recipient_id = $1 AND channel = $2 AND until > $3",
        recipient_id,
        channel.value,
        database.now(),
    )


async def _restoring_intent(event: database.Row) -> PauseIntent | None:
    """What brings back the pause before an event; None if the event's own pause is not the current one."""
    recipient_id, channel = event["recipient_id"], Channel(event["channel"])
    current = {row["business_unit_id"]: row["event_id"] for row in await _current(recipient_id, channel)}
    if current.get(event["business_unit_id"]) != event["id"]:
        return None
    unit = (await exact_catalog()).unit_by_id(event["business_unit_id"])
    earlier = await database.fetch(
        "SELECT paused_until FROM consent_events WHERE recipient_id = $1 AND channel = $2"
        " AND business_unit_id = $3 AND about_pause AND id < $4 ORDER BY id DESC LIMIT 1",
        recipient_id,
        channel.value,
        unit.id,
        event["id"],
    )
    until = database.optional_instant(earlier[0]["paused_until"]) if earlier else None
    return PauseIntent(recipient_id, channel, unit, until if until and until > database.now() else None)
