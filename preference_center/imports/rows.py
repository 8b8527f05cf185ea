"""Rows of a file as an operation keeps them: readable ones, and those that are refused already."""

from __future__ import annotations

from typing import Any

from preference_center.errors import ErrorCode
from preference_center.operations.parts import RefusalRow
from preference_center.storage import database

Row = list[Any]
"""JSON: the line number, the normalised address that the row is about, then what the kind of file has more.

A row that can't be used has null in the address's place, then a code, words, and the column.
"""


def refused(row: Row) -> RefusalRow | None:
    """The refusal of a row that could not be read, or None for one that could."""
    if row[1] is not None:
        return None
    line, _, code, message, about = row
    return RefusalRow(code, message, line=line, about=about)


def unreadable(line: int, code: ErrorCode, message: str, about: str | None = None) -> Row:
    """A row that can't be used, and why."""
    return [line, None, code.value, message, about[:200] if about else None]


async def put_together(operation_id: int, size: int) -> None:
    """Deal the rows out anew, those about one address into one part, `size` addresses in each.

    A rehearsal of one part leaves nothing for the next to see: only together do repeated rows count as
    they will in earnest. Rows that can't be used have no address, and go by their lines.
    """
    if database.dialect() == "postgres":
        rows = "json_array_elements(payload::json)"
        key = 'COALESCE(r.value->>1, r.value->>0) COLLATE "C"'
        collected = "json_agg(value)::text"
    else:
        rows, key = (
            "json_each(payload)",
            "COALESCE(json_extract(r.value, '$[1]'), json_extract(r.value, '$[0]'))",
        )
        collected = "json_group_array(json(value))"
    # Numbered downwards from -1 until the old parts are gone.
    await database.execute(
        "INSERT INTO operation_parts (operation_id, number, payload)"
        f" SELECT $1, -1 - part, {collected} FROM ("
        f"SELECT r.value AS value, CAST((dense_rank() OVER (ORDER BY {key}) - 1) / {size} AS int) AS part"
        f" FROM operation_parts, {rows} AS r WHERE operation_id = $1) AS dealt GROUP BY part",
        operation_id,
    )
    await database.execute(
        "DELETE FROM operation_parts WHERE operation_id = $1 AND number >= 0", operation_id
    )
    await database.execute(
        "UPDATE operation_parts SET number = -1 - number WHERE operation_id = $1", operation_id
    )
