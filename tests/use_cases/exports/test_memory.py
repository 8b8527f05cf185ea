"""Exports of many rows: in constant memory, at the reader's pace, and ended when the reader leaves."""

from __future__ import annotations

import asyncio
import tracemalloc
from collections.abc import Iterator

import pytest

from preference_center.config.settings import Settings
from preference_center.exports import stream as exports
from preference_center.exports.connection import APPLICATION_NAME
from preference_center.exports.events import events
from preference_center.storage import database, transactions
from preference_center.storage.connection import open_database
from tests.conftest import new_database, settings_for
from tests.use_cases.exports.exported_files import CSV, NDJSON
from tests.use_cases.exports.many_rows import fill

ROWS = 60_000
MAX_MEMORY_BYTES = 6 * 2**20


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def filled(request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory) -> Iterator[str]:
    """The address of a database with many events, for all tests of this module."""
    folder = tmp_path_factory.mktemp("many")

    async def fill_it(address: str) -> None:
        async with open_database(settings_for(address, folder / "data")):
            await fill(ROWS, ("recipients", "consent_events"))

    with new_database(request, folder, branded=True) as address:
        asyncio.run(fill_it(address))
        yield address


@pytest.fixture
def database_url(filled: str) -> str:
    """The database that the tests share instead of one for each."""
    return filled


@pytest.fixture
async def many(db: Settings) -> int:
    """The number of events in the ledger."""
    return ROWS


@pytest.mark.parametrize("file_format", [CSV, NDJSON])
async def test_a_slow_reader_slows_the_reading_from_the_database(
    many: int, file_format: exports.Format
) -> None:
    size = 0
    one_at_a_time = asyncio.Lock()

    async def slow(piece: bytes) -> None:
        nonlocal size
        async with one_at_a_time:
            size += len(piece)
            await asyncio.sleep(0.01)

    tracemalloc.start()
    try:
        await exports.write(events(), file_format, slow)
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()

    assert size > many * 100
    assert peak < MAX_MEMORY_BYTES < size


async def test_a_reader_that_disconnects_ends_the_query(many: int) -> None:
    pieces = 0

    async def disconnecting(piece: bytes) -> None:
        nonlocal pieces
        pieces += 1
        if pieces == 3:
            raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await exports.write(events(), CSV, disconnecting)

    assert pieces == 3
    await assert_no_export_runs()


async def test_cancelling_an_export_ends_the_query(many: int) -> None:
    begun = asyncio.Event()

    async def stalled(_piece: bytes) -> None:
        begun.set()
        await asyncio.Event().wait()

    writing = asyncio.create_task(exports.write(events(), CSV, stalled))
    await begun.wait()
    writing.cancel()
    with pytest.raises(asyncio.CancelledError):
        await writing

    await assert_no_export_runs()


async def assert_no_export_runs() -> None:
    """The server needs a moment to notice that a connection was closed."""
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


async def test_the_database_can_be_written_while_it_is_exported(many: int) -> None:
    pieces = 0

    async def sink(_piece: bytes) -> None:
        nonlocal pieces
        pieces += 1
        async with transactions.write_transaction():
            await database.execute("UPDATE catalog_state SET version = version + 1 WHERE id = 1")

    await exports.write(events(), CSV, sink)

    rows = await database.fetch("SELECT version FROM catalog_state WHERE id = 1")
    assert rows[0]["version"] > pieces > 20
