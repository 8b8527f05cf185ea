"""Connections to PostgreSQL are lent in turn, never more than allowed, and never in a state to fear."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import asyncpg
import pytest

from preference_center.storage.drivers import asyncpg_pool
from preference_center.storage.drivers.asyncpg_pool import Pool
from tests.databases import Server

SIZE = 2
PATIENCE = 60


class Opened(Pool):
    """A pool that remembers what it opened."""

    def __init__(self, address: str) -> None:
        self.opened: list[asyncpg.Connection] = []

        async def connect() -> asyncpg.Connection:
            self.opened.append(await asyncpg.connect(address))
            return self.opened[-1]

        super().__init__(connect, SIZE)


@pytest.fixture
async def pool(postgres_server: Server) -> AsyncIterator[Opened]:
    made = Opened(postgres_server.address_of("postgres"))
    yield made
    made.terminate()


async def test_an_open_connection_is_lent_again_and_the_last_one_first(pool: Opened) -> None:
    assert pool.take() is None, "nothing is open yet"
    first, second = await pool.acquire(), await pool.acquire()
    pool.release(first)
    pool.release(second)
    assert pool.take() is second
    assert await pool.acquire() is first
    assert len(pool.opened) == SIZE


async def test_who_waits_gets_a_connection_in_turn_and_who_leaves_takes_none(pool: Opened) -> None:
    held = [await pool.acquire() for _ in range(SIZE)]
    assert pool.take() is None
    first, leaving, last = (asyncio.create_task(pool.acquire()) for _ in range(3))
    await asyncio.sleep(0)
    leaving.cancel()
    pool.release(held[0])
    assert await first is held[0]
    assert not last.done()

    told_and_cancelled = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    pool.release(held[1])  # it is the turn of `last`, which is cancelled before it runs
    last.cancel()
    assert await told_and_cancelled is held[1]
    assert len(pool.opened) == SIZE


async def test_a_dead_connection_or_one_in_a_transaction_is_replaced(pool: Opened) -> None:
    dead, begun = await pool.acquire(), await pool.acquire()
    await begun.execute("BEGIN")
    dead.terminate()
    pool.release(dead)
    pool.release(begun)
    assert begun.is_closed()
    assert not {await pool.acquire(), await pool.acquire()} & {dead, begun}


async def test_a_connection_that_is_dropped_makes_room_once(pool: Opened) -> None:
    held = await pool.acquire()
    pool.drop(held)
    pool.drop(held)
    pool.release(held)
    assert held.is_closed()
    lent = [await pool.acquire() for _ in range(SIZE)]
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    assert not waiting.done(), "no more than allowed"
    pool.release(lent[0])
    assert await waiting


async def test_a_connection_that_cannot_be_opened_takes_no_room() -> None:
    async def refuse() -> asyncpg.Connection:
        raise ConnectionRefusedError

    pool = Pool(refuse, SIZE)
    for _ in range(SIZE + 1):
        with pytest.raises(ConnectionRefusedError):
            await pool.acquire()


async def test_what_is_not_used_for_long_is_closed(pool: Opened, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(asyncpg_pool, "IDLE_SECONDS", 0)
    held = await pool.acquire()
    pool.release(held)
    async with asyncio.timeout(PATIENCE):
        while not held.is_closed():  # noqa: ASYNC110 (a connection has no event for it)
            await asyncio.sleep(0)


async def test_closing_waits_for_what_is_in_use_and_lends_nothing_more(pool: Opened) -> None:
    idle, used = await pool.acquire(), await pool.acquire()
    waiting = asyncio.create_task(pool.acquire())
    await asyncio.sleep(0)
    closing = asyncio.create_task(pool.close())
    await asyncio.sleep(0)
    for refused in (waiting, pool.acquire()):
        with pytest.raises(asyncpg.InterfaceError):
            await refused
    assert not closing.done()
    assert await used.fetchval("SELECT 1") == 1
    pool.release(idle)
    pool.release(used)
    await closing
    assert idle.is_closed()
    assert used.is_closed()
