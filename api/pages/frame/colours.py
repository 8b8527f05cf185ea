"""Adjusts a unit's colour until text and buttons in it are readable (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

from preference_center.rules.colours import MIN_CONTRAST, contrast, most_readable, readable

__all__ = ["MIN_CONTRAST", "contrast"]
FALLBACK = "#3d5a80"
LIGHT_SURFACES = ("#ffffff", "#f7f6f3", "#f1f0ec")
DARK_SURFACES = ("#14161a", "#1c1f24", "#23272d")
_TEXTS = ("#ffffff", "#14161a")
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour for text and buttons, and the colour of text on it, in light and in dark mode."""

    light: str
    on_light: str
    dark: str
    on_dark: str


@lru_cache(maxsize=512)
def accent(colour: str | None) -> Accent:
    """The readable colours nearest to a brand's own; those of Sayso's colour if it is not a hex colour."""
    own = colour if colour and _HEX.fullmatch(colour) else FALLBACK
    light = readable(own, "#000000", LIGHT_SURFACES)
    dark = readable(own, "#ffffff", DARK_SURFACES)
    return Accent(light, most_readable(_TEXTS, light), dark, most_readable(_TEXTS, dark))
