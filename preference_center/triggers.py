"""Queues events that may trigger workflows, in the transaction of their cause, so that none is lost (R18).

The contact or recipient is locked meanwhile, so that its events are queued in the order of their commits.
Nothing is queued that no enabled workflow reacts to.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

import orjson

from preference_center.catalog.catalog import Catalog, SubscriptionType
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import Channel, PreferenceStatus, Trigger
from preference_center.rules.workflows import Reaction, WorkflowEvent, reaction
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Int, Json, Text, columns_of

OWN_FIELDS = {
    "email": "email",
    "phone": "phone",
    "first_name": "firstName",
    "last_name": "lastName",
    "locale": "locale",
    "processing_basis": "processingBasis",
}
"""Columns of a contact that a workflow's `whenProperty` can name, besides the contact's properties."""


class PreferenceChanged(NamedTuple):
    """A consent event that took effect. `subscription_type` is None for an opt-out of all."""

    event_id: int | None
    recipient_id: int
    channel: Channel
    subscription_type: SubscriptionType | None
    status: PreferenceStatus | None
    """The new status; None where the event left the status as it was (R11)."""


class _TriggerRow(NamedTuple):
    """A row of `workflow_triggers`."""

    kind: Text
    created_at: Instant
    contact_id: BigInt | None = None
    recipient_id: BigInt | None = None
    event_id: BigInt | None = None
    subscription_type_id: Int | None = None
    channel: Text | None = None
    status: Text | None = None
    properties: Json | None = None
    path: Json | None = None


async def contacts_created(contact_ids: Iterable[int], catalog: Catalog) -> None:
    """Queue new contacts, in the open transaction."""
    if not catalog.listening(Trigger.CONTACT_CREATED):
        return
    ids, at = list(contact_ids), database.now()
    await _lock_recipients_of(ids, catalog)
    await _insert([_TriggerRow(Trigger.CONTACT_CREATED.value, at, contact_id) for contact_id in ids])


async def contacts_updated(changed: Mapping[int, frozenset[str]], catalog: Catalog) -> None:
    """Queue updated contacts, in the open transaction: the names of their changed properties by contact id.

    The names of changed columns are those of `OWN_FIELDS`.
    """
    trigger = Trigger.CONTACT_UPDATED
    if not catalog.listening(trigger):
        return
    reacted_to = {
        names
        for names in set(changed.values())
        if _may_trigger(WorkflowEvent(trigger, changed_properties=names), catalog)
    }
    at = database.now()
    rows = [
        _TriggerRow(trigger.value, at, contact_id, properties=json.dumps(sorted(names)) if names else None)
        for contact_id, names in changed.items()
        if names in reacted_to
    ]
    await _lock_recipients_of([row.contact_id for row in rows if row.contact_id], catalog)
    await _insert(rows)


async def _lock_recipients_of(contact_ids: Sequence[int], catalog: Catalog) -> None:
    """Lock the contacts' recipients if workflows react to preferences too: one order for both."""
    if database.dialect() == "sqlite" or not contact_ids or not catalog.listening(Trigger.PREFERENCE_CHANGED):
        return
    of_ids, ids = database.any_of_values(1, contact_ids)
    rows = await database.fetch(
        f"SELECT email_recipient_id, phone_recipient_id FROM contacts WHERE id {of_ids}", ids
    )
    recipient_ids = {recipient_id for row in rows for recipient_id in tuple(row) if recipient_id is not None}
    if recipient_ids:
        await lock_recipients(recipient_ids)


async def preferences_changed(
    changes: Sequence[PreferenceChanged], path: tuple[int, ...], catalog: Catalog, at: datetime
) -> None:
    """Queue changed preferences, in the open transaction. `path`: the workflows that caused them."""
    if not catalog.listening(Trigger.PREFERENCE_CHANGED):
        return
    # A bulk update has thousands of changes and only a few distinct results.
    distinct = {(change.subscription_type, change.channel, change.status) for change in changes}
    reacted_to = {result for result in distinct if _may_trigger(_preference_event(path, *result), catalog)}
    path_json = json.dumps(path) if path else None
    await _insert(
        [
            _preference_row(change, path_json, at)
            for change in changes
            if (change.subscription_type, change.channel, change.status) in reacted_to
        ]
    )


def _preference_event(
    path: tuple[int, ...],
    subscription_type: SubscriptionType | None,
    channel: Channel,
    status: PreferenceStatus | None,
) -> WorkflowEvent:
    type_key = subscription_type.key if subscription_type else None
    return WorkflowEvent(Trigger.PREFERENCE_CHANGED, path, type_key=type_key, channel=channel, status=status)


def _preference_row(change: PreferenceChanged, path_json: str | None, at: datetime) -> _TriggerRow:
    return _TriggerRow(
        kind=Trigger.PREFERENCE_CHANGED.value,
        created_at=at,
        recipient_id=change.recipient_id,
        event_id=change.event_id,
        subscription_type_id=change.subscription_type.id if change.subscription_type else None,
        channel=change.channel.value,
        status=change.status.value if change.status else None,
        path=path_json,
    )


async def _insert(rows: Sequence[_TriggerRow]) -> None:
    await database.insert("workflow_triggers", columns_of(_TriggerRow), rows)


def _may_trigger(event: WorkflowEvent, catalog: Catalog) -> bool:
    workflows = catalog.listening(event.trigger)
    return any(reaction(workflow, event) is not Reaction.IGNORE for workflow in workflows)


def changed_properties(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The names of properties that were added, removed or changed."""
    names = before.keys() | after.keys()
    return frozenset(name for name in names if _serialized(before, name) != _serialized(after, name))


def _serialized(properties: Mapping[str, Any], name: str) -> bytes | None:
    if name not in properties:
        return None
    return orjson.dumps(properties[name], option=orjson.OPT_SORT_KEYS)
