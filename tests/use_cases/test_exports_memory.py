"""Exports of many rows: in memory that does not grow with them, at the reader's pace, and ended with it."""

from __future__ import annotations

import asyncio
import tracemalloc

import pytest

from preference_center.exports import stream as exports
from preference_center.exports.connection import APPLICATION_NAME
from preference_center.exports.events import events
from preference_center.storage import database, transactions
from tests.conftest import Brands
from tests.use_cases.exported import CSV, NDJSON
from tests.use_cases.many_rows import fill

ROWS = 60_000
MOST_HELD = 6 * 2**20


@pytest.fixture
async def many(brands: Brands) -> int:
    """A ledger of so many events."""
    await fill(ROWS, ("recipients", "consent_events"))
    return ROWS


@pytest.mark.parametrize("written", [CSV, NDJSON])
async def test_a_slow_reader_has_the_rows_wait_in_the_database(many: int, written: exports.Format) -> None:
    size = 0
    one_at_a_time = asyncio.Lock()

    async def slow(piece: bytes) -> None:
        nonlocal size
        async with one_at_a_time:
            size += len(piece)
            await asyncio.sleep(0.01)

    tracemalloc.start()
    try:
        await exports.write(events(), written, slow)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > many * 100
    assert peak < MOST_HELD < size


async def test_a_reader_that_leaves_ends_the_query(many: int) -> None:
    taken = 0

    async def leaves(piece: bytes) -> None:
        nonlocal taken
        taken += 1
        if taken == 3:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await exports.write(events(), CSV, leaves)

    assert taken == 3
    await nobody_exports()


async def test_cancelling_an_export_ends_the_query(many: int) -> None:
    begun = asyncio.Event()

    async def never_done(_piece: bytes) -> None:
        begun.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(exports.write(events(), CSV, never_done))
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    await nobody_exports()


async def nobody_exports() -> None:
    """The server has no connection of an export any more; it takes a moment to see that one was closed."""
    if database.dialect() == "sqlite":
        return
    for _ in range(200):
        left = await database.fetch(
            "SELECT query FROM pg_stat_activity WHERE application_name = $1 AND datname = current_database()",
            APPLICATION_NAME,
        )
        if not left:
            return
        await asyncio.sleep(0.05)
    raise AssertionError(left)


async def test_the_ledger_can_be_written_while_it_is_exported(many: int) -> None:
    taken = 0

    async def sink(_piece: bytes) -> None:
        nonlocal taken
        taken += 1
        async with transactions.write_transaction():
            await database.execute("UPDATE catalog_state SET version = version + 1 WHERE id = 1")

    await exports.write(events(), CSV, sink)

    rows = await database.fetch("SELECT version FROM catalog_state WHERE id = 1")
    assert rows[0]["version"] > taken > 20
