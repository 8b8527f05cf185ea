"""A page in a state that the browser came to, kept so that the state is reached only once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from playwright.sync_api import Browser, Page, Request

from tests.browser.site import Site
from tests.browser.states.pages import STATES

FORM = "application/x-www-form-urlencoded"


@dataclass(frozen=True)
class Snapshot:
    """The last request, its answer, and what that took."""

    state: str
    url: str
    form: list[tuple[str, str]] | None
    """The form posted; None for a page that was opened."""
    html: str
    requests: int
    weight: int
    """Bytes over the wire: bodies and headers of the page and of all that it loads."""

    def in_language(self, client: httpx.Client, language: str) -> str | None:
        """Request the page again in another language. None if that leads elsewhere, as undoing twice does."""
        kept = [(name, value) for name, value in self._query if name not in ("lang", "chosen")]
        query = urlencode([*kept, ("lang", language), ("chosen", "1")])
        address = f"{self.url.partition('?')[0]}?{query}"
        if self.form is None:
            answer = client.get(address)
        else:
            fields = [(name, language if name == "lang" else value) for name, value in self.form]
            answer = client.post(address, content=urlencode(fields), headers={"content-type": FORM})
        assert f'<html lang="{language}"' in answer.text
        return answer.text if _skeleton(answer.text) == _skeleton(self.html) else None

    def with_images(self, html: str) -> str:
        """The page with absolute addresses of its images, so that it can be laid out anywhere."""
        parts = urlsplit(self.url)
        return html.replace('src="/', f'src="{parts.scheme}://{parts.netloc}/')

    @property
    def _query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)


def _skeleton(html: str) -> list[str]:
    """The elements of a page, which are the same in every language."""
    return re.findall(r'<(?:h1|h2|dl|section|form|details|label|button|input|img)\b|role="\w+"', html)


def take_snapshot(site: Site, browser: Browser, state: str, language: str = "en") -> Snapshot:
    """Bring a page into a state, as a person who reads the language does."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    try:
        page = context.new_page()
        requests: list[Request] = []
        page.on("request", lambda request: requests.append(request))
        STATES[state](site, _opener(page, language))
        return _snapshot(state, page, requests)
    finally:
        context.close()


def _opener(page: Page, language: str) -> Callable[[str], Page]:
    def go(url: str) -> Page:
        page.goto(url if language == "en" else f"{url}?lang={language}&chosen=1")
        return page

    return go


def _snapshot(state: str, page: Page, requests: list[Request]) -> Snapshot:
    """All requests since the last press or opening, with its redirects."""
    opened = [number for number, request in enumerate(requests) if _opens(request)]
    since = [request for request in requests[opened[-1] :] if not request.url.startswith("data:")]
    last = next(request for request in reversed(since) if request.is_navigation_request())
    answer = last.response()
    assert answer
    form = parse_qsl(last.post_data or "", keep_blank_values=True) if last.method == "POST" else None
    weight = sum(_weight(request) for request in since)
    return Snapshot(state, page.url, form, answer.text(), len(since), weight)


def _opens(request: Request) -> bool:
    return request.is_navigation_request() and request.redirected_from is None


def _weight(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
