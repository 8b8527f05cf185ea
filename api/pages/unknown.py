"""Paths and methods that no route has: a page for browsers, plain text for programs."""

from __future__ import annotations

from collections.abc import Awaitable, Callable, Collection, Iterable, Mapping

from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import PlainTextResponse, Response
from starlette.routing import BaseRoute

from api.pages.frame.problem import unknown_path, wrong_method

Handler = Callable[[Request, Exception], Awaitable[Response]]


def exception_handlers(program_routes: Iterable[BaseRoute]) -> Mapping[int, Handler]:
    """The handlers of 404 and 405. Paths at and below `program_routes` belong to programs."""
    programs = frozenset(_first_part(getattr(route, "path", "")) for route in program_routes) - {""}

    async def unknown(request: Request, error: Exception) -> Response:
        return await unknown_path(request) if _is_page(request, programs) else _plain(error)

    async def wrong(request: Request, error: Exception) -> Response:
        return await wrong_method(request) if _is_page(request, programs) else _plain(error)

    return {404: unknown, 405: wrong}


def _is_page(request: Request, programs: Collection[str]) -> bool:
    wants_page = "text/html" in request.headers.get("accept", "")
    return wants_page and _first_part(request.url.path) not in programs


def _first_part(path: str) -> str:
    return path.lstrip("/").partition("/")[0]


def _plain(error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, error.status_code, headers=error.headers)
