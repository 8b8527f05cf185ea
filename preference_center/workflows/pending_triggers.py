"""Reading the stored triggers that wait to be run, with the contacts they concern."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from typing import Any, NamedTuple

from preference_center.catalog.catalog import Catalog
from preference_center.rules.types import Channel, PreferenceStatus, Trigger
from preference_center.rules.workflows import Reaction, Workflow, WorkflowEvent, reaction
from preference_center.storage import database
from preference_center.workflows.candidates import Candidate, Cause

MAX_TRIGGERS_PER_CONTACT = 20
"""How many triggers of one contact are run in one transaction."""
Reactions = tuple[tuple[Workflow, Reaction], ...]
"""The workflows that do not ignore an event, with what they do about it."""


class PendingTrigger(NamedTuple):
    """A stored trigger and the workflows, as they are now, that react to it."""

    cause: Cause
    contact_id: int | None
    recipient_id: int | None
    reactions: Reactions


class _StoredEvent(NamedTuple):
    """The columns of `workflow_triggers` that describe the event, as the database returns them."""

    kind: str
    path: Any
    properties: Any
    subscription_type_id: int | None
    channel: str | None
    status: str | None

    def event(self, catalog: Catalog) -> WorkflowEvent:
        type_id = self.subscription_type_id
        return WorkflowEvent(
            Trigger(self.kind),
            tuple(database.json_value(self.path) or ()),
            frozenset(database.json_value(self.properties) or ()),
            catalog.type_by_id(type_id).key if type_id else None,
            Channel(self.channel) if self.channel else None,
            PreferenceStatus(self.status) if self.status else None,
        )


_OLDEST = (
    "SELECT id, created_at, contact_id, recipient_id, event_id,"
    f" {', '.join(_StoredEvent._fields)} FROM workflow_triggers ORDER BY id LIMIT $1"
)


async def oldest(limit: int, catalog: Catalog) -> list[PendingTrigger]:
    """Return the oldest triggers, in order. Workflows react only to events after their own creation."""
    known: dict[_StoredEvent, tuple[WorkflowEvent, Reactions]] = {}
    found = []
    for row in await database.fetch(_OLDEST, limit):
        stored = _StoredEvent(*(row[column] for column in _StoredEvent._fields))
        if stored not in known:
            event = stored.event(catalog)
            known[stored] = (event, _reactions(event, catalog))
        event, reactions = known[stored]
        cause = Cause(event.trigger, row["id"], row["event_id"], None, event.path)
        created_at = database.instant(row["created_at"])
        reactions = tuple(each for each in reactions if each[0].created_at <= created_at)
        found.append(PendingTrigger(cause, row["contact_id"], row["recipient_id"], reactions))
    return found


def _reactions(event: WorkflowEvent, catalog: Catalog) -> Reactions:
    reactions = ((workflow, reaction(workflow, event)) for workflow in catalog.listening(event.trigger))
    return tuple(each for each in reactions if each[1] is not Reaction.IGNORE)


Wave = list[tuple[Reactions, Candidate]]
"""Contacts, each at most once, with what is to be done about them."""


async def waves(triggers: Sequence[PendingTrigger]) -> tuple[list[Wave], int]:
    """Sort the concerned contacts into waves: each contact's n-th trigger is in the n-th wave.

    Also returns how many triggers the waves cover. They end before a contact has too many triggers: one
    transaction should not run a thousand in a row.
    """
    by_id, by_recipient = await _contacts(trigger for trigger in triggers if trigger.reactions)
    triggers_of: dict[int, int] = {}
    found: list[Wave] = []
    for index, trigger in enumerate(triggers):
        if not trigger.reactions:
            continue
        if trigger.recipient_id is None:
            contacts = by_id.get(trigger.contact_id, [])
        else:
            contacts = by_recipient.get(trigger.recipient_id, [])
        numbers = [triggers_of.get(contact.id, 0) for contact in contacts]
        if numbers and max(numbers) >= MAX_TRIGGERS_PER_CONTACT:
            return found, index
        for contact, number in zip(contacts, numbers, strict=True):
            if number == len(found):
                found.append([])
            found[number].append((trigger.reactions, Candidate(*contact, trigger.cause)))
            triggers_of[contact.id] = number + 1
    return found, len(triggers)


class _Contact(NamedTuple):
    id: int
    email_recipient_id: int | None
    phone_recipient_id: int | None


async def _contacts(
    triggers: Iterable[PendingTrigger],
) -> tuple[dict[int | None, list[_Contact]], dict[int, list[_Contact]]]:
    """The contacts that triggers name, by id, and those that have a changed address, by recipient."""
    concerned = list(triggers)
    contact_ids = sorted({each.contact_id for each in concerned if each.contact_id is not None})
    recipient_ids = sorted({each.recipient_id for each in concerned if each.recipient_id is not None})
    by_id: dict[int | None, list[_Contact]] = {}
    if contact_ids:
        rows = await database.fetch(f"{_SELECT_CONTACTS} WHERE id {database.any_of(1)}", contact_ids)
        by_id = {row["id"]: [_Contact(*row)] for row in rows}
    by_recipient: dict[int, list[_Contact]] = {}
    for contact in await _contacts_of(recipient_ids) if recipient_ids else ():
        for recipient_id in (contact.email_recipient_id, contact.phone_recipient_id):
            if recipient_id is not None:
                by_recipient.setdefault(recipient_id, []).append(contact)
    return by_id, by_recipient


_SELECT_CONTACTS = f"SELECT {', '.join(_Contact._fields)} FROM contacts"


async def _contacts_of(recipient_ids: Sequence[int]) -> list[_Contact]:
    of_ids = database.any_of(1)
    rows = await database.fetch(
        f"{_SELECT_CONTACTS} WHERE email_recipient_id {of_ids}"
        f" UNION {_SELECT_CONTACTS} WHERE phone_recipient_id {of_ids} ORDER BY id",
        list(recipient_ids),
    )
    return [_Contact(*row) for row in rows]
