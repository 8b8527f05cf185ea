"""`/healthz`: this process answers. `/readyz`: it can also do its work."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from preference_center.config import settings
from preference_center.storage import database, migration

log = structlog.get_logger()
_FRESH = {"Cache-Control": "no-store"}


async def alive(_request: Request) -> Response:
    """200 as long as the process runs; asks nothing of the database."""
    return JSONResponse({"status": "ok"}, headers=_FRESH)


async def ready(_request: Request) -> Response:
    """200 where the database answers and has every migration, else 503 with what is wrong."""
    try:
        await database.fetch("SELECT 1")
    except Exception:
        log.warning("database_unreachable", exc_info=True)
        return _not_ready("the database does not answer")
    try:
        missing = await migration.missing(settings.current())
    except Exception:
        log.warning("migrations_unreadable", exc_info=True)
        return _not_ready("the database was never migrated")
    if missing:
        return _not_ready(f"migrations are missing: {', '.join(missing)}")
    return JSONResponse({"status": "ready"}, headers=_FRESH)


def _not_ready(reason: str) -> Response:
    return JSONResponse({"status": "unavailable", "reason": reason}, 503, headers=_FRESH)


routes: list[BaseRoute] = [Route("/healthz", alive), Route("/readyz", ready)]
