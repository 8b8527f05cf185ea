"""Running operations: claimed by one worker at a time, a part in one transaction with its own progress.

A crash anywhere repeats nothing and skips nothing: what is done stands in the operation's `position`,
written in the same transaction as what was done.
"""

from __future__ import annotations

import asyncio
import json
import secrets
from collections import Counter
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from datetime import timedelta
from typing import Any

import structlog

from preference_center.operations import operations
from preference_center.operations.operations import (
    NOTHING_DONE,
    ROWS_COMING,
    OperationRow,
    RefusalRow,
    done_parameters,
)
from preference_center.rules.types import OperationKind, OperationState
from preference_center.storage import database, transactions
from preference_center.storage.outages import is_away

log = structlog.get_logger()
LEASE = timedelta(seconds=60)
_ATTEMPTS = 5
_AWAY_SECONDS = 1.0


@dataclass(slots=True)
class Done:
    """What became of one part's targets."""

    processed: int = 0
    changed: int = 0
    unchanged: int = 0
    refusals: list[RefusalRow] = field(default_factory=list)
    refused: int = 0

    def refuse(self, refusal: RefusalRow) -> None:
        """Count one target as refused, with its reason."""
        self.refused += 1
        self.refusals.append(refusal)


@dataclass(frozen=True, slots=True)
class Work:
    """How operations of a kind are run.

    `prepare` fixes what is to be done, as parts, and returns how many targets there are; it runs in one
    transaction when the operation starts. `run` does one part, in the transaction that is open.
    """

    run: Callable[[OperationRow, Any], Awaitable[Done]]
    prepare: Callable[[OperationRow], Awaitable[int]] | None = None


class _Lost(Exception):
    """Another worker has the operation now, or it is finished."""


class _Rehearsed(Exception):
    """Carries a dry run's result out of the transaction that it rolls back."""

    def __init__(self, done: Done) -> None:
        super().__init__()
        self.done = done


async def run_next(
    works: dict[OperationKind, Work], stop: asyncio.Event | None = None, only: int | None = None
) -> bool:
    """Run the oldest operation that nobody runs, to its end or until `stop`; False where there is none.

    With `only` that one and no other. Where the database goes away, waits until it is back, and answers True.
    """
    owner = secrets.token_hex(16)
    try:
        operation = await _claim(owner, only)
        if operation is None:
            return False
        await _run_claimed(operation, owner, works[operation.kind], stop)
    except Exception as error:
        if not is_away(error):
            raise
        log.warning("database_away", error=type(error).__name__)
        await _give_back(owner, stop)
    return True


async def _run_claimed(operation: OperationRow, owner: str, work: Work, stop: asyncio.Event | None) -> None:
    try:
        await _run(operation, owner, work, stop)
    except _Lost:
        log.info("operation_taken_over", operation=operation.id)
    except Exception as error:
        if is_away(error):
            raise
        log.exception("operation_faulted", operation=operation.id)
        await _faulted(operation, owner)


async def _give_back(owner: str, stop: asyncio.Event | None) -> None:
    """Let go of what was claimed, as soon as the database is back; whoever comes goes on from the last part.

    Where this process ends before, its lease runs out. The claim's own answer may have been lost: so what is
    let go is found by the owner.
    """
    while stop is None or not stop.is_set():
        await asyncio.sleep(_AWAY_SECONDS)
        try:
            await _let_go(owner)
        except Exception as error:
            if not is_away(error):
                raise
        else:
            return


async def _claim(owner: str, only: int | None) -> OperationRow | None:
    skip = " FOR UPDATE SKIP LOCKED" if database.dialect() == "postgres" else ""
    that = "" if only is None else f" AND id = {only}"
    now = database.now()

    async def once() -> Any:
        async with transactions.write_transaction():
            return await database.fetch(
                "UPDATE operations SET lease_owner = $1, lease_until = $2, state = 'RUNNING' WHERE id = ("
                "SELECT id FROM operations WHERE state IN ('QUEUED', 'RUNNING') AND position > $3"
                f" AND (lease_until IS NULL OR lease_until < $4){that}"
                f" ORDER BY id LIMIT 1{skip}) RETURNING *",
                owner,
                now + LEASE,
                ROWS_COMING,
                now,
            )

    if not await database.fetch(
        "SELECT 1 FROM operations WHERE state IN ('QUEUED', 'RUNNING') AND position > $1"
        f" AND (lease_until IS NULL OR lease_until < $2){that} LIMIT 1",
        ROWS_COMING,
        now,
    ):
        return None
    rows = await transactions.retried(once)
    return operations.row_of(rows[0]) if rows else None


async def _run(operation: OperationRow, owner: str, work: Work, stop: asyncio.Event | None) -> None:
    if operation.total is None and work.prepare is not None:
        await transactions.retried(lambda: _prepare(operation, owner, work))
    position = operation.position
    while True:
        if stop is not None and stop.is_set():
            await _let_go(owner)
            return
        number = position + 1
        rows = await database.fetch(
            "SELECT payload FROM operation_parts WHERE operation_id = $1 AND number = $2",
            operation.id,
            number,
        )
        if not rows:
            await transactions.retried(lambda: _finish(operation, owner))
            return
        payload = json.loads(rows[0]["payload"])
        if not await _do(operation, owner, work, number, payload):
            return
        position = number
        await asyncio.sleep(0)


