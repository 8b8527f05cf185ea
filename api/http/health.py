"""`/healthz`: the process runs. `/readyz`: it can also do its work."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from preference_center.config import settings
from preference_center.storage.database import check_connection
from preference_center.upgrade import upgrade

log = structlog.get_logger()
_NO_STORE = {"Cache-Control": "no-store"}


async def alive(_request: Request) -> Response:
    """200 as long as the process runs, without a database query."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def ready(_request: Request) -> Response:
    """200 if the database answers and has every migration; else 503 and what is wrong."""
    try:
        await check_connection()
    except Exception:
        log.warning("database_unreachable", exc_info=True)
        return _not_ready("the database does not answer")
    try:
        missing = await upgrade.missing(settings.current())
    except Exception:
        log.warning("migrations_unreadable", exc_info=True)
        return _not_ready("the database was never migrated")
    if missing:
        return _not_ready(f"migrations are missing: {', '.join(missing)}")
    return JSONResponse({"status": "ready"}, headers=_NO_STORE)


def _not_ready(reason: str) -> Response:
    return JSONResponse({"status": "unavailable", "reason": reason}, 503, headers=_NO_STORE)


routes: list[BaseRoute] = [Route("/healthz", alive), Route("/readyz", ready)]
