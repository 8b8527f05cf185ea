"""Write transactions: retried after a deadlock or a lost connection, with callbacks on commit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import partial, wraps
from typing import Any, Generic, ParamSpec, TypeVar

import asyncpg
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from preference_center.storage.outages import is_busy, is_lost

P = ParamSpec("P")
T = TypeVar("T")
_ATTEMPTS = 12
_RETRY_SECONDS = 30.0
"""No attempt begins later than this after the first."""


class RetryTransaction(Exception):
    """Raise it inside a transaction whose assumptions no longer hold: the transaction runs again."""


class _LostBeforeCommit(Exception):
    """The connection was lost in a transaction, which the database has therefore rolled back."""


_MAYBE_TRANSIENT = (
    RetryTransaction,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    OperationalError,
)


@asynccontextmanager
async def write_transaction() -> AsyncIterator[None]:
    """Open one transaction that may write. Prefer `transaction`, which also retries."""
    acts: list[Callable[[], object]] = []
    outer = _after_commit.set(acts)
    try:
        async with in_transaction("default"):
            yield
    finally:
        _after_commit.reset(outer)
    for act in acts:
        act()


_after_commit: ContextVar[list[Callable[[], object]] | None] = ContextVar("after_commit", default=None)


def after_commit(act: Callable[[], object]) -> None:
    """Call `act` once the open write transaction has committed; never after a rollback."""
    acts = _after_commit.get()
    if acts is not None:
        acts.append(act)


def is_transient(error: BaseException) -> bool:
    """Return whether a retry can succeed: after a deadlock, a serialization failure or a busy SQLite."""
    if isinstance(error, RetryTransaction):
        return True
    if isinstance(error, OperationalError):
        return is_busy(error)
    return isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


async def retried(run: Callable[[], Awaitable[T]]) -> T:
    """Run a function that holds one whole transaction, and retry it after a transient failure.

    Waits a random, growing time between attempts, up to 30 seconds, and raises what the last attempt raises.
    """
    clock = asyncio.get_running_loop().time
    deadline = clock() + _RETRY_SECONDS
    for attempt in range(1, _ATTEMPTS):
        try:
            return await run()
        except _MAYBE_TRANSIENT as error:
            if not is_transient(error) or clock() >= deadline:
                raise
        await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (spread, no secret)
    return await run()


def transaction(run: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorate a coroutine function to run in one write transaction, committed when it returns.

    After a transient failure, `RetryTransaction` among them, the function runs again from the start with the
    same arguments: it must not consume an iterator or change what the caller holds. After a connection that
    was lost before the commit, it runs again once.
    """

    @wraps(run)
    async def in_transaction_(*args: P.args, **kwargs: P.kwargs) -> T:
        call = partial(run, *args, **kwargs)
        try:
            return await retried(partial(_noting_loss, call))
        except _LostBeforeCommit:
            return await retried(partial(_in_one, call))

    return in_transaction_


class _RolledBack(Exception, Generic[T]):
    """Ends a transaction that is to leave nothing; it has what the transaction returned."""

    def __init__(self, result: T) -> None:
        super().__init__()
        self.result = result


async def rehearsed(run: Callable[[], Awaitable[T]]) -> T:
    """Run a function in a write transaction, with its locks and retries, roll back, and return its result.

    Callbacks on commit are not called. Sequences of PostgreSQL keep the numbers that it drew.
    """

    @transaction
    async def run_and_roll_back() -> None:
        raise _RolledBack(await run())

    try:
        await run_and_roll_back()
    except _RolledBack as rolled_back:
        result: T = rolled_back.result
        return result
    raise RuntimeError("the transaction was committed")


async def _in_one(call: Callable[[], Awaitable[T]]) -> T:
    async with write_transaction():
        return await call()


async def _noting_loss(call: Callable[[], Awaitable[T]]) -> T:
    """Raise _LostBeforeCommit if the connection is lost before the call returns, so before the commit."""
    returned = False

    async def noting() -> T:
        nonlocal returned
        result = await call()
        returned = True
        return result

    try:
        return await _in_one(noting)
    except Exception as error:
        if not returned and is_lost(error):
            raise _LostBeforeCommit from error
        raise
