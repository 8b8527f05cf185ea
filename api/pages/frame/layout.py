"""What surrounds every page: the brand, the language switch, the colours and the policy that allows them."""

from __future__ import annotations

from base64 import b64encode
from dataclasses import dataclass
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup

from api.pages.frame.colours import accent
from api.pages.frame.language import LanguageLink, language_links, offered_languages
from preference_center.catalog.catalog import BusinessUnit, Catalog
from preference_center.config import settings
from preference_center.translations import stylesheet

QueryPairs = tuple[tuple[str, str], ...]
_MAX_BRANDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Brand:
    """The business unit whose brand a page carries."""

    name: str
    css: str
    initial: str
    logo: str | None
    """The path of the logo (`logos.py`)."""
    postal_address: str | None


@dataclass(frozen=True, slots=True)
class Frame:
    """What `base.html` shows around a page."""

    brand: Brand | None
    brands: tuple[str, ...]
    languages: tuple[LanguageLink, ...]
    accents: Markup
    policy: str
    """The Content-Security-Policy, with the hashes of the page's own style sheets."""


@lru_cache(maxsize=256)
def frame_of(language: str, catalog: Catalog, unit: BusinessUnit | None, kept_query: QueryPairs) -> Frame:
    """The frame of a page with a unit's brand; without a unit that of the only one, or the names of all.

    The language switch keeps `kept_query` in its links.
    """
    if unit is None and len(catalog.units) == 1:
        unit = catalog.units[0]
    names = tuple(each.name for each in catalog.units) if unit is None else ()
    style, policy = _styles(tuple((css_class(each), each.colour) for each in catalog.units))
    return Frame(
        _brand(unit) if unit else None,
        names if len(names) <= _MAX_BRANDS_SHOWN else (),
        language_links(language, kept_query, offered_languages(unit)),
        style,
        policy,
    )


def css_class(unit: BusinessUnit) -> str:
    """The class that gives an element the unit's colour."""
    return f"u{unit.id}"


def initial(unit: BusinessUnit) -> str:
    """The letter shown for a unit without a logo."""
    return next((letter.upper() for letter in unit.name if letter.isalnum()), "•")


def public_path(path: str) -> str:
    """A path below the configured public URL, whatever the Host header says."""
    return urlsplit(settings.current().public_url).path + path


@lru_cache(maxsize=256)
def logo_digest(logo: str) -> str:
    """The digest in a logo's path: it changes only with the picture."""
    return sha256(logo.encode()).hexdigest()[:32]


def _brand(unit: BusinessUnit) -> Brand:
    logo = public_path(f"/logo/{logo_digest(unit.logo)}") if unit.logo else None
    return Brand(unit.name, css_class(unit), initial(unit), logo, unit.postal_address)


@lru_cache(maxsize=64)
def _styles(colours: tuple[tuple[str, str], ...]) -> tuple[Markup, str]:
    """The style sheet of the units' accents, and the policy that allows it and the main sheet only."""
    light, dark = [], []
    for css, colour in colours:
        readable = accent(colour)
        light.append(f".{css}{{--accent:{readable.light};--on-accent:{readable.on_light}}}")
        dark.append(f".{css}{{--accent:{readable.dark};--on-accent:{readable.on_dark}}}")
    sheet = "".join(light) + "@media screen and (prefers-color-scheme:dark){" + "".join(dark) + "}"
    hashes = " ".join(f"'sha256-{_hash(text)}'" for text in (stylesheet(), sheet))
    # Allows this host's pictures, and the empty icon in the head of the page.
    policy = (
        f"default-src 'none'; style-src {hashes}; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return Markup(sheet), policy  # noqa: S704 (class names and computed colours)


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
