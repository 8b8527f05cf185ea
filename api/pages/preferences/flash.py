"""What a press on the page did, signed into the URL that the browser is sent to: no cookie.

The URL lasts a day, so reloading the page or going back to it keeps the message, its undo button and the
leaving reasons. It names ledger events and nobody. The page says of them what still holds.
"""

from __future__ import annotations

import struct
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Final, Literal, get_args
from urllib.parse import urlencode

from starlette.requests import Request
from starlette.responses import Response

from api.pages.frame.response import redirect
from preference_center.config import settings
from preference_center.links.kinds import TokenKind
from preference_center.links.maker import UNDO_HOURS
from preference_center.links.tokens import LinkInvalid, TokenSigner
from preference_center.preferences.own_page.undo import Press
from preference_center.rules.types import Channel, LeavingReason
from preference_center.storage import database

Result = Literal["saved", "undone", "not undone", "sent", "sent lately", "thanked"]
_RESULTS: Final[tuple[Result, ...]] = get_args(Result)
_REASONS: Final = (None, *LeavingReason)
_CHANNELS: Final = tuple(Channel)
_PARAMETER: Final = "result"
_HEAD: Final = struct.Struct(">BBBdHHH")
"""Result, flags, leaving reason, time, and how many follow: events, requested opt-ins, ticked boxes."""
_EVENT: Final = struct.Struct(">q")
_PLACE: Final = struct.Struct(">qB")
_MOST_EVENTS: Final = 500
"""More would make a longer URL than servers and browsers take. Nobody changes that much with one press."""
_FLAGS: Final = ("refused", "phone_changed", "opt_in_dropped", "day_left_out", "asked_again")


@dataclass(frozen=True, slots=True)
class FlashMessage:
    """What a press did."""

    result: Result
    at: float
    """Seconds since 1970: the buttons last as long as if the page had not been loaded again."""
    event_ids: tuple[int, ...] = ()
    requested: tuple[tuple[int, Channel], ...] = ()
    """Opt-ins that wait for a confirmation from the phone (R19), or whose confirmation was sent again: type
    ids and channels."""
    ticked: tuple[tuple[int, Channel], ...] = ()
    """What was ticked to come back after an opt-out of all: some of it had been opted in before, and has no
    event (R12, R16)."""
    refused: bool = False
    """Something is no longer offered."""
    phone_changed: bool = False
    """The choices for a phone number were not saved, because the contact has another one now."""
    opt_in_dropped: bool = False
    """An opt-in was not saved, because an opt-out of all came in between (R12)."""
    day_left_out: bool = False
    """A pause was not set, because what was typed is no day that it can last until."""
    asked_again: bool = False
    """Some of `requested` waited for a confirmation before."""
    reason: LeavingReason | None = None
    """The leaving reason that was given."""

    @property
    def when(self) -> datetime:
        """When the press was made."""
        return datetime.fromtimestamp(self.at, UTC)

    @property
    def press(self) -> Press:
        """What can be undone of it."""
        return Press(self.event_ids, () if self.asked_again else self.requested, self.when)

    @property
    def token(self) -> str:
        """The message, signed."""
        return _signed(self)


def redirect_with(request: Request, message: FlashMessage) -> Response:
    """Redirect to the page that the form was on, in its language; the page then shows the message."""
    kept = {name: value for name in ("lang", "chosen") if (value := request.query_params.get(name))}
    return redirect("?" + urlencode({**kept, _PARAMETER: message.token}))


def _signed(message: FlashMessage) -> str:
    ids = message.event_ids if len(message.event_ids) <= _MOST_EVENTS else ()
    requested, ticked = message.requested[:_MOST_EVENTS], message.ticked[:_MOST_EVENTS]
    head = _HEAD.pack(
        _RESULTS.index(message.result),
        sum(getattr(message, name) << bit for bit, name in enumerate(_FLAGS)),
        _REASONS.index(message.reason),
        message.at,
        *map(len, (ids, requested, ticked)),
    )
    places = (_PLACE.pack(type_id, _CHANNELS.index(channel)) for type_id, channel in requested + ticked)
    return _signer().token(head + b"".join([*map(_EVENT.pack, ids), *places]))


def read_flash(request: Request) -> FlashMessage | None:
    """The message of the URL; None without one, and after a day, as nothing can be undone any more."""
    token = request.query_params.get(_PARAMETER)
    return read_token(token) if token else None


def read_token(token: str) -> FlashMessage | None:
    """The message that a token signs; None for anything else, and after a day."""
    try:
        message = _unpacked(_signer().payload(token))
    except (LinkInvalid, struct.error, IndexError):
        return None
    age = database.now().timestamp() - message.at
    return message if 0 <= age <= UNDO_HOURS * 3600 else None


def _unpacked(payload: bytes) -> FlashMessage:
    result, flags, reason, at, events, requested, ticked = _HEAD.unpack_from(payload)
    places_from = _HEAD.size + events * _EVENT.size
    ids = tuple(row[0] for row in _EVENT.iter_unpack(payload[_HEAD.size : places_from]))
    places = tuple((id_, _CHANNELS[channel]) for id_, channel in _PLACE.iter_unpack(payload[places_from:]))
    if (len(ids), len(places)) != (events, requested + ticked):
        raise IndexError("its parts have other lengths than its head says")
    return FlashMessage(
        _RESULTS[result],
        at,
        ids,
        places[:requested],
        places[requested:],
        **{name: bool(flags >> bit & 1) for bit, name in enumerate(_FLAGS)},
        reason=_REASONS[reason],
    )


def _signer() -> TokenSigner:
    return TokenSigner(settings.current().secret_keys, TokenKind.FLASH.salt)
