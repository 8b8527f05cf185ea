"""Receiving a file: its rows become parts of an operation that nobody may run before the last has come.

So a file that turns out to be none, or an upload that dies, leaves nothing behind: all of it is received,
or none.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, Callable
from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any, Protocol

from tortoise.exceptions import IntegrityError

from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.csv_reader import CsvReader, Record, blocks
from preference_center.imports.rows import Row, put_together
from preference_center.operations import operations, parts, queue
from preference_center.operations.operations import NOT_STARTED, RECEIVING, OperationRow
from preference_center.operations.queue import NewOperation
from preference_center.storage import database, transactions

PART_SIZE = 2_000
"""How many rows are done in one transaction."""
PARTS_AT_ONCE = 4
"""How many parts are written together while they come."""
GIVEN_UP_AFTER = timedelta(hours=1)
"""How long an upload may bring nothing before it is taken for dead."""


class Layout(Protocol):
    """What a file's header told: how its rows are read."""

    @property
    def parameters(self) -> dict[str, Any]:
        """What running the operation has to know of it."""

    @property
    def together(self) -> bool:
        """Whether rows about one address have to be looked at together."""

    def row(self, record: Record) -> Row:
        """Read one record; never raises for what is in it."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file on its way: its bytes, how many rows it should have, and its encoding where that is known."""

    chunks: AsyncIterable[bytes]
    expect: int | None = None
    encoding: str | None = None


async def receive(
    asked: NewOperation,
    upload: Upload,
    known: Callable[[str], bool],
    layout_of: Callable[[list[str]], Layout],
) -> OperationRow:
    """Queue an operation with the rows of a file, in memory that does not grow with it.

    Raises Invalid (field "file" or "expect") for a file that is no CSV, is empty, has no address column,
    ends in the middle, or has another number of rows than expected; also whatever the chunks raise. Then
    nothing of it is kept.
    """
    operation = await queue.enqueue(replace(asked, position=RECEIVING))
    try:
        return await _received(operation, upload, CsvReader(known, upload.encoding), layout_of)
    except BaseException:
        await asyncio.shield(_discard(operation.id))
        raise


async def _received(
    operation: OperationRow,
    upload: Upload,
    reader: CsvReader,
    layout_of: Callable[[list[str]], Layout],
) -> OperationRow:
    desk = _Desk(operation.id, layout_of)
    async for block in blocks(upload.chunks):
        await desk.take(reader.feed(block), reader)
    await desk.take(reader.close(), reader)
    await desk.write(everything=True)
    if not desk.total:
        raise Invalid(ErrorCode.INVALID_VALUE, "The file has no rows below its header.", "file")
    if upload.expect is not None and upload.expect != desk.total:
        message = f"The file has {desk.total:,} rows, and {upload.expect:,} were expected. Nothing was done."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "expect")
    return await _queued(operation, desk)


class _Desk:
    """Where rows are put into parts."""

    def __init__(self, operation_id: int, layout_of: Callable[[list[str]], Layout]) -> None:
        self.operation_id = operation_id
        self.total = 0
        self.layout: Layout | None = None
        self._layout_of = layout_of
        self._rows: list[Row] = []
        self._written = 0

    async def take(self, records: list[Record], reader: CsvReader) -> None:
        """Read the next records, and write what fills parts."""
        if self.layout is None and reader.header is not None:
            self.layout = self._layout_of(reader.header)
        if self.layout is None:
            return
        self._rows += map(self.layout.row, records)
        self.total += len(records)
        if len(self._rows) >= PART_SIZE * PARTS_AT_ONCE:
            await self.write()

    async def write(self, *, everything: bool = False) -> None:
        """Write full parts, or all that there is; a sign of life each time."""
        full = len(self._rows) if everything else len(self._rows) // PART_SIZE * PART_SIZE
        payloads = [self._rows[n : min(n + PART_SIZE, full)] for n in range(0, full, PART_SIZE)]

        async def once() -> None:
            async with transactions.write_transaction():
                await parts.add(self.operation_id, payloads, first=self._written)
                await database.execute(
                    "UPDATE operations SET lease_until = $2 WHERE id = $1",
                    self.operation_id,
                    database.now(),
                )

        if payloads:
            try:
                await transactions.retried(once)
            except IntegrityError:
                raise _gone() from None
            self._written += len(payloads)
            del self._rows[:full]


async def _queued(operation: OperationRow, desk: _Desk) -> OperationRow:
    """Let workers have it. Raises Invalid where it was cancelled meanwhile."""
    layout = desk.layout
    if layout is None:
        raise RuntimeError("rows were received without a header")
    parameters = json.dumps({**operation.parameters, **layout.parameters}, ensure_ascii=False)

    async def once() -> bool:
        async with transactions.write_transaction():
            if operation.dry_run or layout.together:
                await put_together(operation.id, PART_SIZE)
            rows = await database.fetch(
                "UPDATE operations SET position = $2, total = $3, parameters = $4, lease_until = NULL"
                " WHERE id = $1 AND state = 'QUEUED' RETURNING id",
                operation.id,
                NOT_STARTED,
                desk.total,
                parameters,
            )
            return bool(rows)

    if not await transactions.retried(once):
        raise _gone()
    queued = await operations.get(operation.id)
    if queued is None:
        raise _gone()
    return queued


def _gone() -> Invalid:
    message = "The import was cancelled while it was being received."
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")


async def _discard(operation_id: int) -> None:
    """Remove what was received; the operation too, unless somebody cancelled it and may look for it."""

    async def once() -> None:
        async with transactions.write_transaction():
            await database.execute("DELETE FROM operation_parts WHERE operation_id = $1", operation_id)
            await database.execute(
                "DELETE FROM operations WHERE id = $1 AND state = 'QUEUED' AND position = $2",
                operation_id,
                RECEIVING,
            )

    await transactions.retried(once)


async def sweep() -> int:
    """Remove what died uploads left, and rows of cancelled imports; returns how many uploads those were."""

    async def once() -> int:
        async with transactions.write_transaction():
            dead = await database.fetch(
                "SELECT id FROM operations WHERE state = 'QUEUED' AND position = $1"
                " AND COALESCE(lease_until, created_at) < $2",
                RECEIVING,
                database.now() - GIVEN_UP_AFTER,
            )
            ids = [row["id"] for row in dead]
            await database.execute(
                f"DELETE FROM operation_parts WHERE operation_id {database.any_of(1)} OR operation_id IN"
                " (SELECT id FROM operations WHERE state IN ('COMPLETED', 'FAILED', 'CANCELLED'))",
                ids,
            )
            await database.execute(f"DELETE FROM operations WHERE id {database.any_of(1)}", ids)
            return len(ids)

    return await transactions.retried(once)
