"""Requests as bytes, sent as they are on connections of their own."""

from __future__ import annotations

import asyncio
import re
from dataclasses import dataclass

_KEPT = 4_096
"""How much of an answer is kept, in bytes; the rest is only received."""
_CODE = re.compile(rb'"code": ?"([A-Z_]+)"')


@dataclass(frozen=True, slots=True)
class Answer:
    """The beginning of an answer. The status is 0 if there was none."""

    status: int
    start: bytes
    complete: bool

    @property
    def described(self) -> str:
        """The status with the first error code, or what became of the request."""
        if not self.status:
            return "hung up" if self.complete else "left"
        code = _CODE.search(self.start)
        return f"{self.status} {code[1].decode()}" if code else str(self.status)

    @property
    def is_fault(self) -> bool:
        """Whether it is a fault of the server."""
        return self.status == 500 or b"INTERNAL_SERVER_ERROR" in self.start


class _Exchange(asyncio.Protocol):
    def __init__(self, request: bytes, *, reading: bool) -> None:
        self.received = bytearray()
        self.ended: asyncio.Future[None] = asyncio.get_running_loop().create_future()
        self._request = request
        self._reading = reading
        self.transport: asyncio.Transport

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        assert isinstance(transport, asyncio.Transport)
        self.transport = transport
        if not self._reading:
            transport.pause_reading()
        transport.write(self._request)

    def data_received(self, data: bytes) -> None:
        if len(self.received) < _KEPT:
            self.received += data[:_KEPT]

    def connection_lost(self, _error: Exception | None) -> None:
        if not self.ended.done():
            self.ended.set_result(None)


async def exchange(port: int, request: bytes, patience: float, *, reading: bool = True) -> Answer:
    """Send a request and receive the answer until the server closes; leave after `patience` seconds.

    Without `reading`, the client never takes what the server sends.
    """
    loop = asyncio.get_running_loop()
    closing = request.replace(b"\r\n", b"\r\nConnection: close\r\n", 1)
    try:
        _, protocol = await loop.create_connection(
            lambda: _Exchange(closing, reading=reading), "127.0.0.1", port
        )
    except OSError:
        return Answer(0, b"", complete=True)
    done, _ = await asyncio.wait([protocol.ended], timeout=patience)
    if not done:
        protocol.transport.abort()
    received = bytes(protocol.received)
    status = int(received[9:12]) if received.startswith(b"HTTP/1.1 ") else 0
    return Answer(status, received, complete=bool(done))
