"""Notices what other processes change: PostgreSQL tells who listens, SQLite counts what was committed."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import AsyncIterator, Callable
from typing import Any, Final, Protocol

import aiosqlite
import asyncpg

from preference_center.storage.drivers.asyncpg_server import CONNECT_SECONDS, Server
from preference_center.storage.shares import Limits

_AGAIN_SECONDS: Final = 5.0
"""How long after losing its connection a listener connects again."""
_LISTENER: Final = Limits(
    connections=1, readers=1, acquire=CONNECT_SECONDS, statement=CONNECT_SECONDS, lock=None, idle=None
)


class Changes(Protocol):
    """Tells whether something may have been written since it was last asked."""

    async def may_be_new(self) -> bool:
        """Return False only if nothing was committed since the last call. Raises what the driver raises."""

    def unknown(self) -> None:
        """Answer True the next time."""


class AnyTime:
    """Something may always be new."""

    async def may_be_new(self) -> bool:
        """Return True."""
        return True

    def unknown(self) -> None:
        """Nothing is known anyway."""


class FileChanges:
    """What was committed to an SQLite file, through any connection of any process."""

    def __init__(self, path: str) -> None:
        self._path = path
        self._opened: aiosqlite.Connection | None = None
        self._version: int | None = None

    async def may_be_new(self) -> bool:
        """Compare the file's version with that of the last call."""
        if self._opened is None:
            self._opened = await aiosqlite.connect(self._path, isolation_level=None)
            await self._opened.execute("PRAGMA query_only = ON")
        rows = list(await self._opened.execute_fetchall("PRAGMA data_version"))
        before, self._version = self._version, rows[0][0]
        return self._version != before

    def unknown(self) -> None:
        """Forget the version."""
        self._version = None

    async def close(self) -> None:
        """Close the connection."""
        opened, self._opened = self._opened, None
        if opened is not None:
            await opened.close()


@contextlib.asynccontextmanager
async def of_file(path: str) -> AsyncIterator[FileChanges]:
    """Notice what is committed to an SQLite file."""
    changes = FileChanges(path)
    try:
        yield changes
    finally:
        await changes.close()


@contextlib.asynccontextmanager
async def of_server(server: Server, channel: str, act: Callable[[], object]) -> AsyncIterator[AnyTime]:
    """Call `act` whenever PostgreSQL sends a notification on a channel, and after the connection was lost.

    Notifications are an extra: none comes through a pooler, or while the connection is away.
    """
    listening = asyncio.create_task(_listen_repeatedly(server, channel, act))
    try:
        yield AnyTime()
    finally:
        listening.cancel()
        await asyncio.wait({listening}, timeout=CONNECT_SECONDS)


async def _listen_repeatedly(server: Server, channel: str, act: Callable[[], object]) -> None:
    while not server.is_pooled:
        with contextlib.suppress(OSError, asyncpg.PostgresError, asyncpg.InterfaceError):
            connection = await server.connect(_LISTENER, {"application_name": "sayso listener"})
            try:
                if not server.is_pooled:
                    await _listen(connection, channel, act)
            finally:
                connection.terminate()
        act()
        await asyncio.sleep(_AGAIN_SECONDS)


async def _listen(connection: asyncpg.Connection, channel: str, act: Callable[[], object]) -> None:
    """Listen until the connection is lost."""
    lost = asyncio.Event()

    def on_notification(*_: Any) -> None:
        act()

    connection.add_termination_listener(lambda _: lost.set())
    await connection.add_listener(channel, on_notification)
    act()
    await lost.wait()
