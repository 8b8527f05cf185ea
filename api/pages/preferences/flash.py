"""What a page tells after its form was saved and the browser sent back to it: signed, without a cookie."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.response import page_headers
from preference_center.config import settings
from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.rules.types import LeavingReason
from preference_center.storage import database

_TOLD: Final = ("saved", "unchanged", "partly", "thanked")
_LAYOUT: Final = struct.Struct(">BHdB")
_REASONS: Final = (None, *LeavingReason)
_SECONDS: Final = 600
"""Longer than anybody needs to read it; a page bookmarked with it does not say "saved" for ever."""


_STOPPED: Final = 0x20
_WAITS: Final = 0x40
_MOVED: Final = 0x80


@dataclass(frozen=True, slots=True)
class FlashMessage:
    """What became of a form: "saved" (how many changes), "unchanged", "partly", or "thanked" for a reason.

    `waits`: something is to be confirmed from a phone; `moved`: what was chosen for a phone was not saved,
    for it was the contact's no more; `stopped`: what was ticked was not saved, for an opt-out of all
    came between. `leaving`: the token with which the page may ask why something was left; `reason`: what
    was answered.
    """

    what: str
    count: int = 0
    waits: bool = False
    moved: bool = False
    stopped: bool = False
    leaving: str | None = None
    reason: LeavingReason | None = None


def flash(told: FlashMessage) -> str:
    """What to tell, as a parameter of the page's address."""
    at, flags = (
        database.now().timestamp(),
        _STOPPED * told.stopped | _WAITS * told.waits | _MOVED * told.moved,
    )
    kind, reason = _TOLD.index(told.what) | flags, _REASONS.index(told.reason)
    head = _LAYOUT.pack(kind, min(told.count, 0xFFFF), at, reason)
    return _signer().token(head + (told.leaving or "").encode())


def read_flash(request: Request) -> FlashMessage | None:
    """What was told; None where nothing was, or where it is too long ago."""
    token = request.query_params.get("told")
    if not token:
        return None
    try:
        payload = _signer().payload(token)
        kind, count, at, reason = _LAYOUT.unpack_from(payload)
        leaving = payload[_LAYOUT.size :].decode() or None
    except (LinkInvalid, struct.error):
        return None
    what, fresh = kind & ~(_STOPPED | _WAITS | _MOVED), 0 <= database.now().timestamp() - at <= _SECONDS
    if not fresh or what >= len(_TOLD):
        return None
    flags = bool(kind & _WAITS), bool(kind & _MOVED), bool(kind & _STOPPED)
    return FlashMessage(_TOLD[what], count, *flags, leaving, _REASONS[reason])


def redirect(request: Request, told: str) -> Response:
    """Send the browser to the page it came from (303), in the language it was in.

    The address is relative: it cannot lead to another host, and repeats no token.
    """
    kept = {name: value for name in ("lang", "chosen") if (value := request.query_params.get(name))}
    headers = page_headers("default-src 'none'; frame-ancestors 'none'")
    return Response(status_code=303, headers={**headers, "location": "?" + urlencode({**kept, "told": told})})


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, TokenKind.FLASH.salt)
