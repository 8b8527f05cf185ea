"""Lists over real connections: answers while the list arrives, clients that read late or leave, memory."""

from __future__ import annotations

import asyncio
import json
import shutil
import socket
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from pathlib import Path

import asyncpg
import pytest

from tests.cli.installation import PATIENCE, Installation, Server, free_port
from tests.databases import Contents
from tests.databases import Server as Postgres
from tests.http.connections import wire
from tests.processes import Process


@pytest.fixture(scope="module", params=["sqlite", "postgres"])
def installation(
    request: pytest.FixtureRequest, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Installation]:
    """An installation with the two brands, on each database."""
    folder = tmp_path_factory.mktemp("lists")
    if request.param == "sqlite":
        shutil.copy(request.getfixturevalue("sqlite_brands"), folder / "sayso.db")
        yield Installation(f"sqlite://{folder / 'sayso.db'}", folder / "data")
        return
    postgres: Postgres = request.getfixturevalue("postgres_server")
    contents: Contents = request.getfixturevalue("postgres_brands")
    address = postgres.create(contents)
    yield Installation(address, folder / "data")
    postgres.drop(address)


@pytest.fixture(scope="module")
def token(installation: Installation) -> str:
    scopes = ("--scope", "preferences:read", "--scope", "links:create")
    return installation.says("token", "create", "sender", *scopes).strip().splitlines()[-1]


@pytest.fixture(scope="module")
def server(
    installation: Installation, token: str, tmp_path_factory: pytest.TempPathFactory
) -> Iterator[Server]:
    """`sayso serve`, whose log goes to a file."""
    log, port = tmp_path_factory.mktemp("log") / "log", free_port()
    with log.open("wb") as output:
        process = Process(["serve", "--no-worker", "--port", str(port)], installation.environment, output)
    running = Server(process, port)
    try:
        running.wait_until_ready()
        yield running
    finally:
        process.terminate()
        process.wait(PATIENCE)
    text = log.read_text()
    assert "Traceback" not in text
    assert "reader.7" not in text


@contextmanager
def asking(server: Server, token: str, path: str = "/eligibility", **options: int) -> Iterator[socket.socket]:
    """A connection that has sent the headers of a list, which follows in chunks."""
    with wire.connect(server.port, **options) as connection:
        connection.sendall(
            f"POST {path}?subscription_type=weekly-digest&channel=EMAIL HTTP/1.1\r\nHost: sayso\r\n"
            f"Authorization: Bearer {token}\r\nContent-Type: text/plain\r\n"
            "Transfer-Encoding: chunked\r\nConnection: close\r\n\r\n".encode()
        )
        yield connection


def chunk(data: bytes) -> bytes:
    return f"{len(data):x}\r\n".encode() + data + b"\r\n"


def addresses(first: int, last: int) -> bytes:
    return b"".join(b"reader.%d@example.com\n" % number for number in range(first, last))


def read_until(connection: socket.socket, wanted: bytes) -> bytes:
    received = bytearray()
    while wanted not in received:
        more = connection.recv(65536)
        assert more, bytes(received)
        received += more
    return bytes(received)


def answers(received: bytes) -> list[dict[str, object]]:
    """The objects in a complete response, whose chunks end where lines do or not."""
    head, _, body = received.partition(b"\r\n\r\n")
    assert wire.statuses(head) == [200]
    assert body.endswith(b"\r\n0\r\n\r\n"), "the response is cut off"
    text = b""
    while body:
        size, _, rest = body.partition(b"\r\n")
        length = int(size, 16)
        text, body = text + rest[:length], rest[length + 2 :]
    return [json.loads(line) for line in text.splitlines()]


