"""The recipients' pages: their routes, and what is the same for all of them.

GET and HEAD show, POST acts, and nothing else does anything (R33).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.pages import confirm
from api.pages import erasure as forget
from api.pages import link_request as ask
from api.pages.frame import logos
from api.pages.frame.forms import FormProblem
from api.pages.frame.problem import bad_form, invalid_link
from api.pages.frame.response import plain
from api.pages.preferences import page as preferences
from api.pages.preferences import preview
from api.pages.unsubscribe import page as unsubscribe
from preference_center.links.kinds import LINK_KINDS, TokenKind
from preference_center.links.tokens import LinkInvalid

View = Callable[[Request], Awaitable[Response]]
_ALLOW = "GET, HEAD, POST, OPTIONS"
_LEVEL = 6
"""Of gzip: a seventh of the largest page, in a third of a millisecond; nine is no smaller."""


class Page:
    """One page as an ASGI application: a view that shows and one that acts."""

    def __init__(self, show: View, act: View) -> None:
        self._show = show
        self._act = act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return plain("", 204, allow=_ALLOW)
        if request.method not in ("GET", "HEAD", "POST"):
            return plain("Method Not Allowed\n", 405, allow=_ALLOW)
        try:
            return await (self._act if request.method == "POST" else self._show)(request)
        except LinkInvalid:
            return await invalid_link(request)
        except FormProblem as problem:
            return await bad_form(request, problem)


def _squeezed(page: Page) -> GZipMiddleware:
    """The page, compressed for browsers: safe, as no page holds a secret beside what others can put in it.

    Decision 0026 goes through them one by one.
    """
    return GZipMiddleware(page, compresslevel=_LEVEL)


_PAGES = {
    TokenKind.MANAGE.path: Page(ask.show, ask.act),
    TokenKind.MANAGE.route: Page(preferences.show, preferences.act),
    f"{TokenKind.MANAGE.route}/forget": Page(forget.show, forget.act),
    TokenKind.WITHDRAW.route: Page(unsubscribe.show, unsubscribe.act),
    TokenKind.CONFIRM.route: Page(confirm.show, confirm.act),
    TokenKind.ERASURE.route: Page(forget.show_confirmation, forget.confirm),
    TokenKind.PREVIEW.route: Page(preview.show, preview.act),
}
# With a slash at the end too, which some mail programs add: a redirect would repeat the token to whatever the
# Host header says, and RFC 8058 allows none.
routes = [Route(path + end, _squeezed(page)) for path, page in _PAGES.items() for end in ("", "/")]


async def _lost(_request: Request) -> Response:
    """A link that lost its token on the way, or gained something: it leads on all the same (R34)."""
    raise LinkInvalid("it has no token, or more than one")


_LOST = Page(_lost, _lost)
routes += [*logos.routes]
routes += [
    Route(path, _squeezed(_LOST))
    for path in (
        *(kind.path for kind in LINK_KINDS if kind is not TokenKind.MANAGE),
        *(f"{kind.path}/{{rest:path}}" for kind in LINK_KINDS),
    )
]
