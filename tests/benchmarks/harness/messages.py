"""HTTP requests as bytes, and a simple client."""

from __future__ import annotations

import http.client
import socket
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

import orjson

BROWSER = "User-Agent: Mozilla/5.0 (X11; Linux x86_64)\r\nAccept: text/html\r\nAccept-Language: en\r\n"


@dataclass(frozen=True, slots=True)
class Answer:
    """An answer of a server."""

    status: int
    body: bytes

    def json(self) -> Any:
        return orjson.loads(self.body)


def get(path: str, headers: str = "") -> bytes:
    """A GET request; `headers` are lines that each end with CRLF."""
    return f"GET {path} HTTP/1.1\r\nHost: 127.0.0.1\r\n{headers}\r\n".encode()


def post(path: str, body: bytes, kind: str, headers: str = "") -> bytes:
    """A POST request with a body of a media type."""
    head = (
        f"POST {path} HTTP/1.1\r\nHost: 127.0.0.1\r\nContent-Type: {kind}\r\nContent-Length: {len(body)}\r\n"
    )
    return f"{head}{headers}\r\n".encode() + body


def graphql(query: str, variables: dict[str, Any], token: str) -> bytes:
    """A GraphQL request."""
    body = orjson.dumps({"query": query, "variables": variables})
    return post("/graphql", body, "application/json", f"Authorization: Bearer {token}\r\n")


def form(path: str, **fields: str) -> bytes:
    """A form as a mail program posts it for a one-click unsubscribe."""
    return post(path, urlencode(fields).encode(), "application/x-www-form-urlencoded")


def exchange(port: int, request: bytes) -> Answer:
    """Send one request and read the whole answer."""
    with socket.create_connection(("127.0.0.1", port), timeout=60) as connection:
        connection.sendall(request)
        response = http.client.HTTPResponse(connection)
        response.begin()
        return Answer(response.status, response.read())


def data(port: int, request: bytes) -> Any:
    """Send a GraphQL request and return its data. An error fails the benchmark."""
    answer = exchange(port, request)
    body = answer.json()
    assert answer.status == 200, answer.body[:500]
    assert "errors" not in body, body["errors"]
    return body["data"]
