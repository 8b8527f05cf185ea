"""Rows of an imported file as they are stored in the parts of its operation."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any, Final, NamedTuple

from preference_center.errors import ErrorCode
from preference_center.operations.handler import PartResult
from preference_center.operations.parts import RefusalRow
from preference_center.storage import database

StoredRow = list[Any]
"""A row as JSON: the fields of a NamedTuple, of which the first two are the line and the address."""


class UnreadableRow(NamedTuple):
    """A row that cannot be imported, and why. It is stored without the address that it may contain."""

    line: int
    address: None
    code: str
    message: str
    column: str | None


def unreadable(line: int, code: ErrorCode, message: str, column: str | None = None) -> UnreadableRow:
    """Make a row that cannot be imported. The message must not repeat the cell: cells may name people."""
    return UnreadableRow(line, None, code.value, message, column[:200] if column else None)


def readable(stored: Iterable[StoredRow], result: PartResult) -> list[StoredRow]:
    """Refuse the unreadable rows, and return the others in the order of their lines."""
    found = []
    for row in sorted(stored, key=lambda row: int(row[0])):
        if row[1] is not None:
            found.append(row)
            continue
        bad = UnreadableRow(*row)
        result.refuse(RefusalRow(bad.code, bad.message, line=bad.line, about=bad.column))
    return found


_REGROUP: Final = {
    "postgres": """
        INSERT INTO operation_parts (operation_id, number, payload)
        SELECT $1, -1 - part, json_agg(row)::text FROM (
            SELECT r.value AS row, CAST(
                (dense_rank() OVER (ORDER BY COALESCE(r.value->>1, r.value->>0) COLLATE "C") - 1) / $2 AS int
            ) AS part
            FROM operation_parts, json_array_elements(payload::json) AS r WHERE operation_id = $1
        ) AS grouped GROUP BY part
    """,
    "sqlite": """
        INSERT INTO operation_parts (operation_id, number, payload)
        SELECT $1, -1 - part, json_group_array(json(row)) FROM (
            SELECT r.value AS row, (dense_rank() OVER (
                ORDER BY COALESCE(json_extract(r.value, '$[1]'), json_extract(r.value, '$[0]'))
            ) - 1) / $2 AS part
            FROM operation_parts, json_each(payload) AS r WHERE operation_id = $1
        ) AS grouped GROUP BY part
    """,
}
"""Copy the rows of operation $1 to parts with $2 addresses each, ordered by address.

Unreadable rows have no address and are ordered by their line. The new parts are numbered -1, -2, … until the
old ones are deleted.
"""


async def regroup_by_address(operation_id: int, part_size: int) -> None:
    """Regroup an operation's rows so that all rows with one address are in the same part, in one transaction.

    A dry run rolls back each part, so a later part does not see what an earlier one did: repeated rows are
    counted correctly only within one part.
    """
    await database.execute(_REGROUP[database.dialect()], operation_id, part_size)
    await database.execute(
        "DELETE FROM operation_parts WHERE operation_id = $1 AND number >= 0", operation_id
    )
    await database.execute(
        "UPDATE operation_parts SET number = -1 - number WHERE operation_id = $1", operation_id
    )
