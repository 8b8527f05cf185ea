"""The HTTP protocol of the server: uvicorn's, with limits on what a client may send before it is answered.

llhttp, which parses requests, has no limits of its own. It relies on uvicorn's class, whose version is pinned
exactly; `tests/http/connections` holds what it must do.
"""

from __future__ import annotations

import asyncio
from typing import Any, NoReturn

from uvicorn.protocols.http.httptools_impl import HttpToolsProtocol

from api.http.connections.limits import (
    LINGER_SECONDS,
    MAX_ESCAPES,
    MAX_HEAD_BYTES,
    MAX_HEADERS,
    MAX_PARAMETERS,
    MAX_PIPELINED,
    MAX_SMALL_CHUNKS,
    SMALL_CHUNK_BYTES,
    STALL_BYTES,
    refusal,
)
from api.http.connections.watch import Stall, count_closed, watch

BAD_REQUEST, TIMEOUT, URL_TOO_LONG, HEADERS_TOO_LARGE, UNAVAILABLE = 400, 408, 414, 431, 503


class _Stopped(Exception):
    """Stops the parser: nothing more is read from the connection."""


class HttpConnection(HttpToolsProtocol):
    """One connection of a client: requests one after the other, or an upgrade to WebSocket."""

    def __init__(self, *arguments: Any, **options: Any) -> None:
        super().__init__(*arguments, **options)
        self.stall = Stall()
        self._waiting_since = self.loop.time()
        self._in_head = self._deaf = self._is_surplus = False
        self._problem: int | None = None
        self._head_bytes = self._headers = 0
        self._framing_bytes = self._body_bytes = 0
        """Of the current message, without the chunk of data in which it began."""
        self._body_parts = 0
        self._began_in_chunk = False
        self._bytes_at_reset = 0
        """Of the body, when the client was last seen not to stall."""

    # What the watch asks.

    @property
    def is_idle(self) -> bool:
        """Whether it serves no request."""
        return self.cycle is None or self.cycle.response_complete

    @property
    def silent_since(self) -> float | None:
        """When it began to wait for a request; None while it serves one."""
        return self._waiting_since if self.is_idle else None

    @property
    def unread(self) -> int | None:
        """Bytes that wait for the client to read; None if nothing waits for that."""
        waits = self.flow.write_paused or self.transport.is_closing()
        return self.transport.get_write_buffer_size() if waits else None

    def end_silence(self) -> None:
        """Close it: no request, or not all of its headers, arrived in time."""
        if self._in_head:
            self._refuse(TIMEOUT)
        else:
            self.transport.abort()

    def abort(self) -> None:
        """Close it at once, whatever is unsent."""
        self.transport.abort()

    # The transport's callbacks.

    def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
        """A client connected."""
        super().connection_made(transport)
        self._is_surplus = not watch.admit(self)

    def connection_lost(self, exc: Exception | None) -> None:
        """The connection is closed."""
        watch.remove(self)
        super().connection_lost(exc)

    def resume_writing(self) -> None:
        """The client has read most of what was sent."""
        self.stall.reset()
        super().resume_writing()

    def data_received(self, data: bytes) -> None:
        """Parse what arrived, and refuse what is too much."""
        if self._deaf:
            return
        before, self._began_in_chunk = self._body_bytes, False
        super().data_received(data)
        if not self._began_in_chunk:
            self._framing_bytes += len(data) - (self._body_bytes - before)
        if self._framing_bytes > MAX_HEAD_BYTES + self._body_bytes:
            self._refuse(HEADERS_TOO_LARGE if self._in_head else BAD_REQUEST)

    # The parser's callbacks.

    def on_message_begin(self) -> None:
        """The first byte of a request."""
        super().on_message_begin()
        self._in_head = self._began_in_chunk = True
        self._head_bytes = self._headers = self._framing_bytes = self._body_bytes = 0
        self._body_parts = self._bytes_at_reset = 0
        if self.is_idle:
            self._waiting_since = self.loop.time()

    def on_url(self, url: bytes) -> None:
        """A part of the URL."""
        self._head_bytes += len(url)
        if self._head_bytes > MAX_HEAD_BYTES:
            self._stop(URL_TOO_LONG)
        super().on_url(url)

    def on_header(self, name: bytes, value: bytes) -> None:
        """A header, or a trailer after a body in chunks."""
        self._head_bytes += len(name) + len(value) + 4
        self._headers += 1
        if self._head_bytes > MAX_HEAD_BYTES or self._headers > MAX_HEADERS:
            self._stop(HEADERS_TOO_LARGE)
        if self._in_head:
            super().on_header(name, value)

    def on_headers_complete(self) -> None:
        """The request is known: serve it, unless it must be refused."""
        if self._is_surplus:
            self._stop(UNAVAILABLE)
        if self.url.count(b"&") >= MAX_PARAMETERS or self.url.count(b"%") > MAX_ESCAPES:
            self._stop(URL_TOO_LONG)
        if len(self.pipeline) >= MAX_PIPELINED:
            self._deafen()
            raise _Stopped
        self._in_head = False
        super().on_headers_complete()

    def on_body(self, body: bytes) -> None:
        """A part of the body."""
        self._body_bytes += len(body)
        self._body_parts += 1
        if self._body_parts > MAX_SMALL_CHUNKS + self._body_bytes // SMALL_CHUNK_BYTES:
            self._stop(BAD_REQUEST)
        if self._body_bytes >= self._bytes_at_reset + STALL_BYTES:
            # A client may read the response once it has sent all: what it sends is read at a minimum rate.
            self._bytes_at_reset = self._body_bytes
            self.stall.reset()
        super().on_body(body)

    def on_response_complete(self) -> None:
        """A request was answered."""
        self._waiting_since = self.loop.time()
        super().on_response_complete()

    def handle_websocket_upgrade(self) -> None:
        """The request asks for a WebSocket."""
        watch.remove(self)
        super().handle_websocket_upgrade()

    # Refusals.

    def send_400_response(self, msg: str) -> None:
        """Refuse what cannot be parsed, or what stopped the parser."""
        self._refuse(self._problem or BAD_REQUEST)

    def _stop(self, status: int) -> NoReturn:
        """Stop the parser, which calls `send_400_response` then."""
        self._problem = status
        raise _Stopped

    def _refuse(self, status: int) -> None:
        """Answer, take nothing any more, and close once the client had time to read."""
        if self._deaf or self.transport.is_closing():
            return
        if not self.is_idle and (self._in_head or self.pipeline or self.cycle.response_started):
            self._deafen()  # what is being answered comes first
            return
        self._deaf, self._waiting_since = True, self.loop.time()
        self._unset_keepalive_if_required()
        if status != UNAVAILABLE:
            count_closed("refused")
        if not self.is_idle:
            self.cycle.disconnected = True
            self.cycle.message_event.set()
        self.flow.resume_reading()  # unread data would reset the connection before the client reads
        self.transport.write(refusal(status))
        self.transport.write_eof()
        self.loop.call_later(LINGER_SECONDS, self.transport.abort)

    def _deafen(self) -> None:
        """Take no more requests, and close after the response to the last one."""
        self._deaf = True
        if not self.is_idle:
            self.cycle.keep_alive = False
