"""Unexpected errors: the client gets an id, the log the cause, and neither personal data."""

import io
import json
from collections.abc import AsyncIterator, Iterator

import httpx
import pytest
from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.requests import ClientDisconnect, Request
from starlette.responses import PlainTextResponse, Response, StreamingResponse
from starlette.routing import Route

from api.http.request_log import RequestLog
from tests.http.log_lines import captured_logs


async def fails(request: Request) -> Response:
    raise LookupError(f"no row for {request.path_params['token']} of alice@example.com")


async def client_leaves(_request: Request) -> Response:
    raise ClientDisconnect


async def fails_halfway(_request: Request) -> Response:
    async def first_half() -> AsyncIterator[bytes]:
        yield b"half of "
        raise LookupError("the other half")

    return StreamingResponse(first_half())


async def succeeds(request: Request) -> Response:
    return PlainTextResponse(request.state.request_id)


@pytest.fixture
def log() -> Iterator[io.StringIO]:
    with captured_logs() as out:
        yield out


@pytest.fixture
async def client(log: io.StringIO) -> AsyncIterator[httpx.AsyncClient]:
    routes = [
        Route("/p/{token}", fails),
        Route("/left", client_leaves),
        Route("/half", fails_halfway),
        Route("/fine", succeeds),
    ]
    app = Starlette(routes=routes, middleware=[Middleware(RequestLog)])
    async with httpx.AsyncClient(transport=httpx.ASGITransport(app), base_url="http://sayso.test") as client:
        yield client


def lines(log: io.StringIO) -> list[dict[str, object]]:
    return [json.loads(line) for line in log.getvalue().splitlines()]


async def test_a_program_gets_the_request_id_of_the_log(client: httpx.AsyncClient, log: io.StringIO) -> None:
    response = await client.get("/p/AQAAtoken")

    assert response.status_code == 500
    assert response.json()["id"] == response.headers["x-request-id"]
    fault, access = lines(log)
    assert fault["event"] == "fault"
    assert fault["error"] == "LookupError"
    assert fault["request_id"] == access["request_id"] == response.json()["id"]
    assert access["status"] == 500
    assert access["route"] == "/p/{token}"


async def test_neither_response_nor_log_identifies_the_recipient(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    token = f"AQAA{'aB3_' * 7}.{'kZ9-' * 10}Abc"
    response = await client.get(f"/p/{token}?email=bob@example.com")

    for text in (response.text, log.getvalue()):
        assert "alice" not in text
        assert "bob" not in text
        assert "aB3_" not in text
        assert "kZ9-" not in text
    assert "LookupError" not in response.text


async def test_a_browser_gets_an_error_page_that_says_nothing_of_the_cause(client: httpx.AsyncClient) -> None:
    response = await client.get("/p/AQAAtoken", headers={"Accept": "text/html,*/*"})

    assert response.status_code == 500
    assert response.headers["content-type"].startswith("text/html")
    assert response.headers["cache-control"] == "no-store"
    assert response.headers["x-request-id"] in response.text


async def test_a_request_id_is_passed_on(client: httpx.AsyncClient) -> None:
    response = await client.get("/fine", headers={"X-Request-Id": "edge-4f2a"})

    assert response.headers["x-request-id"] == response.text == "edge-4f2a"


@pytest.mark.parametrize("request_id", ["alice@example.com", "a" * 65, "two words", "-", "x\ty"])
async def test_an_unusable_request_id_is_replaced(client: httpx.AsyncClient, request_id: str) -> None:
    response = await client.get("/fine", headers={"X-Request-Id": request_id})

    assert response.status_code == 200
    assert response.headers["x-request-id"] != request_id
    assert len(response.headers["x-request-id"]) == 16


async def test_a_client_that_leaves_is_not_an_error(client: httpx.AsyncClient, log: io.StringIO) -> None:
    with pytest.raises(AssertionError):  # the test's transport requires a response
        await client.get("/left")

    assert [(line["event"], line["status"]) for line in lines(log)] == [("request", 499)]


async def test_an_error_in_the_middle_of_a_response_is_logged(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    with pytest.raises(LookupError):
        await client.get("/half")

    assert [line["event"] for line in lines(log)] == ["fault", "request"]


async def test_the_path_of_an_unknown_route_is_not_logged(
    client: httpx.AsyncClient, log: io.StringIO
) -> None:
    await client.get("/secret-path/alice")

    assert [line["route"] for line in lines(log)] == ["unmatched"]
    assert "secret-path" not in log.getvalue()
