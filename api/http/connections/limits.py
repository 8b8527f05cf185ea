"""The limits of connections, and the responses to requests that exceed them (docs/limits.md)."""

from __future__ import annotations

from http import HTTPStatus
from typing import Final

MAX_HEAD_BYTES: Final = 64 * 1024
"""Of a request's URL and headers, trailers included. What frames the chunks of a body may have as many bytes
more than the body itself."""
MAX_HEADERS: Final = 200
MAX_SMALL_CHUNKS: Final = 1000
SMALL_CHUNK_BYTES: Final = 16
"""A body may have this many chunks, and one more for each so many of its bytes."""
MAX_PARAMETERS: Final = 1000
"""In the query of a URL."""
MAX_ESCAPES: Final = 10_000
"""Percent signs in a URL, or in the form of a page. Those that begin no escape take long to decode."""
MAX_PIPELINED: Final = 16
"""Requests that wait for the response to an earlier one on the same connection."""
HEAD_SECONDS: Final = 10.0
"""From the opening of a connection, or from its last response, to the end of the next request's headers."""
STALL_SECONDS: Final = 60.0
"""How long a client may take less than STALL_BYTES of a response that waits for it."""
STALL_BYTES: Final = 16 * 1024
LINGER_SECONDS: Final = 2.0
"""How long a refused client has to read why, while what it sends is thrown away."""
_TEXTS: Final = {
    400: "The request is not valid HTTP.",
    408: f"The headers of a request must arrive within {HEAD_SECONDS:.0f} seconds.",
    414: (
        f"URL and headers may have at most {MAX_HEAD_BYTES} bytes,"
        f" and the URL {MAX_PARAMETERS} parameters and {MAX_ESCAPES} percent signs."
    ),
    431: f"URL and headers may have at most {MAX_HEAD_BYTES} bytes, and there may be {MAX_HEADERS} headers.",
    503: "The server has too many connections. Try again.",
}


def refusal(status: int) -> bytes:
    """A whole response that closes the connection, as it goes over the wire."""
    text = f"{_TEXTS[status]}\n".encode()
    retry = b"retry-after: 1\r\n" if status == HTTPStatus.SERVICE_UNAVAILABLE else b""
    return (
        f"HTTP/1.1 {status} {HTTPStatus(status).phrase}\r\n".encode()
        + retry
        + b"cache-control: no-store\r\ncontent-type: text/plain; charset=utf-8\r\nconnection: close\r\n"
        + f"content-length: {len(text)}\r\n\r\n".encode()
        + text
    )
