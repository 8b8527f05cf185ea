"""Workers with a slow mail server, and workers killed while they send."""

from __future__ import annotations

import asyncio
from collections import Counter

from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.storage import database
from tests.mailing.queueing import request_link
from tests.mailing.relay import Relay
from tests.texting.test_workers import expire_leases, nothing_left, unsent, until, worker_process

PEOPLE = [f"person{n}@example.com" for n in range(30)]


async def test_workers_killed_repeatedly_send_everything_and_never_repeat_what_was_marked_as_sent(
    relay: Relay, db: Settings
) -> None:
    db.data_dir.mkdir(parents=True, exist_ok=True)
    await recipients.ensure([parse(address) for address in PEOPLE])
    for address in PEOPLE:
        await request_link(address)
    kills, marked = 0, dict[str, int]()
    while kills < 4 and await unsent() > 2:
        enough = len(relay.accepted) + 2
        async with worker_process() as one:
            await until(lambda enough=enough: len(relay.accepted) >= enough)
            one.kill()
        kills += 1
        rows = await database.fetch("SELECT address FROM outgoing_mails WHERE sent_at IS NOT NULL")
        sent = Counter(relay.recipients())
        marked = {row["address"]: sent[row["address"]] for row in rows} | marked
        await expire_leases()
    async with worker_process() as one:
        await until(nothing_left)
        assert await asyncio.to_thread(one.stop) == 0
    sent = Counter(relay.recipients())
    assert kills
    assert set(sent) == set(PEOPLE)
    assert {address: sent[address] for address in marked} == marked
    assert sum(sent.values()) - len(PEOPLE) <= kills  # one mail in flight for each killed worker
    ids = {(one.to, one.message["Message-ID"]) for one in relay.accepted}
    assert len(ids) == len(PEOPLE)  # a repeated mail has the same id


async def test_a_stopping_worker_finishes_its_mail_and_closes_the_connection(
    relay: Relay, db: Settings
) -> None:
    db.data_dir.mkdir(parents=True, exist_ok=True)
    await request_link(PEOPLE[0])
    await request_link(PEOPLE[1])
    relay.hangs_at.add("DATA")
    assert settings.current().smtp
    async with worker_process() as one:
        await until(lambda: "DATA" in relay.commands)
        ending = asyncio.create_task(asyncio.to_thread(one.stop))
        relay.hangs_at.clear()
        assert await ending == 0
    assert relay.recipients()[:1] == PEOPLE[:1]
    rows = await database.fetch("SELECT address FROM outgoing_mails WHERE sent_at IS NOT NULL ORDER BY id")
    assert [row["address"] for row in rows] == relay.recipients()
