"""What the page says after a form was saved and the browser redirected: signed into the URL, no cookie."""

from __future__ import annotations

import struct
from dataclasses import dataclass
from typing import Final, Literal, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.response import redirect
from preference_center.config import settings
from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.rules.types import LeavingReason
from preference_center.storage import database

Result = Literal["saved", "unchanged", "partly", "thanked"]
_RESULTS: Final[tuple[Result, ...]] = get_args(Result)
_REASONS: Final = (None, *LeavingReason)
_PARAMETER: Final = "told"
_LAYOUT: Final = struct.Struct(">BHdB")
"""Result and flags, number of changes, time, leaving reason; the leaving-reason token follows."""
_MAX_AGE_SECONDS: Final = 600
"""A bookmarked page must not say "saved" for ever."""
_OPT_IN_DROPPED: Final = 0x20
_PENDING: Final = 0x40
_PHONE_CHANGED: Final = 0x80
_FLAGS: Final = _OPT_IN_DROPPED | _PENDING | _PHONE_CHANGED


@dataclass(frozen=True, slots=True)
class FlashMessage:
    """The outcome of a posted form. `thanked`: a leaving reason was given."""

    result: Result
    changes: int = 0
    pending: bool = False
    """An opt-in is to be confirmed from a phone (R19)."""
    phone_changed: bool = False
    """The choices for a phone number were not saved, because the contact has another one now."""
    opt_in_dropped: bool = False
    """An opt-in was not saved, because an opt-out of all came in between (R12)."""
    reason_token: str | None = None
    """The token with which the page may ask for a leaving reason."""
    reason: LeavingReason | None = None
    """The leaving reason that was given."""


def redirect_with(request: Request, message: FlashMessage) -> Response:
    """Redirect to the page that the form was on, in its language; the page then shows the message."""
    kept = {name: value for name in ("lang", "chosen") if (value := request.query_params.get(name))}
    return redirect("?" + urlencode({**kept, _PARAMETER: _signed(message)}))


def _signed(message: FlashMessage) -> str:
    flags = (
        _OPT_IN_DROPPED * message.opt_in_dropped
        | _PENDING * message.pending
        | _PHONE_CHANGED * message.phone_changed
    )
    head = _LAYOUT.pack(
        _RESULTS.index(message.result) | flags,
        min(message.changes, 0xFFFF),
        database.now().timestamp(),
        _REASONS.index(message.reason),
    )
    return _signer().token(head + (message.reason_token or "").encode())


def read_flash(request: Request) -> FlashMessage | None:
    """The message of the URL; None without one, and after ten minutes."""
    token = request.query_params.get(_PARAMETER)
    if not token:
        return None
    try:
        payload = _signer().payload(token)
        result_and_flags, changes, at, reason = _LAYOUT.unpack_from(payload)
        reason_token = payload[_LAYOUT.size :].decode() or None
    except (LinkInvalid, struct.error):
        return None
    result = result_and_flags & ~_FLAGS
    if result >= len(_RESULTS) or not 0 <= database.now().timestamp() - at <= _MAX_AGE_SECONDS:
        return None
    return FlashMessage(
        _RESULTS[result],
        changes,
        pending=bool(result_and_flags & _PENDING),
        phone_changed=bool(result_and_flags & _PHONE_CHANGED),
        opt_in_dropped=bool(result_and_flags & _OPT_IN_DROPPED),
        reason_token=reason_token,
        reason=_REASONS[reason],
    )


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, TokenKind.FLASH.salt)
