"""Around every request: an id, one access line, the metrics, and a mask over faults nobody foresaw."""

from __future__ import annotations

import re
import secrets
from time import perf_counter

import structlog
from starlette.requests import ClientDisconnect
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from api.http import faults, logs, metrics

log = structlog.get_logger()
_HEADER = b"x-request-id"
_GIVEN_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
GONE = 499
"""Logged as the status where the client left before its answer."""


class RequestLog:
    """ASGI middleware: `X-Request-Id` in and out, and a line with the route's template, never the path.

    The path of a page is a token, and a query string may hold an address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request, or pass on a lifespan."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _request_id(scope)
        scope.setdefault("state", {})["request_id"] = request_id
        answer = _Answer(send, request_id)
        before = logs.request_id.set(request_id)
        try:
            await self._answered(scope, receive, answer)
        finally:
            _note(scope, answer.status or GONE, perf_counter() - started)
            logs.request_id.reset(before)

    async def _answered(self, scope: Scope, receive: Receive, answer: _Answer) -> None:
        try:
            await self.app(scope, receive, answer)
        except ClientDisconnect:
            answer.status = GONE
        except Exception:
            log.exception("fault")
            if answer.status is not None or scope["type"] != "http":
                raise
            await faults.masked(scope, answer.request_id)(scope, receive, answer)


class _Answer:
    """The way out: notes the status and adds the request's id to the headers."""

    def __init__(self, send: Send, request_id: str) -> None:
        self._send = send
        self.request_id = request_id
        self.status: int | None = None

    async def __call__(self, message: Message) -> None:
        """Send one message on."""
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (_HEADER, self.request_id.encode())]
        elif message["type"] == "websocket.accept":
            self.status = 101
        elif message["type"] == "websocket.close" and self.status is None:
            self.status = 403
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """Return the caller's id if it is a plain word, so several systems' logs share one; else a new id."""
    for name, value in scope["headers"]:
        if name == _HEADER and _GIVEN_ID.fullmatch(value):
            callers_id: str = value.decode()
            if logs.without_secrets(callers_id) == callers_id:
                return callers_id
    return secrets.token_hex(8)


def _note(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope.get("method", "WEBSOCKET")
    known = method if method in metrics.METHODS else "OTHER"
    metrics.count_request(known, route, status, seconds)
    logs.access(known, route, status, seconds)
