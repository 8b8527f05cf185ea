"""Callers that ask for the same key at once share few reads, none of which started before they asked."""

from __future__ import annotations

import asyncio

import pytest

from preference_center.storage.single_flight import SingleFlight


class Source:
    """Returns the value at the start of a read; a read lasts until `finish` is set."""

    def __init__(self) -> None:
        self.value = "old"
        self.reads = 0
        self.finish = asyncio.Event()
        self.failing_read = 0
        self.shared = SingleFlight(self._read)

    async def _read(self, _key: str) -> str:
        self.reads += 1
        value = self.value
        await self.finish.wait()
        if self.reads == self.failing_read:
            raise OSError("unavailable")
        return value

    def ask(self, key: str = "a") -> asyncio.Task[str]:
        return asyncio.create_task(self.shared.read(key))


async def let_tasks_run() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_callers_that_ask_during_a_read_share_the_next_one() -> None:
    source = Source()
    alice = source.ask()
    await let_tasks_run()
    source.value = "new"
    others = [source.ask() for _ in range(50)]
    await let_tasks_run()
    assert source.reads == 1
    source.finish.set()
    assert await alice == "old"
    assert set(await asyncio.gather(*others)) == {"new"}
    assert source.reads == 2


async def test_different_keys_are_read_at_the_same_time() -> None:
    source = Source()
    callers = [source.ask("a"), source.ask("b")]
    await let_tasks_run()
    assert source.reads == 2
    source.finish.set()
    await asyncio.gather(*callers)


async def test_a_failed_read_fails_all_who_share_it_and_nobody_else() -> None:
    """While the database hangs, callers do not wait for one failure after another."""
    source = Source()
    alice, *others = (source.ask() for _ in range(50))
    await let_tasks_run()
    source.failing_read = 2
    source.finish.set()
    assert await alice == "old"
    failed = await asyncio.gather(*others, return_exceptions=True)
    assert [str(error) for error in failed] == ["unavailable"] * 49
    assert source.reads == 2
    assert await source.ask() == "old"


@pytest.mark.parametrize("cancelled", [0, 1, 2])
async def test_a_cancelled_caller_blocks_nobody(cancelled: int) -> None:
    source = Source()
    callers = [source.ask() for _ in range(4)]
    await let_tasks_run()
    callers[cancelled].cancel()
    source.finish.set()
    results = await asyncio.gather(*callers, return_exceptions=True)
    assert [isinstance(result, asyncio.CancelledError) for result in results] == [
        n == cancelled for n in range(4)
    ]
    assert await source.ask() == "old"


async def test_a_caller_cancelled_when_its_turn_has_come_wakes_the_next_one() -> None:
    source = Source()

    async def read_and_cancel_bob() -> str:
        result = await source.shared.read("a")
        bob.cancel()
        return result

    alice = asyncio.create_task(read_and_cancel_bob())
    await let_tasks_run()
    bob, charlie = source.ask(), source.ask()
    await let_tasks_run()
    source.finish.set()
    assert await alice == "old"
    assert await asyncio.wait_for(charlie, 5) == "old"
    assert bob.cancelled()
