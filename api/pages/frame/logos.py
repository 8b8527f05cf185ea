"""`/logo/{digest}`: a logo of a business unit, for light or dark mode, or its icon.

The path names the picture by its digest and not the recipient who looks at it, so browsers cache it for all
pages. Inlined, a logo would be downloaded again with every page.
"""

from __future__ import annotations

from base64 import b64decode

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from api.pages.frame.layout import logo_digest
from api.pages.frame.response import plain
from preference_center.catalog.catalog import Catalog, current_catalog, exact_catalog

_HEADERS = {
    "cache-control": "public, max-age=31536000, immutable",
    # An SVG opened by itself is a document of this host. It runs no script there and loads nothing.
    "content-security-policy": "default-src 'none'; style-src 'unsafe-inline'; sandbox",
    "cross-origin-resource-policy": "same-origin",
    "referrer-policy": "no-referrer",
    "x-content-type-options": "nosniff",
    "x-robots-tag": "noindex, nofollow",
}


async def show(request: Request) -> Response:
    """The picture; 404 if no unit has it now."""
    digest = request.path_params["digest"]
    logo = _find(await current_catalog(), digest) or _find(await exact_catalog(), digest)
    if logo is None:
        return plain("Not Found\n", 404)
    media_type, _, content = logo.removeprefix("data:").partition(";base64,")
    return Response(b64decode(content), headers=_HEADERS, media_type=media_type)


def _find(catalog: Catalog, digest: str) -> str | None:
    pictures = (
        picture
        for unit in catalog.units
        for picture in (unit.appearance.logo, unit.appearance.dark_logo, unit.appearance.favicon)
    )
    return next((picture for picture in pictures if picture and logo_digest(picture) == digest), None)


routes = [Route("/logo/{digest}", show)]
