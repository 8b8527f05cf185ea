"""Reads request bodies of a limited size. Everything that reads a body reads it here."""

from __future__ import annotations

from collections.abc import AsyncIterator

from starlette.requests import Request


class BodyTooLarge(Exception):
    """A body of more than `limit` bytes: 413."""

    def __init__(self, limit: int) -> None:
        super().__init__(f"a body has at most {limit} bytes")
        self.limit = limit


async def body_chunks(request: Request, limit: int) -> AsyncIterator[bytes]:
    """The body, piece by piece as it arrives.

    Raises BodyTooLarge before it reads anything if `Content-Length` exceeds `limit` bytes, otherwise as soon
    as more has arrived. Raises ClientDisconnect if the client leaves.
    """
    declared = request.headers.get("content-length", "")
    if declared.isascii() and declared.isdigit() and int(declared[:20]) > limit:
        raise BodyTooLarge(limit)
    received = 0
    async for chunk in request.stream():
        received += len(chunk)
        if received > limit:
            raise BodyTooLarge(limit)
        yield chunk


async def read_body(request: Request, limit: int) -> bytes:
    """The whole body, byte for byte. Raises BodyTooLarge, ClientDisconnect."""
    body = bytearray()
    async for chunk in body_chunks(request, limit):
        body += chunk
    return bytes(body)
