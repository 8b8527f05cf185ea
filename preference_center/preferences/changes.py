"""What recipients and teams do to preferences: update, opt out of all and back, confirm, pause."""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import replace
from datetime import datetime
from typing import NamedTuple

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger.pauses import record_pauses_in_transaction
from preference_center.ledger.record import record, record_in_transaction
from preference_center.ledger.types import Intent, Outcome, PauseIntent, Provenance
from preference_center.legal_bases import check_legal_basis
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.decisions import Decision
from preference_center.rules.types import Channel, LegalBasis, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.transactions import transaction

StatusChange = tuple[SubscriptionType, Channel, PreferenceStatus]
"""A status to set for one subscription type on one channel."""


async def update(
    recipient_ids: Mapping[Channel, int], changes: Iterable[StatusChange], provenance: Provenance
) -> list[Outcome]:
    """Set statuses of a person's recipients, by channel. Each is decided by itself; outcomes in order.

    Raises Invalid for a legal basis that is none of its kind.
    """
    check_legal_basis(provenance.legal_basis, "legalBasis")
    return await record(intents_of(recipient_ids, changes), provenance)


def intents_of(recipient_ids: Mapping[Channel, int], changes: Iterable[StatusChange]) -> list[Intent]:
    """The changes of a person's recipients, by channel, as the ledger takes them."""
    return [
        Intent(recipient_ids[channel], channel, status, subscription_type.business_unit, subscription_type)
        for subscription_type, channel, status in changes
    ]


async def opt_out_of_all(
    recipient_id: int, channel: Channel, business_unit: BusinessUnit, provenance: Provenance
) -> Outcome:
    """Opt a recipient out of all of a business unit on a channel. Single statuses stay as they are."""
    [outcome] = await record(
        [Intent(recipient_id, channel, PreferenceStatus.OPTED_OUT, business_unit)], provenance
    )
    return outcome


async def remove_opt_out_of_all(
    recipient_id: int, channel: Channel, business_unit: BusinessUnit, provenance: Provenance
) -> Outcome:
    """Remove an opt-out of all (R4, R8). Raises Invalid for a legal basis that is none to communicate."""
    check_legal_basis(provenance.legal_basis, "legalBasis")
    [outcome] = await record(
        [Intent(recipient_id, channel, PreferenceStatus.NOT_OPTED, business_unit)], provenance
    )
    return outcome


async def confirm(
    recipient_id: int, subscription_type: SubscriptionType, channel: Channel, provenance: Provenance
) -> Outcome:
    """Confirm one pending opt-in (R19), as `confirm_all` does."""
    [outcome] = await confirm_all(recipient_id, [subscription_type], channel, provenance)
    return outcome


@transaction
async def confirm_all(
    recipient_id: int,
    subscription_types: Sequence[SubscriptionType],
    channel: Channel,
    provenance: Provenance,
) -> list[Outcome]:
    """Confirm pending opt-ins (R19), each with the legal basis and explanation with which it was requested.

    Both are read while the recipient is locked, so they belong to the opt-in that is confirmed. Refused with
    NOT_FOUND for a type whose opt-in is not pending or has expired. Outcomes in the order of the types.
    """
    await lock_recipients([recipient_id])
    bases = await _requested_bases(recipient_id, subscription_types, channel)
    outcomes: dict[int, Outcome] = {}
    for basis in dict.fromkeys(bases.values()):
        intents = [
            Intent(recipient_id, channel, PreferenceStatus.OPTED_IN, type_.business_unit, type_)
            for type_ in subscription_types
            if bases[type_.id] == basis
        ]
        grounds = provenance
        if basis is not None:
            grounds = replace(provenance, legal_basis=basis.legal_basis, explanation=basis.explanation)
        recorded = await record_in_transaction(intents, grounds)
        of_types = (intent.subscription_type for intent in intents)
        outcomes |= {
            type_.id: outcome for type_, outcome in zip(of_types, recorded, strict=True) if type_ is not None
        }
    return [outcomes[type_.id] for type_ in subscription_types]


class _RequestedBasis(NamedTuple):
    """The grounds of a pending opt-in."""

    legal_basis: LegalBasis | None
    explanation: str | None


async def _requested_bases(
    recipient_id: int, subscription_types: Sequence[SubscriptionType], channel: Channel
) -> dict[int, _RequestedBasis | None]:
    """The grounds of each pending opt-in by the id of its type; None for a type that has none."""
    type_ids = [type_.id for type_ in subscription_types]
    rows = await database.fetch(
        "SELECT subscription_type_id, legal_basis, explanation FROM pending_opt_ins"
        f" WHERE recipient_id = $1 AND channel = $2 AND subscription_type_id {database.any_of(3)}",
        recipient_id,
        channel.value,
        type_ids,
    )
    bases: dict[int, _RequestedBasis | None] = dict.fromkeys(type_ids)
    for row in rows:
        basis = LegalBasis(row["legal_basis"]) if row["legal_basis"] else None
        bases[row["subscription_type_id"]] = _RequestedBasis(basis, row["explanation"])
    return bases


@transaction
async def pause(
    recipient_id: int,
    channel: Channel,
    business_unit: BusinessUnit,
    until: datetime | None,
    provenance: Provenance,
) -> Decision:
    """Pause (recipient, channel, business unit) until an instant, or end its pause with None.

    Raises Invalid for an instant in the past.
    """
    check_pause_end(until)
    intent = PauseIntent(recipient_id, channel, business_unit, until)
    [decision] = await record_pauses_in_transaction([intent], provenance)
    return decision


def check_pause_end(until: datetime | None) -> None:
    """Check when a pause is to end. Raises Invalid for an instant in the past."""
    if until is not None and until <= database.now():
        raise Invalid(
            ErrorCode.INVALID_VALUE, "`until` must lie in the future. To end a pause now, pass null.", "until"
        )
