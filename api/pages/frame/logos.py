"""`/logo/{digest}`: a unit's logo, a file of its own whose address names the picture, not who looks at it.

A page with its logo in it would be too heavy, and would bring it anew each time. Under the digest of its
content a logo never changes, so a browser keeps it from one page to the next.
"""

from __future__ import annotations

from base64 import b64decode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.pages.frame.response import logo_digest, plain
from preference_center.catalog.catalog import Catalog, current_catalog, exact_catalog

_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    # Opened by itself an SVG is a document of this host: it runs no script and loads nothing there either.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}


async def show(request: Request) -> Response:
    """The picture, for a browser to keep; 404 for one that no unit has now."""
    digest = request.path_params["digest"]
    logo = _find(await current_catalog(), digest) or _find(await exact_catalog(), digest)
    if logo is None:
        return plain("Not Found\n", 404)
    kind, _, content = logo.removeprefix("data:").partition(";base64,")
    return Response(b64decode(content), headers=_HEADERS, media_type=kind)


def _find(catalog: Catalog, digest: str) -> str | None:
    return next((unit.logo for unit in catalog.units if unit.logo and logo_digest(unit.logo) == digest), None)


routes = [Route("/logo/{digest}", show)]
