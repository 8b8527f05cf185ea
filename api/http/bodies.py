"""Reads request bodies of a limited size, at a minimum rate. Everything that reads a body reads it here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator, Coroutine, Generator
from time import monotonic
from typing import Any, Final

from starlette.exceptions import HTTPException
from starlette.requests import ClientDisconnect, Request
from starlette.types import Message

GRACE_SECONDS: Final = 20.0
"""How long a body may take in any case."""
MIN_BYTES_PER_SECOND: Final = 8 * 1024
"""A body may take another second for each so many of its bytes that have arrived."""


class BodyTooLarge(Exception):
    """A body of more than `limit` bytes: 413."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a body has at most {limit} bytes")
        self.limit = limit


class BodyTooSlow(HTTPException):
    """A body that arrives below the minimum rate: 408."""

    def __init__(self) -> None:
        detail = f"The body arrives too slowly: {MIN_BYTES_PER_SECOND} bytes a second are the least."
        super().__init__(408, detail, {"connection": "close", "cache-control": "no-store"})


async def body_chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body, piece by piece as it arrives.

    Raises BodyTooLarge before it reads anything if `Content-Length` exceeds `limit` bytes, otherwise as soon
    as more has arrived. Raises BodyTooSlow if it does not arrive in time; the time in which the chunks are
    processed does not count. Raises ClientDisconnect if the client leaves.
    """
    body = _Body(request, limit)
    while (chunk := await body.next()) is not None:
        if chunk:
            yield chunk


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, byte for byte. Raises BodyTooLarge, BodyTooSlow, ClientDisconnect."""
    body = _Body(request, limit)
    first = await body.next() or b""
    if body.is_complete:
        return first
    received = bytearray(first)
    while (chunk := await body.next()) is not None:
        received += chunk
    return bytes(received)


class _Body:
    """A body that arrives."""

    def __init__(self, request: Request, limit: int) -> None:
        declared = request.headers.get("content-length", "")
        if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
            raise BodyTooLarge(limit)
        self.is_complete = False
        self._receive = request.receive
        self._limit = limit
        self._received = 0
        self._waited = 0.0

    async def next(self) -> bytes | None:
        """The next chunk, which may be empty; None after the last one."""
        if self.is_complete:
            return None
        began = monotonic()
        message = await self._message(GRACE_SECONDS + self._received / MIN_BYTES_PER_SECOND - self._waited)
        self._waited += monotonic() - began
        if message["type"] == "http.disconnect":
            raise ClientDisconnect
        chunk: bytes = message.get("body", b"")
        self.is_complete = not message.get("more_body", False)
        self._received += len(chunk)
        if self._received > self._limit:
            raise BodyTooLarge(self._limit)
        return chunk

    async def _message(self, seconds: float) -> Message:
        """What arrives next. Most bodies arrive with their headers: no timer is needed for those."""
        receiving: Any = self._receive()
        try:
            waits_for = receiving.send(None)
        except StopIteration as arrived:
            message: Message = arrived.value
            return message
        try:
            async with asyncio.timeout(seconds):
                return await _Begun(receiving, waits_for)
        except TimeoutError:
            raise BodyTooSlow from None


class _Begun:
    """The rest of a coroutine that has begun, and that waits for something."""

    def __init__(self, coroutine: Coroutine[Any, Any, Message], waits_for: object) -> None:
        self._coroutine = coroutine
        self._waits_for = waits_for

    def __await__(self) -> Generator[Any, Any, Message]:
        waits_for = self._waits_for
        try:
            while True:
                try:
                    sent = yield waits_for
                except BaseException as error:
                    waits_for = self._coroutine.throw(error)
                else:
                    waits_for = self._coroutine.send(sent)
        except StopIteration as ended:
            message: Message = ended.value
            return message
