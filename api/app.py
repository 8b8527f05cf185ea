"""The server: one table of routes, what opens and closes around it, and what surrounds each request."""

from __future__ import annotations

import contextlib
import gc
from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager

from starlette.applications import Starlette
from starlette.middleware import Middleware
from starlette.middleware.cors import CORSMiddleware
from starlette.routing import BaseRoute

from api import graphql, inbound, pages, worker
from api.files import exports, imports
from api.http import health, metrics
from api.http.request_log import RequestLog
from preference_center.config import settings as environment
from preference_center.config.settings import Settings
from preference_center.storage.connection import open_database

_CORS_DAY = 86_400
_GC_THRESHOLDS = (50_000, 20, 50)


def create_app(settings: Settings | None = None, *, work: bool = False) -> Starlette:
    """The ASGI application.

    `settings` are the environment's where none are given, and become the process's. With `work` the process
    does the background work too.
    """
    if settings is None:
        settings = environment.load()
    environment.use(settings)
    metrics.listen_to_the_ledger()
    metrics.listen_to_the_outbox()
    app = Starlette(
        routes=_routes(settings),
        middleware=_surroundings(settings),
        lifespan=_lifespan(settings, work=work),
    )
    app.router.redirect_slashes = False  # it would send callers wherever their Host header says
    return app


def _routes(settings: Settings) -> list[BaseRoute]:
    files = [*imports.routes, *exports.routes]
    around = [*health.routes, *metrics.routes]
    return [*graphql.routes(settings), *files, *pages.routes, *inbound.routes, *around]


def _surroundings(settings: Settings) -> list[Middleware]:
    """From the outside in. Scripts of other origins may call from where the settings say, no more."""
    surroundings = [Middleware(RequestLog)]
    if settings.cors_origins:
        surroundings.append(
            Middleware(
                CORSMiddleware,
                allow_origins=list(settings.cors_origins),
                allow_methods=["GET", "POST"],
                allow_headers=["Authorization", "Content-Type", "X-Sayso-User", "X-Request-Id"],
                expose_headers=["X-Request-Id"],
                max_age=_CORS_DAY,
            )
        )
    return surroundings


def _lifespan(settings: Settings, *, work: bool) -> Callable[[Starlette], AbstractAsyncContextManager[None]]:
    @contextlib.asynccontextmanager
    async def lifespan(_app: Starlette) -> AsyncIterator[None]:
        async with contextlib.AsyncExitStack() as opened:
            await opened.enter_async_context(open_database(settings))
            if work:
                await opened.enter_async_context(worker.in_background())
            settle_memory()
            yield

    return lifespan


def settle_memory() -> None:
    """Take what start-up made out of the collector's sight, and let it look less often.

    Long lists are mostly short-lived objects without cycles: walking the whole program for each halves
    the throughput.
    """
    gc.collect()
    gc.freeze()
    gc.set_threshold(*_GC_THRESHOLDS)
