"""What happened and may set workflows off: kept in the transaction of its cause; nothing is lost (R18).

Written while the contact or the recipient concerned is locked: of each, in the order of commits.
Where no enabled workflow waits for it, nothing is written and nothing is asked.
"""

from __future__ import annotations

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any

import orjson

from preference_center.catalog.catalog import Catalog
from preference_center.ledger import current_state
from preference_center.ledger.types import Event
from preference_center.rules.types import Channel, PreferenceStatus, Trigger
from preference_center.rules.workflows import Reaction, WorkflowEvent, reaction
from preference_center.storage import database

OWN_FIELDS = {
    "email": "email",
    "phone": "phone",
    "first_name": "firstName",
    "last_name": "lastName",
    "locale": "locale",
    "processing_basis": "processingBasis",
}
"""What of a contact itself `whenProperty` can name, beside its free properties."""
_COLUMNS = {
    "kind": "text",
    "contact_id": "bigint",
    "recipient_id": "bigint",
    "event_id": "bigint",
    "subscription_type_id": "int",
    "channel": "text",
    "status": "text",
    "properties": "jsonb",
    "path": "jsonb",
    "created_at": "timestamptz",
}


async def contacts_created(contact_ids: Iterable[int], catalog: Catalog) -> None:
    """Contacts that were made, in the open transaction."""
    if not catalog.listening(Trigger.CONTACT_CREATED):
        return
    numbers = list(contact_ids)
    await _take_turns(numbers, catalog)
    at, nothing = database.now(), (None,) * 7
    rows = [(Trigger.CONTACT_CREATED.value, number, *nothing, at) for number in numbers]
    await database.insert("workflow_triggers", _COLUMNS, rows)


async def contacts_updated(changed: Mapping[int, frozenset[str]], catalog: Catalog) -> None:
    """Contacts that were changed, in the open transaction, with the names of what was (OWN_FIELDS too)."""
    if not catalog.listening(Trigger.CONTACT_UPDATED):
        return
    kind, at, nothing = Trigger.CONTACT_UPDATED, database.now(), (None,) * 5
    said = {names: json.dumps(sorted(names)) if names else None for names in changed.values()}
    heard = {names for names in said if _heard(WorkflowEvent(kind, changed_properties=names), catalog)}
    rows = [
        (kind.value, number, *nothing, said[names], None, at)
        for number, names in changed.items()
        if names in heard
    ]
    await _take_turns([row[1] for row in rows], catalog)
    await database.insert("workflow_triggers", _COLUMNS, rows)


async def _take_turns(contact_ids: Sequence[int], catalog: Catalog) -> None:
    """Hold the addresses of contacts, where a change of these is waited for too: one order for both."""
    if database.dialect() == "sqlite" or not contact_ids or not catalog.listening(Trigger.PREFERENCE_CHANGED):
        return
    of_ids, given = database.any_of_values(1, contact_ids)
    rows = await database.fetch(
        f"SELECT email_recipient_id, phone_recipient_id FROM contacts WHERE id {of_ids}", given
    )
    addresses = sorted({number for row in rows for number in tuple(row) if number is not None})
    if addresses:
        await current_state.lock(addresses)


async def preferences_changed(
    events: Sequence[Event], path: tuple[int, ...], catalog: Catalog, at: datetime
) -> None:
    """Events of the ledger that took effect, in the open transaction. `path`: whose doing they are."""
    kind = Trigger.PREFERENCE_CHANGED
    if not catalog.listening(kind):
        return
    asked: dict[tuple[int | None, Channel, PreferenceStatus | None], bool] = {}
    trace = json.dumps(path) if path else None
    rows = []
    for event in events:
        i = event.intent
        # Who takes over what a team had opted them out of (R11) keeps the status: it became nothing new.
        status = i.status if event.before is not i.status else None
        about = (i.type.id if i.type else None, i.channel, status)
        heard = asked.get(about)
        if heard is None:
            happening = WorkflowEvent(
                kind, path, type_key=i.type.key if i.type else None, channel=i.channel, status=status
            )
            heard = asked[about] = _heard(happening, catalog)
        if heard and not event.superseded:
            cause = (i.recipient_id, event.id, about[0], i.channel.value, status and status.value)
            rows.append((kind.value, None, *cause, None, trace, at))
    await database.insert("workflow_triggers", _COLUMNS, rows)


def _heard(event: WorkflowEvent, catalog: Catalog) -> bool:
    waiting = catalog.listening(event.trigger)
    return any(reaction(workflow, event) is not Reaction.IGNORE for workflow in waiting)


def changed_properties(before: Mapping[str, Any], after: Mapping[str, Any]) -> frozenset[str]:
    """The names of properties that are new, gone, or other than before."""
    names = before.keys() | after.keys()
    return frozenset(name for name in names if _written(before, name) != _written(after, name))


def _written(properties: Mapping[str, Any], name: str) -> bytes | None:
    if name not in properties:
        return None
    return orjson.dumps(properties[name], option=orjson.OPT_SORT_KEYS)
