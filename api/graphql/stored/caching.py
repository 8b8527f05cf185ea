"""Answers to GET requests for stored documents: a client may keep them, and ask whether they changed."""

from __future__ import annotations

import hashlib

from starlette.requests import Request
from starlette.responses import Response

_CACHE_CONTROL = "private, max-age=0, must-revalidate"
_VARY = "Accept, Authorization, X-Sayso-User"


def revalidated(request: Request, response: Response) -> Response:
    """Return a response that its client may keep; 304 if the client has it already (RFC 9110 §13.1.2)."""
    etag = f'"{hashlib.sha256(response.body).hexdigest()[:32]}"'
    headers = {"cache-control": _CACHE_CONTROL, "vary": _VARY, "etag": etag}
    if _matches(request.headers.get("if-none-match", ""), etag):
        return Response(status_code=304, headers=headers)
    response.headers.update(headers)
    return response


def _matches(condition: str, etag: str) -> bool:
    tags = [tag.strip().removeprefix("W/") for tag in condition.split(",")]
    return "*" in tags or etag in tags
