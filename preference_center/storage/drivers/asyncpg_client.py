"""Tortoise's client for PostgreSQL, with a pool of connections for each share."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import asyncpg
from tortoise.backends.asyncpg.client import AsyncpgDBClient, TransactionWrapper
from tortoise.backends.base.client import (
    ConnectionWrapper,
    NestedTransactionContext,
    TransactionalDBClient,
    TransactionContext,
)
from tortoise.backends.base_postgres.client import translate_exceptions
from tortoise.connection import get_connections

from preference_center.storage.drivers.asyncpg_pools import Begin, Lease, Pools
from preference_center.storage.drivers.asyncpg_server import Server
from preference_center.storage.drivers.replica import Replica
from preference_center.storage.outages import StatementTimeout, is_lost
from preference_center.storage.shares import Limits, Share, lags_allowed

_ADDRESS = ("host", "port", "user", "password", "database", "ssl")


class Client(AsyncpgDBClient):
    """The client outside transactions: each statement takes a connection of the task's share."""

    server: Server

    def __init__(
        self, limits: Mapping[Share, Limits], replica: Mapping[str, Any] | None = None, **credentials: Any
    ) -> None:
        """`replica` holds the credentials of a read replica, if there is one."""
        super().__init__(**credentials)
        self.server = _server(credentials)
        self.replica = None if replica is None else Replica(_server(replica), limits, self.server)
        self._limits = limits
        self._pool: Any = None

    @property
    def pools(self) -> Pools:
        """The pools, made on first use."""
        if self._pool is None:
            self._pool = Pools(self.server, self._limits)
        pools: Pools = self._pool
        return pools

    async def create_connection(self, with_db: bool) -> None:
        """Prepare for connections. The first statement opens one."""
        _ = self.pools
        await self._post_connect()

    async def _close(self) -> None:
        pools, self._pool = self._pool, None
        if pools is not None:
            await pools.close()

    def acquire_connection(self) -> Any:
        """Hold a connection for one statement. Behind a pooler it is a transaction."""
        return _Held(self, Begin.IF_POOLED)

    def outside_transaction(self) -> Any:
        """Hold a connection for statements that cannot run in a transaction, and that have no parameters."""
        return _Held(self, Begin.NEVER)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_TransactionClient(self))

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a SELECT. A connection that turns out to be dead is replaced, once.

        A replica answers where that is allowed and it is there.
        """
        replica = self.replica
        if replica is not None and replica.is_usable and lags_allowed():
            try:
                return await _fetch(replica.pools, replica.pools.lease_at_once(), sql, values)
            except Exception as error:
                if not replica.fails_with(error):
                    raise
        pools = self.pools
        try:
            return await _fetch(pools, pools.lease_at_once(), sql, values)
        except Exception as error:
            if not is_lost(error):
                raise
        pools.drop_idle()
        return await _fetch(pools, None, sql, values)

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, list[Any]]:
        """Run one statement; returns how many rows it changed or found, and those that it found."""
        if query.startswith("SELECT"):
            rows = await self.fetch(query, values or [])
            return len(rows), rows
        changed, found = await super().execute_query(query, values)
        return changed, found

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run one statement; returns the rows that it found."""
        if query.startswith("SELECT"):
            return [dict(row) for row in await self.fetch(query, values or [])]
        found: list[dict[str, Any]] = await super().execute_query_dict(query, values)
        return found


def _server(credentials: Mapping[str, Any]) -> Server:
    return Server({name: credentials[name] for name in _ADDRESS if name in credentials})


async def _fetch(pools: Pools, lease: Lease | None, sql: str, values: Sequence[Any]) -> list[asyncpg.Record]:
    """Run a SELECT on a leased connection, or else on one that it takes. It is on the way of every query."""
    if lease is None:
        lease = await pools.lease(Begin.IF_POOLED)
    try:
        rows: list[asyncpg.Record] = await lease.connection.fetch(sql, *values)
    except BaseException as error:
        await pools.abandon(lease, error)
        _explain(error)
        raise
    if lease.transaction is None:
        lease.pool.release(lease.connection)
    else:
        await pools.give_back(lease)
    return rows


class _Held:
    """A connection for one statement."""

    __slots__ = ("_begin", "_client", "_lease")

    def __init__(self, client: Client, begin: Begin) -> None:
        self._client = client
        self._begin = begin

    async def __aenter__(self) -> Any:
        self._lease = await self._client.pools.lease(self._begin)
        return self._lease.connection

    async def __aexit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        if error is None:
            await self._client.pools.give_back(self._lease)
        else:
            await self._client.pools.abandon(self._lease, error)
            _explain(error)


def _explain(error: BaseException) -> None:
    """Raise StatementTimeout for a statement that the server stopped."""
    if isinstance(error, asyncpg.QueryCanceledError):
        raise StatementTimeout from error


class _TransactionClient(TransactionWrapper):
    """The client in a transaction: every statement uses its connection."""

    server: Server

    def __init__(self, connection: Client | _TransactionClient) -> None:
        super().__init__(connection)
        self.server = connection.server

    def acquire_connection(self) -> Any:
        return _HeldInTransaction(self._lock, self)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_TransactionClient(self))

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[asyncpg.Record]:
        """The rows of a SELECT."""
        async with self.acquire_connection() as held:
            rows: list[asyncpg.Record] = await held.fetch(sql, *values)
            return rows


class _HeldInTransaction(ConnectionWrapper[Any]):
    """The connection of a transaction, for one statement."""

    __slots__ = ()

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        await super().__aexit__(kind, error, trace)
        if error is not None:
            _explain(error)


class _Transaction(TransactionContext):
    """A transaction on a connection of the task's share."""

    def __init__(self, client: _TransactionClient) -> None:
        self.client = client
        self._lease: Lease

    async def __aenter__(self) -> TransactionalDBClient:
        parent = self.client._parent
        assert isinstance(parent, Client)
        self._pools = parent.pools
        self._lease = await self._pools.lease(Begin.ALWAYS)
        self.client._connection = self._lease.connection
        self._token = get_connections().set(self.client.connection_name, self.client)
        return self.client

    async def __aexit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        get_connections().reset(self._token)
        if error is None:
            await self._pools.give_back(self._lease)
        else:
            await self._pools.abandon(self._lease, error)


client_class = Client
"""What Tortoise looks for in the module of an engine."""
