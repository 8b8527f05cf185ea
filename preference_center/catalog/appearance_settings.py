"""Checks what a team sets of a brand's own look, and applies it to what is set already."""

from __future__ import annotations

import re
from collections.abc import Callable, Mapping, Sequence
from dataclasses import replace
from typing import Any, Final

from preference_center.catalog.appearance import Appearance, FooterLink, FooterLinkKind
from preference_center.catalog.catalog import BusinessUnit
from preference_center.catalog.custom_texts import CustomText, TextKey, check_own_words
from preference_center.catalog.localized_texts import TextLimits, checked_texts
from preference_center.catalog.logos import check_logo
from preference_center.catalog.web_addresses import check_origin, check_sender, check_url
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.translations import languages, nearest
from preference_center.validation import check_text

MAX_RADIUS: Final = 24
MAX_FOOTER_LINKS: Final = 8
_COLOUR: Final = re.compile(r"#[0-9a-fA-F]{6}", re.ASCII)
_LABEL: Final = TextLimits(60, required=True, example='{"en": "Privacy notice"}')
_INTRO: Final = TextLimits(500, example='{"en": "Good to see you."}')
_FIELD: Final = "appearance"
_DEFAULT: Final = Appearance()

Changes = dict[str, Any]
"""Values of fields of `Appearance`."""


def checked_appearance(given: Mapping[str, Any]) -> Changes:
    """Return what a team set: None is the default, and a field that is missing stays as it is.

    Raises Invalid with every fault, each naming its field below `appearance`.
    """
    with Faults() as faults:
        return {
            name: getattr(_DEFAULT, name)
            if value is None
            else faults.of(_CHECKS[name], value, _FIELD, _camel(name))
            for name, value in given.items()
        }


def with_appearance(unit: BusinessUnit, changes: Changes) -> BusinessUnit:
    """Return a unit as it would be after checked changes; nothing is stored."""
    appearance = replace(unit.appearance, **changes)
    return replace(unit, appearance=appearance, colour=appearance.primary_colour, logo=appearance.logo)


def checked_colour(colour: str, *field: str) -> str:
    """Return a colour. Raises Invalid, naming the field."""
    if not _COLOUR.fullmatch(colour):
        raise Invalid(ErrorCode.INVALID_VALUE, "Write a colour as #rrggbb, such as #0a5c36.", *field)
    return colour


def checked_logo(logo: str, *field: str) -> str:
    """Return an image. Raises Invalid, naming the field."""
    check_logo(logo, *field)
    return logo


def _checked_radius(radius: int, *field: str) -> int:
    if not 0 <= radius <= MAX_RADIUS:
        raise Invalid(ErrorCode.INVALID_VALUE, f"A corner radius is 0 to {MAX_RADIUS} pixels.", *field)
    return radius


def _checked_languages(tags: Sequence[str], *field: str) -> tuple[str, ...]:
    with Faults() as faults:
        chosen = {faults.of(_checked_language, tag, *field, str(i)) for i, tag in enumerate(tags)}
    return tuple(language for language in languages() if language in chosen)


def _checked_language(tag: str, *field: str) -> str:
    """Return the language of pages for a tag. Raises Invalid if pages are not translated to it."""
    found = nearest(tag)
    if found is None:
        message = f"Pages are not translated to {tag[:40]!r}. They are to {', '.join(languages())}."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *field)
    return found


def _checked_links(links: Sequence[Mapping[str, Any]], *field: str) -> tuple[FooterLink, ...]:
    if len(links) > MAX_FOOTER_LINKS:
        raise Invalid(ErrorCode.INVALID_VALUE, f"Give at most {MAX_FOOTER_LINKS} links.", *field)
    with Faults() as faults:
        return tuple(faults.of(_checked_link, link, *field, str(i)) for i, link in enumerate(links))


def _checked_link(link: Mapping[str, Any], *field: str) -> FooterLink:
    kind, written = link["kind"], link.get("label")
    with Faults() as faults:
        url = faults.of(check_url, link["url"], *field, "url")
        labels = {} if written is None else faults.of(checked_texts, written, _LABEL, *field, "label")
        if kind is FooterLinkKind.OTHER and written is None:
            message = 'A link of the kind OTHER needs a label, such as {"en": "Shops"}.'
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *field, "label"))
    return FooterLink(kind, url, labels)


def _checked_custom_texts(texts: Sequence[Mapping[str, Any]], *field: str) -> tuple[CustomText, ...]:
    found: dict[tuple[TextKey, str], CustomText] = {}
    with Faults() as faults:
        for index, own in enumerate(texts):
            path = (*field, str(index))
            locale = faults.of(_checked_language, own["locale"], *path, "locale")
            text = faults.of(check_own_words, own["key"], own["text"], *path, "text")
            if (own["key"], locale) in found:
                message = f"{own['key'].name} is given twice for {locale}. Give each text once."
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *path))
            found[own["key"], locale] = CustomText(own["key"], locale, text)
    return tuple(found.values())


def _same(value: Any, *_field: str) -> Any:
    return value


def _checked_name(name: str, *field: str) -> str:
    return check_text(name, *field, max_length=200, required=True)


_CHECKS: Final[dict[str, Callable[..., Any]]] = {
    "primary_colour": checked_colour,
    "logo": checked_logo,
    "dark_logo": checked_logo,
    "favicon": checked_logo,
    "background": checked_colour,
    "dark_background": checked_colour,
    "corner_radius": _checked_radius,
    "font": _same,
    "footer_links": _checked_links,
    "website_url": check_url,
    "languages": _checked_languages,
    "intro": lambda texts, *field: checked_texts(texts, _INTRO, *field),
    "custom_texts": _checked_custom_texts,
    "leaving_reasons": _same,
    "sender_name": _checked_name,
    "sender_address": check_sender,
    "reply_to": check_sender,
    "public_url": check_origin,
    "preference_page_scope": _same,
}


def _camel(name: str) -> str:
    first, *others = name.split("_")
    return first + "".join(word.title() for word in others)
