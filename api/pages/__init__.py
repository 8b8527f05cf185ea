"""The recipients' pages: their routes, and what they have in common.

GET and HEAD show, only POST acts (R33).
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import Receive, Scope, Send

from api.pages import confirm, erasure, link_request, preview
from api.pages.frame import logos
from api.pages.frame.forms import FormProblem
from api.pages.frame.problem import bad_form, invalid_link
from api.pages.frame.response import plain
from api.pages.preferences import page as preferences
from api.pages.unsubscribe import page as unsubscribe
from preference_center.links.kinds import LINK_KINDS, TokenKind
from preference_center.links.tokens import LinkInvalid

Handler = Callable[[Request], Awaitable[Response]]
_ALLOW = "GET, HEAD, POST, OPTIONS"
_GZIP_LEVEL = 6
"""Shrinks the largest page to a seventh in a third of a millisecond; level 9 makes it no smaller."""


class Page:
    """One page as an ASGI application: a handler that shows it and one that acts."""

    def __init__(self, show: Handler, act: Handler) -> None:
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


async def _incomplete_link(_request: Request) -> Response:
    """A link that lost its token, or has more after it: shows the page that requests a new one (R34)."""
    raise LinkInvalid("it has no token, or more than one")


def _compressed(page: Page) -> GZipMiddleware:
    """The page, compressed. Safe: no page has a secret next to text that others control (decision 0026)."""
    return GZipMiddleware(page, compresslevel=_GZIP_LEVEL)


_PAGES = {
    TokenKind.MANAGE.path: Page(link_request.show, link_request.act),
    TokenKind.MANAGE.route: Page(preferences.show, preferences.act),
    f"{TokenKind.MANAGE.route}/forget": Page(erasure.show_request, erasure.request_erasure),
    TokenKind.WITHDRAW.route: Page(unsubscribe.show, unsubscribe.act),
    TokenKind.CONFIRM.route: Page(confirm.show, confirm.act),
    TokenKind.ERASURE.route: Page(erasure.show_confirmation, erasure.confirm),
    TokenKind.PREVIEW.route: Page(preview.show, preview.act),
}
_INCOMPLETE_PATHS = (
    *(kind.path for kind in LINK_KINDS if kind is not TokenKind.MANAGE),
    *(f"{kind.path}/{{rest:path}}" for kind in LINK_KINDS),
)
_INCOMPLETE = Page(_incomplete_link, _incomplete_link)

# Some mail programs add a slash. A redirect would repeat the token to whatever the Host header says, and
# RFC 8058 allows none.
routes = [
    *(Route(f"{path}{end}", _compressed(page)) for path, page in _PAGES.items() for end in ("", "/")),
    *logos.routes,
    *(Route(str(path), _compressed(_INCOMPLETE)) for path in _INCOMPLETE_PATHS),
]
