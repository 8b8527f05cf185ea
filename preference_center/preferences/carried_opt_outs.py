"""An objection follows the person: their own opt-outs are recorded for their new address too (R38)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from typing import NamedTuple

from preference_center.catalog.catalog import Catalog, exact_catalog
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Provenance
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import RECIPIENT, Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database

_RECIPIENT_MADE = [origin.value for origin in ConsentOrigin if origin.maker is Maker.RECIPIENT]


class AddressMove(NamedTuple):
    """A contact's address that was replaced by another: the ids of the two recipients."""

    old_recipient_id: int
    new_recipient_id: int


def _opt_outs_sql() -> str:
    """Opt-outs in force of recipients $1 that recipients made (origins $2): of all first, oldest first."""
    of_recipients, recipient_made = database.any_of(1), database.any_of(2)
    return f"""
SELECT 0 AS of_type, o.recipient_id, o.channel, o.business_unit_id, CAST(NULL AS int) AS subscription_type_id,
  o.origin, o.occurred_at, o.event_id
FROM opt_outs_of_all o WHERE o.active AND o.recipient_id {of_recipients} AND o.origin {recipient_made}
UNION ALL
SELECT 1, p.recipient_id, p.channel, t.business_unit_id, p.subscription_type_id, p.origin, p.occurred_at,
  p.event_id
FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
WHERE p.status = 'OPTED_OUT' AND p.recipient_id {of_recipients} AND p.origin {recipient_made}
ORDER BY 1, event_id""".strip()


def _own_decisions_sql() -> str:
    """The units and channels for which recipients $1 made a decision (origins $2) of their own."""
    return f"""
SELECT DISTINCT recipient_id, channel, business_unit_id FROM consent_events
WHERE recipient_id {database.any_of(1)} AND origin {database.any_of(2)} AND NOT about_pause
  AND carried_from_event_id IS NULL""".strip()


async def carry_opt_outs_in_transaction(
    moves: Collection[AddressMove], also_lock: Iterable[int] = ()
) -> None:
    """Record the recipients' own opt-outs for their new addresses, in the open transaction.

    Not for a unit and channel for which the new address made a decision of its own. Opt-ins never move.
    `also_lock`: recipients that the transaction changes afterwards, so that all are locked in id order.
    """
    if not moves:
        return
    await lock_recipients({*also_lock, *(recipient_id for move in moves for recipient_id in move)})
    old_ids = sorted({move.old_recipient_id for move in moves})
    opt_outs = await database.fetch(_opt_outs_sql(), old_ids, _RECIPIENT_MADE)
    if not opt_outs:
        return
    new_ids = sorted({move.new_recipient_id for move in moves})
    decided = {
        (row["recipient_id"], row["channel"], row["business_unit_id"])
        for row in await database.fetch(_own_decisions_sql(), new_ids, _RECIPIENT_MADE)
    }
    new_ids_of: dict[int, list[int]] = {}
    for move in moves:
        new_ids_of.setdefault(move.old_recipient_id, []).append(move.new_recipient_id)
    carried = [
        (new_id, row)
        for row in opt_outs
        for new_id in new_ids_of[row["recipient_id"]]
        if (new_id, row["channel"], row["business_unit_id"]) not in decided
    ]
    await _record(carried, await exact_catalog())


async def _record(carried: Sequence[tuple[int, database.Row]], catalog: Catalog) -> None:
    """Record the opt-outs, each with the origin of the original."""
    by_origin: dict[ConsentOrigin, list[Intent]] = {}
    for recipient_id, row in carried:
        intent = _intent(recipient_id, row, catalog)
        by_origin.setdefault(ConsentOrigin(row["origin"]), []).append(intent)
    for origin, intents in by_origin.items():
        await record_in_transaction(intents, Provenance(origin, RECIPIENT))


def _intent(recipient_id: int, row: database.Row, catalog: Catalog) -> Intent:
    """The opt-out at the time at which the person decided, which refers to the original event."""
    type_id = row["subscription_type_id"]
    return Intent(
        recipient_id,
        Channel(row["channel"]),
        PreferenceStatus.OPTED_OUT,
        catalog.unit_by_id(row["business_unit_id"]),
        catalog.type_by_id(type_id) if type_id else None,
        occurred_at=database.instant(row["occurred_at"]),
        carried_from_event_id=row["event_id"],
    )
