"""Which language a page is shown in, and the links that switch it.

The first of these that Sayso is translated to wins: the language of a posted form, a language chosen on the
page, the contact's language, `?lang=` from the sender's link, the browser's Accept-Language, the unit's
default, English. The page's own switch links to `?lang=pl&chosen=1` to be told from a sender's `?lang=`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from starlette.requests import Request

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
    request: Request, *, contact: str | None = None, unit: str | None = None, shown: str | None = None
) -> Translator:
    """The translator to answer a request with.

    `contact` and `unit` are language tags from the records, `shown` is the language of the posted form.
    """
    requested = request.query_params.get("lang")
    chosen = requested if request.query_params.get("chosen") else None
    candidates = (shown, chosen, contact, requested)
    language = next((known for tag in candidates if (known := nearest(tag))), None)
    language = language or accepted_language(request.headers.get("accept-language", "")) or nearest(unit)
    return translator_for(language or SOURCE_LANGUAGE)


def accepted_language(header: str) -> str | None:
    """The best translation for an Accept-Language header (RFC 9110, 12.5.4), or None.

    Of a long header only the beginning is read.
    """
    return _accepted_language(header[:_MAX_HEADER_LENGTH])


@lru_cache(maxsize=1024)
def _accepted_language(header: str) -> str | None:
    ranked = sorted(_weighted(header), key=lambda pair: -pair[1])
    return next((known for tag, weight in ranked if weight > 0 and (known := nearest(tag))), None)


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
def language_links(current: str, kept_query: tuple[tuple[str, str], ...] = ()) -> tuple[LanguageLink, ...]:
    """The links of the language switch, each named in its own language, with `kept_query` in their query."""
    return tuple(
        LanguageLink(
            translator.language,
            translator.name,
            query(translator, **dict(kept_query)),
            translator.language == current,
        )
        for translator in map(translator_for, languages())
    )
