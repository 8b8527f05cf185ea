"""Receiving an uploaded file: its rows become the parts of an operation, all of them or none.

1. The operation is created with the position RECEIVING, which no worker may claim.
2. Rows are stored as they arrive, some parts at a time; each time renews the upload's lease.
3. When the file is complete, the operation moves to NOT_STARTED. If anything is wrong it is deleted.
4. If the process dies, `delete_abandoned` deletes the operation once the lease has run out.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import AsyncIterable, Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import timedelta
from functools import partial
from typing import Any, Final, Protocol

from tortoise.exceptions import IntegrityError

from preference_center.calculations import in_thread
from preference_center.errors import ErrorCode, Invalid
from preference_center.imports.csv_reader import CsvReader, Record, blocks
from preference_center.imports.rows import regroup_by_address
from preference_center.operations import parts, queue
from preference_center.operations.operations import (
    COLUMNS,
    NOT_STARTED,
    RECEIVING,
    OperationRow,
    operation_of,
)
from preference_center.operations.queue import NewOperation
from preference_center.rules.types import OperationState
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables.operations import Operation, OperationPart

PART_SIZE = 2_000
"""Rows that are imported in one transaction."""
PARTS_PER_WRITE: Final = 4
"""Parts that are stored together while the file arrives."""
_MAX_PART_LENGTH: Final = 4 * 1024 * 1024
"""Characters of a part: one with long rows has fewer of them."""
UPLOAD_LEASE: Final = timedelta(hours=1)
"""An upload that brings no rows for this long is abandoned."""


class Layout(Protocol):
    """What the columns of a file mean, from its header."""

    @property
    def parameters(self) -> dict[str, Any]:
        """Parameters of the operation that come from the header."""

    @property
    def columns(self) -> dict[str, Any]:
        """What each column is used as, and those that are ignored (`column_names.report`)."""

    @property
    def group_by_address(self) -> bool:
        """Whether all rows with one address must be in the same part."""

    def rows(self, records: Iterable[Record]) -> Iterable[tuple[Any, ...]]:
        """Parse records to rows that can be stored as JSON. Bad content makes an `UnreadableRow`."""


@dataclass(frozen=True, slots=True)
class Upload:
    """A file that is being uploaded: its bytes, the number of rows it should have, its encoding if known."""

    chunks: AsyncIterable[bytes]
    expected_rows: int | None = None
    encoding: str | None = None


@dataclass(frozen=True, slots=True)
class FileFormat:
    """How files of one type are read."""

    is_column_name: Callable[[str], bool]
    """Whether a cell of the header may be a column's name: it decides which delimiter the file has."""
    layout_of: Callable[[list[str]], Layout]
    """Make the layout for a header. Raises Invalid."""


async def receive(new: NewOperation, upload: Upload, file_format: FileFormat) -> OperationRow:
    """Store the rows of a file and queue the operation that imports them, in constant memory.

    Raises Invalid (field "file" or "expect") for a file that is not CSV, is empty, has no address column,
    ends in the middle or has another number of rows than expected, and whatever the chunks raise. Then
    nothing of the file is kept.
    """
    operation = await queue.enqueue(replace(new, position=RECEIVING))
    try:
        return await _receive(operation, upload, file_format)
    except BaseException:
        await asyncio.shield(_delete_upload(operation.id))
        raise


async def _receive(operation: OperationRow, upload: Upload, file_format: FileFormat) -> OperationRow:
    reader = CsvReader(file_format.is_column_name, upload.encoding)
    writer = _PartWriter(operation.id, reader, file_format.layout_of)
    async for block in blocks(upload.chunks):
        await writer.add(partial(reader.feed, block))
    await writer.add(reader.close)
    await writer.write_all()
    if not writer.total:
        raise Invalid(ErrorCode.INVALID_VALUE, "The file has no rows below its header.", "file")
    if upload.expected_rows is not None and upload.expected_rows != writer.records:
        message = (
            f"The file has {writer.records:,} rows, and {upload.expected_rows:,} were expected."
            " Nothing was imported."
        )
        raise Invalid(ErrorCode.INVALID_VALUE, message, "expect")
    return await _start(operation, writer)


