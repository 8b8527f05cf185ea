"""A state of a page as the browser came to it, kept so that it need be reached only once."""

from __future__ import annotations

import re
from collections.abc import Callable
from dataclasses import dataclass
from urllib.parse import parse_qsl, urlencode, urlsplit

import httpx
from playwright.sync_api import Browser, Page, Request

from tests.browser.stage import Stage
from tests.browser.states import STATES


@dataclass(frozen=True)
class Reached:
    """What was asked for last, what was answered, and what that took."""

    url: str
    form: list[tuple[str, str]] | None
    """What was posted; None for a page that was only opened."""
    html: str
    requests: int
    weight: int
    """Bytes over the wire: bodies and headers of the page and of all that it loads."""

    def in_language(self, language: str) -> str | None:
        """The page in another language, asked for once more; None where that is another: undoing twice."""
        kept = [(name, value) for name, value in self._query if name not in ("lang", "chosen")]
        query = urlencode([*kept, ("lang", language), ("chosen", "1")])
        address = f"{self.url.partition('?')[0]}?{query}"
        if self.form is None:
            answer = httpx.get(address)
        else:
            fields = [(name, language if name == "lang" else value) for name, value in self.form]
            answer = httpx.post(address, content=urlencode(fields), headers={"content-type": FORM})
        assert f'<html lang="{language}"' in answer.text
        return answer.text if _skeleton(answer.text) == _skeleton(self.html) else None

    def with_pictures(self, html: str) -> str:
        """The page so that it finds its pictures wherever it is put."""
        parts = urlsplit(self.url)
        return html.replace('src="/', f'src="{parts.scheme}://{parts.netloc}/')

    @property
    def _query(self) -> list[tuple[str, str]]:
        return parse_qsl(urlsplit(self.url).query, keep_blank_values=True)


FORM = "application/x-www-form-urlencoded"


def _skeleton(html: str) -> list[str]:
    """What a page is made of, in whatever language."""
    return re.findall(r'<(?:h1|h2|dl|section|form|details|label|button|input|img)\b|role="\w+"', html)


def reach(stage: Stage, browser: Browser, state: str, language: str = "en") -> Reached:
    """Come to a state as a person does who reads a language."""
    context = browser.new_context(viewport={"width": 390, "height": 844}, locale="en-GB")
    try:
        page = context.new_page()
        asked: list[Request] = []
        page.on("request", lambda request: asked.append(request))
        STATES[state](stage, _opener(page, language))
        return _reached(page, asked)
    finally:
        context.close()


def _opener(page: Page, language: str) -> Callable[[str], Page]:
    def go(url: str) -> Page:
        page.goto(url if language == "en" else f"{url}?lang={language}&chosen=1")
        return page

    return go


def _reached(page: Page, asked: list[Request]) -> Reached:
    """All since the last press or opening, redirects among it."""
    opened = [number for number, request in enumerate(asked) if _begins(request)]
    since = [request for request in asked[opened[-1] :] if not request.url.startswith("data:")]
    last = next(request for request in reversed(since) if request.is_navigation_request())
    answer = last.response()
    assert answer
    form = parse_qsl(last.post_data or "", keep_blank_values=True) if last.method == "POST" else None
    weight = sum(_weight(request) for request in since)
    return Reached(page.url, form, answer.text(), len(since), weight)


def _begins(request: Request) -> bool:
    return request.is_navigation_request() and request.redirected_from is None


def _weight(request: Request) -> int:
    sizes = request.sizes()
    return sizes["responseBodySize"] + sizes["responseHeadersSize"]
