"""`/graphql`: the API over HTTP and WebSocket, and GraphiQL for a browser."""

from __future__ import annotations

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from api import graphiql
from api.graphql import http
from api.graphql.http import JSON, Refused
from api.graphql.run import MutationByGet, run
from api.graphql.websocket import serve_socket
from api.http.auth import BadUser, Unauthenticated, caller_of
from preference_center.config.settings import Settings


def routes(settings: Settings) -> list[BaseRoute]:
    """What this part serves. GraphiQL's files too, where it is on and npm has brought them."""
    offered: list[BaseRoute] = [
        Route("/graphql", GraphQLEndpoint(with_graphiql=settings.graphiql)),
        WebSocketRoute("/graphql", serve_socket),
    ]
    if settings.graphiql:
        offered += graphiql.routes()
    return offered


class GraphQLEndpoint:
    """The ASGI application of `/graphql`."""

    def __init__(self, *, with_graphiql: bool) -> None:
        self._with_graphiql = with_graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        await (await self._respond(request))(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if self._with_graphiql and request.method in ("GET", "HEAD") and _is_browser(request):
            return graphiql.page(request)
        media = JSON
        try:
            media = http.media_type(request.headers.get("accept"))
            return await _answer(request, media)
        except Refused as refused:
            return http.refusing(refused, media)


async def _answer(request: Request, media: str) -> Response:
    if request.method not in ("GET", "POST"):
        raise Refused(405, "Use POST, or GET for queries.", "METHOD_NOT_ALLOWED", allow="GET, POST")
    try:
        caller = await caller_of(request.headers)
    except Unauthenticated:
        raise _unauthenticated() from None
    except BadUser:
        raise Refused(400, "X-Sayso-User is too long, or no plain text.", "BAD_REQUEST") from None
    by_get = request.method == "GET"
    params = http.read_get(request) if by_get else await http.read_post(request)
    try:
        return http.response(await run(params, caller, read_only=by_get), media)
    except MutationByGet:
        raise Refused(405, "Only queries may come by GET.", "METHOD_NOT_ALLOWED", allow="POST") from None


def _unauthenticated() -> Refused:
    message = "An access token is needed: `Authorization: Bearer sayso_…`."
    return Refused(401, message, "UNAUTHENTICATED", www_authenticate='Bearer realm="sayso"')


def _is_browser(request: Request) -> bool:
    """Whether a person looks on: a page is accepted, and no GraphQL answer is asked for by name."""
    accept = request.headers.get("accept", "").lower()
    return "text/html" in accept and "json" not in accept
