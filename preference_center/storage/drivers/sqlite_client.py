"""Tortoise's client for SQLite: one connection writes, others read, and nobody waits without a limit."""

from __future__ import annotations

import asyncio
import re
import sqlite3
from collections.abc import Awaitable, Callable, Mapping, Sequence
from typing import Any, TypeVar

import aiosqlite
from tortoise.backends.base.client import NestedTransactionContext, TransactionalDBClient, TransactionContext
from tortoise.backends.sqlite.client import (
    SqliteClient,
    SqliteTransactionContext,
    SqliteTransactionWrapper,
    translate_exceptions,
)
from tortoise.connection import get_connections
from tortoise.exceptions import OperationalError

from preference_center.storage import shares
from preference_center.storage.drivers.sqlite_readers import Readers
from preference_center.storage.drivers.sqlite_turns import Statement, finish, stop, wait_for_turn
from preference_center.storage.outages import is_busy
from preference_center.storage.shares import Limits, Share

T = TypeVar("T")
BUSY_SLICE_MS = 250
"""How long SQLite waits for another process's write before it can be asked to stop."""
WRITER_SECONDS = 30.0
"""How long a write waits in all for other writes of this process and of others."""
_WRITES = re.compile(r"\b(?:INSERT|UPDATE|DELETE|REPLACE)\b")


def is_read(sql: str) -> bool:
    """Return whether a statement only reads."""
    return sql.startswith("SELECT") or (sql.startswith("WITH") and not _WRITES.search(sql))


def _now() -> float:
    return asyncio.get_running_loop().time()


class Client(SqliteClient):
    """The client outside transactions: reads use the connections of the task's share."""

    limits: Mapping[Share, Limits]

    def __init__(self, file_path: str, limits: Mapping[Share, Limits], **pragmas: Any) -> None:
        super().__init__(file_path, busy_timeout=BUSY_SLICE_MS, **pragmas)
        self.limits = limits
        self._readers: dict[Share, Readers] = {}

    async def _readers_of_share(self) -> Readers:
        if self._connection is None:
            async with self._lock:  # it sets the journal mode, before anything reads
                await self.create_connection(with_db=True)
        share = shares.current()
        if share not in self._readers:
            self._readers[share] = Readers(self.filename, self.limits[share])
        return self._readers[share]

    async def fetch(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """The rows of a statement that only reads, as it was committed when the statement began."""
        readers = await self._readers_of_share()

        async def run(reader: aiosqlite.Connection) -> list[sqlite3.Row]:
            return list(await reader.execute_fetchall(sql, values))

        return await readers.read(run)

    @translate_exceptions
    async def execute_query(self, query: str, values: list[Any] | None = None) -> tuple[int, Sequence[Any]]:
        """Run one statement; returns how many rows it changed or found, and those that it found."""
        if is_read(query):
            rows = await self.fetch(query, values or [])
            return len(rows), rows
        return await self._patiently(lambda: SqliteClient.execute_query(self, query, values))

    @translate_exceptions
    async def execute_query_dict(self, query: str, values: list[Any] | None = None) -> list[dict[str, Any]]:
        """Run one statement; returns the rows that it found."""
        _, rows = await self.execute_query(query, values)
        return [dict(row) for row in rows]

    async def execute_insert(self, query: str, values: list[Any]) -> int:
        """Insert one row; returns its id."""
        return await self._patiently(lambda: SqliteClient.execute_insert(self, query, values))

    async def execute_many(self, query: str, values: list[list[Any]]) -> None:
        """Run a statement for each list of values, in one transaction."""
        async with self._in_transaction() as transaction:
            await transaction.execute_many(query, values)

    async def execute_script(self, query: str) -> None:
        """Run several statements."""
        await self._patiently(lambda: SqliteClient.execute_script(self, query))

    async def _patiently(self, run: Callable[[], Awaitable[T]]) -> T:
        """Run a write again while another process writes: what SQLite refuses has changed nothing."""
        deadline = _now() + WRITER_SECONDS
        while True:
            try:
                return await run()
            except OperationalError as error:
                if not is_busy(error) or _now() >= deadline:
                    raise

    def acquire_connection(self) -> Any:
        """Hold the connection that writes, for one statement."""
        return _Turn(self, self._lock)

    def _in_transaction(self) -> TransactionContext:
        return _Transaction(_TransactionClient(self), self._lock)

    async def close(self) -> None:
        """Close every connection."""
        readers, self._readers = self._readers, {}
        for each in readers.values():
            await each.close()
        await super().close()


class _Turn:
    """The connection that writes, for one statement of the client or of a transaction."""

    __slots__ = ("_client", "_queue", "_statement")

    def __init__(self, client: Client | _TransactionClient, queue: asyncio.Lock) -> None:
        self._client = client
        self._queue = queue

    async def __aenter__(self) -> aiosqlite.Connection:
        await wait_for_turn(self._queue, _now() + WRITER_SECONDS)
        try:
            if not self._client._connection:
                await self._client.create_connection(with_db=True)
            held = self._client._connection
            assert held is not None
            self._statement = Statement(held, self._client.limits[shares.current()].statement)
            self._statement.__enter__()
        except BaseException:
            self._queue.release()
            raise
        return held

    async def __aexit__(self, kind: Any, error: BaseException | None, trace: Any) -> None:
        try:
            if isinstance(error, asyncio.CancelledError) and self._client._connection:
                await finish(stop(self._client._connection))
            self._statement.__exit__(kind, error, trace)
        finally:
            self._queue.release()


class _TransactionClient(SqliteTransactionWrapper):
    """The client in a transaction: every statement uses the connection that writes."""

    limits: Mapping[Share, Limits]

    def __init__(self, connection: Client | _TransactionClient) -> None:
        super().__init__(connection)
        self.limits = connection.limits

    def acquire_connection(self) -> Any:
        return _Turn(self, self._lock)

    def _in_transaction(self) -> TransactionContext:
        return NestedTransactionContext(_TransactionClient(self))

    @translate_exceptions
    async def fetch(self, sql: str, values: Sequence[Any]) -> list[sqlite3.Row]:
        """The rows of a SELECT."""
        async with self.acquire_connection() as held:
            return list(await held.execute_fetchall(sql, values))


class _Transaction(SqliteTransactionContext):
    """A transaction that takes the write lock at its start: a read lock cannot always be upgraded later."""

    async def __aenter__(self) -> TransactionalDBClient:
        deadline = _now() + WRITER_SECONDS
        await wait_for_turn(self._trxlock, deadline)
        try:
            await self.ensure_connection()
            await self._begin(deadline)
        except BaseException:
            self._trxlock.release()
            raise
        self.token = get_connections().set(self.connection_name, self.connection)
        client: TransactionalDBClient = self.connection
        return client

    async def __aexit__(self, _kind: Any, error: BaseException | None, _trace: Any) -> None:
        get_connections().reset(self.token)
        held: aiosqlite.Connection = self.connection._connection
        try:
            if error is None:
                await held.commit()
            else:
                await finish(held.rollback())
        except BaseException:
            await finish(held.rollback())
            raise
        finally:
            self._trxlock.release()

    async def _begin(self, deadline: float) -> None:
        held: aiosqlite.Connection = self.connection._connection
        while True:
            try:
                await held.execute("BEGIN IMMEDIATE")
                return
            except asyncio.CancelledError:
                await finish(held.rollback())  # it may still begin
                raise
            except sqlite3.OperationalError as error:
                if not is_busy(error) or _now() >= deadline:
                    raise OperationalError(error) from error


client_class = Client
"""What Tortoise looks for in the module of an engine."""
