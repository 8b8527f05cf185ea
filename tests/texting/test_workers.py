"""Workers with a slow provider, and workers killed while they send."""

from __future__ import annotations

import asyncio
import contextlib
from collections import Counter
from collections.abc import AsyncIterator, Awaitable, Callable
from datetime import timedelta

import pytest

from api import worker
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config import settings
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.outbox.queue import queue_link
from preference_center.recipients import recipients
from preference_center.rules.addresses import parse
from preference_center.storage import database
from tests.conftest import ALICE, ALICE_PHONE
from tests.durability.workers import Worker
from tests.texting.provider import Provider

TIMEOUT_SECONDS = 60
PHONES = [f"+4860123{n:04}" for n in range(40)]


async def until(happened: Callable[[], bool] | Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(TIMEOUT_SECONDS):
        while True:
            so = happened()
            if so if isinstance(so, bool) else await so:
                return
            await asyncio.sleep(0.01)


async def unsent() -> int:
    rows = await database.fetch("SELECT count(*) AS n FROM outgoing_mails WHERE sent_at IS NULL")
    return int(rows[0]["n"])


async def nothing_left() -> bool:
    return await unsent() == 0


async def one_left() -> bool:
    return await unsent() == 1


async def request_links(*phones: str) -> None:
    await recipients.ensure([parse(phone) for phone in phones])
    for phone in phones:
        await queue_link(parse(phone), None, None)


async def test_a_slow_provider_does_not_delay_mail(
    provider: Provider, db: Settings, acme_sms: SenderNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    await contacts.create(email=ALICE, phone=ALICE_PHONE)
    provider.silent.set()
    async with worker.in_background():
        await request_links(ALICE_PHONE)
        await until(lambda: len(provider.received) == 1)
        await queue_link(parse(ALICE), None, None)
        await until(lambda: len(list(db.data_dir.glob("mail/*.eml"))) == 1)
        await until(one_left)  # it is marked just after the file is written
        provider.silent.clear()
        await until(nothing_left)
    assert len(provider.received) == 1


async def test_a_stopping_worker_finishes_the_message_it_is_sending(
    provider: Provider, acme_sms: SenderNumber, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    await request_links(*PHONES[:3])
    provider.silent.set()
    stop = asyncio.Event()
    at_work = asyncio.create_task(worker.work(stop))
    await until(lambda: len(provider.received) == 1)
    stop.set()
    provider.silent.clear()
    async with asyncio.timeout(TIMEOUT_SECONDS):
        await at_work
    assert len(provider.received) == 1
    rows = await database.fetch("SELECT attempts FROM outgoing_mails ORDER BY id")
    assert [row["attempts"] for row in rows] == [1, 0, 0]
    assert await unsent() == 2


async def test_workers_killed_repeatedly_send_everything_and_never_repeat_what_was_marked_as_sent(
    provider: Provider, db: Settings, acme_sms: SenderNumber
) -> None:
    db.data_dir.mkdir(parents=True, exist_ok=True)
    await request_links(*PHONES)
    kills, marked = 0, dict[str, int]()
    while kills < 4 and await unsent() > 2:
        enough = len(provider.received) + 2
        async with worker_process() as one:
            await until(lambda enough=enough: len(provider.received) >= enough)
            one.kill()
        kills += 1
        rows = await database.fetch("SELECT address FROM outgoing_mails WHERE sent_at IS NOT NULL")
        sent = Counter(to for to, _ in provider.texts())
        marked = {row["address"]: sent[row["address"]] for row in rows} | marked
        await expire_leases()
    async with worker_process() as one:
        await until(nothing_left)
        assert await asyncio.to_thread(one.stop) == 0
    sent = Counter(to for to, _ in provider.texts())
    assert kills
    assert set(sent) == set(PHONES)
    assert {phone: sent[phone] for phone in marked} == marked
    assert sum(sent.values()) - len(PHONES) <= kills  # one message in flight for each killed worker


@contextlib.asynccontextmanager
async def worker_process() -> AsyncIterator[Worker]:
    """A worker process, which is killed at the end in any case."""
    one = await asyncio.to_thread(Worker, settings.current())
    try:
        yield one
    finally:
        one.kill()
        await asyncio.to_thread(one.wait_until_ended)


async def expire_leases() -> None:
    """Expire the leases of killed workers."""
    past = database.now() - timedelta(days=2)
    await database.execute("UPDATE outgoing_mails SET due_at = $1 WHERE sent_at IS NULL", past)
