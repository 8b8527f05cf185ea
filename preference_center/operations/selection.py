"""Operations over many contacts: which these are is fixed when they start, in parts."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.contacts.filter import Condition, ContactFilter
from preference_center.errors import ErrorCode
from preference_center.operations.operations import OperationRow, RefusalRow
from preference_center.rules.types import Channel
from preference_center.storage import database


def recipient_column(channel: Channel) -> str:
    """Where a contact `c` has the address of a channel."""
    return "c.email_recipient_id" if channel is Channel.EMAIL else "c.phone_recipient_id"


async def fix(
    operation: OperationRow, selections: Sequence[ContactFilter], channel: Channel, part: int
) -> int:
    """Fix the contacts that all selections mean, some `part` of them together, and say how many there are.

    In the order of their addresses on the channel, those that share one together.
    """
    condition = Condition()
    where = " AND ".join(condition.of(selection) for selection in selections)
    recipient = recipient_column(channel)
    together = "json_agg(id)::text" if database.dialect() == "postgres" else "json_group_array(id)"
    number = condition.place(operation.id)
    await database.execute(
        "INSERT INTO operation_parts (operation_id, number, payload)"
        f" SELECT {number}, part, {together} FROM (SELECT c.id, CAST("
        f"(dense_rank() OVER (ORDER BY COALESCE({recipient}, -c.id)) - 1) / {part} AS int) AS part"
        f" FROM contacts c WHERE {where}) AS chosen GROUP BY part",
        *condition.values,
    )
    return await _count(operation)


async def _count(operation: OperationRow) -> int:
    payload = "payload::json" if database.dialect() == "postgres" else "payload"
    rows = await database.fetch(
        f"SELECT COALESCE(SUM(json_array_length({payload})), 0) AS n FROM operation_parts"
        " WHERE operation_id = $1",
        operation.id,
    )
    return int(rows[0]["n"])


def unreachable(contact_id: int, *, known: bool) -> RefusalRow:
    """The refusal of a contact without an address on the channel, or that is gone."""
    if known:
        message = "The contact has no address on this channel."
        return RefusalRow(ErrorCode.ADDRESS_MISSING.value, message, contact_id=contact_id)
    return RefusalRow(ErrorCode.NOT_FOUND.value, "The contact was deleted.", contact_id=contact_id)
