"""Which contacts an operation works on: selected once, when it starts, and stored as parts."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.contacts.filter import Condition, ContactFilter, recipient_column
from preference_center.errors import ErrorCode
from preference_center.operations.parts import RefusalRow, Selection, json_array_of_ids
from preference_center.rules.types import Channel
from preference_center.storage import database

_MOST_ON_SQLITE = 500
"""Addresses in a part on SQLite, where everybody else who writes waits for a part to be done."""


async def select_contacts(filters: Sequence[ContactFilter], channel: Channel, part_size: int) -> Selection:
    """Read the contacts that match all filters, as parts of `part_size` addresses.

    Ordered by their address on the channel: contacts that share an address are in the same part. Filters may
    take long, so this belongs outside of the transaction that stores the parts: on SQLite that one holds up
    everybody who writes.
    """
    if database.dialect() == "sqlite":
        part_size = min(part_size, _MOST_ON_SQLITE)
    condition = Condition()
    where = " AND ".join(condition.matching(contact_filter) for contact_filter in filters)
    rows = await database.fetch(
        f"SELECT part, {json_array_of_ids()} AS payload, COUNT(*) AS targets FROM (SELECT c.id, CAST("
        f"(dense_rank() OVER (ORDER BY COALESCE({recipient_column(channel)}, -c.id)) - 1) / {part_size}"
        f" AS int) AS part FROM contacts c WHERE {where}) AS selected GROUP BY part ORDER BY part",
        *condition.values,
    )
    return Selection([row["payload"] for row in rows], sum(row["targets"] for row in rows))


def no_address(contact_id: int) -> RefusalRow:
    """The refusal of a contact that has no address on the channel."""
    message = "The contact has no address on this channel. Add one, or choose another channel."
    return RefusalRow(ErrorCode.ADDRESS_MISSING.value, message, contact_id=contact_id)


def deleted(contact_id: int) -> RefusalRow:
    """The refusal of a contact that was deleted after it was selected."""
    return RefusalRow(
        ErrorCode.NOT_FOUND.value,
        "The contact was deleted after it had been selected.",
        contact_id=contact_id,
    )
