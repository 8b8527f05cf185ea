"""Records changes of consent: the only way to change it, for one change or ten thousand (R18).

In one transaction: lock the recipients in id order, read their current state, let the rules decide, append
events and evidence, write the new state, queue what goes out.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from preference_center import triggers
from preference_center.catalog.catalog import Catalog, catalog_at_version
from preference_center.ledger import confirmations
from preference_center.ledger.batch import Batch
from preference_center.ledger.current_state import lock_and_read
from preference_center.ledger.listeners import notify_after_commit
from preference_center.ledger.types import Event, Intent, Outcome, Provenance
from preference_center.ledger.write import write_events
from preference_center.rules.types import Maker
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.triggers import PreferenceChanged


async def record(intents: Iterable[Intent], provenance: Provenance) -> list[Outcome]:
    """Decide the changes in order, write those that take effect, and return an outcome for each.

    Durable once it returns. A refusal is an outcome; an exception means that nothing was written.
    """
    return await _record(list(intents), provenance)


async def record_in_transaction(intents: Sequence[Intent], provenance: Provenance) -> list[Outcome]:
    """Do the same as `record` inside the open write transaction, which may run again as a whole."""
    if not intents:
        return []
    current = await lock_and_read(intents, provenance)
    catalog = await catalog_at_version(current.catalog_version)
    batch = Batch(current, provenance, database.now(), catalog)
    outcomes = batch.add_all([intent.bound_to(catalog) for intent in intents])
    await _write(batch)
    await _queue_triggers(batch, catalog)
    notify_after_commit(provenance.origin, sum(outcome.event is not None for outcome in outcomes))
    return outcomes


_record = transaction(record_in_transaction)


async def _write(batch: Batch) -> None:
    """Write events, state and pending opt-ins, and queue confirmation messages."""
    writes = batch.writes
    await write_events(batch)
    await confirmations.delete_pending(writes.ended_pending_ids)
    await confirmations.request(writes.pending_opt_ins.values(), batch.current, batch.provenance, batch.at)
    await confirmations.queue_again(writes.requested_again_ids, batch.at)


async def _queue_triggers(batch: Batch, catalog: Catalog) -> None:
    """Queue the changes that workflows may react to."""
    contact_ids = await _store_processing_basis(batch)
    if contact_ids:
        changed = frozenset({triggers.OWN_FIELDS["processing_basis"]})
        await triggers.contacts_updated(dict.fromkeys(contact_ids, changed), catalog)
    if batch.writes.events and catalog.workflows:
        changes = [_preference_changed(event) for event in batch.writes.events if not event.superseded]
        await triggers.preferences_changed(changes, batch.provenance.workflow_path, catalog, batch.at)


def _preference_changed(event: Event) -> PreferenceChanged:
    intent = event.intent
    # Taking over a team's opt-out (R11) leaves the status as it was.
    status = intent.status if event.before is not intent.status else None
    return PreferenceChanged(event.id, intent.recipient_id, intent.channel, intent.subscription_type, status)


async def _store_processing_basis(batch: Batch) -> list[int]:
    """Store the basis to process with the contacts that have none (R6); return the ids of these contacts."""
    basis, writes = batch.provenance.processing_basis, batch.writes
    if basis is None or batch.provenance.origin.maker is not Maker.TEAM:
        return []
    changed = {event.intent.recipient_id for event in writes.events if not event.superseded}
    changed |= {intent.recipient_id for intent in writes.pending_opt_ins.values()}
    recipient_ids = sorted(changed - batch.current.with_processing_basis)
    if not recipient_ids:
        return []
    of_recipients = database.any_of(2)
    rows = await database.fetch(
        "UPDATE contacts SET processing_basis = $1, updated_at = $3 WHERE processing_basis IS NULL"
        f" AND (email_recipient_id {of_recipients} OR phone_recipient_id {of_recipients}) RETURNING id",
        basis.value,
        recipient_ids,
        database.now(),
    )
    return [row["id"] for row in rows]
