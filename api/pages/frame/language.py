"""Which language a page speaks.

A language pressed on the page itself goes first: it is what the person wants now. Then come the contact's
own language, `?lang=` as a sender put it into the link, the browser's Accept-Language, the unit's default,
English. The page's switch therefore writes `?lang=pl&chosen=1`, so that it can be told from a sender's
`?lang=`.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from urllib.parse import urlencode

from starlette.requests import Request

from preference_center.translations import SOURCE_LANGUAGE, Translator, languages, nearest, wording

_LONGEST_HEADER = 500


@dataclass(frozen=True, slots=True)
class LanguageLink:
    """One language of the switch."""

    tag: str
    name: str
    href: str
    current: bool


def choose(
    request: Request, *, contact: str | None = None, unit: str | None = None, shown: str | None = None
) -> Translator:
    """The language to answer a request in.

    `contact` and `unit` are language tags from the records; `shown` is the language that a form, now posted,
    was shown in: the answer stays in it.
    """
    asked = request.query_params.get("lang")
    pressed = asked if request.query_params.get("chosen") else None
    wishes = (shown, pressed, contact, asked)
    found = next((known for wish in wishes if (known := nearest(wish))), None)
    found = found or accepted(request.headers.get("accept-language", "")) or nearest(unit) or SOURCE_LANGUAGE
    return wording(found)


@lru_cache(maxsize=1024)
def accepted(header: str) -> str | None:
    """The best language there is for an Accept-Language header (RFC 9110, 12.5.4), or None."""
    ranked = sorted(_weighted(header[:_LONGEST_HEADER]), key=lambda pair: -pair[1])
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
    """The query of a link from one page to another under the same address: it stays in this language."""
    return "?" + urlencode({"lang": translator.language, "chosen": 1, **more})


@lru_cache(maxsize=1024)
def switch(current: str, kept: tuple[tuple[str, str], ...] = ()) -> tuple[LanguageLink, ...]:
    """The links of the language switch, each in its own language; `kept` stays in their query."""
    every = (wording(tag) for tag in languages())
    return tuple(
        LanguageLink(
            translator.language,
            translator.name,
            query(translator, **dict(kept)),
            translator.language == current,
        )
        for translator in every
    )
