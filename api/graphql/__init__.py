"""`/graphql`: the API over HTTP and WebSocket, and GraphiQL for browsers."""

from __future__ import annotations

from functools import partial

from starlette.requests import ClientDisconnect, Request
from starlette.responses import Response
from starlette.routing import BaseRoute, Route, WebSocketRoute
from starlette.types import Receive, Scope, Send

from api import graphiql
from api.graphql import http, ways
from api.graphql.http import JSON, Refused
from api.graphql.run import MutationByGet, run
from api.graphql.stored.caching import revalidated
from api.graphql.stored.documents import StoredDocuments, load
from api.graphql.time_limit import ClientLeft
from api.graphql.websocket import serve_websocket
from api.http.auth import BadUser, Unauthenticated, caller_of
from api.http.requests import ApiRequest
from preference_center.config.settings import Settings


def routes(settings: Settings) -> list[BaseRoute]:
    """Return the routes of GraphQL, with GraphiQL's files if it is enabled.

    Raises SettingsError if the trusted documents cannot be used.
    """
    stored = load(settings)
    ways.count_ways()
    served: list[BaseRoute] = [
        Route("/graphql", GraphQLEndpoint(stored, with_graphiql=settings.graphiql)),
        WebSocketRoute("/graphql", partial(serve_websocket, stored=stored)),
    ]
    if settings.graphiql:
        served += graphiql.routes()
    return served


class GraphQLEndpoint:
    """The ASGI application at `/graphql`."""

    def __init__(self, stored: StoredDocuments, *, with_graphiql: bool) -> None:
        self._stored = stored
        self._with_graphiql = with_graphiql

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Serve one request."""
        request = ApiRequest(scope, receive)
        response = await self._respond(request)
        await response(scope, receive, send)

    async def _respond(self, request: Request) -> Response:
        if self._with_graphiql and request.method in ("GET", "HEAD") and _is_browser(request):
            return graphiql.page(request)
        media_type = JSON
        try:
            media_type = http.negotiate(request.headers.get("accept"))
            return await _execute(request, self._stored, media_type)
        except Refused as refused:
            return http.refusal_response(refused, media_type)


async def _execute(request: Request, stored: StoredDocuments, media_type: str) -> Response:
    if request.method not in ("GET", "POST"):
        raise Refused(405, "Use POST, or GET for queries.", "METHOD_NOT_ALLOWED", allow="GET, POST")
    try:
        caller = await caller_of(request.headers)
    except Unauthenticated as error:
        challenge = error.challenge
        raise Refused(401, str(error), "UNAUTHENTICATED", www_authenticate=challenge) from None
    except BadUser as error:
        raise Refused(400, str(error), "BAD_REQUEST") from None
    by_get = request.method == "GET"
    choose = stored.choose
    params, document = http.read_get(request, choose) if by_get else await http.read_post(request, choose)
    try:
        answer = await run(params, caller, left=partial(_left, request), read_only=by_get)
    except ClientLeft:
        raise ClientDisconnect from None
    except MutationByGet:
        raise Refused(405, "Send mutations by POST.", "METHOD_NOT_ALLOWED", allow="POST") from None
    response = http.answer_response(answer, media_type)
    if answer.started:
        stored.keep(document)
    cacheable = by_get and document.by_id and answer.started and "errors" not in answer.body
    return revalidated(request, response) if cacheable else response


async def _left(request: Request) -> None:
    """Return when the client has closed the connection. The body has been read."""
    while (await request.receive())["type"] != "http.disconnect":
        pass


def _is_browser(request: Request) -> bool:
    """Whether a browser opened the address: it accepts HTML and does not mention JSON."""
    accept = request.headers.get("accept", "").lower()
    return "text/html" in accept and "json" not in accept
