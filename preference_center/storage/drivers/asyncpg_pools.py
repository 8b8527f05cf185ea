"""Connections to PostgreSQL: a pool for each share. They are returned even if the server does not answer."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

import asyncpg

from preference_center.storage import shares
from preference_center.storage.drivers.asyncpg_server import Server
from preference_center.storage.outages import is_lost
from preference_center.storage.shares import Limits, Share

_PATIENCE_SECONDS = 0.5
"""How long a task that was stopped waits for the end of its statement; then it ends in the background."""
_END_SECONDS = 5.0
"""How long a statement may take to stop before its connection is dropped."""
_CLOSE_SECONDS = 5.0


class Begin(Enum):
    """Whether a connection is taken in a transaction."""

    ALWAYS = "always"
    IF_POOLED = "if pooled"
    """Only behind a pooler, which may lend another connection after each transaction."""
    NEVER = "never"


@dataclass(slots=True)
class Lease:
    """A connection that is held, and the transaction that is open on it."""

    pool: asyncpg.Pool
    connection: Any
    limits: Limits
    transaction: Any = None


class Pools:
    """The connections of a process. A pool is opened when its share first needs it."""

    def __init__(self, server: Server, limits: Mapping[Share, Limits]) -> None:
        self.server = server
        self._limits = limits
        self._pools: dict[Share, asyncpg.Pool] = {}
        self._ending: set[asyncio.Task[None]] = set()

    async def lease(self, begin: Begin) -> Lease:
        """Take a connection of this task's share.

        A connection that turns out to be dead is replaced, once. Raises TimeoutError if none becomes free.
        """
        try:
            return await self._lease(begin)
        except Exception as error:
            if not is_lost(error):
                raise
        self.drop_idle()
        return await self._lease(begin)

    async def _lease(self, begin: Begin) -> Lease:
        share = shares.current()
        limits = self._limits[share]
        pool = self._pools.get(share) or await self._open(share)
        if pool.get_idle_size():  # it does not wait, and so needs no timer
            connection = await pool.acquire()
        else:
            async with asyncio.timeout(limits.acquire):
                connection = await pool.acquire()
        lease = Lease(pool, connection, limits)
        if begin is Begin.ALWAYS or (begin is Begin.IF_POOLED and self.server.is_pooled):
            try:
                lease.transaction = await self.server.begin(lease.connection, limits)
            except BaseException:
                _drop(lease)
                raise
        return lease

    async def _open(self, share: Share) -> asyncpg.Pool:
        limits = self._limits[share]
        settings = {"application_name": f"sayso {share.value}"}
        self._pools[share] = pool = asyncpg.create_pool(
            min_size=0,
            max_size=limits.connections,
            connect=partial(self._connect, limits, settings),
            reset=_keep_session,
        )
        await pool  # opens no connection yet, and so does not wait
        return pool

    async def _connect(
        self, limits: Limits, settings: Mapping[str, str], *_dsn: Any, **from_pool: Any
    ) -> asyncpg.Connection:
        return await self.server.connect(limits, settings, **from_pool)

    async def give_back(self, lease: Lease) -> None:
        """Commit, and return the connection."""
        try:
            if lease.transaction is not None:
                await lease.transaction.commit()
                lease.transaction = None
            await lease.pool.release(lease.connection)
        except BaseException as error:
            await self.abandon(lease, error)
            raise

    async def abandon(self, lease: Lease, error: BaseException) -> None:
        """Stop what runs, roll back, and return the connection after an error.

        Drops the connection if the server does not answer.
        """
        if is_lost(error):
            _drop(lease)
            return
        ending = asyncio.create_task(_end(lease))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        await asyncio.wait({ending}, timeout=_PATIENCE_SECONDS)

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: where one is dead, others may be."""
        for pool in self._pools.values():
            for holder in pool._holders:  # `expire_connections` closes in tasks whose errors nobody sees
                if holder.is_idle():
                    holder.terminate()

    async def close(self) -> None:
        """Close all connections; drop those that are still in use after some seconds."""
        pools, self._pools = list(self._pools.values()), {}
        try:
            async with asyncio.timeout(_CLOSE_SECONDS):
                await asyncio.gather(*(pool.close() for pool in pools))
        except TimeoutError:
            for pool in pools:
                pool.terminate()


async def _end(lease: Lease) -> None:
    try:
        if lease.transaction is not None:
            async with asyncio.timeout(_END_SECONDS):
                await lease.transaction.rollback()
        await lease.pool.release(lease.connection, timeout=_END_SECONDS)
    except (Exception, asyncio.CancelledError):
        _drop(lease)


def _drop(lease: Lease) -> None:
    """Close a connection without asking the server; its pool opens another."""
    with contextlib.suppress(asyncpg.InterfaceError):  # the pool has it back already
        lease.connection.terminate()


async def _keep_session(_connection: object) -> None:
    """Return a connection to the pool without resetting the session: Sayso sets nothing on it later.

    asyncpg's reset is a statement that takes as long as many a query. Open transactions are ended anyway.
    """
