"""The background worker does everything that is due, and no task delays another."""

import asyncio
from collections.abc import Awaitable, Callable
from datetime import timedelta
from typing import Any

import pytest

from api import worker
from preference_center.config.settings import Settings
from preference_center.contacts import contacts
from preference_center.contacts.filter import ContactFilter
from preference_center.operations import bulk_updates, operations
from preference_center.operations.bulk_updates import BulkUpdate
from preference_center.outbox import delivery as outbox
from preference_center.outbox.queue import queue_link
from preference_center.rules.addresses import parse
from preference_center.rules.types import Channel, LegalBasis, OperationState, PreferenceStatus
from preference_center.storage import database, transactions
from preference_center.upgrade import readiness, schema_state
from tests.conftest import ALICE, TEAM, Brands
from tests.http.log_lines import captured_logs


async def until(happened: Callable[[], Awaitable[bool]]) -> None:
    async with asyncio.timeout(60):
        while not await happened():  # noqa: ASYNC110 (what is waited for is in the database)
            await asyncio.sleep(0.02)


async def queue_mail() -> None:
    async with transactions.write_transaction():
        await queue_link(parse(ALICE), None, None)


async def queue_bulk_update(brands: Brands) -> int:
    opt_out = PreferenceStatus.OPTED_OUT
    update = BulkUpdate(
        ContactFilter(),
        Channel.EMAIL,
        [brands.digest],
        opt_out,
        explanation="Ended.",
        legal_basis=LegalBasis.LEGITIMATE_INTEREST_OTHER,
    )
    return (await bulk_updates.enqueue(update, TEAM)).id


def mails(settings: Settings) -> int:
    return len(list(settings.data_dir.glob("mail/*.eml")))


async def test_mail_and_operations_are_done_concurrently(db: Settings, brands: Brands) -> None:
    await contacts.create(email=ALICE)
    await queue_mail()
    operation_id = await queue_bulk_update(brands)

    async def both_done() -> bool:
        done = await operations.get(operation_id)
        return done is not None and done.state is OperationState.COMPLETED and mails(db) == 1

    async with worker.in_background():
        await until(both_done)


async def test_a_failing_task_is_tried_again_and_delays_no_other(
    db: Settings, brands: Brands, monkeypatch: pytest.MonkeyPatch
) -> None:
    await contacts.create(email=ALICE)
    await queue_mail()
    operation_id = await queue_bulk_update(brands)
    deliver_due, calls = outbox.deliver_due, []

    async def failing_once(*args: Any, **kwargs: Any) -> int:
        calls.append(1)
        if len(calls) == 1:
            raise OSError("the disk is full")
        return await deliver_due(*args, **kwargs)

    async def done() -> bool:
        operation = await operations.get(operation_id)
        return operation is not None and operation.state is OperationState.COMPLETED

    async def sent() -> bool:
        return mails(db) == 1

    monkeypatch.setattr(outbox, "deliver_due", failing_once)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.05)
    async with worker.in_background():
        await until(done)
        await until(sent)


async def test_finished_messages_are_deleted_after_some_days(db: Settings, brands: Brands) -> None:
    await contacts.create(email=ALICE)
    await queue_mail()
    assert await outbox.deliver_due() == 1
    sent_at = database.now() - timedelta(days=2)
    await database.execute("UPDATE outgoing_mails SET sent_at = $1", sent_at)

    async def deleted() -> bool:
        return await database.fetch("SELECT 1 FROM outgoing_mails") == []

    async with worker.in_background():
        await until(deleted)


async def test_stopping_lets_the_running_task_finish(db: Settings, monkeypatch: pytest.MonkeyPatch) -> None:
    started, finished = asyncio.Event(), asyncio.Event()

    async def slow(*_args: object, **_kwargs: object) -> int:
        started.set()
        await asyncio.sleep(0.2)
        finished.set()
        return 0

    monkeypatch.setattr(outbox, "deliver_due", slow)
    async with worker.in_background():
        await started.wait()

    assert finished.is_set()


@pytest.mark.parametrize("version", ["older", "newer"])
async def test_no_work_is_done_on_the_schema_of_another_version(
    db: Settings, brands: Brands, monkeypatch: pytest.MonkeyPatch, version: str
) -> None:
    await contacts.create(email=ALICE)
    await queue_mail()
    checked = 0
    check = readiness.check_within

    async def counted(seconds: float) -> readiness.Readiness:
        nonlocal checked
        checked += 1
        return await check(seconds)

    monkeypatch.setattr(readiness, "check_within", counted)
    monkeypatch.setattr(worker, "POLL_SECONDS", 0.02)
    known = schema_state.known()
    other = (*known, "9999_of_tomorrow") if version == "older" else known[:-1]
    monkeypatch.setattr(schema_state, "known", lambda: other)

    async def checked_often() -> bool:
        return checked > 5

    async def sent() -> bool:
        return mails(db) == 1

    with captured_logs() as log:
        async with worker.in_background():
            await until(checked_often)
            assert mails(db) == 0
            monkeypatch.setattr(schema_state, "known", lambda: known)
            await until(sent)
    assert log.getvalue().count("background_work_paused") == 1
    assert log.getvalue().count("background_work_resumed") == 1
