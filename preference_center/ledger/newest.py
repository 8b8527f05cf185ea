"""The newest event of each preference and opt-out of all: what an operation can still undo (R20)."""

from __future__ import annotations

from collections.abc import Collection
from typing import NamedTuple

from preference_center.ledger.types import PreferenceKey
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import Channel
from preference_center.storage import database


class NewestEvent(NamedTuple):
    """The event that a current state comes from, and the operation that recorded it."""

    event_id: int
    operation_id: int | None


async def lock_newest_events(recipient_ids: Collection[int]) -> dict[PreferenceKey, NewestEvent]:
    """Lock recipients, and return the newest event of everything that is current for them."""
    await lock_recipients(recipient_ids)
    of_recipients = database.any_of(1)
    rows = await database.fetch(
        "SELECT recipient_id, channel, subscription_type_id, NULL AS business_unit_id, event_id, operation_id"
        f" FROM preferences WHERE recipient_id {of_recipients}"
        " UNION ALL SELECT recipient_id, channel, NULL, business_unit_id, event_id, operation_id"
        f" FROM opt_outs_of_all WHERE recipient_id {of_recipients}",
        list(recipient_ids),
    )
    return {_key_of(row): NewestEvent(row["event_id"], row["operation_id"]) for row in rows}


def _key_of(row: database.Row) -> PreferenceKey:
    return PreferenceKey(
        row["recipient_id"], Channel(row["channel"]), row["subscription_type_id"], row["business_unit_id"]
    )


def key_of_event(event: database.Row) -> PreferenceKey:
    """The preference or opt-out of all that a row of `consent_events` is about."""
    type_id = event["subscription_type_id"]
    unit_id = event["business_unit_id"] if type_id is None else None
    return PreferenceKey(event["recipient_id"], Channel(event["channel"]), type_id, unit_id)
