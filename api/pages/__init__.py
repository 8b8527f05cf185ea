"""The recipients' pages: their routes, and what they have in common.

GET and HEAD show, only POST acts (R33).
"""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable
from urllib.parse import urlencode

from starlette.middleware.gzip import GZipMiddleware
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route
from starlette.types import ASGIApp, Receive, Scope, Send

from api.pages import confirm, erasure, link_request, short_link
from api.pages.frame import logos
from api.pages.frame.damaged_links import find_token
from api.pages.frame.forms import FormProblem
from api.pages.frame.layout import public_path
from api.pages.frame.problem import ALLOW, bad_form, invalid_link, wrong_method
from api.pages.frame.response import plain, redirect
from api.pages.preferences import page as preferences
from api.pages.preview import page as preview
from api.pages.unsubscribe import page as unsubscribe
from preference_center.links.kinds import LINK_KINDS, TokenKind
from preference_center.links.tokens import LinkInvalid
from preference_center.precedence import serving_recipient

_FORGET = re.compile(r"/forget(?![A-Za-z0-9_-])[^/]*/?")
_MORE_PATH = re.compile(r"/+[A-Za-z0-9]")
"""An extra path segment, which is not punctuation copied along with a link."""
_KEPT_AT_START = ("lang", "chosen", "unit")
Handler = Callable[[Request], Awaitable[Response]]
_GZIP_LEVEL = 6
"""Shrinks the largest page to a seventh in a third of a millisecond; level 9 makes it no smaller."""


class Page:
    """One page as an ASGI application: a handler that shows it and one that acts."""

    def __init__(self, show: Handler, act: Handler) -> None:
        self._show = show
        self._act = act

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        with serving_recipient():
            response = await self._answer(Request(scope, receive))
        await response(scope, receive, send)

    async def _answer(self, request: Request) -> Response:
        if request.method == "OPTIONS":
            return plain("", 204, allow=ALLOW)
        if request.method not in ("GET", "HEAD", "POST"):
            return await wrong_method(request)
        if "token" in request.path_params:
            request.path_params["token"] = find_token(request.path_params["token"]).token
        try:
            return await (self._act if request.method == "POST" else self._show)(request)
        except LinkInvalid:
            return await invalid_link(request)
        except FormProblem as problem:
            return await bad_form(request, problem)


class LongLink:
    """A link without a token, or with extra path segments.

    Shows the page of the token, or the one on which a person requests a new link (R34).
    """

    def __init__(self, page: Page, below: Page | None = None) -> None:
        self._page = page
        self._below = below
        """The page at `/forget` after the token."""

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        token, tail = find_token(scope["path_params"].get("rest", ""))
        scope["path_params"] = {"token": token}
        page = self._below if self._below and _FORGET.fullmatch(tail) else self._page
        if page is self._page and _MORE_PATH.match(tail):
            scope["path_params"] = {"token": ""}
        await page(scope, receive, send)


async def _show_start(request: Request) -> Response:
    """`/` leads to the page that requests a link, in the language that was asked for."""
    kept = [(name, value) for name, value in request.query_params.items() if name in _KEPT_AT_START]
    return redirect(public_path(TokenKind.MANAGE.path) + ("?" + urlencode(kept) if kept else ""))


def _compressed(page: ASGIApp) -> GZipMiddleware:
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
    TokenKind.SHORT.route: Page(short_link.show, short_link.act),
}
_ERASURE_REQUEST = _PAGES[f"{TokenKind.MANAGE.route}/forget"]
_LONG_LINKS = {
    f"{kind.path}{end}": LongLink(_PAGES[kind.route], _ERASURE_REQUEST if kind is TokenKind.MANAGE else None)
    for kind in LINK_KINDS
    for end in ("", "/{rest:path}")
}
_START = Page(_show_start, wrong_method)

# Some mail programs add a slash. A redirect would repeat the token to whatever the Host header says, and
# RFC 8058 allows none.
routes = [
    *(Route(f"{path}{end}", _compressed(page)) for path, page in _PAGES.items() for end in ("", "/")),
    *logos.routes,
    *(Route(path, _compressed(page)) for path, page in _LONG_LINKS.items()),
    Route("/", _START),
]
