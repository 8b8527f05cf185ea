"""What the unsubscribe page says after a press: signed into the URL, no cookie.

The browser is redirected (303), so reloading the page or going back to it never repeats the press, and keeps
its buttons: undo and the leaving reasons. The token names ledger events and nobody, and ends a day after
the press.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass, replace
from datetime import UTC, datetime
from typing import Final, Literal, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.response import redirect
from preference_center.config import settings
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import UNDO_HOURS, link_maker
from preference_center.links.payloads import MAX_LEAVING_REASON_EVENTS
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.rules.types import LeavingReason
from preference_center.storage import database

PARAMETER: Final = "result"
MAX_EVENTS: Final = 500
"""More would make a longer URL than servers and browsers take; nobody leaves that many units at once."""
Result = Literal["unsubscribed", "thanked", "undone", "not undone", "paused", "resumed"]
_RESULTS: Final[tuple[Result, ...]] = get_args(Result)
_REASONS: Final = (None, *LeavingReason)
_HEAD: Final = struct.Struct(">BBBd")
"""Result, flags, leaving reason, time of the press; the event ids follow."""
_FOR_ALL, _LINK_SENT = 1, 2
_EVENT_ID_BYTES: Final = 8


@dataclass(frozen=True, slots=True)
class PressOutcome:
    """The outcome of a press on the unsubscribe page."""

    result: Result
    pressed_at: float
    """Seconds since 1970: the buttons last as long as if the page had not been loaded again."""
    for_all: bool = False
    """Whether it was about all of the units, and not about one type."""
    event_ids: tuple[int, ...] = ()
    """The opt-outs or pauses that the press made: what can be undone, and what a reason may be given for."""
    reason: LeavingReason | None = None
    link_sent: bool = False
    """Whether a link to the preference page was requested since."""

    @property
    def undo_token(self) -> str | None:
        """The token that undoes the opt-outs or pauses; None if there are none."""
        return link_maker(settings.current()).undo(self.event_ids, self._when) if self.event_ids else None

    @property
    def reason_token(self) -> str | None:
        """The token to give a reason with; None if nothing was opted out of, or more than 50 things."""
        if not 0 < len(self.event_ids) <= MAX_LEAVING_REASON_EVENTS:
            return None
        return link_maker(settings.current()).leaving_reason(self.event_ids, self._when)

    @property
    def _when(self) -> datetime:
        return datetime.fromtimestamp(self.pressed_at, UTC)


def redirect_with(request: Request, outcome: PressOutcome) -> Response:
    """Redirect to the page that the form was on, in its language; the page then shows the outcome."""
    kept = {name: value for name in ("lang", "chosen") if (value := request.query_params.get(name))}
    return redirect("?" + urlencode({**kept, PARAMETER: _signed(outcome)}))


def read_outcome(request: Request) -> PressOutcome | None:
    """The outcome in the URL; None without one, and after a day, as nothing can be undone any more."""
    token = request.query_params.get(PARAMETER)
    if not token:
        return None
    try:
        outcome = _unpacked(_signer().payload(token))
    except (LinkInvalid, struct.error, IndexError):
        return None
    age = database.now().timestamp() - outcome.pressed_at
    return outcome if 0 <= age <= UNDO_HOURS * 3600 else None


def _signed(outcome: PressOutcome) -> str:
    ids = outcome.event_ids if len(outcome.event_ids) <= MAX_EVENTS else ()
    head = _HEAD.pack(
        _RESULTS.index(outcome.result),
        _FOR_ALL * outcome.for_all + _LINK_SENT * outcome.link_sent,
        _REASONS.index(outcome.reason),
        outcome.pressed_at,
    )
    return _signer().token(head + struct.pack(f">{len(ids)}q", *ids))


def _unpacked(payload: bytes) -> PressOutcome:
    result, flags, reason, pressed_at = _HEAD.unpack_from(payload)
    ids = struct.unpack(f">{(len(payload) - _HEAD.size) // _EVENT_ID_BYTES}q", payload[_HEAD.size :])
    outcome = PressOutcome(_RESULTS[result], pressed_at, bool(flags & _FOR_ALL), ids)
    return replace(outcome, reason=_REASONS[reason], link_sent=bool(flags & _LINK_SENT))


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, TokenKind.UNSUBSCRIBED.salt)
