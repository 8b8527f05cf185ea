"""What an operation could not change, read in pages."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from typing import Final, NamedTuple

from preference_center.rules.types import ErrorCode
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange

_OPERATIONS_PER_STATEMENT: Final = 100


class RefusedRow(NamedTuple):
    """One refused contact, row or preference, with the address as it is now."""

    id: int
    operation_id: int
    line: int | None
    contact_id: int | None
    about: str | None
    code: ErrorCode
    message: str
    address: str | None


_COLUMNS: Final = (
    "f.id, f.operation_id, f.line, f.contact_id, f.about, f.code, f.message,"
    " COALESCE(r.address, c.email, c.phone) AS address"
)
_JOINED: Final = "LEFT JOIN recipients r ON r.id = f.recipient_id LEFT JOIN contacts c ON c.id = f.contact_id"


async def pages(shown: Mapping[int, Collection[ErrorCode]], span: KeysetRange) -> dict[int, list[RefusedRow]]:
    """Return the refusals of each operation for its codes in a keyset range, in one statement for a hundred.

    No more rows are read than the pages have.
    """
    found: dict[int, list[RefusedRow]] = {operation_id: [] for operation_id in shown}
    asked = [(operation_id, codes) for operation_id, codes in shown.items() if codes and span.size > 0]
    for start in range(0, len(asked), _OPERATIONS_PER_STATEMENT):
        pages_sql = [_page_sql(*each, span) for each in asked[start : start + _OPERATIONS_PER_STATEMENT]]
        rows = await database.fetch(
            f"SELECT {_COLUMNS} FROM ({' UNION ALL '.join(pages_sql)}) AS f {_JOINED}"
            f" ORDER BY f.id {span.order}",
            span.below,
            span.above,
            span.size,
        )
        for row in rows:
            found[row["operation_id"]].append(_row(row))
    return found


def _page_sql(operation_id: int, codes: Collection[ErrorCode], span: KeysetRange) -> str:
    listed = ", ".join(f"'{code.value}'" for code in codes)
    return (
        f"SELECT * FROM (SELECT * FROM operation_refusals WHERE operation_id = {operation_id:d}"
        f" AND code IN ({listed}) AND id < $1 AND id > $2 ORDER BY id {span.order} LIMIT $3)"
        f" AS of_{operation_id:d}"
    )


def _row(row: database.Row) -> RefusedRow:
    values = {name: row[name] for name in RefusedRow._fields}
    return RefusedRow(**{**values, "code": ErrorCode(row["code"])})
