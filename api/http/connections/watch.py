"""All connections of the process: closes those that say or take nothing, and makes room for new ones."""

from __future__ import annotations

import asyncio
from typing import Final, Literal, Protocol

import structlog
from prometheus_client import Counter, Gauge

from api.http.connections import open_files
from api.http.connections.limits import HEAD_SECONDS, STALL_BYTES, STALL_SECONDS

Reason = Literal["silent", "stalled", "evicted", "refused", "frames"]
_SWEEP_SECONDS: Final = 1.0
_LOG_SECONDS: Final = 10.0
open_connections = Gauge(
    "sayso_open_connections", "Connections of clients that are open.", multiprocess_mode="livesum"
)
connection_limit = Gauge(
    "sayso_connection_limit", "Connections that a process keeps open at most.", multiprocess_mode="livesum"
)
files = Gauge("sayso_open_files", "Files and sockets that are open.", multiprocess_mode="livesum")
files_limit = Gauge(
    "sayso_open_files_limit", "Files and sockets that may be open.", multiprocess_mode="livesum"
)
closed = Counter("sayso_connections_closed", "Connections closed or refused by a limit.", ["reason"])

log = structlog.get_logger()


class Connection(Protocol):
    """What the watch asks of a connection."""

    stall: Stall

    @property
    def is_idle(self) -> bool:
        """Whether nothing is lost if it is closed to make room: it serves no request."""

    @property
    def silent_since(self) -> float | None:
        """When it began to wait for a request that must arrive in time; None while it need not."""

    @property
    def unread(self) -> int | None:
        """Bytes that wait for the client to read; None if nothing waits for that."""

    def end_silence(self) -> None:
        """Close it: it sent no request in time."""

    def abort(self) -> None:
        """Close it at once, whatever is unsent."""


class Stall:
    """Since when a client has been taking less than it must."""

    def __init__(self) -> None:
        self._since: float | None = None
        self._unread = 0

    def reset(self) -> None:
        """The client took enough."""
        self._since = None

    def lasts_too_long(self, unread: int | None, now: float) -> bool:
        """Note what is unread now; return whether the client has taken too little for too long."""
        if unread is None:
            self._since = None
        elif self._since is None or unread <= self._unread - STALL_BYTES:
            self._since, self._unread = now, unread
        else:
            return now - self._since > STALL_SECONDS
        return False


class Watch:
    """The connections of one server process, oldest first."""

    def __init__(self) -> None:
        self._connections: dict[Connection, None] = {}
        self._loop: asyncio.AbstractEventLoop | None = None
        self._logged_at = 0.0
        self._evicted = self._refused = 0

    def admit(self, connection: Connection) -> bool:
        """Watch a new connection. False if there are too many and none of them can be closed for it."""
        self.start()
        has_room = len(self._connections) < open_files.most_connections() or self._evict()
        self._connections[connection] = None
        if not has_room:
            self._refused += 1
            closed.labels("refused").inc()
        return has_room

    def add(self, connection: Connection) -> None:
        """Watch a connection that was admitted under another protocol."""
        self._connections[connection] = None

    def remove(self, connection: Connection) -> None:
        """A connection was closed."""
        self._connections.pop(connection, None)

    def start(self) -> None:
        """Watch the connections of the running event loop from now on."""
        loop = asyncio.get_running_loop()
        if self._loop is not loop:
            self._loop = loop
            loop.call_later(_SWEEP_SECONDS, self._sweep, loop)

    def _evict(self) -> bool:
        """Close the oldest of the connections that serve no request. False if all of them serve one."""
        idle = next((each for each in self._connections if each.is_idle), None)
        if idle is None:
            return False
        self._evicted += 1
        closed.labels("evicted").inc()
        self.remove(idle)
        idle.abort()
        return True

    def _sweep(self, loop: asyncio.AbstractEventLoop) -> None:
        now = loop.time()
        for connection in list(self._connections):
            since, unread = connection.silent_since, connection.unread
            if connection.stall.lasts_too_long(unread, now):
                closed.labels("stalled").inc()
                self.remove(connection)
                connection.abort()
            elif unread is None and since is not None and now - since > HEAD_SECONDS:
                closed.labels("silent").inc()
                connection.end_silence()
        self._report(now)
        loop.call_later(_SWEEP_SECONDS, self._sweep, loop)

    def _report(self, now: float) -> None:
        open_connections.set(len(self._connections))
        connection_limit.set(open_files.most_connections())
        files.set(open_files.count())
        files_limit.set(open_files.limit())
        if (self._evicted or self._refused) and now - self._logged_at >= _LOG_SECONDS:
            self._logged_at = now
            log.warning(
                "connections_full",
                open=len(self._connections),
                limit=open_files.most_connections(),
                idle_closed=self._evicted,
                refused=self._refused,
                reason="The server has as many connections as it keeps open. Put a proxy in front of it, or"
                " raise the limit of open files.",
            )
            self._evicted = self._refused = 0


watch: Final = Watch()
"""The connections of this process."""


def count_closed(reason: Reason) -> None:
    """Count a connection that a limit closed."""
    closed.labels(reason).inc()
