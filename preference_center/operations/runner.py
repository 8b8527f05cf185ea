"""Running operations: one worker at a time, one part in one transaction together with the progress.

A crash anywhere repeats nothing and skips nothing: the operation's `position` is written in the same
transaction as what the part changed.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from datetime import timedelta
from functools import partial
from typing import Any

import structlog

from preference_center.operations import leases, parts
from preference_center.operations.completion import finish
from preference_center.operations.handler import OperationHandler, PartResult
from preference_center.operations.leases import LEASE, Claimed, LeaseLost
from preference_center.operations.operations import OperationRow
from preference_center.operations.parts import Selection
from preference_center.rules.types import OperationKind, OperationState
from preference_center.storage import database
from preference_center.storage.outages import is_unavailable
from preference_center.storage.transactions import rehearsed, transaction
from preference_center.tables.operations import Operation

log = structlog.get_logger()
_MAX_ATTEMPTS = 5
_OUTAGE_RETRY_SECONDS = 1.0


@dataclass(frozen=True, slots=True)
class _Run:
    """An operation, the worker that has claimed it, and how it runs."""

    operation: OperationRow
    owner: str
    handler: OperationHandler
    stop: asyncio.Event | None

    @property
    def is_stopped(self) -> bool:
        return self.stop is not None and self.stop.is_set()

    async def lock(self) -> Claimed:
        return await leases.lock(self.operation.id, self.owner)


async def run_next(
    handlers: Mapping[OperationKind, OperationHandler],
    stop: asyncio.Event | None = None,
    only: int | None = None,
) -> bool:
    """Run the oldest operation that nobody runs, to its end or until `stop`; False if there is none.

    `only` is the id of the one operation to run. During an outage of the database it waits until the
    database is back, and returns True.
    """
    owner = secrets.token_hex(16)
    try:
        operation = await leases.claim(owner, only)
        if operation is None:
            return False
        await _run_claimed(_Run(operation, owner, handlers[operation.kind], stop))
    except Exception as error:
        if not is_unavailable(error):
            raise
        log.warning("database_away", error=type(error).__name__)
        await _release_after_outage(owner, stop)
    return True


async def _run_claimed(run: _Run) -> None:
    try:
        await _run_parts(run)
    except LeaseLost:
        log.info("operation_taken_over", operation=run.operation.id)
    except Exception as error:
        if is_unavailable(error):
            raise
        log.exception("operation_faulted", operation=run.operation.id)
        await _count_failure(run)


async def _release_after_outage(owner: str, stop: asyncio.Event | None) -> None:
    """Release what the owner claimed as soon as the database is back; if stopped before, the lease runs out.

    The answer to the claim itself may have been lost: the owner identifies what was claimed.
    """
    while stop is None or not stop.is_set():
        await asyncio.sleep(_OUTAGE_RETRY_SECONDS)
        try:
            await leases.release(owner)
        except Exception as error:
            if not is_unavailable(error):
                raise
        else:
            return


async def _run_parts(run: _Run) -> None:
    operation = run.operation
    if operation.total is None and run.handler.select is not None:
        await _store(run, await run.handler.select(operation))
    elif operation.total is None and run.handler.prepare is not None:
        await _prepare(run, run.handler.prepare)
    number = operation.position + 1
    while not run.is_stopped:
        payload = await parts.payload(operation.id, number)
        if payload is None:
            await _complete(run)
            return
        done = await (
            _dry_run_part(run, number, payload) if operation.dry_run else _run_part(run, number, payload)
        )
        if not done:
            return
        number += 1
        await asyncio.sleep(0)
    await leases.release(run.owner)


@transaction
async def _store(run: _Run, selected: Selection) -> None:
    """Store the parts that were selected and their total together."""
    await run.lock()
    await parts.add_json(run.operation.id, selected.payloads, first=0)
    await Operation.filter(id=run.operation.id).update(total=selected.targets)


@transaction
async def _prepare(run: _Run, prepare: Callable[[OperationRow], Awaitable[int]]) -> None:
    """Store the parts and their total together: after a crash in between it starts from nothing."""
    await run.lock()
    total = await prepare(run.operation)
    await Operation.filter(id=run.operation.id).update(total=total)


@transaction
async def _run_part(run: _Run, number: int, payload: Any) -> bool:
    """Do one part and save the progress; False if the operation was cancelled instead."""
    claimed = await _lock_for_part(run, number)
    if claimed is None:
        return False
    await _save_progress(run.operation, claimed, number, await run.handler.run_part(run.operation, payload))
    return True


async def _dry_run_part(run: _Run, number: int, payload: Any) -> bool:
    """Do one part of a dry run: roll it back, then save the progress; False if it was cancelled."""
    result = await rehearsed(partial(_rehearse_part, run, payload))
    return await _save_dry_run(run, number, result)


async def _rehearse_part(run: _Run, payload: Any) -> PartResult:
    await run.lock()  # however long it takes, no other worker claims the operation meanwhile
    return await run.handler.run_part(run.operation, payload)


@transaction
async def _save_dry_run(run: _Run, number: int, result: PartResult) -> bool:
    claimed = await _lock_for_part(run, number)
    if claimed is None:
        return False
    await _save_progress(run.operation, claimed, number, result)
    return True


async def _lock_for_part(run: _Run, number: int) -> Claimed | None:
    """Lock the operation; None if it was to be cancelled, and is now. Raises LeaseLost.

    The lease is lost too if another part is next: another worker has done this one.
    """
    claimed = await run.lock()
    if claimed.position != number - 1:
        raise LeaseLost
    if claimed.cancelling:
        await finish(run.operation, OperationState.CANCELLED)
        return None
    return claimed


async def _save_progress(operation: OperationRow, claimed: Claimed, number: int, result: PartResult) -> None:
    """Add the part's result to the operation's counts, renew the lease, delete the part."""
    refusals = Counter(database.json_value(claimed.refusals))
    refusals.update(refusal.code for refusal in result.refusals)
    await parts.add_refusals(operation.id, result.refusals)
    await database.execute(
        "UPDATE operations SET position = $2, processed = processed + $3, changed = changed + $4,"
        " unchanged = unchanged + $5, refused = refused + $6, opted_out = opted_out + $7, refusals = $8,"
        " lease_until = $9, attempts = 0 WHERE id = $1",
        operation.id,
        number,
        result.processed,
        result.changed,
        result.unchanged,
        result.refused,
        result.opted_out,
        json.dumps(refusals),
        database.now() + LEASE,
    )
    await parts.delete(operation.id, number)


@transaction
async def _complete(run: _Run) -> None:
    await run.lock()
    await finish(run.operation, OperationState.COMPLETED)


async def _count_failure(run: _Run) -> None:
    try:
        await _retry_later_or_fail(run)
    except LeaseLost:
        log.info("operation_taken_over", operation=run.operation.id)
    except Exception as error:
        log.warning("operation_left_to_its_lease", operation=run.operation.id, error=type(error).__name__)


@transaction
async def _retry_later_or_fail(run: _Run) -> None:
    """Let the lease end after 2, 4, 8 … seconds; fail after _MAX_ATTEMPTS failures without a part done."""
    attempts = (await run.lock()).attempts + 1
    if attempts >= _MAX_ATTEMPTS:
        await finish(run.operation, OperationState.FAILED, "Unexpected error. See the server log.")
        return
    await database.execute(
        "UPDATE operations SET attempts = $2, lease_owner = NULL, lease_until = $3 WHERE id = $1",
        run.operation.id,
        attempts,
        database.now() + timedelta(seconds=2**attempts),
    )
