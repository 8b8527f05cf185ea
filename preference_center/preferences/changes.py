"""What people and teams do to preferences: update, opt out of all and back, confirm, pause."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger import pauses as ledger_pauses
from preference_center.ledger import record as ledger
from preference_center.ledger.pauses import PauseIntent
from preference_center.ledger.record import Intent, Outcome, Provenance
from preference_center.recipients.states import HeldOptOut, HeldPreference, RecipientState, read_states
from preference_center.rules.decisions import Decision
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus
from preference_center.storage import database, transactions

__all__ = [
    "HeldOptOut",
    "HeldPreference",
    "RecipientState",
    "confirm",
    "opt_out_of_all",
    "pause",
    "read_states",
    "remove_opt_out_of_all",
    "update",
]


async def update(
    recipient_id: int,
    changes: Iterable[tuple[SubscriptionType, Channel, PreferenceStatus]],
    provenance: Provenance,
) -> list[Outcome]:
    """Set statuses of one recipient, each decided by itself; an outcome for each, in order."""
    intents = [
        Intent(recipient_id, channel, status, kind.business_unit, kind) for kind, channel, status in changes
    ]
    return await ledger.record(intents, provenance)


async def opt_out_of_all(
    recipient_id: int, channel: Channel, unit: BusinessUnit, provenance: Provenance
) -> Outcome:
    """Opt a recipient out of all of a unit on a channel; the single statuses stay."""
    intent = Intent(recipient_id, channel, PreferenceStatus.OPTED_OUT, unit)
    return (await ledger.record([intent], provenance))[0]


async def remove_opt_out_of_all(
    recipient_id: int, channel: Channel, unit: BusinessUnit, provenance: Provenance
) -> Outcome:
    """Take an opt-out of all away (R4, R8)."""
    intent = Intent(recipient_id, channel, PreferenceStatus.NOT_OPTED, unit)
    return (await ledger.record([intent], provenance))[0]


async def confirm(
    recipient_id: int, kind: SubscriptionType, channel: Channel, provenance: Provenance
) -> Outcome:
    """Confirm the opt-in that waits (R19), on the grounds with which it was asked for.

    Refused with NOT_FOUND where nothing waits, or where it lapsed.
    """
    rows = await database.fetch(
        "SELECT legal_basis, explanation FROM pending_opt_ins"
        " WHERE recipient_id = $1 AND channel = $2 AND subscription_type_id = $3",
        recipient_id,
        channel.value,
        kind.id,
    )
    grounds = provenance
    if rows:
        basis = rows[0]["legal_basis"]
        grounds = Provenance(
            origin=provenance.origin,
            actor=provenance.actor,
            legal_basis=LegalBasis(basis) if basis else None,
            explanation=rows[0]["explanation"],
            evidence=provenance.evidence,
        )
    intent = Intent(recipient_id, channel, PreferenceStatus.OPTED_IN, kind.business_unit, kind)
    return (await ledger.record([intent], grounds))[0]


async def pause(
    recipient_id: int, channel: Channel, unit: BusinessUnit, until: datetime | None, provenance: Provenance
) -> Decision:
    """Silence (recipient, channel, unit) until a date, or end that with None.

    Raises Invalid for a date that is past.
    """
    if until is not None and until <= database.now():
        raise Invalid(ErrorCode.INVALID_VALUE, "A pause ends in the future.", "until")
    intent = PauseIntent(recipient_id, channel, unit, until)

    async def once() -> Decision:
        async with transactions.write_transaction():
            return (await ledger_pauses.apply([intent], provenance))[0]

    return await transactions.retried(once)
