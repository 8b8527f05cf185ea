"""The response to an unexpected error: says nothing of the cause but the id of its log entry."""

from __future__ import annotations

from starlette.datastructures import Headers
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Scope

_PAGE = """<!doctype html>
<html lang="en">
<head><meta charset="utf-8"><meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark"><title>Something went wrong</title></head>
<body><main><h1>Something went wrong</h1>
<p>That was our fault, not yours. Nothing was changed. Please try again in a little while.</p>
<p>If you write to us about it, mention this number: {id}</p></main></body>
</html>
"""
_HEADERS = {
    "Cache-Control": "no-store",
    "Referrer-Policy": "no-referrer",
    "X-Content-Type-Options": "nosniff",
    "X-Robots-Tag": "noindex",
    "Content-Security-Policy": "default-src 'none'; frame-ancestors 'none'",
}


def internal_error(scope: Scope, request_id: str) -> Response:
    """A 500: a page for browsers, JSON for programs."""
    if "text/html" in Headers(scope=scope).get("accept", ""):
        return HTMLResponse(_PAGE.format(id=request_id), 500, headers=_HEADERS)
    message = "Internal error. Report it with this id, under which it is logged."
    return JSONResponse({"error": message, "id": request_id}, 500, headers=_HEADERS)
