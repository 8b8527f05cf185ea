"""`/healthz`: the process runs. `/readyz`: it can also do its work."""

from __future__ import annotations

import structlog
from starlette.requests import Request
from starlette.responses import JSONResponse, Response
from starlette.routing import BaseRoute, Route

from preference_center.upgrade import readiness

log = structlog.get_logger()
_NO_STORE = {"Cache-Control": "no-store"}
_SECONDS = 1.5
"""How long the database may take; the response is promised within two seconds."""


async def alive(_request: Request) -> Response:
    """200 as long as the process runs, without a database query."""
    return JSONResponse({"status": "ok"}, headers=_NO_STORE)


async def ready(_request: Request) -> Response:
    """200 if the database answers, can be written and has exactly the migrations of this version.

    Otherwise 503 with the problem, in words too, and the migrations that are missing or unknown.
    """
    found = await readiness.check_within(_SECONDS)
    if found.problem is None:
        return JSONResponse({"status": "ready"}, headers=_NO_STORE)
    log.warning("not_ready", problem=found.problem.name, error=found.error and type(found.error).__name__)
    names = list(found.migrations)
    reason = found.problem.value + (f": {', '.join(names)}" if names else "")
    content = {"status": "unavailable", "problem": found.problem.name, "reason": reason, "migrations": names}
    return JSONResponse(content, 503, headers=_NO_STORE)


routes: list[BaseRoute] = [Route("/healthz", alive), Route("/readyz", ready)]
