"""URLs and headers have limits, which hold before anything is kept."""

import pytest

from tests.cli.installation import Server
from tests.http.connections.wire import (
    GET,
    connect,
    exchange,
    get,
    handshake,
    memory,
    read_all,
    send,
    statuses,
)

MEGABYTE = b"x" * 1_000_000


def test_60_kilobytes_of_headers_are_taken(server: Server) -> None:
    assert statuses(get(server.port, "/healthz", f"X-Long: {'x' * 60_000}")) == [200]
    assert statuses(get(server.port, f"/healthz?{'x' * 60_000}")) == [200]


@pytest.mark.parametrize(
    "headers", [[f"X-Long: {'x' * 70_000}"], [f"X-{n}: {'x' * 1000}" for n in range(70)], ["a:"] * 250]
)
def test_larger_or_more_headers_are_refused_with_431(server: Server, headers: list[str]) -> None:
    answer = get(server.port, "/healthz", *headers)

    assert statuses(answer) == [431]
    assert b"65536 bytes" in answer


def test_a_longer_url_is_refused_with_414(server: Server) -> None:
    assert statuses(get(server.port, f"/{'x' * 70_000}")) == [414]
    assert statuses(get(server.port, f"/p?unit={'%25' * 30_000}")) == [414]
    assert statuses(get(server.port, f"/p?{'a&' * 2000}")) == [414]
    assert statuses(get(server.port, f"/p?{'%' * 20_000}")) == [414]


def test_headers_without_end_are_refused_while_they_arrive_and_not_kept(server: Server) -> None:
    before = memory(server.process.pid)
    for start in (b"GET /", b"GET / HTTP/1.1\r\nX-Long: ", b"GET / HTTP/1.1\r\n" + b"a: b\r\n" * 20_000):
        for _ in range(5):
            with connect(server.port) as connection:
                send(connection, start)
                for _ in range(20):
                    send(connection, MEGABYTE)
                assert statuses(read_all(connection))[:1] in ([414], [431], [400], [])

    assert memory(server.process.pid) - before < 20_000_000


def test_the_handshake_of_a_websocket_has_the_same_limit(server: Server) -> None:
    for size in (20_000, 70_000):
        connection, head = handshake(server.port, f"X-Long: {'x' * size}")
        connection.close()
        assert statuses(head) == [101 if size < 65_536 else 431]


def test_trailers_count_as_headers(server: Server) -> None:
    head = b"POST /p HTTP/1.1\r\nHost: sayso\r\nTransfer-Encoding: chunked\r\n\r\n1\r\na\r\n0\r\n"
    before = memory(server.process.pid)
    for trailers in (b"a: b\r\n" * 100_000, b"X-Long: " + MEGABYTE * 10):
        read = exchange(server.port, head + trailers)
        assert statuses(read)[-1:] != [200]

    assert memory(server.process.pid) - before < 20_000_000


def test_chunks_may_be_framed_by_as_much_as_they_hold(server: Server) -> None:
    head = b"POST /p HTTP/1.1\r\nHost: sayso\r\nConnection: close\r\nTransfer-Encoding: chunked\r\n\r\n"

    assert statuses(
        exchange(server.port, head + b"14\r\nemail@email.example;\r\n" * 2000 + b"0\r\n\r\n")
    ) == [415]
    for wasteful in (b"1\r\na\r\n" * 100_000, b"1;" + MEGABYTE + b"\r\na\r\n", b"1;a=b\r\na\r\n" * 60_000):
        assert statuses(exchange(server.port, head + wasteful)) in ([400], [413], [415])


def test_requests_are_answered_in_order_if_they_come_before_the_responses(server: Server) -> None:
    last = GET.replace(b"Host", b"Connection: close\r\nHost")

    assert statuses(exchange(server.port, GET * 14 + last)) == [200] * 15


def test_of_very_many_requests_at_once_the_first_are_answered_and_the_connection_closed(
    server: Server,
) -> None:
    before = memory(server.process.pid)
    answers = [exchange(server.port, GET * 20_000) for _ in range(5)]

    assert all(set(statuses(answer)) == {200} for answer in answers)
    assert all(10 < len(statuses(answer)) < 100 for answer in answers)
    assert memory(server.process.pid) - before < 20_000_000


@pytest.mark.parametrize(
    ("header", "status"),
    [
        ("Range: bytes=0-0", 200),
        ("Expect: 100-continue", 200),
        ("Expect: something", 200),
        ("Cookie: " + "a=b; " * 10_000, 200),
        ("Cookie: " + "a=b; " * 20_000, 431),
        ("Accept-Language: " + "pl," * 20_000, 200),
        ("Accept: " + "text/html," * 6000, 200),
        ("X-Forwarded-For: " + "127.0.0.1," * 6000, 200),
    ],
)
def test_other_headers_change_nothing(server: Server, header: str, status: int) -> None:
    assert statuses(get(server.port, "/p", header))[-1] == status
