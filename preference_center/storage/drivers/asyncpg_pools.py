"""Connections to PostgreSQL: a pool for each share. They are returned even if the server does not answer."""

from __future__ import annotations

import asyncio
from collections.abc import Mapping
from dataclasses import dataclass
from enum import Enum
from functools import partial
from typing import Any

from preference_center.storage import shares
from preference_center.storage.drivers.asyncpg_pool import Pool
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

    pool: Pool
    connection: Any
    limits: Limits
    transaction: Any = None


class Pools:
    """The connections of a process. A pool is opened when its share first needs it."""

    def __init__(self, server: Server, limits: Mapping[Share, Limits]) -> None:
        self.server = server
        self._limits = limits
        self._pools: dict[Share, Pool] = {}
        self._ending: set[asyncio.Task[None]] = set()

    def lease_at_once(self) -> Lease | None:
        """Take an open connection of this task's share for one statement; None if that takes any waiting."""
        if self.server.is_pooled is not False:
            return None
        share = shares.current()
        pool = self._pools.get(share)
        connection = None if pool is None else pool.take()
        if pool is None or connection is None:
            return None
        return Lease(pool, connection, self._limits[share])

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
        pool = self._pools.get(share) or self._made(share)
        connection = pool.take()
        if connection is None:
            async with asyncio.timeout(limits.acquire):
                connection = await pool.acquire()
        lease = Lease(pool, connection, limits)
        if begin is Begin.ALWAYS or (begin is Begin.IF_POOLED and self.server.is_pooled):
            try:
                lease.transaction = await self.server.begin(lease.connection, limits)
            except BaseException:
                pool.drop(connection)
                raise
        return lease

    def _made(self, share: Share) -> Pool:
        limits = self._limits[share]
        settings = {"application_name": f"sayso {share.value}"}
        self._pools[share] = pool = Pool(partial(self.server.connect, limits, settings), limits.connections)
        return pool

    async def give_back(self, lease: Lease) -> None:
        """Commit, and return the connection."""
        try:
            if lease.transaction is not None:
                await lease.transaction.commit()
                lease.transaction = None
        except BaseException as error:
            await self.abandon(lease, error)
            raise
        lease.pool.release(lease.connection)

    async def abandon(self, lease: Lease, error: BaseException) -> None:
        """Stop what runs, roll back, and return the connection after an error.

        Drops the connection if the server does not answer.
        """
        if is_lost(error):
            lease.pool.drop(lease.connection)
            return
        ending = asyncio.create_task(_end(lease))
        self._ending.add(ending)
        ending.add_done_callback(self._ending.discard)
        await asyncio.wait({ending}, timeout=_PATIENCE_SECONDS)

    def drop_idle(self) -> None:
        """Close the connections that nobody uses: where one is dead, others may be."""
        for pool in self._pools.values():
            pool.drop_idle()

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
    """Wait until a statement has stopped, roll back, and return the connection. Drops it if that fails."""
    try:
        async with asyncio.timeout(_END_SECONDS):
            if lease.transaction is not None:
                await lease.transaction.rollback()
            elif lease.connection._protocol._is_cancelling():
                await lease.connection._protocol._wait_for_cancellation(_END_SECONDS)
    except (Exception, asyncio.CancelledError):
        lease.pool.drop(lease.connection)
    else:
        lease.pool.release(lease.connection)
