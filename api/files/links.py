"""Files that a signed link opens without a token (`preference_center.links.downloads`)."""

from __future__ import annotations

from html import escape

from starlette.requests import Request
from starlette.responses import HTMLResponse, Response

from api.files.problems import Problem
from api.http.accept import preferred
from preference_center.access.scopes import WATCH_OPERATIONS
from preference_center.catalog.catalog import exact_catalog
from preference_center.config import settings
from preference_center.links import downloads
from preference_center.links.downloads import PARAMETER, DownloadExpired
from preference_center.links.tokens import LinkInvalid
from preference_center.rules.types import Actor
from preference_center.storage import database
from schema.engine.context import Context

_EXPIRED = "This link has expired: it is valid for an hour. Open the operation again for a new one."
_INVALID = "This link is not valid. Copy all of it, or open the operation again for a new one."
_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>This link does not work</title></head>
<body><main><h1>This link does not work</h1><p>{text}</p></main></body>
</html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


class LinkProblem(Problem):
    """A signed link that opens nothing: 403."""

    def __init__(self, message: str) -> None:
        super().__init__(403, "FORBIDDEN", message, PARAMETER)

    def for_browsers(self) -> Response:
        """The refusal as a page."""
        return HTMLResponse(_PAGE.format(text=escape(self.message)), self.status, headers=_HEADERS)


def takes_html(request: Request) -> bool:
    """Whether the client is a browser that shows a page, rather than a program that reads a file."""
    formats = {"text/html": True, "text/csv": False, "application/json": False, "*/*": False}
    return bool(preferred(request.headers.get("accept", ""), formats))


async def opened_by_link(request: Request, operation_id: int | None) -> Context:
    """Return what the link in a request lets its holder read. Raises LinkProblem.

    A link opens the file of its own operation only.
    """
    given = request.query_params.getlist(PARAMETER)
    try:
        found = downloads.read(given[0], settings.current().secret_keys, database.now())
    except DownloadExpired:
        raise LinkProblem(_EXPIRED) from None
    except LinkInvalid:
        raise LinkProblem(_INVALID) from None
    if found.operation_id != operation_id or len(given) > 1:
        raise LinkProblem(_INVALID)
    context = Context(Actor("link"), found.scopes, await exact_catalog())
    context.require(WATCH_OPERATIONS)
    return context
