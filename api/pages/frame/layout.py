"""What surrounds every page: the brand, the language switch, the colours and the policy that allows them."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache
from hashlib import sha256
from urllib.parse import urlsplit

from markupsafe import Markup

from api.pages.frame.brand_styles import brand_styles
from api.pages.frame.language import LanguageLink, language_links, offered_languages
from preference_center.catalog.appearance import Appearance
from preference_center.catalog.catalog import BusinessUnit, Catalog, last_known_catalog
from preference_center.config import settings
from preference_center.outbox.mail.content import footer_label
from preference_center.translations import Translator, translator_for

QueryPairs = tuple[tuple[str, str], ...]
_MAX_BRANDS_SHOWN = 3


@dataclass(frozen=True, slots=True)
class Brand:
    """The business unit whose brand a page carries. Pictures are paths (`logos.py`) or data: URIs."""

    name: str
    css: str
    initial: str
    logo: str | None
    dark_logo: str | None
    favicon: str | None
    website: str | None
    """Where the name leads."""
    links: tuple[tuple[str, str], ...]
    """The label and URL of each link at the foot."""
    postal_address: str | None


@dataclass(frozen=True, slots=True)
class PreviewLink:
    """A link from one page of a preview to another page or mail."""

    page: str
    label: str
    url: str
    current: bool


@dataclass(frozen=True, slots=True)
class Frame:
    """What `base.html` shows around a page."""

    brand: Brand | None
    brands: tuple[str, ...]
    languages: tuple[LanguageLink, ...]
    accents: Markup
    policy: str
    """The Content-Security-Policy, with the hashes of the page's own style sheets."""
    preview: tuple[PreviewLink, ...] = ()
    """Everything that a preview shows; empty on the pages of recipients."""


@lru_cache(maxsize=256)
def frame_of(language: str, catalog: Catalog, unit: BusinessUnit | None, kept_query: QueryPairs) -> Frame:
    """The frame of a page with a unit's brand; without a unit that of the only one, or the names of all.

    The language switch keeps `kept_query` in its links.
    """
    unit = unit or catalog.only_unit
    names = tuple(each.name for each in catalog.units) if unit is None else ()
    style, policy = brand_styles(
        unit.appearance if unit else Appearance(), tuple((css_class(u), u.colour) for u in catalog.units)
    )
    return Frame(
        brand_of(translator_for(language), unit, _path_of) if unit else None,
        names if len(names) <= _MAX_BRANDS_SHOWN else (),
        language_links(language, kept_query, offered_languages(unit)),
        style,
        policy,
    )


def preview_frame(
    translator: Translator, catalog: Catalog, unit: BusinessUnit, links: tuple[PreviewLink, ...]
) -> Frame:
    """The frame of a page in a preview. Pictures that are not saved are in the page itself."""
    kept = tuple(("page", link.page) for link in links if link.current)
    frame = frame_of.__wrapped__(translator.language, catalog, unit, kept)
    return replace(frame, brand=brand_of(translator, unit, _path_if_saved), preview=links)


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
    """The digest in a picture's path: it changes only with the picture."""
    return sha256(logo.encode()).hexdigest()[:32]


def brand_of(translator: Translator, unit: BusinessUnit, picture: Callable[[str], str]) -> Brand:
    """The brand of a unit; `picture` gives the address of a picture that is a data: URI."""
    look = unit.appearance
    logo, dark_logo, favicon = (
        picture(image) if image else None for image in (look.logo, look.dark_logo, look.favicon)
    )
    links = tuple(
        (
            link.label(translator.language, unit.default_locale) or footer_label(link.kind, translator),
            link.url,
        )
        for link in look.footer_links
    )
    return Brand(
        unit.name,
        css_class(unit),
        initial(unit),
        logo,
        dark_logo,
        favicon,
        look.website_url,
        links,
        unit.postal_address,
    )


def _path_of(image: str) -> str:
    return public_path(f"/logo/{logo_digest(image)}")


def _path_if_saved(image: str) -> str:
    looks = (unit.appearance for unit in last_known_catalog().units)
    saved = any(image in (look.logo, look.dark_logo, look.favicon) for look in looks)
    return _path_of(image) if saved else image
