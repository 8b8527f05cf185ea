"""Write transactions: one writer at a time on SQLite, retried after a deadlock, with callbacks on commit."""

from __future__ import annotations

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable, Coroutine
from contextlib import asynccontextmanager
from contextvars import ContextVar
from functools import wraps
from typing import Any, ParamSpec, TypeVar

import asyncpg
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError
from tortoise.transactions import in_transaction

from preference_center.storage.connection import connection

P = ParamSpec("P")
T = TypeVar("T")
_ATTEMPTS = 12


class RetryTransaction(Exception):
    """Raise it inside a transaction whose assumptions no longer hold: the transaction runs again."""


_MAYBE_TRANSIENT = (
    RetryTransaction,
    asyncpg.DeadlockDetectedError,
    asyncpg.SerializationError,
    OperationalError,
)


@asynccontextmanager
async def write_transaction() -> AsyncIterator[None]:
    """Open one transaction that may write. Prefer `transaction`, which also retries.

    On SQLite it takes the write lock at the start, because a read lock cannot always be upgraded later.
    """
    acts: list[Callable[[], object]] = []
    outer = _after_commit.set(acts)
    # If BEGIN fails, Tortoise leaves the broken client in the task, where later queries would use it.
    before = get_connections().set("default", connection())
    try:
        async with in_transaction("default") as client:
            if client.capabilities.dialect == "sqlite":
                await client.execute_query("COMMIT")
                await client.execute_query("BEGIN IMMEDIATE")
            yield
    finally:
        get_connections().reset(before)
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
        return "locked" in str(error) or "busy" in str(error)
    return isinstance(error, asyncpg.DeadlockDetectedError | asyncpg.SerializationError)


async def retried(run: Callable[[], Awaitable[T]]) -> T:
    """Run a function that holds one whole transaction, and retry it after a transient failure.

    Waits a random, growing time between attempts, and raises what the last attempt raises.
    """
    for attempt in range(1, _ATTEMPTS):
        try:
            return await run()
        except _MAYBE_TRANSIENT as error:
            if not is_transient(error):
                raise
        await asyncio.sleep(random.uniform(0, 0.01 * 2**attempt))  # noqa: S311 (spread, no secret)
    return await run()


def transaction(run: Callable[P, Awaitable[T]]) -> Callable[P, Coroutine[Any, Any, T]]:
    """Decorate a coroutine function to run in one write transaction, committed when it returns.

    After a transient failure, `RetryTransaction` among them, the function runs again from the start with the
    same arguments: it must not consume an iterator or change what the caller holds.
    """

    @wraps(run)
    async def in_transaction_(*args: P.args, **kwargs: P.kwargs) -> T:
        async def once() -> T:
            async with write_transaction():
                return await run(*args, **kwargs)

        return await retried(once)

    return in_transaction_
