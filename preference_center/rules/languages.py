"""Language tags (BCP 47): which of them are one language to a reader, and which text is for whom."""

from __future__ import annotations

from collections.abc import Collection
from functools import lru_cache
from typing import Final

_TRADITIONAL: Final = frozenset({"hant", "tw", "hk", "mo"})
"""The script, and the regions that write Chinese in it (CLDR, likely subtags)."""


@lru_cache(maxsize=4096)
def tongue(tag: str) -> str:
    """What a reader of the tag reads, in lower case: its region is left aside, Chinese is told by its script.

    `pt-BR` gives `pt`, `zh-TW` gives `zh-hant`, `zh` gives `zh-hans`.
    """
    primary, *others = _folded(tag).split("-")
    if primary != "zh":
        return primary
    return "zh-hant" if "hans" not in others and not _TRADITIONAL.isdisjoint(others) else "zh-hans"


def matching(tags: Collection[str], wanted: str) -> str | None:
    """Which of the tags suits who wants `wanted`; None where none does.

    The very one comes first, then one of the same language, the plain before a regional one, at last one that
    names the language and nothing else (RFC 4647, 3.4): whoever reads `zh-TW` can do with `zh`.
    """
    if wanted in tags:
        return wanted
    exact, language = _folded(wanted), tongue(wanted)
    folded = {_folded(tag): tag for tag in tags}
    regional = next((tag for tag in tags if tongue(tag) == language and _folded(tag) != "zh"), None)
    return folded.get(exact) or folded.get(language) or regional or folded.get(exact.partition("-")[0])


def _folded(tag: str) -> str:
    return tag.strip().replace("_", "-").lower()
