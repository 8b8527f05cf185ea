"""Saving what somebody changed on their page: of their address, and of the phone number beside it."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence
from dataclasses import dataclass

from preference_center.ledger import current_state
from preference_center.ledger import pauses as ledger_pauses
from preference_center.ledger import record as ledger
from preference_center.ledger.pauses import PauseIntent
from preference_center.ledger.record import Intent, Outcome, Provenance
from preference_center.recipients import recipients, visitors
from preference_center.recipients.visitors import Visitor
from preference_center.rules.decisions import Decision
from preference_center.rules.types import PreferenceStatus
from preference_center.storage import transactions


@dataclass(frozen=True, slots=True)
class Part:
    """Changes to one of a visitor's addresses, and what proves them."""

    intents: Callable[[int], list[Intent]]
    """The changes, for the address's recipient id."""
    provenance: Provenance
    pauses: Callable[[int], list[PauseIntent]] = lambda _recipient_id: []
    """The silences, likewise."""


@dataclass(frozen=True, slots=True)
class Saved:
    """What became of a page's changes; `moved`: the number was theirs no more, so its part was not saved."""

    outcomes: list[Outcome]
    pauses: list[Decision]
    moved: bool = False


async def save(visitor: Visitor, own: Part | None, phone: Part | None = None) -> Saved:
    """Save both parts in one transaction, each for its own recipient.

    Whom nobody has spoken of yet is made known (R32). The number's part is saved only where it is the
    contact's alone at that very moment; of whoever was erased since the page was opened, only what opts
    out (R36).
    """
    if phone is not None and visitor.recipient is not None and visitor.phone is not None:
        return await _save_both(visitor, visitor.recipient.id, own, visitor.phone.id, phone)
    if own is None:
        return Saved([], [], moved=phone is not None)
    recipient_id = await recipients.ensure_fingerprint(visitor.kind, visitor.fingerprint)

    async def once() -> Saved:
        async with transactions.write_transaction():
            erased = await _lock([recipient_id])
            return Saved(*await _apply(own, recipient_id, erased), moved=phone is not None)

    return await transactions.retried(once)


async def _save_both(
    visitor: Visitor, recipient_id: int, own: Part | None, phone_id: int, phone: Part
) -> Saved:
    async def once() -> Saved:
        async with transactions.write_transaction():
            erased = await _lock(sorted((recipient_id, phone_id)))
            theirs = await visitors.owns_phone(visitor)
            outcomes, pauses = await _apply(own, recipient_id, erased)
            if theirs:
                of_phone = await _apply(phone, phone_id, erased)
                outcomes, pauses = outcomes + of_phone[0], pauses + of_phone[1]
            return Saved(outcomes, pauses, moved=not theirs)

    return await transactions.retried(once)


async def _lock(recipient_ids: Sequence[int]) -> set[int]:
    """Lock recipients; answers those of them who are erased."""
    return {row["id"] for row in await current_state.lock(recipient_ids) if row["erased_at"]}


async def _apply(
    part: Part | None, recipient_id: int, erased: Collection[int]
) -> tuple[list[Outcome], list[Decision]]:
    if part is None:
        return [], []
    intents, pauses = part.intents(recipient_id), part.pauses(recipient_id)
    if recipient_id in erased:
        intents, pauses = [one for one in intents if one.status is PreferenceStatus.OPTED_OUT], []
    outcomes = await ledger.apply(intents, part.provenance)
    return outcomes, await ledger_pauses.apply(pauses, part.provenance)
