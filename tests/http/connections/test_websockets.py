"""Frames of WebSockets: none is inflated, and those that carry nothing are few."""

import contextlib
import json
import socket
import time
from collections.abc import Iterator

import pytest

from tests.cli.installation import Installation, Server
from tests.http.connections.wire import (
    CONTINUED,
    PING,
    TEXT,
    frame,
    get,
    handshake,
    memory,
    read_all,
    send,
    statuses,
)

APP_PING = frame(json.dumps({"type": "ping"}).encode())


@pytest.fixture(scope="module")
def init(installation: Installation) -> bytes:
    """The first message of a connection that has a token."""
    token = installation.says("token", "create", "crm", "--scope", "admin").strip().splitlines()[-1]
    message = {"type": "connection_init", "payload": {"Authorization": f"Bearer {token}"}}
    return frame(json.dumps(message).encode())


@pytest.fixture
def websocket(server: Server) -> Iterator[socket.socket]:
    connection, head = handshake(server.port, "Sec-WebSocket-Extensions: permessage-deflate")
    assert statuses(head) == [101]
    assert b"permessage-deflate" not in head
    yield connection
    connection.close()


def test_messages_are_not_inflated(server: Server, websocket: socket.socket) -> None:
    compressed = bytearray(frame(b"\xaa" * 1000))
    compressed[0] |= 0x40
    send(websocket, bytes(compressed))

    assert len(read_all(websocket)) < 100  # closed: a compressed frame is a protocol error


def test_a_long_first_message_is_refused_before_all_of_it_is_read(websocket: socket.socket) -> None:
    send(websocket, frame(b"x" * 900_000)[:50_000])

    assert b"\x03\xf1" in read_all(websocket)  # 1009, message too big


def test_a_message_of_many_fragments_is_read(websocket: socket.socket, init: bytes) -> None:
    text = json.dumps({"type": "ping", "payload": {"more": "x" * 900_000}}).encode()
    pieces = [text[at : at + 4096] for at in range(0, len(text), 4096)]
    fragments = [frame(piece, CONTINUED if number else TEXT, 0) for number, piece in enumerate(pieces)]
    send(websocket, init)
    assert b"connection_ack" in websocket.recv(100)
    send(websocket, b"".join([*fragments, frame(b"", CONTINUED)]))

    assert b"pong" in websocket.recv(100)


def test_a_thousand_messages_at_once_are_read(websocket: socket.socket, init: bytes) -> None:
    send(websocket, init + APP_PING * 1000)
    received = b""
    while received.count(b"pong") < 1000 and (more := websocket.recv(65536)):
        received += more

    assert received.count(b"pong") == 1000


@pytest.mark.parametrize(
    "flood",
    [frame(b"", PING), frame(b"x" * 125, PING), frame(b"", TEXT, 0) + frame(b"", CONTINUED, 0) * 50_000],
    ids=["empty pings", "full pings", "empty fragments"],
)
def test_frames_that_carry_nothing_close_the_connection_and_hold_nobody_up(
    server: Server, websocket: socket.socket, flood: bytes
) -> None:
    before = memory(server.process.pid)
    websocket.settimeout(0.5)
    with contextlib.suppress(TimeoutError):
        send(websocket, flood * (2_000_000 // len(flood)))
    started = time.monotonic()
    assert statuses(get(server.port)) == [200]
    assert time.monotonic() - started < 1
    websocket.settimeout(20)
    read_all(websocket)
    assert memory(server.process.pid) - before < 20_000_000
