"""Saves what a person changed on their preference page: of the address and of the phone number beside it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from preference_center.ledger.pauses import record_pauses_in_transaction
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Outcome, PauseIntent, Provenance
from preference_center.preferences.internal_types import undo_opt_outs_in_transaction
from preference_center.preferences.own_page.events import (
    event_ids_after,
    events_of_first_press,
    newest_event_id,
)
from preference_center.recipients import recipients, visitors
from preference_center.recipients.locking import LockedRecipient, lock_recipients
from preference_center.recipients.visitors import Visitor
from preference_center.rules.decisions import Decision
from preference_center.rules.types import PreferenceStatus
from preference_center.storage.transactions import transaction


def _no_pauses(_recipient_id: int) -> list[PauseIntent]:
    return []


@dataclass(frozen=True, slots=True)
class AddressChanges:
    """Changes to one of a visitor's addresses; both functions take its recipient id."""

    intents: Callable[[int], list[Intent]]
    provenance: Provenance
    pauses: Callable[[int], list[PauseIntent]] = _no_pauses


@dataclass(slots=True)
class SavedPage:
    """The outcomes of a page's changes."""

    outcomes: list[Outcome] = field(default_factory=list)
    pauses: list[Decision] = field(default_factory=list)
    event_ids: list[int] = field(default_factory=list)
    """All events that were recorded, those that an opt-in brought with it too (R12); of a press that was
    repeated at once, those of the first."""
    phone_skipped: bool = False
    """Whether the phone number's changes were not saved, because the number is not the visitor's any more."""


async def save_page(
    visitor: Visitor, own: AddressChanges | None, phone: AddressChanges | None = None
) -> SavedPage:
    """Save the changes to the visitor's own address and to their phone number in one transaction.

    Creates the recipient if it is unknown (R32). The phone number's changes are saved only if it is still the
    contact's alone. For a recipient erased since the page was opened, only opt-outs are saved (R36).
    """
    if own is None and (phone is None or visitor.phone is None):
        return SavedPage(phone_skipped=phone is not None)
    return await _save(visitor, own, phone)


@transaction
async def _save(visitor: Visitor, own: AddressChanges | None, phone: AddressChanges | None) -> SavedPage:
    recipient_id = await recipients.ensure_fingerprint(visitor.recipient_kind, visitor.fingerprint)
    recipient_ids = [recipient_id, visitor.phone.id] if phone and visitor.phone else [recipient_id]
    locked = {recipient.id: recipient for recipient in await lock_recipients(recipient_ids)}
    saved, newest = SavedPage(), await newest_event_id(recipient_ids)
    if own:
        await _record(own, locked[recipient_id], saved)
    if phone and visitor.phone and await visitors.owns_phone(visitor):
        await _record(phone, locked[visitor.phone.id], saved)
    elif phone:
        saved.phone_skipped = True
    saved.event_ids = await event_ids_after(recipient_ids, newest)
    if not saved.event_ids:
        pressed = [changes.provenance for changes in (own, phone) if changes]
        saved.event_ids = await events_of_first_press(recipient_ids, pressed)
    return saved


async def _record(changes: AddressChanges, recipient: LockedRecipient, saved: SavedPage) -> None:
    """Record one address's changes and add their outcomes to `saved`."""
    intents, pauses = changes.intents(recipient.id), changes.pauses(recipient.id)
    if recipient.is_erased:
        intents = [intent for intent in intents if intent.status is PreferenceStatus.OPTED_OUT]
        pauses = []
    undone, intents = await undo_opt_outs_in_transaction(recipient.id, intents, changes.provenance)
    saved.outcomes += undone
    saved.outcomes += await record_in_transaction(intents, changes.provenance)
    saved.pauses += await record_pauses_in_transaction(pauses, changes.provenance)
