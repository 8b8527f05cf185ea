"""What clients get during an outage of the database: a page, GraphQL, JSON or plain text."""

from __future__ import annotations

from collections.abc import Iterable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from api.files.problems import Problem
from api.graphql import http as graphql
from api.http.outages import CODE, MESSAGE, Answer
from api.pages import unknown
from api.pages.frame import problem
from api.pages.frame.response import plain

_STATUS = 503


def answering(program_routes: Iterable[BaseRoute]) -> Answer:
    """Return what makes the responses. Paths at and below `program_routes` belong to programs."""
    programs = unknown.first_parts(program_routes)

    async def answer(request: Request) -> Response:
        first_part = unknown.first_part(request.url.path)
        if first_part == "graphql":
            return _graphql(request)
        if first_part in programs:
            return Problem(_STATUS, CODE, MESSAGE).response()
        if unknown.wants_page(request):
            return problem.unavailable(request)
        return plain(MESSAGE + "\n", _STATUS)

    return answer


def _graphql(request: Request) -> Response:
    try:
        media_type = graphql.negotiate(request.headers.get("accept"))
    except graphql.Refused:
        media_type = graphql.JSON
    return graphql.refusal_response(graphql.Refused(_STATUS, MESSAGE, CODE), media_type)
