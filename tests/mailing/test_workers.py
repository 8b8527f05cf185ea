"""Workers beside a slow mail server, and killed while they send."""

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
from tests.texting.test_workers import nothing_left, time_goes_by, unsent, until, working

PEOPLE = [f"person{n}@example.com" for n in range(30)]


async def test_workers_killed_repeatedly_send_everything_and_never_repeat_what_was_marked_as_sent(
    relay: Relay, db: Settings
) -> None:
    db.data_dir.mkdir(parents=True, exist_ok=True)
    await recipients.ensure([parse(address) for address in PEOPLE])
    for address in PEOPLE:
        await request_link(address)
    deaths, noted = 0, dict[str, int]()
    while deaths < 4 and await unsent() > 2:
        enough = len(relay.taken) + 2
        async with working() as one:
            await until(lambda enough=enough: len(relay.taken) >= enough)
            one.kill()
        deaths += 1
        rows = await database.fetch("SELECT address FROM outgoing_mails WHERE sent_at IS NOT NULL")
        sent = Counter(relay.recipients())
        noted = {row["address"]: sent[row["address"]] for row in rows} | noted
        await time_goes_by()
    async with working() as one:
        await until(nothing_left)
        assert await asyncio.to_thread(one.stop) == 0
    sent = Counter(relay.recipients())
    assert deaths
    assert set(sent) == set(PEOPLE)
    assert {address: sent[address] for address in noted} == noted
    assert sum(sent.values()) - len(PEOPLE) <= deaths  # what was under way at a death, and had come
    ids = {(one.to, one.message["Message-ID"]) for one in relay.taken}
    assert len(ids) == len(PEOPLE)  # and where one came twice, it is known to be one


async def test_a_stopping_worker_finishes_its_mail_and_closes_the_connection(
    relay: Relay, db: Settings
) -> None:
    db.data_dir.mkdir(parents=True, exist_ok=True)
    await request_link(PEOPLE[0])
    await request_link(PEOPLE[1])
    relay.hangs_at.add("DATA")
    assert settings.current().smtp
    async with working() as one:
        await until(lambda: "DATA" in relay.asked)
        ending = asyncio.create_task(asyncio.to_thread(one.stop))
        relay.hangs_at.clear()
        assert await ending == 0
    assert relay.recipients()[:1] == PEOPLE[:1]
    rows = await database.fetch("SELECT address FROM outgoing_mails WHERE sent_at IS NOT NULL ORDER BY id")
    assert [row["address"] for row in rows] == relay.recipients()
