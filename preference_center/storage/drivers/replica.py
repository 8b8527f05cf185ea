"""A read replica of PostgreSQL: whether it is there and how far behind it is, checked every second.

What reads from it may be some seconds old, never more: a replica that is further behind, or does not answer,
counts as away, and the primary answers in its place until it has caught up.
"""

from __future__ import annotations

import asyncio
import contextlib
from collections import deque
from collections.abc import AsyncIterator, Callable, Mapping
from typing import Any, Final

import asyncpg
import structlog

from preference_center.storage.drivers.asyncpg_pools import Pools
from preference_center.storage.drivers.asyncpg_server import Server
from preference_center.storage.outages import is_lost, is_unavailable
from preference_center.storage.shares import Limits, Share

MAX_LAG_SECONDS: Final = 10.0
_CHECK_SECONDS: Final = 1.0
_PATIENCE_SECONDS: Final = 2.0
"""How long a check may take."""
_LIMITS: Final = Limits(
    connections=1,
    readers=1,
    acquire=_PATIENCE_SECONDS,
    statement=_PATIENCE_SECONDS,
    lock=_PATIENCE_SECONDS,
    idle=None,
)
_WRITTEN: Final = "SELECT pg_wal_lsn_diff(pg_current_wal_lsn(), '0/0')::bigint"
_REPLAYED: Final = "SELECT pg_wal_lsn_diff(pg_last_wal_replay_lsn(), '0/0')::bigint WHERE pg_is_in_recovery()"
_BEHIND: Final = (
    asyncpg.SerializationError,  # the primary removed rows that the statement read
    asyncpg.UndefinedTableError,  # a migration has not arrived
    asyncpg.UndefinedColumnError,
    asyncpg.UndefinedFunctionError,
)
log = structlog.get_logger()
listeners: Final[list[Callable[[bool], None]]] = []
"""Called with whether the replica is used, whenever that changes."""


class Replica:
    """The pools of a replica, and whether they may be used now."""

    def __init__(self, server: Server, limits: Mapping[Share, Limits], primary: Server) -> None:
        self.pools = Pools(server, limits)
        self.server = server
        self.is_usable = False
        self._primary = primary
        self._written: deque[tuple[float, int]] = deque()
        """When the primary had written how much of its log, in the last seconds."""
        self._monitors: dict[Server, Any] = {}

    @contextlib.asynccontextmanager
    async def watched(self) -> AsyncIterator[None]:
        """Check the replica now, and every second until the block ends."""
        await self._check()
        watching = asyncio.create_task(self._watch())
        try:
            yield
        finally:
            watching.cancel()
            await asyncio.wait({watching}, timeout=_PATIENCE_SECONDS)
            self.is_usable = False
            for connection in self._monitors.values():
                connection.terminate()
            self._monitors.clear()
            await self.pools.close()

    def fails_with(self, error: BaseException) -> bool:
        """Note an error of a statement; return whether the primary may still answer it."""
        if isinstance(error, _BEHIND):
            return True
        if is_lost(error) or is_unavailable(error):
            self._use(False, type(error).__name__)
            self.pools.drop_idle()
            return True
        return False

    async def _watch(self) -> None:
        while True:
            await asyncio.sleep(_CHECK_SECONDS)
            await self._check()

    async def _check(self) -> None:
        try:
            async with asyncio.timeout(_PATIENCE_SECONDS):
                problem = await self._problem()
        except (OSError, asyncpg.PostgresError, asyncpg.InterfaceError, asyncpg.InternalClientError) as error:
            problem = type(error).__name__
            for connection in self._monitors.values():
                connection.terminate()
            self._monitors.clear()
        self._use(problem is None, problem)

    async def _problem(self) -> str | None:
        """Why the replica cannot be used; None if it has what the primary had written some seconds ago."""
        now = asyncio.get_running_loop().time()
        self._written.append((now, await self._ask(self._primary, _WRITTEN)))
        while self._written[0][0] < now - MAX_LAG_SECONDS:
            self._written.popleft()
        replayed = await self._ask(self.server, _REPLAYED)
        if replayed is None:
            return "is no standby"
        return None if replayed >= self._written[0][1] else "lags"

    async def _ask(self, server: Server, sql: str) -> Any:
        monitor = self._monitors.get(server)
        if monitor is None or monitor.is_closed():
            monitor = await server.connect(_LIMITS, {"application_name": "sayso replica check"})
            self._monitors[server] = monitor
        return await monitor.fetchval(sql)

    def _use(self, usable: bool, problem: str | None) -> None:
        if usable is self.is_usable:
            return
        self.is_usable = usable
        if usable:
            log.info("replica_used")
        else:
            log.warning("replica_away", reason=problem)
        for listener in listeners:
            listener(usable)
