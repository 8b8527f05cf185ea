"""Refusals of file requests, as JSON with a status, a code and the field that is wrong."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from functools import wraps

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from api.http.auth import BadUser, Unauthenticated, caller_of
from preference_center.access.scopes import Access
from preference_center.catalog.catalog import exact_catalog
from preference_center.errors import ErrorCode, Invalid
from preference_center.storage import shares
from preference_center.storage.shares import Share
from schema.contract.api_errors import Forbidden
from schema.engine.context import Context

Endpoint = Callable[[Request], Awaitable[Response]]


class Problem(Exception):
    """A refused request: HTTP status, code for programs, message for people, the field that is wrong."""

    def __init__(self, status: int, code: str, message: str, field: str | None = None) -> None:
        super().__init__(message)
        self.status = status
        self.code = code
        self.message = message
        self.field = field

    def response(self, headers: dict[str, str] | None = None) -> Response:
        """The refusal as JSON."""
        content = {"code": self.code, "message": self.message, "field": self.field}
        return JSONResponse(content, self.status, headers={"Cache-Control": "no-store", **(headers or {})})


def refusing(invalid_status: int, share: Share) -> Callable[[Endpoint], Endpoint]:
    """Decorate an endpoint to answer refusals as JSON, those that raise Invalid with `invalid_status`.

    `share` is the share of the database connections that it uses.
    """

    def decorate(endpoint: Endpoint) -> Endpoint:
        @wraps(endpoint)
        async def answer(request: Request) -> Response:
            try:
                with shares.using(share):
                    return await endpoint(request)
            except Unauthenticated as error:
                headers = {"WWW-Authenticate": error.challenge}
                return Problem(401, "UNAUTHENTICATED", str(error)).response(headers)
            except BadUser as error:
                return Problem(400, "BAD_REQUEST", str(error)).response()
            except Forbidden as error:
                return _problem_of_scope(error).response()
            except Problem as problem:
                return problem.response()
            except Invalid as invalid:
                return _problem_of(invalid, invalid_status).response()

        return answer

    return decorate


def _problem_of_scope(error: Forbidden) -> Problem:
    field = (error.extensions or {}).get("field", ())
    return Problem(403, "FORBIDDEN", error.message, ".".join(field) or None)


def _problem_of(invalid: Invalid, status: int) -> Problem:
    if invalid.code is ErrorCode.NOT_FOUND and invalid.field == ("id",):
        status = 404
    return Problem(status, invalid.code.value, invalid.message, ".".join(invalid.field or ()) or None)


async def authorized(request: Request, access: Access) -> Context:
    """The caller's context. Raises Unauthenticated, BadUser, or Forbidden if the token lacks a scope."""
    caller = await caller_of(request.headers)
    context = Context(caller.actor, caller.scopes, await exact_catalog())
    context.require(access)
    return context
