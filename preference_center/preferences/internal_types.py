"""Internal types on a person's page: shown where opted in now or before, to be left and taken back (R4).

Nobody opts in anew to an internal type on a page. Taking one's own opt-out back is an undo (decision 0007).
"""

from __future__ import annotations

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime, timedelta

from preference_center.catalog.catalog import Catalog
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.preferences import leaving_reasons
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import Channel, ConsentOrigin, Maker, PreferenceStatus
from preference_center.storage import database

UNDO_PERIOD = timedelta(hours=24)
"""How long a person can take their own opt-out of an internal type back."""
Place = tuple[int, Channel]
"""A subscription type's id and a channel."""
_IN = PreferenceStatus.OPTED_IN


@dataclass(frozen=True, slots=True)
class InternalTypes:
    """The internal types that a person's page shows."""

    shown: frozenset[Place] = frozenset()
    """Those that the person is or was opted in to."""
    undoable: Mapping[Place, int] = field(default_factory=dict)
    """Those that the person opted out of just now, with the event of that opt-out."""


def _newest_events_sql() -> str:
    """The events $1 of current preferences, and whether the recipient was ever opted in there."""
    return f"""
SELECT e.id, e.channel, e.subscription_type_id, e.before, e.after, e.origin, e.recorded_at,
  e.carried_from_event_id IS NULL AND EXISTS (SELECT 1 FROM evidence v WHERE v.event_id = e.id) AS on_a_page,
  EXISTS (SELECT 1 FROM consent_events f WHERE f.recipient_id = e.recipient_id AND f.channel = e.channel
    AND f.subscription_type_id = e.subscription_type_id AND f.after = 'OPTED_IN' AND NOT f.superseded)
    AS was_opted_in
FROM consent_events e WHERE e.id {database.any_of(1)}""".strip()


async def read_internal_types(state: RecipientState, catalog: Catalog, at: datetime) -> InternalTypes:
    """The internal types to show, by the state of a person's addresses.

    Takes a statement only for who has left one: most pages need none.
    """
    internal_ids = {
        type_.id for unit in catalog.units for type_ in catalog.types_of(unit) if not type_.is_public
    }
    held = {place: held for place, held in state.preferences.items() if place[0] in internal_ids}
    shown = {place for place, preference in held.items() if preference.status is _IN}
    left = [preference.event_id for place, preference in held.items() if place not in shown]
    if not left:
        return InternalTypes(frozenset(shown))
    rows = await database.fetch(_newest_events_sql(), left)
    shown |= {_place(row) for row in rows if row["was_opted_in"]}
    return InternalTypes(frozenset(shown), {_place(row): row["id"] for row in rows if _is_undoable(row, at)})


async def undo_opt_outs_in_transaction(
    recipient_id: int, intents: Sequence[Intent], provenance: Provenance
) -> tuple[list[Outcome], list[Intent]]:
    """Take back the person's own opt-outs of internal types, in the open transaction, recipient locked.

    Returns the outcomes, and the intents that are something else.
    """
    opt_ins = {
        (intent.subscription_type.id, intent.channel): intent
        for intent in intents
        if intent.subscription_type and _opts_in_to_internal_type(intent)
    }
    if not opt_ins:
        return [], list(intents)
    event_ids = await _undoable_event_ids(recipient_id, [type_id for type_id, _ in opt_ins])
    undone = {place: intent for place, intent in opt_ins.items() if place in event_ids}
    await leaving_reasons.delete([event_ids[place] for place in undone])
    reversal = replace(provenance, origin=ConsentOrigin.REVERSAL)
    outcomes = await record_in_transaction(list(undone.values()), reversal)
    undone_keys = {intent.key for intent in undone.values()}
    return outcomes, [intent for intent in intents if intent.key not in undone_keys]


def _opts_in_to_internal_type(intent: Intent) -> bool:
    type_ = intent.subscription_type
    return type_ is not None and not type_.is_public and intent.status is _IN


_CURRENT_EVENTS = """
SELECT p.event_id FROM preferences p JOIN subscription_types t ON t.id = p.subscription_type_id
WHERE p.recipient_id = $1 AND p.subscription_type_id {any_of_2}
  AND NOT EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.active AND o.recipient_id = p.recipient_id
    AND o.channel = p.channel AND o.business_unit_id = t.business_unit_id)
""".strip()
"""The events of preferences that no opt-out of all covers: under one, an undo would give back nothing."""


async def _undoable_event_ids(recipient_id: int, type_ids: Collection[int]) -> dict[Place, int]:
    current = await database.fetch(
        _CURRENT_EVENTS.format(any_of_2=database.any_of(2)), recipient_id, list(type_ids)
    )
    rows = await database.fetch(_newest_events_sql(), [row["event_id"] for row in current])
    at = database.now()
    return {_place(row): row["id"] for row in rows if _is_undoable(row, at)}


def _place(row: database.Row) -> Place:
    return (row["subscription_type_id"], Channel(row["channel"]))


def _is_undoable(row: database.Row, at: datetime) -> bool:
    """Whether the person opted out on a page of Sayso within the period, of what they were opted in to."""
    own = ConsentOrigin(row["origin"]).maker is Maker.RECIPIENT
    left = (row["before"], row["after"]) == ("OPTED_IN", "OPTED_OUT")
    recent = database.instant(row["recorded_at"]) > at - UNDO_PERIOD
    return own and left and recent and bool(row["on_a_page"])
