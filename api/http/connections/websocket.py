"""The WebSocket protocol of the server: uvicorn's, with limits on frames that cost more than they carry.

wsproto parses each frame in Python, so a few kilobytes of empty frames take as long as a megabyte of text.
What arrives is parsed in small pieces, between which other requests are served, and only while the client
reads what it is sent. It relies on uvicorn's class, whose version is pinned exactly; `tests/http/connections`
holds what it must do.
"""

from __future__ import annotations

import asyncio
from collections.abc import Callable
from typing import Any, Final

from uvicorn.protocols.websockets.wsproto_impl import WSProtocol
from wsproto import events

from api.http.connections.watch import Stall, count_closed, watch

_PIECE_BYTES: Final = 2048
_MAX_CREDIT: Final = 500.0
"""Frames that a client may send at once without a complete message: fragments, pings, pongs."""
_CREDIT_PER_SECOND: Final = 10.0
_BYTES_PER_FRAGMENT: Final = 512
"""Fragments that are this long on average are free."""
_MAX_FIRST_MESSAGE: Final = 16 * 1024
"""Bytes in a message before the application has sent one."""
_MAX_BYTES_AFTER_CLOSE: Final = 16 * 1024


class _ReadGate:
    """A transport whose reading stops for several reasons: uvicorn's, and those of the connection."""

    def __init__(self, transport: asyncio.Transport, changed: Callable[[], None]) -> None:
        self._transport = transport
        self._changed = changed
        self.is_paused = False
        """Whether the application has yet to take a message."""

    def pause_reading(self) -> None:
        """The application has a message to take."""
        self.is_paused = True

    def resume_reading(self) -> None:
        """The application waits for messages."""
        self.is_paused = False
        self._changed()

    def __getattr__(self, name: str) -> Any:
        return getattr(self._transport, name)


class WebSocketConnection(WSProtocol):
    """One WebSocket of a client."""

    silent_since: Final = None
    """The application closes a connection without `connection_init`, and pings end dead ones."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.stall = Stall()
        self.is_idle = True
        """Until the application sends the first message, which is usually `connection_ack`."""
        self._unparsed = bytearray()
        self._has_request = self._is_scheduled = self._is_reading_paused = False
        self._credit, self._credited_at = _MAX_CREDIT, self.loop.time()
        self._bytes_after_close = 0

    # What the watch asks.

    @property
    def unread(self) -> int | None:
        """Bytes that wait for the client to read; None if nothing waits for that."""
        waits = not self.writable.is_set() or self.transport.is_closing()
        return self.transport.get_write_buffer_size() if waits else None

    def end_silence(self) -> None:
        """Nothing: it is never silent."""

    def abort(self) -> None:
        """Close it at once, whatever is unsent."""
        self.transport.abort()

    # The transport's callbacks.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A request for a WebSocket arrived on the transport."""
        self._gate = _ReadGate(transport, self._parse_soon)
        watch.add(self)
        super().connection_made(self._gate)  # type: ignore[arg-type]

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        watch.remove(self)
        self._unparsed.clear()
        super().connection_lost(exc)

    def data_received(self, data: bytes) -> None:
        """Keep what arrived, and parse a piece of it. First comes the request, whose size was checked."""
        if self._has_request:
            self._unparsed += data
            self._parse_piece()
        else:
            self._has_request = True
            super().data_received(data)

    def resume_writing(self) -> None:
        """The client has read most of what was sent."""
        self.stall.reset()
        super().resume_writing()
        self._parse_soon()

    async def send(self, message: Any) -> None:
        """Send a message of the application."""
        if message["type"] == "websocket.send":
            self.is_idle = False
        await super().send(message)

    def _parse_soon(self) -> None:
        if not self._is_scheduled:
            self._is_scheduled = True
            self.loop.call_soon(self._parse_next)

    def _parse_next(self) -> None:
        self._is_scheduled = False
        self._parse_piece()

    def _parse_piece(self) -> None:
        if self._unparsed and self._may_parse:
            piece = bytes(self._unparsed[:_PIECE_BYTES])
            del self._unparsed[:_PIECE_BYTES]
            self._count_after_close(len(piece))
            super().data_received(piece)
        if self._unparsed and self._may_parse:
            self._parse_soon()
        self._pause_reading(bool(self._unparsed) or not self._may_parse)

    @property
    def _may_parse(self) -> bool:
        return not self._gate.is_paused and self.writable.is_set() and not self.transport.is_closing()

    def _pause_reading(self, paused: bool) -> None:
        if paused is not self._is_reading_paused and not self.transport.is_closing():
            self._is_reading_paused = paused
            transport = self._gate._transport
            if paused:
                transport.pause_reading()
            else:
                transport.resume_reading()

    # Frames that cost more than they carry.

    def handle_message(self, event: events.TextMessage | events.BytesMessage) -> None:
        """A message, or a part of one."""
        if self.is_idle and self.buffer.length + len(event.data) > _MAX_FIRST_MESSAGE:
            self._refuse_first_message()
            return
        super().handle_message(event)
        if not event.message_finished:
            self._charge(1 - len(event.data) / _BYTES_PER_FRAGMENT)

    def _refuse_first_message(self) -> None:
        self.close_sent = True
        reason = f"A message may have {_MAX_FIRST_MESSAGE} bytes before the connection is acknowledged"
        self.queue.put_nowait({"type": "websocket.disconnect", "code": 1009, "reason": reason})
        self.transport.write(self.conn.send(events.CloseConnection(code=1009, reason=reason)))
        self.transport.close()

    def handle_ping(self, event: events.Ping) -> None:
        """A ping."""
        if not self.transport.is_closing():
            super().handle_ping(event)
            self._charge(1)

    def handle_pong(self, event: events.Pong) -> None:
        """A pong."""
        super().handle_pong(event)
        self._charge(1)

    def _charge(self, frames: float) -> None:
        now = self.loop.time()
        earned = (now - self._credited_at) * _CREDIT_PER_SECOND
        self._credited_at = now
        self._credit = min(_MAX_CREDIT, self._credit + earned) - frames
        if self._credit < 0:
            self._end_flood()

    def _count_after_close(self, received: int) -> None:
        if self.close_sent:
            self._bytes_after_close += received
            if self._bytes_after_close > _MAX_BYTES_AFTER_CLOSE:
                self._end_flood()

    def _end_flood(self) -> None:
        if not self.transport.is_closing():
            count_closed("frames")
            self.abort()