class _PartWriter:
    """Collects rows and stores them as parts. They are parsed in a thread: some files take long."""

    def __init__(
        self, operation_id: int, reader: CsvReader, layout_of: Callable[[list[str]], Layout]
    ) -> None:
        self.total = 0
        self.records = 0
        """How many rows the file has; one with several addresses makes several of `total`."""
        self.layout: Layout | None = None
        self._rows: list[tuple[Any, ...]] = []
        self._size = 0
        """About how many characters the rows have."""
        self._full: list[str] = []
        """Parts, as JSON, that are not stored yet."""
        self._operation_id = operation_id
        self._reader = reader
        self._layout_of = layout_of
        self._parts_written = 0

    async def add(self, read: Callable[[], list[Record]]) -> None:
        """Parse the records that `read` returns, and store the parts that are full."""
        await in_thread(self._parse, read)
        if len(self._full) >= PARTS_PER_WRITE or sum(map(len, self._full)) > _MAX_PART_LENGTH:
            await self._write()

    async def write_all(self) -> None:
        """Store the rows that are left."""
        await in_thread(self._end_part)
        await self._write()

    def _parse(self, read: Callable[[], list[Record]]) -> None:
        records = read()
        if self.layout is None and self._reader.header is not None:
            self.layout = self._layout_of(self._reader.header)
        if self.layout is None:
            return
        for record in records:
            for row in self.layout.rows([record]):
                self._add(row)
            self._size += sum(map(len, record[1]))
        self.records += len(records)

    def _add(self, row: tuple[Any, ...]) -> None:
        if len(self._rows) >= PART_SIZE or self._size > _MAX_PART_LENGTH:
            self._end_part()
        self._rows.append(row)
        self.total += 1

    def _end_part(self) -> None:
        if self._rows:
            self._full.append(parts.as_json(self._rows))
        self._rows, self._size = [], 0

    async def _write(self) -> None:
        if not self._full:
            return
        try:
            await _store_parts(self._operation_id, self._full, self._parts_written)
        except IntegrityError:  # the operation is gone
            raise _cancelled() from None
        self._parts_written += len(self._full)
        self._full = []


@transaction
async def _store_parts(operation_id: int, payloads: Sequence[str], first: int) -> None:
    await parts.add_json(operation_id, payloads, first=first)
    await database.execute(
        "UPDATE operations SET lease_until = $2 WHERE id = $1", operation_id, database.now() + UPLOAD_LEASE
    )


async def _start(operation: OperationRow, writer: _PartWriter) -> OperationRow:
    """Let workers claim the operation. Raises Invalid if it was cancelled meanwhile."""
    if writer.layout is None:
        raise RuntimeError("rows were received without a header")
    parameters = json.dumps(
        {**operation.parameters, **writer.layout.parameters, "columns": writer.layout.columns},
        ensure_ascii=False,
    )
    regroup = operation.dry_run or writer.layout.group_by_address
    started = await _move_to_queue(operation.id, writer.total, parameters, regroup=regroup)
    if started is None:
        raise _cancelled()
    return started


@transaction
async def _move_to_queue(
    operation_id: int, total: int, parameters: str, *, regroup: bool
) -> OperationRow | None:
    if regroup:
        await regroup_by_address(operation_id, PART_SIZE)
    rows = await database.fetch(
        "UPDATE operations SET position = $2, total = $3, parameters = $4, lease_until = NULL"
        f" WHERE id = $1 AND state = 'QUEUED' RETURNING {COLUMNS}",
        operation_id,
        NOT_STARTED,
        total,
        parameters,
    )
    return operation_of(rows[0]) if rows else None


def _cancelled() -> Invalid:
    message = "The import was cancelled while its file was being uploaded."
    return Invalid(ErrorCode.INVALID_VALUE, message, "file")


@transaction
async def _delete_upload(operation_id: int) -> None:
    """Delete the rows, and the operation unless it was cancelled: then it stays in the list."""
    await OperationPart.filter(operation_id=operation_id).delete()
    await Operation.filter(id=operation_id, state=OperationState.QUEUED.value, position=RECEIVING).delete()


@transaction
async def delete_abandoned() -> int:
    """Delete abandoned uploads, and rows of cancelled imports; returns how many uploads it deleted."""
    now = database.now()
    abandoned = await database.fetch(
        "SELECT id FROM operations WHERE state = 'QUEUED' AND position = $1"
        " AND (lease_until < $2 OR (lease_until IS NULL AND created_at < $3))",
        RECEIVING,
        now,
        now - UPLOAD_LEASE,
    )
    ids = [row["id"] for row in abandoned]
    await database.execute(
        f"DELETE FROM operation_parts WHERE operation_id {database.any_of(1)} OR operation_id IN"
        " (SELECT id FROM operations WHERE state IN ('COMPLETED', 'FAILED', 'CANCELLED'))",
        ids,
    )
    await database.execute(f"DELETE FROM operations WHERE id {database.any_of(1)}", ids)
    return len(ids)
