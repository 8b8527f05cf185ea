"""What people and teams do to preferences: update, opt out of all and back, confirm, undo, pause."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime

from preference_center.catalog.catalog import Type, Unit, exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger import current_state
from preference_center.ledger import pauses as ledger_pauses
from preference_center.ledger import record as ledger
from preference_center.ledger.pauses import PauseIntent
from preference_center.ledger.record import Intent, Outcome, Provenance
from preference_center.preferences import leaving_reasons
from preference_center.recipients.states import HeldOptOut, HeldPreference, RecipientState, read_states
from preference_center.rules.types import Channel, Decision, LegalBasis, PreferenceStatus
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
    "undo",
    "update",
]


async def update(
    recipient_id: int,
    changes: Iterable[tuple[Type, Channel, PreferenceStatus]],
    provenance: Provenance,
) -> list[Outcome]:
    """Set statuses of one recipient, each decided by itself; an outcome for each, in order."""
    intents = [Intent(recipient_id, channel, status, kind.unit, kind) for kind, channel, status in changes]
    return await ledger.record(intents, provenance)


async def opt_out_of_all(recipient_id: int, channel: Channel, unit: Unit, provenance: Provenance) -> Outcome:
    """Opt a recipient out of all of a unit on a channel; the single statuses stay."""
    intent = Intent(recipient_id, channel, PreferenceStatus.OPTED_OUT, unit)
    return (await ledger.record([intent], provenance))[0]


async def remove_opt_out_of_all(
    recipient_id: int, channel: Channel, unit: Unit, provenance: Provenance
) -> Outcome:
    """Take an opt-out of all away (R4, R8)."""
    intent = Intent(recipient_id, channel, PreferenceStatus.NOT_OPTED, unit)
    return (await ledger.record([intent], provenance))[0]


async def confirm(recipient_id: int, kind: Type, channel: Channel, provenance: Provenance) -> Outcome:
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
    intent = Intent(recipient_id, channel, PreferenceStatus.OPTED_IN, kind.unit, kind)
    return (await ledger.record([intent], grounds))[0]


async def undo(event_ids: Sequence[int], provenance: Provenance) -> list[Outcome]:
    """Restore what was before a recipient's own opt-outs, where nothing has happened since.

    Events that are no longer the newest of what they are about are passed over, and so are those of a
    type while an opt-out of all stands: undoing gives back no more than the opt-out took. So are those of
    a recipient who was erased since: no opt-in comes back of whom nothing is known (R36). Nobody left then,
    so why they did is dropped.
    """
    ids = sorted(set(event_ids))

    async def once() -> list[Outcome]:
        async with transactions.write_transaction():
            events = await database.fetch(
                f"SELECT * FROM consent_events WHERE id {database.any_of(1)} ORDER BY id", ids
            )
            await current_state.lock(sorted({event["recipient_id"] for event in events}))
            undone = [event for event in events if await _is_newest(event)]
            intents = [await _restoring(event) for event in undone]
            await leaving_reasons.take_back([event["id"] for event in undone])
            return await ledger.apply(intents, provenance) if intents else []

    return await transactions.retried(once)


async def _restoring(event: database.Row) -> Intent:
    catalog = await exact_catalog()
    type_id = event["subscription_type_id"]
    return Intent(
        recipient_id=event["recipient_id"],
        channel=Channel(event["channel"]),
        status=PreferenceStatus(event["before"]),
        unit=catalog.unit_by_id(event["business_unit_id"]),
        type=catalog.type_by_id(type_id) if type_id else None,
    )


async def _is_newest(event: database.Row) -> bool:
    """Whether an opt-out is still what holds."""
    if event["after"] != "OPTED_OUT" or event["before"] == "OPTED_OUT" or event["superseded"]:
        return False
    # A press on a page is proved beside the ledger; erasing takes the proof away, also of an address that
    # was typed again since.
    if not await database.fetch("SELECT 1 FROM evidence WHERE event_id = $1", event["id"]):
        return False
    if event["subscription_type_id"] is None:
        sql = "SELECT 1 FROM opt_outs_of_all WHERE active AND event_id = $1 AND recipient_id = $2"
        return bool(await database.fetch(sql, event["id"], event["recipient_id"]))
    return bool(
        await database.fetch(
            "SELECT 1 FROM preferences p WHERE p.event_id = $1 AND p.recipient_id = $2 AND NOT EXISTS ("
            "SELECT 1 FROM opt_outs_of_all o WHERE o.active AND o.recipient_id = p.recipient_id"
            " AND o.channel = p.channel AND o.business_unit_id = $3)",
            event["id"],
            event["recipient_id"],
            event["business_unit_id"],
        )
    )


async def pause(
    recipient_id: int, channel: Channel, unit: Unit, until: datetime | None, provenance: Provenance
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