def test_decisions_come_while_the_list_is_sent(server: Server, token: str) -> None:
    with asking(server, token) as connection:
        received = b""
        for line in (1, 3, 5):
            # The line that is not complete has no answer yet.
            connection.sendall(chunk(b"%s\nreader." % (b"1@example.com" if line > 1 else b"ann@example.com")))
            received += read_until(connection, b'"line":%d,' % ((line + 1) // 2))
        connection.sendall(chunk(b"no address") + b"0\r\n\r\n")
        received += wire.read_all(connection)
    found = [(each["line"], each["error"]) for each in answers(received)]
    assert found == [(1, None), (2, None), (3, None), (4, "INVALID_ADDRESS")]


def test_a_client_may_send_the_whole_list_before_it_reads(server: Server, token: str) -> None:
    """The answer is much more than fits into the buffers of a connection."""
    number = 15_000
    with asking(server, token, "/links", receive_buffer=8192) as connection:
        connection.sendall(chunk(addresses(0, number)) + b"0\r\n\r\n")
        found = answers(wire.read_all(connection))
    assert [each["line"] for each in found] == list(range(1, number + 1))
    assert found[-1]["address"] == f"reader.{number - 1}@example.com"
    assert len({each["manage_url"] for each in found}) == number


def test_a_client_that_leaves_makes_room_for_the_next(server: Server, token: str) -> None:
    for _ in range(6):  # more than are answered at a time
        with asking(server, token) as connection:
            connection.sendall(chunk(addresses(0, 3_000)))
            read_until(connection, b'"line":1,')
    for _ in range(100):
        with asking(server, token) as connection:
            connection.sendall(chunk(b"ann@example.com\n") + b"0\r\n\r\n")
            received = wire.read_all(connection)
        if wire.statuses(received) != [503]:
            break
        time.sleep(0.05)
    assert [each["address"] for each in answers(received)] == ["ann@example.com"]


def test_the_statement_of_a_client_that_leaves_is_cancelled(
    server: Server, installation: Installation, token: str
) -> None:
    if installation.database_url.startswith("sqlite"):
        return  # readers wait for nothing on SQLite
    with asyncio.Runner() as runner:
        runner.run(_leave_while_a_statement_waits(server, installation.database_url, token))


async def _leave_while_a_statement_waits(server: Server, database_url: str, token: str) -> None:
    waiting = (
        "SELECT count(*) FROM pg_stat_activity WHERE application_name = 'sayso queries'"
        " AND datname = current_database() AND wait_event_type = 'Lock'"
    )
    locker, watcher = [await asyncpg.connect(database_url) for _ in range(2)]
    try:
        async with locker.transaction():
            await locker.execute("LOCK TABLE preferences IN ACCESS EXCLUSIVE MODE")
            with asking(server, token) as connection:
                connection.sendall(chunk(b"ann@example.com\n"))
                await _until(watcher, f"({waiting}) = 1")
            await _until(watcher, f"({waiting}) = 0")  # sooner than the lock would be waited for
    finally:
        await locker.close()
        await watcher.close()


async def _until(database: asyncpg.Connection, condition: str) -> None:
    for _ in range(400):
        if await database.fetchval(f"SELECT {condition}"):
            return
        await asyncio.sleep(0.02)
    raise AssertionError(condition)


def test_memory_does_not_grow_with_the_list(server: Server, token: str) -> None:
    _ask(server, token, 10_000)
    before = _most_memory(server.process.pid)
    _ask(server, token, 150_000)
    assert _most_memory(server.process.pid) - before < 15_000_000


def _ask(server: Server, token: str, number: int) -> None:
    """Send a list in one thread, and read the answer in another."""
    with asking(server, token) as connection, ThreadPoolExecutor(1) as sender:

        def send() -> None:
            for first in range(0, number, 1_000):
                connection.sendall(chunk(addresses(first, first + 1_000)))
            connection.sendall(b"0\r\n\r\n")

        sending = sender.submit(send)
        received, end = 0, b""
        while more := connection.recv(65536):
            received += more.count(b'"allowed":')
            end = (end + more)[-7:]
        sending.result()
    assert end == b"\r\n0\r\n\r\n"
    assert number - received < 100, "some are cut in two by the pieces that were read"


def _most_memory(pid: int) -> int:
    """The most bytes of memory that a process has had."""
    status = Path(f"/proc/{pid}/status").read_text()
    return int(status.partition("VmHWM:")[2].split()[0]) * 1024
