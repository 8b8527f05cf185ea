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
_LIGHT_CARD = "#ffffff"
_DARK_CARD_SHARE = 0.06
"""How much white the card has in dark mode; the rest is the page's colour."""
_LINE_SHARE = 0.14
"""How much of a line's colour is that of the text."""


class _Inks(NamedTuple):
    """The colours of text that no brand chooses."""

    text: str
    muted: str


_LIGHT, _DARK = _Inks("#1c1e21", "#5c6066"), _Inks("#f1f1ef", "#a9adb3")


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
    primary, page = appearance.primary_colour, appearance.dark_background or _DARK_PAGE
    light = _palette(primary, appearance.background or _LIGHT_PAGE, _LIGHT_CARD, _LIGHT)
    dark = _palette(primary, page, _mixed(page, "#ffffff", _DARK_CARD_SHARE), _DARK)
    return Theme(light, dark)


def _palette(primary: str, page: str, card: str, inks: _Inks) -> Palette:
    on_card, on_page = most_readable(_TEXTS, card), most_readable(_TEXTS, page)
    text, brand = readable(inks.text, on_card, [card]), readable(primary, on_card, [card])
    return Palette(
        page=page,
        card=card,
        line=_mixed(card, text, _LINE_SHARE),
        text=text,
        muted=readable(inks.muted, on_card, [card]),
        foot=readable(inks.muted, on_page, [page]),
        brand=brand,
        badge=brand != to_hex(parse(primary)),
        button=primary,
        on_button=most_readable(_TEXTS, primary),
        edge=primary
        if contrast(primary, card) >= _EDGE_CONTRAST
        else readable(primary, on_card, [card], _EDGE_CONTRAST),
    )


def _mixed(colour: str, other: str, share: float) -> str:
    """A colour with a share of another, from 0 to 1."""
    pairs = zip(parse(colour), parse(other), strict=True)
    return to_hex([own + (end - own) * share for own, end in pairs])
