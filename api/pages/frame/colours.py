"""Adjusts a unit's colour until text and buttons in it are readable (WCAG 1.4.3, 1.4.11)."""

from __future__ import annotations

import re
from dataclasses import dataclass
from functools import lru_cache

Rgb = tuple[float, float, float]
FALLBACK = "#3d5a80"
MIN_CONTRAST = 4.6
"""WCAG AA requires 4.5; the rest allows for rounding."""
LIGHT_SURFACES = ("#ffffff", "#f7f6f3", "#f1f0ec")
DARK_SURFACES = ("#14161a", "#1c1f24", "#23272d")
_DARK_TEXT, _LIGHT_TEXT = "#14161a", "#ffffff"
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")
_STEPS = 50


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
    own = _parse(colour if colour and _HEX.fullmatch(colour) else FALLBACK)
    light = _readable(own, (0.0, 0.0, 0.0), LIGHT_SURFACES)
    dark = _readable(own, (1.0, 1.0, 1.0), DARK_SURFACES)
    return Accent(light, _text_on(light), dark, _text_on(dark))


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours by WCAG 2, from 1 to 21."""
    darker, lighter = sorted((_luminance(_parse(first)), _luminance(_parse(second))))
    return (lighter + 0.05) / (darker + 0.05)


def _readable(own: Rgb, towards: Rgb, surfaces: tuple[str, ...]) -> str:
    """Move a colour in small steps towards black or white until it is readable on every surface."""
    for step in range(_STEPS + 1):
        share = step / _STEPS
        mixed = _hex(tuple(a + (b - a) * share for a, b in zip(own, towards, strict=True)))
        if all(contrast(mixed, surface) >= MIN_CONTRAST for surface in surfaces):
            return mixed
    return _hex(towards)


def _text_on(colour: str) -> str:
    return max(_LIGHT_TEXT, _DARK_TEXT, key=lambda text: contrast(text, colour))


def _parse(text: str) -> Rgb:
    digits = text[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def _hex(colour: tuple[float, ...]) -> str:
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
