"""A client that reads the response only once it has sent its body is no client that stopped reading."""

from __future__ import annotations

import time

from tests.cli.installation import Installation
from tests.http.connections import wire
from tests.http.connections.impatient import SECONDS, Impatient

_PIECE = b"reader.%d@example.com\n"


def test_a_client_that_still_sends_is_not_closed(
    impatient_server: Impatient, installation: Installation
) -> None:
    """The body takes longer than a client may leave a response unread, which fills all buffers at once."""
    token = installation.says("token", "create", "late", "--scope", "links:create").split()[-1]
    pieces = [b"".join(_PIECE % number for number in range(n * 900, n * 900 + 900)) for n in range(22)]
    head = (
        "POST /links?business_unit=acme HTTP/1.1\r\nHost: sayso\r\nContent-Type: text/plain\r\n"
        f"Authorization: Bearer {token}\r\nConnection: close\r\n"
        f"Content-Length: {sum(map(len, pieces))}\r\n\r\n"
    )
    with wire.connect(impatient_server.port, receive_buffer=8192) as connection:
        connection.sendall(head.encode())
        for piece in pieces:
            connection.sendall(piece)
            time.sleep(SECONDS / 4)
        received = wire.read_all(connection)
    assert wire.statuses(received) == [200]
    assert received.endswith(b"\r\n0\r\n\r\n"), "the answer is complete"
    assert b"reader.19799@example.com" in received
