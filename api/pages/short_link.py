"""`/s/{code}`: the page of the link that a code in a text message stands for (R31, R33, R34).

It is shown here and does not redirect, so that the long link is in no address bar and no history. Everything
else is as with the long link. An unknown code gets the page of a link with a wrong signature, whether it was
never made or has been deleted; a network that guesses gets no answer for a while.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response

from api.http.guesses import WrongGuesses
from api.pages import confirm, erasure
from api.pages.frame.damaged_links import find_code
from api.pages.frame.language import choose_language
from api.pages.frame.problem import too_many_guesses
from api.pages.frame.response import PageContext
from api.pages.preferences import page as preferences
from api.pages.unsubscribe import page as unsubscribe
from preference_center.catalog.catalog import current_catalog
from preference_center.links import short_links
from preference_center.links.kinds import TokenKind
from preference_center.links.tokens import LinkInvalid

Handler = Callable[[Request], Awaitable[Response]]
wrong_guesses = WrongGuesses()
_SHOW: dict[TokenKind, Handler] = {
    TokenKind.WITHDRAW: unsubscribe.show,
    TokenKind.MANAGE: preferences.show,
    TokenKind.CONFIRM: confirm.show,
    TokenKind.ERASURE: erasure.show_confirmation,
}
_ACT: dict[TokenKind, Handler] = {
    TokenKind.WITHDRAW: unsubscribe.act,
    TokenKind.MANAGE: preferences.act,
    TokenKind.CONFIRM: confirm.act,
    TokenKind.ERASURE: erasure.confirm,
}


async def show(request: Request) -> Response:
    """What the page of the long link shows."""
    return await _answer(request, _SHOW)


async def act(request: Request) -> Response:
    """What the page of the long link does."""
    return await _answer(request, _ACT)


async def _answer(request: Request, handlers: dict[TokenKind, Handler]) -> Response:
    """Raises LinkInvalid for an unknown code, and counts it for the client's network."""
    host = request.client.host if request.client else None
    if wait := wrong_guesses.wait(host):
        context = PageContext(choose_language(request), await current_catalog())
        return too_many_guesses(context, wait)
    link = await short_links.find(find_code(request.path_params["token"]))
    if link is None:
        wrong_guesses.count(host)
        raise LinkInvalid("its code is unknown")
    request.path_params["token"] = link.token
    return await handlers[link.kind](request)
