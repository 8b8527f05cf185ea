"""Colours that people can read text in (WCAG 2: 1.4.3, 1.4.11)."""

from __future__ import annotations

from collections.abc import Sequence

Rgb = tuple[float, float, float]
MIN_CONTRAST = 4.6
"""WCAG AA requires 4.5; the rest allows for rounding."""
_STEPS = 50


def contrast(first: str, second: str) -> float:
    """The contrast ratio of two colours, #rgb or #rrggbb, by WCAG 2: from 1 to 21."""
    darker, lighter = sorted((_luminance(parse(first)), _luminance(parse(second))))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, towards: str, surfaces: Sequence[str], least: float = MIN_CONTRAST) -> str:
    """Move a colour in small steps towards another until it is readable on every surface."""
    own, end = parse(colour), parse(towards)
    for step in range(_STEPS + 1):
        share = step / _STEPS
        mixed = to_hex(tuple(a + (b - a) * share for a, b in zip(own, end, strict=True)))
        if all(contrast(mixed, surface) >= least for surface in surfaces):
            return mixed
    return to_hex(end)


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


def _luminance(colour: Rgb) -> float:
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in colour)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue
