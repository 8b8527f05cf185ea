"""Middleware that answers requests during an outage of the database: 503 with Retry-After, never 500."""

from __future__ import annotations

from collections.abc import Awaitable, Callable

import structlog
from starlette.requests import Request
from starlette.responses import Response
from starlette.types import ASGIApp, Receive, Scope, Send

from api.http import metrics
from preference_center.upgrade import readiness

log = structlog.get_logger()
Answer = Callable[[Request], Awaitable[Response]]
CODE = "SERVICE_UNAVAILABLE"
MESSAGE = "The database is unavailable. Try again later."
RETRY_AFTER_SECONDS = 5
TRY_AGAIN_LATER = 1013
"""The code that a WebSocket is closed with (IANA WebSocket Close Code Number Registry)."""


class Outages:
    """Answers what fails in an outage with `answer`, which gives each kind of client its own form of a 503.

    A response that has begun, as `RequestLog` has noted, is cut short.
    """

    def __init__(self, app: ASGIApp, answer: Answer) -> None:
        self._app = app
        self._answer = answer

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Handle one request."""
        try:
            await self._app(scope, receive, send)
        except Exception as error:
            if scope["type"] == "lifespan" or not await readiness.is_outage(error):
                raise
            note(error)
            if scope["type"] == "websocket":
                await send({"type": "websocket.close", "code": TRY_AGAIN_LATER, "reason": "Try again later"})
            elif scope["state"]["answer"].status is None:
                await self._respond(scope, receive, send)

    async def _respond(self, scope: Scope, receive: Receive, send: Send) -> None:
        response = await self._answer(Request(scope))
        response.headers["retry-after"] = str(RETRY_AFTER_SECONDS)
        await response(scope, receive, send)


def note(error: BaseException) -> None:
    """Log an answered outage in one short line, and count it."""
    cause = _cause(error)
    log.warning("database_unavailable", error=cause)
    metrics.outages.labels(cause).inc()


def _cause(error: BaseException) -> str:
    """The name of the driver's error, which one of Tortoise may carry; SQLite's own name for it."""
    driver = next((each for each in error.args if isinstance(each, BaseException)), error)
    return getattr(driver, "sqlite_errorname", None) or type(driver).__name__
