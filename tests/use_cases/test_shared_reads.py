"""Many who ask for the same at once are answered by few reads, none of which began before they asked."""

from __future__ import annotations

import asyncio

import pytest

from preference_center.storage.single_flight import SingleFlight


class Desk:
    """Answers with what is true when a read begins; a read lasts until it is let go."""

    def __init__(self) -> None:
        self.truth = "old"
        self.reads = 0
        self.open = asyncio.Event()
        self.broken_at = 0
        self.shared = SingleFlight(self._read)

    async def _read(self, _key: str) -> str:
        self.reads += 1
        seen = self.truth
        await self.open.wait()
        if self.reads == self.broken_at:
            raise OSError("away")
        return seen

    def ask(self, key: str = "a") -> asyncio.Task[str]:
        return asyncio.create_task(self.shared.read(key))


async def settled() -> None:
    for _ in range(20):
        await asyncio.sleep(0)


async def test_who_asks_while_a_read_is_under_way_shares_the_next_one() -> None:
    desk = Desk()
    alice = desk.ask()
    await settled()
    desk.truth = "new"
    others = [desk.ask() for _ in range(50)]
    await settled()
    assert desk.reads == 1
    desk.open.set()
    assert await alice == "old"
    assert set(await asyncio.gather(*others)) == {"new"}
    assert desk.reads == 2


async def test_other_keys_wait_for_nobody() -> None:
    desk = Desk()
    asked = [desk.ask("a"), desk.ask("b")]
    await settled()
    assert desk.reads == 2
    desk.open.set()
    await asyncio.gather(*asked)


async def test_a_read_that_fails_is_its_readers_alone() -> None:
    desk = Desk()
    alice, bob, charlie, dana = (desk.ask() for _ in range(4))
    await settled()
    desk.broken_at = 2
    desk.open.set()
    assert await alice == "old"
    with pytest.raises(OSError, match="away"):
        await bob
    assert await asyncio.wait_for(asyncio.gather(charlie, dana), 5) == ["old", "old"]


@pytest.mark.parametrize("gone", [0, 1, 2])
async def test_whoever_leaves_holds_up_nobody(gone: int) -> None:
    desk = Desk()
    asked = [desk.ask() for _ in range(4)]
    await settled()
    asked[gone].cancel()
    desk.open.set()
    answers = await asyncio.gather(*asked, return_exceptions=True)
    assert [isinstance(answer, asyncio.CancelledError) for answer in answers] == [n == gone for n in range(4)]
    assert await desk.ask() == "old"


async def test_whoever_leaves_when_their_turn_has_come_passes_it_on() -> None:
    desk = Desk()

    async def read_and_send_bob_away() -> str:
        answer = await desk.shared.read("a")
        bob.cancel()
        return answer

    alice = asyncio.create_task(read_and_send_bob_away())
    await settled()
    bob, charlie = desk.ask(), desk.ask()
    await settled()
    desk.open.set()
    assert await alice == "old"
    assert await asyncio.wait_for(charlie, 5) == "old"
    assert bob.cancelled()
