"""The body of a provider's request, whole and as it came: the signature is over its bytes."""

from __future__ import annotations

from starlette.requests import Request


async def read_body(request: Request, largest: int) -> bytes | None:
    """The body; None where it is longer than `largest` bytes, of which no more is read."""
    announced = request.headers.get("content-length", "0")
    if announced.isdecimal() and int(announced[:20]) > largest:
        return None
    body = bytearray()
    async for chunk in request.stream():
        body += chunk
        if len(body) > largest:
            return None
    return bytes(body)
