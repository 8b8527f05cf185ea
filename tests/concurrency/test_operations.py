"""Operations queued, run and cancelled at the same time (R18, R20)."""

from __future__ import annotations

import asyncio
from collections.abc import Iterator
from dataclasses import replace
from typing import Any

import pytest

from preference_center.config.settings import Settings
from preference_center.errors import ErrorCode, Invalid
from preference_center.history import verification
from preference_center.imports import upload
from preference_center.jobs import HANDLERS
from preference_center.operations import bulk_updates, operations, queue, reversals
from preference_center.operations import runner as operation_runner
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.operations import OperationRow
from preference_center.operations.runner import run_next
from preference_center.rules.types import OperationKind, OperationState
from preference_center.storage import database
from tests.concurrency.clients import on
from tests.durability import population
from tests.durability.population import CRM
from tests.journeys.catalog import INSIDERS
from tests.journeys.driver.installation import DATABASES, installation_on

PART = 100
PARTS = 21
"""Of a bulk update of everybody."""
Parts = list[tuple[int, Any]]


@pytest.fixture(params=DATABASES)
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> Iterator[Settings]:
    for module in (bulk_updates, reversals, upload):
        monkeypatch.setattr(module, "PART_SIZE", PART)
    with installation_on(
        request, tmp_path_factory.mktemp("installation"), asynchronous_commit=True
    ) as settings:
        yield settings


@pytest.fixture
def parts() -> Parts:
    """The parts that were started: the operation's id and the part's first target or row."""
    return []


def recording(parts: Parts) -> dict[OperationKind, OperationHandler]:
    """The handlers, recording which parts they run."""

    def recorded(handler: OperationHandler) -> OperationHandler:
        async def run(operation: OperationRow, payload: Any) -> PartResult:
            parts.append((operation.id, payload[0]))
            return await handler.run_part(operation, payload)

        return replace(handler, run_part=run)

    return {kind: recorded(handler) for kind, handler in HANDLERS.items()}


async def work(handlers: dict[OperationKind, OperationHandler] = HANDLERS) -> None:
    """Do what a worker does until the queue is empty."""
    while await run_next(handlers):
        pass


async def reread(queued: OperationRow) -> OperationRow:
    row = await operations.get(queued.id)
    assert row is not None
    return row


def test_two_workers_finish_overlapping_operations_and_do_each_part_once(
    installation: Settings, parts: Parts
) -> None:
    async def play() -> None:
        await population.create_contacts()
        first, second = await population.bulk_opt_in(), await population.bulk_opt_in(INSIDERS)
        out = await population.import_opt_out_list()
        await asyncio.gather(work(recording(parts)), work(recording(parts)))
        await population.assert_completed(first, population.BULK_EXPECTED)
        await population.assert_completed(second, population.ALL_CHANGED_EXPECTED)
        await population.assert_completed(out, population.OPT_OUT_LIST_EXPECTED)
        assert len(parts) == len({(operation, str(first)) for operation, first in parts})
        assert [line async for line in verification.verify()] == []

    on(installation, play)


def test_the_same_update_twice_at_once_changes_everybody_once(installation: Settings) -> None:
    """R16: one of the two finds the change already settings."""

    async def play() -> None:
        await population.create_contacts()
        twins = [await population.bulk_opt_in(), await population.bulk_opt_in()]
        await asyncio.gather(work(), work())
        done = [await reread(twin) for twin in twins]
        assert sum(row.changed for row in done) == population.BULK_EXPECTED.changed
        assert {row.processed for row in done} == {population.BULK_EXPECTED.total}
        assert [row.changed + row.unchanged + row.refused for row in done] == [
            population.BULK_EXPECTED.total
        ] * 2
        assert [line async for line in verification.verify()] == []

    on(installation, play)


def test_a_cancelled_operation_stops_after_its_current_part(installation: Settings, parts: Parts) -> None:
    async def play() -> None:
        await population.create_contacts()
        queued = await population.bulk_opt_in()
        handlers, third = recording(parts), asyncio.Event()

        async def run(operation: OperationRow, payload: Any) -> PartResult:
            if len(parts) == 2:
                third.set()
                await asyncio.sleep(0.05)
            return await handlers[operation.kind].run_part(operation, payload)

        async def cancel() -> None:
            await third.wait()
            await queue.cancel(queued.id)

        await asyncio.gather(work({queued.kind: replace(HANDLERS[queued.kind], run_part=run)}), cancel())
        done = await reread(queued)
        assert done.state is OperationState.CANCELLED
        assert 3 <= len(parts) < PARTS
        assert done.processed == len(parts) * PART == done.changed + done.unchanged + done.refused
        events = "SELECT COUNT(*) AS n FROM consent_events WHERE operation_id = $1"
        assert (await database.fetch(events, queued.id))[0]["n"] == done.changed

    on(installation, play)


@pytest.mark.parametrize("case", ["queued", "running", "failed"])
def test_an_unfinished_reversal_can_be_requested_again(
    installation: Settings, case: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """R20"""
    monkeypatch.setattr(operation_runner, "_MAX_ATTEMPTS", 1)

    async def play() -> None:
        await population.create_contacts()
        bulk = await population.bulk_opt_in()
        await work()
        first = await reversals.enqueue(bulk.id, "The wrong list.", CRM)
        await stop(first, case)
        assert (await reread(first)).state is not OperationState.COMPLETED
        assert (await reread(bulk)).reverted_by_id is None
        second = await reversals.enqueue(bulk.id, "Still the wrong list.", CRM)
        await work()
        assert (await reread(second)).state is OperationState.COMPLETED
        assert (await reread(bulk)).reverted_by_id == second.id
        undone = [(await reread(one)).changed for one in (first, second)]
        assert sum(undone) == population.REVERSAL_EXPECTED.changed
        assert [line async for line in verification.verify()] == []

    on(installation, play)


async def stop(reversal: OperationRow, case: str) -> None:
    """Cancel the reversal before it runs or while it runs, or let it fail."""
    if case == "queued":
        await queue.cancel(reversal.id)
        return
    done = []

    async def run(operation: OperationRow, payload: Any) -> PartResult:
        done.append(payload)
        if len(done) == 3:
            if case == "failed":
                raise RuntimeError("an unexpected error")
            await database.execute("UPDATE operations SET cancelling = TRUE WHERE id = $1", operation.id)
        return await HANDLERS[OperationKind.REVERSAL].run_part(operation, payload)

    await work({OperationKind.REVERSAL: OperationHandler(run, HANDLERS[OperationKind.REVERSAL].prepare)})


def test_requests_with_one_key_at_once_make_one_operation(installation: Settings) -> None:
    async def play() -> None:
        queued = await asyncio.gather(*(population.bulk_opt_in(key="k") for _ in range(8)))
        assert len({one.id for one in queued}) == 1
        assert (await database.fetch("SELECT COUNT(*) AS n FROM operations"))[0]["n"] == 1

    on(installation, play)


def test_of_several_reversals_of_one_operation_at_once_one_is_accepted(installation: Settings) -> None:
    """R20"""

    async def undo(bulk: OperationRow) -> ErrorCode | None:
        try:
            await reversals.enqueue(bulk.id, "The wrong list.", CRM)
        except Invalid as refused:
            return refused.code
        return None

    async def play() -> None:
        await population.create_contacts()
        bulk = await population.bulk_opt_in()
        await work()
        answers = await asyncio.gather(*(undo(bulk) for _ in range(4)))
        assert sorted(answers, key=str) == [ErrorCode.NOT_REVERSIBLE] * 3 + [None]

    on(installation, play)
