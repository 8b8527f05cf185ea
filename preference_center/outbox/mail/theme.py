"""The colours of a mail, light and dark: the brand's own, as far as text in them is readable (WCAG 1.4.3).

Every text has a contrast of 4.5 on its surface, whatever a brand chooses, and the edge of the button 3.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import NamedTuple

from preference_center.catalog.appearance import Appearance
from preference_center.rules.colours import contrast, most_readable, parse, readable, to_hex

_TEXTS = ("#ffffff", "#000000")
_EDGE_CONTRAST = 3.1
_LIGHT_PAGE, _DARK_PAGE = "#f3f3f1", "#111315"


class _Neutral(NamedTuple):
    """The colours of one mode that no brand chooses."""

    card: str
    line: str
    text: str
    muted: str


_LIGHT = _Neutral(card="#ffffff", line="#dedfdc", text="#1c1e21", muted="#5c6066")
_DARK = _Neutral(card="#1d2024", line="#3a3e44", text="#f1f1ef", muted="#a9adb3")


@dataclass(frozen=True, slots=True)
class Palette:
    """The colours of one mode, each as #rrggbb."""

    page: str
    card: str
    line: str
    text: str
    muted: str
    """Less important text on the card."""
    foot: str
    """Text below the card, on the page."""
    brand: str
    """The brand's name, as text on the card."""
    badge: bool
    """Whether the name stands on the brand's colour instead, which is too light or dark for text."""
    button: str
    on_button: str
    edge: str
    """Around the button: another colour if the button would not be seen on the card."""


@dataclass(frozen=True, slots=True)
class Theme:
    """Both modes."""

    light: Palette
    dark: Palette


def theme_of(appearance: Appearance) -> Theme:
    """Return the colours of a brand's mails."""
    primary = appearance.primary_colour
    light = _palette(primary, appearance.background or _LIGHT_PAGE, _LIGHT)
    dark = _palette(primary, appearance.dark_background or _DARK_PAGE, _DARK)
    return Theme(light, dark)


def _palette(primary: str, page: str, neutral: _Neutral) -> Palette:
    card, muted = neutral.card, neutral.muted
    brand = readable(primary, most_readable(_TEXTS, card), [card])
    edge_end, foot_end = most_readable(_TEXTS, card), most_readable(_TEXTS, page)
    return Palette(
        page=page,
        card=card,
        line=neutral.line,
        text=neutral.text,
        muted=muted,
        foot=readable(muted, foot_end, [page]),
        brand=brand,
        badge=brand != to_hex(parse(primary)),
        button=primary,
        on_button=most_readable(_TEXTS, primary),
        edge=primary
        if contrast(primary, card) >= _EDGE_CONTRAST
        else readable(primary, edge_end, [card], _EDGE_CONTRAST),
    )
