"""Undoes one press on a preference page: what it changed, where nothing newer happened since.

Undoing restores the status before and never more. What was an opt-out becomes one of the person's own again:
a `REVERSAL` is team-made, and the team could lift it (R8).
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import datetime

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.ledger.confirmations import delete_pending_requests
from preference_center.ledger.pauses import record_pauses_in_transaction
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, PauseIntent, Provenance
from preference_center.preferences import leaving_reasons
from preference_center.preferences.own_page.events import (
    PageEvent,
    current_page_events,
    event_ids_after,
    newest_event_id,
)
from preference_center.recipients import visitors
from preference_center.recipients.locking import lock_recipients
from preference_center.recipients.visitors import Visitor
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus, Purpose
from preference_center.storage import database
from preference_center.storage.transactions import transaction

_OUT = PreferenceStatus.OPTED_OUT


@dataclass(frozen=True, slots=True)
class Press:
    """What one press changed."""

    event_ids: tuple[int, ...]
    requested: tuple[tuple[int, Channel], ...] = ()
    """The opt-ins that wait for a confirmation since then: type ids and channels (R19)."""
    at: datetime | None = None
    """When it was done: an opt-in that was requested again later is left alone."""


@dataclass(frozen=True, slots=True)
class Undone:
    """What undoing a press did."""

    event_ids: tuple[int, ...] = ()
    requests: int = 0
    """How many opt-ins no longer wait for a confirmation."""

    def __bool__(self) -> bool:
        return bool(self.event_ids or self.requests)


@transaction
async def undo_press(press: Press, visitor: Visitor, provenance: Provenance) -> Undone:
    """Undo a press of a visitor, of their address and of their phone number.

    `provenance` is the person's own act. Checked while the recipients are locked: nothing is undone where any
    event belongs to somebody else, and an event is skipped where something newer holds.
    """
    recipient_ids = [row.id for row in (visitor.recipient, visitor.phone) if row]
    await lock_recipients(recipient_ids)
    if visitor.phone and not await visitors.owns_phone(visitor):
        recipient_ids.remove(visitor.phone.id)
    events = await current_page_events(press.event_ids, recipient_ids)
    requests = 0
    if press.at and press.requested:
        requests = await delete_pending_requests(recipient_ids, press.requested, press.at)
    if not events:
        return Undone(requests=requests)
    catalog, newest = await exact_catalog(), await newest_event_id(recipient_ids)
    await leaving_reasons.delete([event.id for event in events if event.opts_out])
    for intents, origin in _restoring(events, catalog):
        await record_in_transaction(intents, replace(provenance, origin=origin))
    pauses = _restoring_pauses(events, catalog)
    await record_pauses_in_transaction(pauses, replace(provenance, origin=ConsentOrigin.PREFERENCE_PAGE))
    return Undone(tuple(await event_ids_after(recipient_ids, newest)), requests)


def _restoring(events: Sequence[PageEvent], catalog: Catalog) -> list[tuple[list[Intent], ConsentOrigin]]:
    """What restores the statuses, in steps that are recorded one after the other.

    An opt-out of all is lifted before its types change, and made again after them: meanwhile no type changes
    under it, so nothing is lifted by the way (R12).
    """
    changed = [event for event in events if not event.about_pause and event.before is not event.after]
    lifts = [event for event in changed if event.of_all and event.before is not _OUT]
    out_again = [event for event in changed if event.of_all and event.before is _OUT]
    types = [event for event in changed if not event.of_all]
    own = [event for event in types if event.before is _OUT and not _is_transactional(event, catalog)]
    others = [event for event in types if event not in own]
    steps = (
        (lifts + others, ConsentOrigin.REVERSAL),
        (own + out_again, ConsentOrigin.PREFERENCE_PAGE),
    )
    return [([_intent(event, catalog) for event in step], origin) for step, origin in steps]


def _is_transactional(event: PageEvent, catalog: Catalog) -> bool:
    """Whether a person cannot opt out of the type alone (R24)."""
    type_id = event.subscription_type_id
    return type_id is not None and catalog.type_by_id(type_id).purpose is Purpose.TRANSACTIONAL


def _intent(event: PageEvent, catalog: Catalog) -> Intent:
    type_id = event.subscription_type_id
    return Intent(
        event.recipient_id,
        event.channel,
        event.before,
        catalog.unit_by_id(event.business_unit_id),
        None if type_id is None else catalog.type_by_id(type_id),
    )


def _restoring_pauses(events: Sequence[PageEvent], catalog: Catalog) -> list[PauseIntent]:
    now = database.now()
    return [
        PauseIntent(
            event.recipient_id,
            event.channel,
            catalog.unit_by_id(event.business_unit_id),
            event.paused_before if event.paused_before and event.paused_before > now else None,
        )
        for event in events
        if event.about_pause
    ]
