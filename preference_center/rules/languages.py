"""Language tags (BCP 47): which tags share a written language, and which of several texts fits a reader."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from functools import lru_cache
from typing import Final

_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})
"""The script, and the regions that write Chinese in it (CLDR, likely subtags)."""

_MAX_TAG_LENGTH: Final = 100


def written_language(tag: str) -> str:
    """Return the written language of a tag, in lower case: no region, but the script for Chinese.

    `pt-BR` gives `pt`, `zh-TW` gives `zh-hant`, `zh` gives `zh-hans`. Of a text too long for a tag only the
    beginning is read.
    """
    return _written_language(tag[:_MAX_TAG_LENGTH])


@lru_cache(maxsize=4096)
def _written_language(tag: str) -> str:
    primary, *others = _folded(tag).split("-")
    if primary != "zh":
        return primary
    return "zh-hant" if "hans" not in others and not _TRADITIONAL.isdisjoint(others) else "zh-hans"


def best_match(tags: Collection[str], wanted: str) -> str | None:
    """Return the tag that fits a reader of `wanted` best, or None.

    In this order: the same tag; the plain tag of the same written language; a regional one; and the bare
    language (RFC 4647 §3.4), so that a reader of `zh-TW` gets `zh` rather than nothing.
    """
    if wanted in tags:
        return wanted
    exact, language = _folded(wanted), written_language(wanted)
    folded = {_folded(tag): tag for tag in tags}
    regional = next((tag for tag in tags if written_language(tag) == language and _folded(tag) != "zh"), None)
    return folded.get(exact) or folded.get(language) or regional or folded.get(exact.partition("-")[0])


def localized(texts: Mapping[str, str], *tags: str | None) -> tuple[str, str] | None:
    """Return the text for the first tag that matches one, else any, and its language; None without a text.

    `texts` are by language tag; empty ones count as missing.
    """
    available = [tag for tag, text in texts.items() if text]
    matches = (best_match(available, tag) for tag in tags if tag)
    found = next((match for match in matches if match), None) or next(iter(available), None)
    return (texts[found], found) if found else None


def _folded(tag: str) -> str:
    return tag.strip().replace("_", "-").lower()
