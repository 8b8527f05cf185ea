"""Uploads: a file is received completely or not at all; and running the operation it makes."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator

import pytest

from preference_center.errors import Invalid
from preference_center.imports import opt_outs as opt_out_imports
from preference_center.imports import upload
from preference_center.imports.opt_outs import OptOutImport
from preference_center.imports.upload import Upload
from preference_center.jobs import HANDLERS
from preference_center.operations import operations, queue
from preference_center.operations.operations import OperationFilter
from preference_center.operations.runner import run_next
from preference_center.rules.types import Channel, OperationState
from preference_center.storage import database
from preference_center.storage.keyset import KeysetRange
from tests.conftest import TEAM, Brands, Clock
from tests.imports.files import count, finished, numbers, opted_out, people, receive_opt_outs

EMAIL = Channel.EMAIL


@pytest.mark.parametrize("cancelled", [True, False])
async def test_nothing_of_a_broken_upload_is_kept(
    brands: Brands, monkeypatch: pytest.MonkeyPatch, cancelled: bool
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 2)
    content = people(range(10_000)).encode()

    async def breaking() -> AsyncIterator[bytes]:
        yield content
        assert await count("operation_parts") > 0
        assert not await run_next_operation()
        if cancelled:
            raise asyncio.CancelledError
        raise ConnectionResetError

    with pytest.raises(asyncio.CancelledError if cancelled else ConnectionResetError):
        await opt_out_imports.receive(OptOutImport(brands.acme, EMAIL, "A list."), Upload(breaking()), TEAM)
    assert [await count(table) for table in ("operations", "operation_parts", "recipients")] == [0, 0, 0]


async def run_next_operation() -> bool:
    return await run_next(HANDLERS)


async def test_an_import_cancelled_during_its_upload_is_refused(brands: Brands) -> None:
    async def cancelling() -> AsyncIterator[bytes]:
        yield people(range(10)).encode()
        [row] = await operations.page(OperationFilter(), KeysetRange(10, ascending=True))
        await queue.cancel(row.id)

    with pytest.raises(Invalid, match="cancelled"):
        await opt_out_imports.receive(OptOutImport(brands.acme, EMAIL, "A list."), Upload(cancelling()), TEAM)
    assert not await run_next_operation()
    assert (await count("operation_parts"), await count("recipients")) == (0, 0)
    [row] = await operations.page(OperationFilter(), KeysetRange(10, ascending=True))
    assert row.state is OperationState.CANCELLED


async def test_an_abandoned_upload_is_deleted_and_a_running_one_is_not(
    brands: Brands, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 2)
    monkeypatch.setattr(upload, "_delete_upload", _killed_process)
    content = people(range(10_000)).encode()

    async def killed() -> AsyncIterator[bytes]:
        yield content
        raise ConnectionResetError

    with pytest.raises(ConnectionResetError):
        await opt_out_imports.receive(OptOutImport(brands.acme, EMAIL, "Old."), Upload(killed()), TEAM)

    async def slow() -> AsyncIterator[bytes]:
        for start in range(0, len(content), len(content) // 2):
            yield content[start : start + len(content) // 2]
            clock.forward(minutes=40)
            await upload.delete_abandoned()

    row = await opt_out_imports.receive(OptOutImport(brands.acme, EMAIL, "New."), Upload(slow()), TEAM)
    assert (await count("operations"), row.total) == (1, 10_000)
    await queue.cancel(row.id)
    assert await upload.delete_abandoned() == 0
    assert await count("operation_parts") == 0


async def _killed_process(_operation_id: int) -> None:
    """A killed process does nothing."""


async def test_a_crash_between_parts_repeats_nothing_and_skips_nothing(
    brands: Brands, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(upload, "PART_SIZE", 3)
    queued = await receive_opt_outs(people(range(20)) + "nobody\n", brands)
    real, calls = opt_out_imports.record_in_transaction, []

    async def crashing(*arguments: object) -> object:
        outcomes = await real(*arguments)  # type: ignore[arg-type]
        calls.append(1)
        if len(calls) % 2 == 0:
            raise KeyboardInterrupt
        return outcomes

    monkeypatch.setattr(opt_out_imports, "record_in_transaction", crashing)
    for _ in range(20):
        try:
            while await run_next_operation():
                pass
            break
        except KeyboardInterrupt:
            clock.forward(minutes=5)
    done = await finished(queued)
    assert len(calls) > 7
    assert numbers(done) == (20, 0, 1, {"INVALID_ADDRESS": 1})
    assert (await count("consent_events"), len(await opted_out(brands))) == (20, 20)


async def test_unreadable_rows_are_spread_over_parts(brands: Brands, monkeypatch: pytest.MonkeyPatch) -> None:
    """They have no address to be grouped by; a file of nothing else still makes many parts."""
    monkeypatch.setattr(upload, "PART_SIZE", 5)
    await receive_opt_outs("email\n" + "nobody\n" * 50, brands, dry_run=True)
    rows = await database.fetch("SELECT number FROM operation_parts ORDER BY number")
    assert [row["number"] for row in rows] == list(range(10))
