"""Reads request bodies of a limited size, at a minimum rate. Everything that reads a body reads it here."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncIterator
from time import monotonic
from typing import Final

from starlette.exceptions import HTTPException
from starlette.requests import Request

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
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise BodyTooLarge(limit)
    received, waited = 0, 0.0
    chunks = request.stream()
    while True:
        began = monotonic()
        chunk = await _next(chunks, GRACE_SECONDS + received / MIN_BYTES_PER_SECOND - waited)
        waited += monotonic() - began
        if chunk is None:
            return
        received += len(chunk)
        if received > limit:
            raise BodyTooLarge(limit)
        yield chunk


async def _next(chunks: AsyncIterator[bytes], seconds: float) -> bytes | None:
    """The next chunk; None at the end. Raises BodyTooSlow."""
    try:
        async with asyncio.timeout(seconds):
            return await anext(chunks, None)
    except TimeoutError:
        raise BodyTooSlow from None


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, byte for byte. Raises BodyTooLarge, BodyTooSlow, ClientDisconnect."""
    body = bytearray()
    async for chunk in body_chunks(request, limit):
        body += chunk
    return bytes(body)
