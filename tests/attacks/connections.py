"""Connections that say nothing, and WebSockets that say too much."""

from __future__ import annotations

import asyncio
import base64
import contextlib
import json
import os
import struct
import zlib
from collections.abc import AsyncIterator, Awaitable, Callable, Iterable
from contextlib import asynccontextmanager

from tests.attacks.attack import Attack, Effort, Fire, Tally, Target
from tests.attacks.queries import roots

SILENT = 1_500
_UNFINISHED = 200
_TEXT, _CONTINUED, _PING = 0x1, 0x0, 0x9
_FINAL, _COMPRESSED = 0x80, 0x40
Connection = tuple[asyncio.StreamReader, asyncio.StreamWriter]


def frame(payload: bytes, opcode: int = _TEXT, flags: int = _FINAL) -> bytes:
    """A frame as a client sends it, masked with zeros."""
    length = len(payload)
    if length < 126:
        size = bytes([0x80 | length])
    elif length < 65_536:
        size = b"\xfe" + struct.pack("!H", length)
    else:
        size = b"\xff" + struct.pack("!Q", length)
    return bytes([flags | opcode]) + size + b"\0\0\0\0" + payload


def deflated(megabytes: int) -> bytes:
    """A compressed message that is this large when it is inflated."""
    compressor = zlib.compressobj(9, zlib.DEFLATED, -15)
    data = compressor.compress(b" " * (megabytes << 20)) + compressor.flush(zlib.Z_SYNC_FLUSH)
    return data[:-4]


@asynccontextmanager
async def websocket(port: int) -> AsyncIterator[tuple[Connection, bool]]:
    """A WebSocket that offers compression, and whether the server accepts that."""
    reader, writer = await asyncio.open_connection("127.0.0.1", port)
    key = base64.b64encode(os.urandom(16)).decode()
    writer.write(
        "GET /graphql HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        f"Sec-WebSocket-Version: 13\r\nSec-WebSocket-Key: {key}\r\n"
        "Sec-WebSocket-Extensions: permessage-deflate\r\n"
        "Sec-WebSocket-Protocol: graphql-transport-ws\r\n\r\n".encode()
    )
    try:
        head = await reader.readuntil(b"\r\n\r\n")
        yield (reader, writer), b"permessage-deflate" in head
    finally:
        writer.transport.abort()


def _said(**message: object) -> bytes:
    return frame(json.dumps(message).encode())


Talk = Callable[[Target, Connection, bool], Awaitable[None]]


def _sockets(name: str, talk: Talk, count: int = 3) -> Attack:
    """An attack by so many WebSockets at once, for each client of the effort."""

    def prepare(target: Target) -> Fire:
        async def one(tally: Tally) -> None:
            try:
                async with websocket(target.port) as (connection, compressed):
                    await talk(target, connection, compressed)
                tally.answers["talked"] += 1
            except (OSError, asyncio.IncompleteReadError):
                tally.answers["hung up"] += 1

        async def fire(effort: Effort) -> Tally:
            tally = Tally()
            tasks = [asyncio.create_task(one(tally)) for _ in range(count * effort.clients)]
            _, left = await asyncio.wait(tasks, timeout=effort.seconds + effort.patience)
            for task in left:
                task.cancel()
            await asyncio.gather(*tasks, return_exceptions=True)
            return tally

        return fire

    return Attack(name, prepare)


async def _send(connection: Connection, frames: Iterable[bytes]) -> None:
    """Send frames until the server hangs up, then wait for that."""
    reader, writer = connection
    with contextlib.suppress(OSError):
        for each in frames:
            writer.write(each)
            await writer.drain()
        while await reader.read(65_536):
            pass


async def _bombs(_target: Target, connection: Connection, compressed: bool) -> None:
    bomb = _BOMB if compressed else b" " * 1_000_000
    await _send(connection, [frame(bomb, flags=_FINAL | (_COMPRESSED if compressed else 0))] * 10)


async def _oversized(_target: Target, connection: Connection, _compressed: bool) -> None:
    await _send(connection, [frame(b" " * 20_000_000)])


