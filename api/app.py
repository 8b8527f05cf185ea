"""The server: its routes, its middleware, and what it opens and closes."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import BaseRoute

from api import graphql, inbound, pages, worker
from api.files import address_lists, exports, imports
from api.files.problems import Problem
from api.graphql import http as graphql_http
from api.http import health, metrics
from api.http.outages import CODE, MESSAGE, Answer, Outages
from api.http.request_log import RequestLog
from api.pages import unknown
from api.pages.frame import problem
from api.pages.frame.response import plain
from preference_center import translations
from preference_center.access import token_cache, token_uses
from preference_center.config import settings as environment
from preference_center.config.settings import Settings
from preference_center.storage.connection import open_database

_CORS_MAX_AGE_SECONDS = 86_400
_GC_THRESHOLDS = (50_000, 20, 50)


def create_app(settings: Settings | None = None, *, work: bool = False) -> Starlette:
    """Make the ASGI application.

    `settings` become those of the process; without them it reads the environment. With `work` the process
    does background work, too.
    """
    if settings is None:
        settings = environment.load()
    environment.use(settings)
    metrics.count_ledger_events()
    metrics.count_outbox_attempts()
    metrics.watch_replica()
    program_routes = _program_routes(settings)
    app = Starlette(
        routes=[*program_routes, *pages.routes],
        middleware=[
            *_middleware(settings),
            Middleware(Outages, answer=_unavailable(program_routes)),
        ],
        lifespan=_lifespan(settings, work=work),
        exception_handlers=unknown.exception_handlers(program_routes),
    )
    app.router.redirect_slashes = False  # a redirect would lead wherever the Host header says
    return app


def _program_routes(settings: Settings) -> list[BaseRoute]:
    """Every route but those of the recipients' pages."""
    return [
        *graphql.routes(settings),
        *imports.routes,
        *exports.routes,
        *address_lists.routes,
        *inbound.routes,
        *health.routes,
        *metrics.routes,
    ]


def _middleware(settings: Settings) -> list[Middleware]:
    """From the outside in. Scripts of other origins may only call from the origins in the settings."""
    middleware = [Middleware(RequestLog)]
    if settings.cors_origins:
        cors = Middleware(
            CORSMiddleware,
            allow_origins=list(settings.cors_origins),
            allow_methods=["GET", "POST"],
            allow_headers=["Authorization", "Content-Type", "X-Sayso-User", "X-Request-Id"],
            expose_headers=["X-Request-Id"],
            max_age=_CORS_MAX_AGE_SECONDS,
        )
        middleware.append(cors)
    return middleware


def _unavailable(program_routes: list[BaseRoute]) -> Answer:
    """Return what makes the responses in an outage: GraphQL, JSON, a page for browsers, or plain text."""
    programs = unknown.first_parts(program_routes)

    async def answer(request: Request) -> Response:
        first_part = unknown.first_part(request.scope["path"])
        if first_part == "graphql":
            return graphql_http.unavailable(request)
        if first_part in programs:
            return Problem(503, CODE, MESSAGE).response()
        return problem.unavailable(request) if unknown.wants_page(request) else plain(MESSAGE + "\n", 503)

    return answer


def _lifespan(settings: Settings, *, work: bool) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as stack:
            await stack.enter_async_context(open_database(settings))
            await stack.enter_async_context(token_uses.recording())
            await stack.enter_async_context(token_cache.kept())
            if work:
                await stack.enter_async_context(worker.in_background())
            translations.load_all()
            tune_garbage_collection()
            yield

    return lifespan


def tune_garbage_collection() -> None:
    """Exclude what start-up created from garbage collection, and collect less often.

    Long lists of results are mostly short-lived objects without cycles. Walking the whole program for each of
    them halves the throughput.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
