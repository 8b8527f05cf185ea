"""Raw connections to a server: bytes out, bytes in."""

from __future__ import annotations

import base64
import contextlib
import os
import re
import socket
import struct
from pathlib import Path

TEXT, CONTINUED, PING = 0x1, 0x0, 0x9
FINAL = 0x80
_PATIENCE = 20
GET = b"GET /healthz HTTP/1.1\r\nHost: sayso\r\n\r\n"


def connect(port: int, *, receive_buffer: int | None = None) -> socket.socket:
    """A connection to a server of this machine."""
    made = socket.socket()
    made.settimeout(_PATIENCE)
    if receive_buffer:
        made.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, receive_buffer)
    try:
        made.connect(("127.0.0.1", port))
    except OSError:
        made.close()
        raise
    return made


def read_all(connection: socket.socket) -> bytes:
    """All that the server sends until it closes the connection."""
    received = bytearray()
    with contextlib.suppress(ConnectionError):
        while more := connection.recv(65536):
            received += more
    return bytes(received)


def statuses(received: bytes) -> list[int]:
    """The statuses of the responses in what was received."""
    return [int(found) for found in re.findall(rb"HTTP/1\.1 (\d{3})", received)]


def send(connection: socket.socket, data: bytes) -> None:
    """Send as much as the server takes."""
    with contextlib.suppress(ConnectionError):
        connection.sendall(data)


def exchange(port: int, data: bytes) -> bytes:
    """Send one request that closes the connection, or is refused; return all that comes back."""
    with connect(port) as connection:
        send(connection, data)
        return read_all(connection)


def get(port: int, path: str = "/healthz", *headers: str, method: str = "GET") -> bytes:
    """The response to one request."""
    lines = [f"{method} {path} HTTP/1.1", "Host: sayso", "Connection: close", *headers, "", ""]
    return exchange(port, "\r\n".join(lines).encode())


def handshake(port: int, *headers: str) -> tuple[socket.socket, bytes]:
    """A WebSocket, and the head of the response to its handshake."""
    connection = connect(port)
    key = base64.b64encode(os.urandom(16)).decode()
    lines = [
        "GET /graphql HTTP/1.1",
        "Host: sayso",
        "Connection: Upgrade",
        "Upgrade: websocket",
        "Sec-WebSocket-Version: 13",
        f"Sec-WebSocket-Key: {key}",
        "Sec-WebSocket-Protocol: graphql-transport-ws",
        *headers,
        "",
        "",
    ]
    send(connection, "\r\n".join(lines).encode())
    head = b""
    while b"\r\n\r\n" not in head and (more := connection.recv(1)):
        head += more
    return connection, head


def frame(payload: bytes, opcode: int = TEXT, final: int = FINAL) -> bytes:
    """A frame as a client sends it, masked with zeros."""
    length = len(payload)
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 65_536:
        size = b"\xfe" + struct.pack("!H", length)
    else:
        size = b"\xff" + struct.pack("!Q", length)
    return bytes([final | opcode]) + size + b"\0\0\0\0" + payload


def memory(pid: int) -> int:
    """The bytes of memory that a process uses."""
    status = Path(f"/proc/{pid}/status").read_text()
    found = re.search(r"VmRSS:\s+(\d+) kB", status)
    assert found
    return int(found[1]) * 1024