async def _pieces(_target: Target, connection: Connection, _compressed: bool) -> None:
    first = [frame(b" ", flags=0)]
    await _send(connection, first + [frame(b" ", _CONTINUED, flags=0) * 1_000] * 200)


async def _large_pieces(_target: Target, connection: Connection, _compressed: bool) -> None:
    first = [frame(b" " * 500_000, flags=0)]
    await _send(connection, first + [frame(b" " * 500_000, _CONTINUED, flags=0)] * 40)


async def _pings(_target: Target, connection: Connection, _compressed: bool) -> None:
    await _send(connection, [frame(b"a" * 100, _PING) * 500] * 40 + [_said(type="ping") * 500] * 40)


async def _deep(_target: Target, connection: Connection, _compressed: bool) -> None:
    await _send(connection, [frame(b'{"type":"ping","payload":' + b"[" * 900 + b"]" * 900 + b"}")] * 200)


def _hello(target: Target) -> bytes:
    return _said(type="connection_init", payload={"Authorization": f"Bearer {target.of.token}"})


async def _operations(target: Target, connection: Connection, _compressed: bool) -> None:
    query = roots("contacts(first:60){totalCount nodes{id preferences{status eligibility{allowed}}}}")
    asked = [_said(type="subscribe", id=str(number), payload={"query": query}) for number in range(20)]
    await _send(connection, [_hello(target), *asked])


async def _documents(target: Target, connection: Connection, _compressed: bool) -> None:
    query = '{a(b:"""' + '\\"""' * 100_000
    asked = [_said(type="subscribe", id=str(number), payload={"query": query}) for number in range(10)]
    await _send(connection, [_hello(target), *asked])


async def _in_and_out(target: Target, connection: Connection, _compressed: bool) -> None:
    """Operations that are stopped as soon as they are begun."""
    query = roots("contacts(first:100){totalCount nodes{id preferences{status}}}")
    turns = [
        _said(type="subscribe", id=str(number), payload={"query": query})
        + _said(type="complete", id=str(number))
        for number in range(300)
    ]
    await _send(connection, [_hello(target), *turns])


async def _nothing(_target: Target, connection: Connection, _compressed: bool) -> None:
    await _send(connection, [])


_BOMB = deflated(60)
WEBSOCKETS: list[Attack] = [
    _sockets("compressed messages of 60 MB", _bombs),
    _sockets("messages of 20 MB", _oversized),
    _sockets("messages in pieces of one byte", _pieces),
    _sockets("messages in pieces of 500 kB", _large_pieces),
    _sockets("pings", _pings),
    _sockets("deep messages", _deep),
    _sockets("20 operations at a time", _operations, 2),
    _sockets("documents of quotes", _documents, 1),
    _sockets("operations begun and stopped", _in_and_out, 1),
    _sockets("100 sockets that never begin", _nothing, 33),
]


def _silent(name: str, begin: bytes, count: int = SILENT) -> Attack:
    """Many connections that send this, and then nothing for as long as they are left open."""

    def prepare(target: Target) -> Fire:
        async def fire(effort: Effort) -> Tally:
            tally = Tally()
            opened: list[asyncio.StreamWriter] = []
            try:
                for _ in range(count):
                    opened.append(await _begun(target.port, begin))  # noqa: PERF401 (closed if one fails)
                await asyncio.sleep(effort.seconds)
            except OSError:
                tally.answers["refused"] += 1
            finally:
                for writer in opened:
                    writer.transport.abort()
            tally.answers["opened"] += len(opened)
            return tally

        return fire

    return Attack(name, prepare)


async def _begun(port: int, begin: bytes) -> asyncio.StreamWriter:
    _, writer = await asyncio.open_connection("127.0.0.1", port)
    writer.write(begin)
    return writer


_LINE = b"POST /p HTTP/1.1\r\nHost: 127.0.0.1\r\n"
SILENCE: list[Attack] = [
    _silent(f"{SILENT:,} connections that say nothing", b""),
    _silent(f"{SILENT:,} requests whose headers never end", _LINE),
    _silent(
        f"{_UNFINISHED} requests whose body never ends",
        _LINE + b"Content-Type: application/x-www-form-urlencoded\r\nContent-Length: 60000\r\n\r\nemail=a",
        _UNFINISHED,
    ),
]
