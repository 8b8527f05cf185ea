"""A brand's colours on pages: whatever it chooses, everything stays readable (WCAG 1.4.3, 1.4.11).

Buttons are filled with the brand's colour as it is, with black or white text. Text and links have the nearest
colour that is readable on every surface. A background of the brand's own gives all other colours.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import lru_cache
from typing import Final

from preference_center.rules.colours import MIN_CONTRAST, contrast, most_readable, parse, readable, to_hex

__all__ = ["MIN_CONTRAST", "contrast"]
FALLBACK = "#3d5a80"
LIGHT_SURFACES = ("#ffffff", "#f7f6f3", "#f1f0ec")
DARK_SURFACES = ("#14161a", "#1c1f24", "#23272d")
EDGE_CONTRAST: Final = 3.1
"""WCAG 1.4.11 requires 3 for the edges of controls."""
_TEXTS = ("#ffffff", "#14161a")
_BLACK, _WHITE = "#000000", "#ffffff"
_TEXT_CONTRAST: Final = 4.5
_HEX = re.compile(r"#(?:[0-9a-fA-F]{3}){1,2}")


@dataclass(frozen=True, slots=True)
class Accent:
    """A colour for text, links and ticks, and the colour of text on it, in light and in dark mode."""

    light: str
    on_light: str
    dark: str
    on_dark: str


@dataclass(frozen=True, slots=True)
class Fill:
    """A brand's own colour under text: the text on it, and an edge where it could not be seen."""

    colour: str
    text: str
    edge: str


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of a page on a background of the brand's own, as the variables of the style sheet."""

    paper: str
    card: str
    sunk: str
    ink: str
    soft: str
    line: str
    edge: str
    good: str
    good_wash: str
    bad: str
    bad_wash: str
    end: str
    """Black or white: towards which colours become readable here."""

    @property
    def surfaces(self) -> tuple[str, ...]:
        """What links and buttons stand on."""
        return (self.card, self.paper, self.sunk)


@lru_cache(maxsize=512)
def accent(
    colour: str | None, light: Sequence[str] = LIGHT_SURFACES, dark: Sequence[str] = DARK_SURFACES
) -> Accent:
    """The readable colours nearest to a brand's own; those of Sayso's colour if it is not a hex colour.

    `light` and `dark` are the surfaces of both modes.
    """
    own = _hex_or_fallback(colour)
    in_light = readable(own, _end_on(light), light)
    in_dark = readable(own, _end_on(dark), dark)
    return Accent(in_light, _text_on(in_light), in_dark, _text_on(in_dark))


@lru_cache(maxsize=512)
def fill(colour: str | None, surfaces: Sequence[str]) -> Fill:
    """A brand's own colour as the ground of a button on these surfaces."""
    own = _hex_or_fallback(colour)
    return Fill(own, _text_on(own), readable(own, _end_on(surfaces), surfaces, EDGE_CONTRAST))


@lru_cache(maxsize=256)
def palette(background: str) -> Palette:
    """The colours on a background, light or dark: all text has a contrast of 4.5, all edges of 3."""
    paper = _hex_or_fallback(background)
    end = most_readable((_WHITE, _BLACK), paper)
    far = _BLACK if end == _WHITE else _WHITE
    dark = end == _WHITE
    # Boxes are lighter than the page, and what is sunk is darker, or lighter in the dark.
    card = _surface(paper, _WHITE, 0.05 if dark else 0.7, end, far)
    sunk = _surface(paper, _WHITE if dark else _BLACK, 0.1 if dark else 0.04, end, far)
    surfaces = (paper, card, sunk)
    good_wash, bad_wash = (_wash(card, base, end) for base in ("#1d6b47", "#a3262c"))
    all_surfaces = (*surfaces, good_wash, bad_wash)
    ink = readable("#eceae6" if dark else "#1b1f26", end, all_surfaces, 7)
    return Palette(
        paper=paper,
        card=card,
        sunk=sunk,
        ink=ink,
        soft=readable(_mixed(ink, paper, 0.35), end, surfaces),
        line=_mixed(paper, end, 0.14),
        edge=readable(_mixed(ink, paper, 0.5), end, surfaces, EDGE_CONTRAST),
        good=readable("#8ad6b0" if dark else "#1d6b47", end, all_surfaces),
        good_wash=good_wash,
        bad=readable("#ffaaa8" if dark else "#a3262c", end, all_surfaces),
        bad_wash=bad_wash,
        end=end,
    )


def _surface(paper: str, towards: str, share: float, end: str, far: str) -> str:
    """A surface beside the paper on which the text is readable, too."""
    mixed = _mixed(paper, towards, share)
    return mixed if contrast(mixed, end) >= _TEXT_CONTRAST else _mixed(paper, far, share)


def _wash(card: str, base: str, end: str) -> str:
    mixed = _mixed(card, base, 0.12)
    return mixed if contrast(mixed, end) >= _TEXT_CONTRAST else card


def _text_on(colour: str) -> str:
    text = most_readable(_TEXTS, colour)
    return text if contrast(text, colour) >= MIN_CONTRAST else most_readable((_WHITE, _BLACK), colour)


def _end_on(surfaces: Sequence[str]) -> str:
    """Black or white: the one with the more contrast to the surface where it has least."""
    return max((_WHITE, _BLACK), key=lambda end: min(contrast(end, surface) for surface in surfaces))


def _mixed(first: str, second: str, share: float) -> str:
    return to_hex([a + (b - a) * share for a, b in zip(parse(first), parse(second), strict=True)])


def _hex_or_fallback(colour: str | None) -> str:
    return colour if colour and _HEX.fullmatch(colour) else FALLBACK
