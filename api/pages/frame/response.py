"""Renders pages and answers with them, always with the same strict headers.

The URL of a page is a capability. No response may leak it: no referrer, no cache, no index, no request to
another host, no framing, no script (W3C TAG, "Good practices for capability URLs").
"""

from __future__ import annotations

from dataclasses import dataclass, replace

from starlette.responses import HTMLResponse, Response

from api.pages.frame.layout import Frame, PreviewLink, QueryPairs, frame_of, preview_frame
from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.translations import Translator

_ALLOW_NOTHING = "default-src 'none'; form-action 'none'; base-uri 'none'; frame-ancestors 'none'"


@dataclass(frozen=True, slots=True)
class PageContext:
    """How a page is shown: in which language, from which catalog, with the brand of which business unit."""

    translator: Translator
    catalog: Catalog
    unit: BusinessUnit | None = None
    kept_query: QueryPairs = ()
    """Query parameters that the links of the language switch keep."""

    preview: tuple[PreviewLink, ...] = ()
    """Everything that a preview shows; empty on the pages of recipients."""

    @property
    def frame(self) -> Frame:
        """What surrounds the page."""
        if self.preview and self.unit:
            return preview_frame(self.translator, self.catalog, self.unit, self.preview)
        return frame_of(self.translator.language, self.catalog, self.unit, self.kept_query)

    def keeping(self, *pairs: tuple[str, str]) -> PageContext:
        """The same, with a language switch that keeps these query parameters."""
        return replace(self, kept_query=pairs)


@dataclass(frozen=True, slots=True)
class StatusMessage:
    """The outcome of an action, announced at the top of the page."""

    good: bool
    text: str


def respond(context: PageContext, template: str, page: object, status: int = 200) -> HTMLResponse:
    """Render a page in its frame; `page` is the dataclass that the template reads."""
    translator, frame = context.translator, context.frame
    body = translator.template(template).render(
        page=page, frame=frame, lang=translator.language, direction=translator.direction
    )
    return HTMLResponse(body, status, headers=page_headers(frame.policy))


def plain(text: str, status: int = 200, **headers: str) -> Response:
    """A short plain-text response for programs."""
    return Response(text, status, headers={**page_headers(), **headers}, media_type="text/plain")


def redirect(location: str) -> Response:
    """Send the browser to a page (303). `location` has no host, so it cannot lead to another one."""
    return Response(status_code=303, headers={**page_headers(), "location": location})


def page_headers(policy: str = _ALLOW_NOTHING) -> dict[str, str]:
    """The headers of every response under a capability URL."""
    return {
        "cache-control": "no-store",
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
    }
