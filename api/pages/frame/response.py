"""How every page leaves the house: rendered, framed by brand and languages, under the same strict headers.

A page's address is a capability: nothing may carry it elsewhere (no referrer, no cache, no index, no request
to anybody), nothing may frame it, and no script runs on it (W3C TAG, "Good practices for capability URLs").
"""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup
from starlette.responses import HTMLResponse, Response

from api.pages.frame.colours import accent
from api.pages.frame.language import LanguageLink, switch
from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.config import settings
from preference_center.translations import Translator, stylesheet

_BRANDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Brand:
    """The unit in whose name a page speaks."""

    name: str
    css: str
    initial: str
    logo: str | None
    """The path of its picture (`logos.py`)."""
    postal_address: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What surrounds a page: its brand or brands, its languages, its colours."""

    brand: Brand | None
    brands: tuple[str, ...]
    languages: tuple[LanguageLink, ...]
    accents: Markup
    policy: str
    """The Content-Security-Policy, which names the page's own style sheets by their hashes."""


@dataclass(frozen=True, slots=True)
class Status:
    """The outcome of what was pressed, announced on top of the page."""

    good: bool
    text: str


def css_class(unit: BusinessUnit) -> str:
    """The class that gives an element and what is in it the unit's colour."""
    return f"u{unit.id}"


def initial(unit: BusinessUnit) -> str:
    """The letter that stands for a unit without a logo."""
    return next((letter.upper() for letter in unit.name if letter.isalnum()), "•")


def frame(
    translator: Translator,
    catalog: Catalog,
    unit: BusinessUnit | None = None,
    *,
    kept: tuple[tuple[str, str], ...] = (),
) -> Frame:
    """The frame of a page in a unit's name; without one in the only unit's, or in that of all.

    `kept` is what of the query the language switch has to keep in its links.
    """
    return _frame(translator.language, catalog, unit, kept)


@lru_cache(maxsize=256)
def _frame(
    language: str, catalog: Catalog, unit: BusinessUnit | None, kept: tuple[tuple[str, str], ...]
) -> Frame:
    if unit is None and len(catalog.units) == 1:
        unit = catalog.units[0]
    names = tuple(each.name for each in catalog.units) if unit is None else ()
    style, policy = _styles(tuple((css_class(each), each.colour) for each in catalog.units))
    return Frame(
        _brand(unit) if unit else None,
        names if len(names) <= _BRANDS_SHOWN else (),
        switch(language, kept),
        style,
        policy,
    )


def respond(
    translator: Translator, template: str, around: Frame, page: object, status: int = 200
) -> HTMLResponse:
    """Render a page in its frame."""
    body = translator.template(template).render(
        page=page, frame=around, lang=translator.language, direction=translator.direction
    )
    return HTMLResponse(body, status, headers=page_headers(around.policy))


def plain(text: str, status: int = 200, **headers: str) -> Response:
    """A short answer for programs, under the pages' headers."""
    policy = "default-src 'none'; frame-ancestors 'none'"
    return Response(text, status, headers={**page_headers(policy), **headers}, media_type="text/plain")


def page_headers(policy: str) -> dict[str, str]:
    """The headers of everything under a capability URL."""
    return {
        "cache-control": "no-store",
        "content-security-policy": policy,
        "referrer-policy": "no-referrer",
        "x-content-type-options": "nosniff",
        "x-frame-options": "DENY",
        "x-robots-tag": "noindex, nofollow",
    }


def path_to(page: str) -> str:
    """The path of a page that needs no token: of the configured public URL, whatever the Host header says."""
    return urlsplit(settings.current().public_url).path + page


@lru_cache(maxsize=256)
def logo_digest(logo: str) -> str:
    """What stands for a logo in its address: the same for as long as the picture is the same."""
    return sha256(logo.encode()).hexdigest()[:32]


def _brand(unit: BusinessUnit) -> Brand:
    logo = path_to(f"/logo/{logo_digest(unit.logo)}") if unit.logo else None
    return Brand(unit.name, css_class(unit), initial(unit), logo, unit.postal_address)


@lru_cache(maxsize=64)
def _styles(colours: tuple[tuple[str, str], ...]) -> tuple[Markup, str]:
    """The sheet with the units' accents, and the policy that allows it and the main one, and nothing else."""
    light, dark = [], []
    for css, colour in colours:
        fit = accent(colour)
        light.append(f".{css}{{--accent:{fit.light};--on-accent:{fit.on_light}}}")
        dark.append(f".{css}{{--accent:{fit.dark};--on-accent:{fit.on_dark}}}")
    sheet = "".join(light) + "@media (prefers-color-scheme:dark){" + "".join(dark) + "}"
    hashes = " ".join(f"'sha256-{_hash(text)}'" for text in (stylesheet(), sheet))
    # Pictures are this host's own, and the empty icon in a page's head.
    policy = (
        f"default-src 'none'; style-src {hashes}; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return Markup(sheet), policy  # noqa: S704 (class names and computed colours)


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
