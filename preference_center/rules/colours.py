"""Colours that people can read text in (WCAG 2: 1.4.3, 1.4.11)."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from functools import lru_cache

Rgb = tuple[float, float, float]
MIN_CONTRAST = 4.6
"""WCAG AA requires 4.5; the rest allows for rounding."""
_STEPS = 50


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, #rgb or #rrggbb, by WCAG 2: from 1 to 21."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, towards: str, surfaces: Sequence[str], least: float = MIN_CONTRAST) -> str:
    """Move a colour in small steps towards black or white until it is readable on every surface."""
    own, end = parse(colour), parse(towards)

    def mixed(step: int) -> str:
        share = step / _STEPS
        return to_hex(tuple(a + (b - a) * share for a, b in zip(own, end, strict=True)))

    def fits(step: int) -> bool:
        return all(contrast(mixed(step), surface) >= least for surface in surfaces)

    # Where it is not readable at first, each step brings it closer: it was on the other side of a surface.
    return mixed(0 if fits(0) else bisect_left(range(_STEPS), True, lo=1, key=fits))


def most_readable(texts: Sequence[str], surface: str) -> str:
    """The one of several text colours with the most contrast on a surface."""
    return max(texts, key=lambda text: contrast(text, surface))


def parse(text: str) -> Rgb:
    """Red, green and blue of #rgb or #rrggbb, each from 0 to 1."""
    digits = text[1:]
    if len(digits) == 3:
        digits = "".join(digit * 2 for digit in digits)
    red, green, blue = (int(digits[start : start + 2], 16) / 255 for start in (0, 2, 4))
    return red, green, blue


def to_hex(colour: Sequence[float]) -> str:
    """#rrggbb of parts from 0 to 1."""
    return "#" + "".join(f"{round(part * 255):02x}" for part in colour)


@lru_cache(maxsize=1024)
def _luminance(colour: str) -> float:
    parts = parse(colour)
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
