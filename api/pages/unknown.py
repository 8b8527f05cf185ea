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
    programs = first_parts(program_routes)

    async def unknown(request: Request, error: Exception) -> Response:
        return await unknown_path(request) if _is_page(request, programs) else _plain(error)

    async def wrong(request: Request, error: Exception) -> Response:
        return await wrong_method(request) if _is_page(request, programs) else _plain(error)

    return {404: unknown, 405: wrong}


def first_parts(program_routes: Iterable[BaseRoute]) -> frozenset[str]:
    """The first parts of the paths that belong to programs."""
    return frozenset(first_part(getattr(route, "path", "")) for route in program_routes) - {""}


def first_part(path: str) -> str:
    """The first part of a path: `exports` of `/exports/contacts`."""
    return path.lstrip("/").partition("/")[0]


def wants_page(request: Request) -> bool:
    """Whether the client is a browser that a person looks at."""
    return "text/html" in request.headers.get("accept", "")


def _is_page(request: Request, programs: Collection[str]) -> bool:
    """Whether to answer with a page: everywhere but below the paths of programs, unless HTML is ruled out."""
    accepted = request.headers.get("accept", "*/*")
    # Not `request.url`, which `urllib` keeps: 128 of them, of up to 64 kB each.
    takes_pages = "text/html" in accepted or "*/*" in accepted
    return takes_pages and first_part(request.scope["path"]) not in programs


def _plain(error: Exception) -> Response:
    assert isinstance(error, HTTPException)
    return PlainTextResponse(error.detail, error.status_code, headers=error.headers)
