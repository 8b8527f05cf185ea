"""Connecting to PostgreSQL, directly or through a pooler such as PgBouncer, with the limits of a share."""

from __future__ import annotations

import contextlib
import socket
from collections.abc import Mapping
from typing import Any

import asyncpg

from preference_center.storage.shares import Limits

CONNECT_SECONDS = 5.0
_GRACE_SECONDS = 2.0
"""How much later than the server the client ends a statement, when the server does not answer."""
_CHECK_CLIENT = "SET client_connection_check_interval = 2000"
"""Ends the statement of a client that is gone: milliseconds."""
_CHECKS_CLIENT_SINCE = (14, 0)
# A connection through which nothing comes is given up after about a minute.
_TCP_OPTIONS = {"TCP_KEEPIDLE": 30, "TCP_KEEPINTVL": 10, "TCP_KEEPCNT": 3, "TCP_USER_TIMEOUT": 30_000}


def session_settings(limits: Limits) -> dict[str, str]:
    """Return the server's settings for a share. JIT is off: compiling a filter can take minutes."""
    times = {
        "statement_timeout": limits.statement,
        "lock_timeout": limits.lock,
        "idle_in_transaction_session_timeout": limits.idle,
    }
    return {"jit": "off", **{name: str(int((seconds or 0) * 1000)) for name, seconds in times.items()}}


class Server:
    """A PostgreSQL server, and whether a pooler stands before it that lends connections for a transaction."""

    def __init__(self, address: Mapping[str, Any]) -> None:
        """`address` holds host, port, user, password, database and perhaps ssl, as asyncpg takes them."""
        self._address = dict(address)
        self.is_pooled: bool | None = None
        """None until the first connection."""

    async def connect(
        self, limits: Limits, settings: Mapping[str, str], **from_pool: Any
    ) -> asyncpg.Connection:
        """Open a connection with a share's limits and more settings of the session.

        Behind a pooler it has neither: `begin` sets them for each transaction.
        """
        if not self.is_pooled:
            try:
                connection = await self._connect(
                    limits, server_settings={**session_settings(limits), **settings}, **from_pool
                )
            except asyncpg.ProtocolViolationError as error:
                # PgBouncer accepts only the settings that it knows.
                if "startup parameter" not in str(error):
                    raise
                self.is_pooled = True
            else:
                if await self._is_direct(connection):
                    return connection
        # The next transaction may run on another connection of the server, without our statements.
        return await self._connect(limits, statement_cache_size=0, **from_pool)

    async def _is_direct(self, connection: asyncpg.Connection) -> bool:
        """Prepare a connection for use, if it leads to the server itself; else close it."""
        try:
            if self.is_pooled is None:
                self.is_pooled = await _is_pooled(connection)
            if not self.is_pooled:
                await _check_client(connection)
                return True
            await connection.close(timeout=CONNECT_SECONDS)
        except BaseException:
            connection.terminate()
            raise
        return False

    async def _connect(self, limits: Limits, **options: Any) -> asyncpg.Connection:
        command_timeout = None if limits.statement is None else limits.statement + _GRACE_SECONDS
        connection = await asyncpg.connect(
            **self._address, timeout=CONNECT_SECONDS, command_timeout=command_timeout, **options
        )
        _keep_alive(connection)
        return connection

    async def begin(
        self, connection: Any, limits: Limits, settings: Mapping[str, str] | None = None
    ) -> asyncpg.transaction.Transaction:
        """Begin a transaction with a share's limits, and with more settings."""
        transaction: asyncpg.transaction.Transaction = connection.transaction()
        await transaction.start()
        local = {**(session_settings(limits) if self.is_pooled else {}), **(settings or {})}
        if local:
            await connection.execute(
                "; ".join(f"SET LOCAL {name} = '{value}'" for name, value in local.items())
            )
        return transaction


async def _is_pooled(connection: asyncpg.Connection) -> bool:
    """Whether another process answers than the one connected to. Such a statement is not prepared."""
    answer: str = await connection.execute(f"SELECT 1 WHERE pg_backend_pid() = {connection.get_server_pid()}")
    return answer != "SELECT 1"


async def _check_client(connection: asyncpg.Connection) -> None:
    """Let the server notice that the client is gone, where its operating system can."""
    if connection.get_server_version() >= _CHECKS_CLIENT_SINCE:
        with contextlib.suppress(asyncpg.InvalidParameterValueError):
            await connection.execute(_CHECK_CLIENT)


def _keep_alive(connection: asyncpg.Connection) -> None:
    found = connection._transport.get_extra_info("socket")
    if found is None or found.family == socket.AF_UNIX:
        return
    found.setsockopt(socket.SOL_SOCKET, socket.SO_KEEPALIVE, 1)
    for name, value in _TCP_OPTIONS.items():
        if hasattr(socket, name):  # depends on the operating system
            found.setsockopt(socket.IPPROTO_TCP, getattr(socket, name), value)
