"""Which language a page is shown in, and the links that switch it.

The first of these that Sayso is translated to and the brand offers wins: the language of a posted form, a
language chosen on the page, the contact's language, `?lang=` from the sender's link, the browser's
Accept-Language, the unit's default, English, any. The page's own switch links to `?lang=pl&chosen=1` to be
told from a sender's `?lang=`. The translator speaks the words of the brand.
"""

from __future__ import annotations

from collections.abc import Collection, Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from starlette.requests import Request

from preference_center.catalog.catalog import BusinessUnit, last_known_catalog
from preference_center.catalog.custom_texts import in_words_of
from preference_center.translations import SOURCE_LANGUAGE, Translator, languages, nearest, translator_for

_MAX_HEADER_LENGTH = 500


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One language of the switch."""

    tag: str
    name: str
    href: str
    current: bool


def choose_language(
    request: Request,
    *,
    contact: str | None = None,
    unit: BusinessUnit | None = None,
    shown: str | None = None,
) -> Translator:
    """The translator to answer a request with, in the words of the business unit, or of the only one.

    `contact` is a language tag from the records, `shown` the language of the posted form.
    """
    requested = request.query_params.get("lang")
    chosen = requested if request.query_params.get("chosen") else None
    brand = unit or last_known_catalog().only_unit
    offered = offered_languages(brand)
    candidates = (nearest(tag) for tag in (shown, chosen, contact, requested))
    language = next((known for known in candidates if known in offered), None)
    language = language or accepted_language(request.headers.get("accept-language", ""), offered)
    translator = translator_for(language or _default_language(unit, offered))
    return in_words_of(translator, brand.appearance.custom_texts) if brand else translator


def offered_languages(unit: BusinessUnit | None) -> tuple[str, ...]:
    """The languages of a unit's pages: those that it offers, or all."""
    chosen = unit.appearance.languages if unit else ()
    return tuple(language for language in languages() if language in chosen) or languages()


def _default_language(unit: BusinessUnit | None, offered: tuple[str, ...]) -> str:
    candidates = (nearest(unit.default_locale) if unit else None, SOURCE_LANGUAGE)
    return next((language for language in candidates if language in offered), offered[0])


def accepted_language(header: str, offered: Collection[str] | None = None) -> str | None:
    """The best translation, of those offered, for an Accept-Language header (RFC 9110, 12.5.4), or None.

    Of a long header only the beginning is read.
    """
    accepted = _accepted_languages(header[:_MAX_HEADER_LENGTH])
    return next((known for known in accepted if offered is None or known in offered), None)


@lru_cache(maxsize=1024)
def _accepted_languages(header: str) -> tuple[str, ...]:
    ranked = sorted(_weighted(header), key=lambda pair: -pair[1])
    return tuple(known for tag, weight in ranked if weight > 0 and (known := nearest(tag)))


def _weighted(header: str) -> Iterator[tuple[str, float]]:
    for part in header.split(","):
        tag, _, parameter = part.strip().partition(";")
        name, _, value = parameter.strip().partition("=")
        try:
            yield tag.strip(), float(value) if name.strip().lower() == "q" else 1.0
        except ValueError:
            continue


def query(translator: Translator, **more: str) -> str:
    """The query of a link to another page of the same token: it keeps the language."""
    return "?" + urlencode({"lang": translator.language, "chosen": 1, **more})


@lru_cache(maxsize=1024)
def language_links(
    current: str, kept_query: tuple[tuple[str, str], ...] = (), offered: tuple[str, ...] | None = None
) -> tuple[LanguageLink, ...]:
    """The links of the language switch, each named in its own language, with `kept_query` in their query."""
    return tuple(
        LanguageLink(
            translator.language,
            translator.name,
            query(translator, **dict(kept_query)),
            translator.language == current,
        )
        for translator in map(translator_for, offered or languages())
    )
