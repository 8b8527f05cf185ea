"""Recipients go first: a large query does not begin its next step while a page or an opt-out is served."""

from __future__ import annotations

import asyncio

from preference_center.precedence import Patience, serving_recipient


async def test_a_query_waits_until_a_recipient_is_served() -> None:
    order: list[str] = []

    async def query() -> None:
        await Patience().give_way()
        order.append("query")

    with serving_recipient():
        running = asyncio.create_task(query())
        await asyncio.sleep(0)
        await asyncio.sleep(0)
        order.append("recipient")
    await running
    assert order == ["recipient", "query"]


async def test_a_recipient_who_takes_long_holds_up_no_query() -> None:
    patience = Patience()
    with serving_recipient():
        for _ in range(20):
            async with asyncio.timeout(10):
                await patience.give_way()


async def test_a_query_goes_on_where_no_recipient_is_served() -> None:
    with serving_recipient():
        pass
    await Patience().give_way()