async def _prepare(operation: OperationRow, owner: str, work: Work) -> None:
    """Fix what is to be done; again from nothing where a crash was in between."""
    if work.prepare is None:
        return
    async with transactions.write_transaction():
        await _held(operation, owner)
        total = await work.prepare(operation)
        await database.execute("UPDATE operations SET total = $1 WHERE id = $2", total, operation.id)


async def _do(operation: OperationRow, owner: str, work: Work, number: int, payload: Any) -> bool:
    """Do one part; False where the operation was cancelled instead."""

    async def really() -> bool:
        async with transactions.write_transaction():
            if await _cancelled(operation, owner, number):
                return False
            await _advance(operation, number, await work.run(operation, payload))
            return True

    async def rehearsed() -> bool:
        try:
            async with transactions.write_transaction():
                await _held(operation, owner)  # nobody takes it over meanwhile, however long it takes
                raise _Rehearsed(await work.run(operation, payload))
        except _Rehearsed as result:
            done = result.done
        async with transactions.write_transaction():
            if await _cancelled(operation, owner, number):
                return False
            await _advance(operation, number, done)
            return True

    return await transactions.retried(rehearsed if operation.dry_run else really)


async def _cancelled(operation: OperationRow, owner: str, number: int) -> bool:
    """Close the operation where that was asked for. Raises _Lost where another part comes next than this."""
    held = await _held(operation, owner)
    if held["position"] != number - 1:
        raise _Lost
    if held["cancelling"]:
        await _close(operation, OperationState.CANCELLED)
    return bool(held["cancelling"])


async def _held(operation: OperationRow, owner: str) -> Any:
    """Lock the operation's row. Raises _Lost where it is not this worker's any more."""
    lock = " FOR UPDATE" if database.dialect() == "postgres" else ""
    rows = await database.fetch(
        f"SELECT state, lease_owner, cancelling, position FROM operations WHERE id = $1{lock}", operation.id
    )
    if not rows or rows[0]["lease_owner"] != owner or rows[0]["state"] != "RUNNING":
        raise _Lost
    return rows[0]


async def _advance(operation: OperationRow, number: int, done: Done) -> None:
    """Note what was done, and let go of the part: it may name people, and is not looked at again."""
    rows = await database.fetch("SELECT refusals FROM operations WHERE id = $1", operation.id)
    counts = Counter(database.json_value(rows[0]["refusals"]))
    counts.update(refusal.code for refusal in done.refusals)
    await operations.add_refusals(operation.id, done.refusals)
    await database.execute(
        "UPDATE operations SET position = $2, processed = processed + $3, changed = changed + $4,"
        " unchanged = unchanged + $5, refused = refused + $6, refusals = $7, lease_until = $8, attempts = 0"
        " WHERE id = $1",
        operation.id,
        number,
        done.processed,
        done.changed,
        done.unchanged,
        done.refused,
        json.dumps(counts),
        database.now() + LEASE,
    )
    await database.execute(
        "DELETE FROM operation_parts WHERE operation_id = $1 AND number = $2", operation.id, number
    )


async def _finish(operation: OperationRow, owner: str) -> None:
    async with transactions.write_transaction():
        await _held(operation, owner)
        await _close(operation, OperationState.COMPLETED)


async def _close(operation: OperationRow, state: OperationState, error: str | None = None) -> None:
    await database.execute(
        "UPDATE operations SET state = $2, finished_at = $3, error = $4, lease_owner = NULL,"
        f" lease_until = NULL, total = COALESCE(total, processed), parameters = {done_parameters()}"
        " WHERE id = $1",
        operation.id,
        state.value,
        database.now(),
        error,
    )
    await database.execute("DELETE FROM operation_parts WHERE operation_id = $1", operation.id)
    if operation.reverts_id is not None and state is not OperationState.COMPLETED:
        await operations.free(operation)


async def _let_go(owner: str) -> None:
    """Give the operation back, for the next worker to go on with."""
    await database.execute(
        "UPDATE operations SET lease_owner = NULL, lease_until = NULL WHERE lease_owner = $1", owner
    )


async def _faulted(operation: OperationRow, owner: str) -> None:
    """Try again in a while, and give up after the fifth time in a row without a part done."""

    async def once() -> None:
        async with transactions.write_transaction():
            await _held(operation, owner)
            rows = await database.fetch("SELECT attempts FROM operations WHERE id = $1", operation.id)
            attempts = rows[0]["attempts"] + 1
            if attempts >= _ATTEMPTS:
                await _close(operation, OperationState.FAILED, "An unexpected fault; the log tells more.")
                return
            later = database.now() + timedelta(seconds=2**attempts)
            await database.execute(
                "UPDATE operations SET attempts = $2, lease_owner = NULL, lease_until = $3 WHERE id = $1",
                operation.id,
                attempts,
                later,
            )

    try:
        await transactions.retried(once)
    except _Lost:
        log.info("operation_taken_over", operation=operation.id)
    except Exception as error:
        log.warning("operation_left_to_its_lease", operation=operation.id, error=type(error).__name__)


__all__ = ["NOTHING_DONE", "Done", "Work", "run_next"]
