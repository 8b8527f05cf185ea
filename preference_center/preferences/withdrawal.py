"""Withdrawing consent through a link, and undoing that: what a withdraw link withdraws (R24, R31)."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from dataclasses import dataclass, replace

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType, exact_catalog
from preference_center.ledger.record import record_in_transaction
from preference_center.ledger.types import Intent, Outcome, Provenance
from preference_center.links.claims import Target, Withdrawal
from preference_center.preferences import leaving_reasons
from preference_center.preferences.own_page.events import events_of_first_press
from preference_center.recipients.locking import lock_recipients
from preference_center.recipients.recipients import ensure_fingerprint
from preference_center.rules.types import Channel, PreferenceStatus, Purpose, RecipientKind
from preference_center.storage import database
from preference_center.storage.transactions import transaction

_OPTED_OUT = PreferenceStatus.OPTED_OUT


@dataclass(frozen=True, slots=True)
class WithdrawalTarget:
    """What a withdrawal opts out of: one subscription type, or all of some business units."""

    channel: Channel
    subscription_type: SubscriptionType | None
    business_units: tuple[BusinessUnit, ...]
    transactional_type: SubscriptionType | None = None
    """The transactional type that the link names. Nobody can opt out of it alone, so all of its unit is
    withdrawn (R24)."""

    @property
    def business_unit(self) -> BusinessUnit | None:
        """The business unit, if there is only one."""
        return self.business_units[0] if len(self.business_units) == 1 else None

    def intents(self, recipient_id: int) -> list[Intent]:
        """The opt-outs to record for a recipient."""
        return [
            Intent(recipient_id, self.channel, _OPTED_OUT, business_unit, self.subscription_type)
            for business_unit in self.business_units
        ]

    def for_all(self) -> WithdrawalTarget:
        """The same business units, opted out of all."""
        return replace(self, subscription_type=None)


def withdrawal_target(withdrawal: Withdrawal, catalog: Catalog) -> WithdrawalTarget:
    """What a withdraw link withdraws, by the current catalog.

    A link whose subscription type or business unit is unknown here has a valid signature all the same. It
    withdraws from all units, because a withdrawal is never refused (R34).
    """
    if withdrawal.target is Target.TYPE:
        return _type_target(withdrawal.channel, catalog.type_by_reference(withdrawal.reference), catalog)
    business_unit = None
    if withdrawal.target is Target.UNIT:
        business_unit = catalog.unit_by_reference(withdrawal.reference)
    return WithdrawalTarget(withdrawal.channel, None, (business_unit,) if business_unit else catalog.units)


def _type_target(
    channel: Channel, subscription_type: SubscriptionType | None, catalog: Catalog
) -> WithdrawalTarget:
    if subscription_type is None:
        return WithdrawalTarget(channel, None, catalog.units)
    business_units = (subscription_type.business_unit,)
    if subscription_type.purpose is Purpose.TRANSACTIONAL:
        return WithdrawalTarget(channel, None, business_units, transactional_type=subscription_type)
    return WithdrawalTarget(channel, subscription_type, business_units)


@transaction
async def withdraw(
    recipient_kind: RecipientKind, fingerprint: bytes, target: WithdrawalTarget, provenance: Provenance
) -> list[Outcome]:
    """Opt out the recipient that a link names, with one outcome for each opt-out (RFC 8058 §3.2).

    Creates the recipient, without an address, if it is unknown (R32).
    """
    recipient_id = await ensure_fingerprint(recipient_kind, fingerprint)
    return await record_in_transaction(target.intents(recipient_id), provenance)


async def undoable_event_ids(outcomes: Sequence[Outcome], provenance: Provenance) -> list[int]:
    """What an undo can refer to (`opt_out_event_ids`); of a press repeated at once, the first one's."""
    recipient_ids = {outcome.intent.recipient_id for outcome in outcomes}
    return opt_out_event_ids(outcomes) or await events_of_first_press(recipient_ids, [provenance])


def opt_out_event_ids(outcomes: Iterable[Outcome]) -> list[int]:
    """The events of opt-outs that changed a status: what an undo or a leaving reason can refer to.

    Leaves out opt-outs that only took over what the team had already opted the recipient out of (R11).
    """
    return [
        outcome.event.id
        for outcome in outcomes
        if outcome.changed
        and outcome.intent.status is _OPTED_OUT
        and outcome.event
        and outcome.event.id
        and outcome.event.before is not _OPTED_OUT
    ]


@transaction
async def undo(event_ids: Collection[int], recipient_id: int, provenance: Provenance) -> list[Outcome]:
    """Restore what was current before a recipient's own opt-outs; one outcome for each that was restored.

    Nothing is undone unless all events belong to the recipient, checked while the recipient is locked. Skips
    events that are no longer the newest of their preference, events of a type while an opt-out of all is
    active, and events of a recipient erased since: no opt-in comes back for an erased person (R36). The
    leaving reasons of what is undone are deleted.
    """
    await lock_recipients([recipient_id])
    if not await _all_belong_to(recipient_id, event_ids):
        return []
    events = await _current_opt_outs(event_ids)
    if not events:
        return []
    await leaving_reasons.delete([event["id"] for event in events])
    return await record_in_transaction(await _restoring_intents(events), provenance)


async def _all_belong_to(recipient_id: int, event_ids: Collection[int]) -> bool:
    rows = await database.fetch(
        f"SELECT DISTINCT recipient_id FROM consent_events WHERE id {database.any_of(1)}", list(event_ids)
    )
    return all(row["recipient_id"] == recipient_id for row in rows)


async def _current_opt_outs(event_ids: Collection[int]) -> Sequence[database.Row]:
    """Those of the events that are opt-outs on a page and still in effect, oldest first.

    An opt-out on a page has evidence. Erasure deletes it, also for an address that was added again since. An
    opt-out of all on top of a type's opt-out blocks the undo: it gives back no more than was taken.
    """
    return await database.fetch(
        f"""
SELECT e.id, e.recipient_id, e.channel, e.business_unit_id, e.subscription_type_id, e.before
FROM consent_events e
WHERE e.id {database.any_of(1)} AND e.after = 'OPTED_OUT' AND e.before <> 'OPTED_OUT' AND NOT e.superseded
  AND EXISTS (SELECT 1 FROM evidence v WHERE v.event_id = e.id)
  AND CASE WHEN e.subscription_type_id IS NULL
    THEN EXISTS (SELECT 1 FROM opt_outs_of_all o
      WHERE o.active AND o.recipient_id = e.recipient_id AND o.event_id = e.id)
    ELSE EXISTS (SELECT 1 FROM preferences p WHERE p.recipient_id = e.recipient_id AND p.event_id = e.id)
      AND NOT EXISTS (SELECT 1 FROM opt_outs_of_all o WHERE o.active AND o.recipient_id = e.recipient_id
        AND o.channel = e.channel AND o.business_unit_id = e.business_unit_id)
    END
ORDER BY e.id""".strip(),
        list(event_ids),
    )


async def _restoring_intents(events: Iterable[database.Row]) -> list[Intent]:
    catalog = await exact_catalog()
    return [
        Intent(
            recipient_id=event["recipient_id"],
            channel=Channel(event["channel"]),
            status=PreferenceStatus(event["before"]),
            business_unit=catalog.unit_by_id(event["business_unit_id"]),
            subscription_type=(
                catalog.type_by_id(event["subscription_type_id"]) if event["subscription_type_id"] else None
            ),
        )
        for event in events
    ]
