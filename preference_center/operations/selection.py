"""Which contacts an operation works on: selected once, when it starts, and stored as parts."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.contacts.filter import Condition, ContactFilter, recipient_column
from preference_center.errors import ErrorCode
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import RefusalRow, json_array_of_ids
from preference_center.rules.types import Channel
from preference_center.storage import database


async def store_contacts(
    operation: OperationRow, filters: Sequence[ContactFilter], channel: Channel, part_size: int
) -> int:
    """Store the contacts that match all filters as parts of `part_size` addresses; returns how many they are.

    Ordered by their address on the channel: contacts that share an address are in the same part.
    """
    condition = Condition()
    where = " AND ".join(condition.matching(contact_filter) for contact_filter in filters)
    operation_id = condition.placeholder(operation.id)
    await database.execute(
        "INSERT INTO operation_parts (operation_id, number, payload)"
        f" SELECT {operation_id}, part, {json_array_of_ids()} FROM (SELECT c.id, CAST("
        f"(dense_rank() OVER (ORDER BY COALESCE({recipient_column(channel)}, -c.id)) - 1) / {part_size}"
        f" AS int) AS part FROM contacts c WHERE {where}) AS selected GROUP BY part",
        *condition.values,
    )
    return await _count_targets(operation)


async def _count_targets(operation: OperationRow) -> int:
    payload = "payload::json" if database.dialect() == "postgres" else "payload"
    rows = await database.fetch(
        f"SELECT COALESCE(SUM(json_array_length({payload})), 0) AS targets FROM operation_parts"
        " WHERE operation_id = $1",
        operation.id,
    )
    return int(rows[0]["targets"])


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
