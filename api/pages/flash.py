"""What a page tells after its form was saved and the browser sent back to it: signed, without a cookie."""

from __future__ import annotations

import struct
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages.response import page_headers
from preference_center import database, settings
from preference_center.link_tokens import LinkInvalid, TokenSigner

_TOLD: Final = ("saved", "unchanged", "partly")
_LAYOUT: Final = struct.Struct(">BHd")
_SECONDS: Final = 600
"""Longer than anybody needs to read it; a page bookmarked with it does not say "saved" for ever."""


def flash(told: str, count: int = 0) -> str:
    """What to tell, as a parameter of the page's address."""
    at = database.now().timestamp()
    return _signer().token(_LAYOUT.pack(_TOLD.index(told), min(count, 0xFFFF), at))


def read_flash(request: Request) -> tuple[str, int] | None:
    """What was told and how many it was about; None where nothing was, or where it is too long ago."""
    token = request.query_params.get("told")
    if not token:
        return None
    try:
        kind, count, at = _LAYOUT.unpack(_signer().payload(token))
    except (LinkInvalid, struct.error):
        return None
    fresh = 0 <= database.now().timestamp() - at <= _SECONDS
    return (_TOLD[kind], count) if fresh and kind < len(_TOLD) else None


def redirect(request: Request, told: str) -> Response:
    """Send the browser to the page it came from (303), in the language it was in.

    The address is relative: it cannot lead to another host, and repeats no token.
    """
    kept = {name: value for name in ("lang", "chosen") if (value := request.query_params.get(name))}
    headers = page_headers("default-src 'none'; frame-ancestors 'none'")
    return Response(status_code=303, headers={**headers, "location": "?" + urlencode({**kept, "told": told})})


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, b"sayso.flash")
