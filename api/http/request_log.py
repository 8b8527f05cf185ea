"""Middleware for every request: an id, an access log line, metrics, and a response to unexpected errors."""

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
_VALID_ID = re.compile(rb"[A-Za-z0-9][A-Za-z0-9_-]{0,63}")
CLIENT_LEFT = 499
"""The status that is logged if the client left before it had a response."""


class RequestLog:
    """Reads or makes `X-Request-Id`, and logs the template of the route instead of the path.

    The path of a page holds a token, and a query string may hold an address.
    """

    def __init__(self, app: ASGIApp) -> None:
        self.app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request; pass on lifespan events."""
        if scope["type"] == "lifespan":
            await self.app(scope, receive, send)
            return
        started = perf_counter()
        request_id = _request_id(scope)
        answer = Answer()
        response = _Response(send, request_id, answer)
        scope.setdefault("state", {}).update(request_id=request_id, answer=answer)
        token = logs.request_id.set(request_id)
        try:
            await self._respond(scope, receive, response)
        finally:
            _count_and_log(scope, answer.status or CLIENT_LEFT, perf_counter() - started)
            logs.request_id.reset(token)

    async def _respond(self, scope: Scope, receive: Receive, response: _Response) -> None:
        try:
            await self.app(scope, receive, response)
        except ClientDisconnect:
            response.answer.status = CLIENT_LEFT
        except Exception:
            log.exception("fault")
            if response.answer.status is not None or scope["type"] != "http":
                raise
            await faults.internal_error(scope, response.request_id)(scope, receive, response)


class Answer:
    """How a request is answered so far. It is in the request's state, without a way back to the request:
    a cycle would keep all that a client has sent until the garbage collector runs."""

    __slots__ = ("status",)

    def __init__(self) -> None:
        self.status: int | None = None
        """The status, once the response has begun."""


class _Response:
    """Sends the response on with the request id in its headers, and notes its status."""

    def __init__(self, send: Send, request_id: str, answer: Answer) -> None:
        self._send = send
        self.request_id = request_id
        self.answer = answer

    async def __call__(self, message: Message) -> None:
        """Send one message on."""
        if message["type"] in ("http.response.start", "websocket.http.response.start"):
            self.answer.status = message["status"]
            message["headers"] = [*message.get("headers", ()), (_HEADER, self.request_id.encode())]
        elif message["type"] == "websocket.accept":
            self.answer.status = 101
        elif message["type"] == "websocket.close" and self.answer.status is None:
            self.answer.status = 403
        await self._send(message)


def _request_id(scope: Scope) -> str:
    """Return the caller's id if it is a plain word, so several systems' logs share one; else a new id."""
    for name, value in scope["headers"]:
        if name == _HEADER and _VALID_ID.fullmatch(value):
            callers_id: str = value.decode()
            if logs.without_secrets(callers_id) == callers_id:
                return callers_id
    return secrets.token_hex(8)


def _count_and_log(scope: Scope, status: int, seconds: float) -> None:
    route = getattr(scope.get("route"), "path", "unmatched")
    method = scope.get("method", "WEBSOCKET")
    known = method if method in metrics.METHODS else "OTHER"
    metrics.count_request(known, route, status, seconds)
    logs.access(known, route, status, seconds)
