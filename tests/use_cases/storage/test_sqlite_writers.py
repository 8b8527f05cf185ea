"""Another program that writes to the SQLite file delays writes for a limited time, and reads not at all."""

from __future__ import annotations

import asyncio
import sqlite3
from collections.abc import Iterator
from contextlib import closing

import pytest

from preference_center.config.settings import Settings
from preference_center.storage import database, sqlite_file, transactions
from preference_center.storage.drivers import sqlite_client
from preference_center.storage.outages import is_unavailable
from preference_center.storage.transactions import transaction, write_transaction

PATIENCE = 20
pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
_CHANGE = "UPDATE catalog_state SET version = version + 1 WHERE id = 1"


async def version() -> int:
    return int((await database.fetch("SELECT version FROM catalog_state WHERE id = 1"))[0]["version"])


@transaction
async def change() -> None:
    await database.execute(_CHANGE)


@pytest.fixture
def impatience(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sqlite_client, "WRITER_SECONDS", 0.2)
    monkeypatch.setattr(transactions, "_RETRY_SECONDS", 0.2)


@pytest.fixture
def other(impatience: None, db: Settings) -> Iterator[sqlite3.Connection]:
    """Another program that holds the write lock, with a change of its own."""
    path = sqlite_file.path_of(db)
    assert path is not None
    with closing(sqlite3.connect(path, isolation_level=None)) as opened:
        opened.execute("BEGIN IMMEDIATE")
        opened.execute("UPDATE catalog_state SET version = 1000")
        yield opened


async def test_reads_pass_another_programs_write(db: Settings, other: sqlite3.Connection) -> None:
    async with asyncio.timeout(PATIENCE):
        assert await version() < 1000
    other.execute("COMMIT")
    assert await version() == 1000


async def test_reads_pass_a_write_of_this_process(db: Settings) -> None:
    before = await version()
    entered, finished = asyncio.Event(), asyncio.Event()

    async def write() -> None:
        async with write_transaction():
            await database.execute(_CHANGE)
            assert await version() == before + 1
            entered.set()
            await finished.wait()

    writing = asyncio.create_task(write())
    async with asyncio.timeout(PATIENCE):
        await entered.wait()
        assert await version() == before
        finished.set()
        await writing
        assert await version() == before + 1


@pytest.mark.parametrize("concurrent", [1, 5])
async def test_writes_wait_a_limited_time_in_all(
    db: Settings, other: sqlite3.Connection, concurrent: int
) -> None:
    attempts = 0

    @transaction
    async def counted() -> None:
        nonlocal attempts
        attempts += 1

    writes = [counted() for _ in range(concurrent)] + [database.execute(_CHANGE)]
    async with asyncio.timeout(PATIENCE):
        outcomes = await asyncio.gather(*writes, return_exceptions=True)
    assert all(isinstance(each, Exception) and is_unavailable(each) for each in outcomes), outcomes
    assert attempts == 0
    other.execute("ROLLBACK")
    before = await version()
    await asyncio.gather(change(), change())
    assert await version() == before + 2


async def test_a_write_goes_on_when_the_other_program_has_finished(
    db: Settings, other: sqlite3.Connection, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(sqlite_client, "WRITER_SECONDS", PATIENCE)
    writes = asyncio.gather(change(), database.execute(_CHANGE))
    await asyncio.sleep(0.2)
    other.execute("COMMIT")
    await writes
    assert await version() == 1002


async def test_a_write_that_was_cancelled_while_it_waited_leaves_no_transaction(
    db: Settings, other: sqlite3.Connection
) -> None:
    waiting = [asyncio.create_task(change()) for _ in range(3)]
    await asyncio.sleep(0.02)
    other.execute("ROLLBACK")
    for task in waiting:
        task.cancel()
    await asyncio.wait(waiting)
    before = await version()
    await change()
    assert await version() == before + 1
