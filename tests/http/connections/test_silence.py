"""Connections that say or take nothing are closed, and others get through when there are too many."""

import re
import time

from tests.http.connections.impatient import HARD_LIMIT, Impatient
from tests.http.connections.wire import GET, connect, get, handshake, memory, read_all, send, statuses

PAGE = b"GET /p HTTP/1.1\r\nHost: sayso\r\n\r\n"


def post(path: str, length: int, body: bytes = b"") -> bytes:
    head = f"POST {path} HTTP/1.1\r\nHost: sayso\r\nContent-Type: application/x-www-form-urlencoded\r\n"
    return f"{head}Content-Length: {length}\r\n\r\n".encode() + body


def test_a_connection_without_a_whole_request_is_closed(impatient_server: Impatient) -> None:
    port = impatient_server.port
    silent, blank, half, kept_alive, unread = opened = [connect(port) for _ in range(5)]
    send(blank, b"\r\n")
    send(half, b"GET /p HTTP/1.1\r\nX-One: 1\r\n")
    send(kept_alive, GET)
    send(unread, b"GET /healthz HTTP/1.1\r\nHost: sayso\r\nContent-Length: 1000000\r\n\r\n")
    for _ in range(16):  # a byte now and then does not help
        time.sleep(0.1)
        send(blank, b"\r\n")
        send(half, b"X-More: 1\r\n")
        send(unread, b"x")

    assert read_all(silent) == read_all(blank) == b""
    assert statuses(read_all(half)) == [408]
    assert statuses(read_all(kept_alive)) == statuses(read_all(unread)) == [200]
    for connection in opened:
        connection.close()


def test_a_body_that_trickles_is_refused_and_changes_nothing(impatient_server: Impatient) -> None:
    with connect(impatient_server.port) as connection:
        send(connection, post("/p", 1000, b"email="))
        for _ in range(15):
            time.sleep(0.1)
            send(connection, b"a")
        answer = read_all(connection)

    assert statuses(answer) == [408]
    assert b"connection: close" in answer.lower()


def test_a_websocket_is_not_closed_for_silence_before_its_own_limit(impatient_server: Impatient) -> None:
    connection, head = handshake(impatient_server.port)
    assert statuses(head) == [101]
    time.sleep(2.5)
    connection.setblocking(False)
    try:
        received = connection.recv(1)
    except BlockingIOError:
        received = b"still open"
    assert received == b"still open"
    connection.close()


def test_a_client_that_reads_nothing_is_closed(impatient_server: Impatient) -> None:
    """It asks again and again, and takes no response: its memory on the server stays small."""
    before = memory(impatient_server.pid)
    connections = [connect(impatient_server.port, receive_buffer=2048) for _ in range(20)]
    for connection in connections:
        send(connection, PAGE * 16)
    time.sleep(4)

    assert _open(impatient_server) < 10
    assert memory(impatient_server.pid) - before < 30_000_000
    for connection in connections:
        connection.close()


def test_more_silent_connections_than_files_hold_nobody_up(impatient_server: Impatient) -> None:
    silent = [connect(impatient_server.port) for _ in range(HARD_LIMIT + 100)]
    try:
        answers = [get(impatient_server.port, "/healthz") for _ in range(20)]
        assert [statuses(answer) for answer in answers] == [[200]] * 20
        time.sleep(2.5)
    finally:
        for connection in silent:
            connection.close()

    [line] = [line for line in impatient_server.log.splitlines() if "connections_full" in line]
    assert '"level":"warning"' in line
    assert "Too many open files" not in impatient_server.log
    metrics = get(impatient_server.port, "/metrics").decode()
    assert f"sayso_open_files_limit {float(HARD_LIMIT)}" in metrics
    assert re.search(r'sayso_connections_closed_total\{reason="evicted"\} \d{2,}', metrics)


def test_connections_that_are_all_busy_leave_a_503_for_the_next(impatient_server: Impatient) -> None:
    busy = [connect(impatient_server.port) for _ in range(HARD_LIMIT)]
    try:
        for connection in busy:
            send(connection, post("/p", 60_000, b"email=" + b"a" * 40_000))
        answers = [get(impatient_server.port, "/healthz") for _ in range(5)]
    finally:
        for connection in busy:
            connection.close()

    assert {status for answer in answers for status in statuses(answer)} <= {200, 503}
    for answer in answers:
        assert (statuses(answer) == [503]) == (b"retry-after: 1" in answer)


def _open(server: Impatient) -> float:
    metrics = get(server.port, "/metrics").decode()
    found = re.search(r"^sayso_open_connections (\S+)$", metrics, re.MULTILINE)
    assert found
    return float(found[1])
