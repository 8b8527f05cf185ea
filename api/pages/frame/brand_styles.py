"""The style sheet of a page's brands: nothing but variables, whose values Sayso computes itself."""

from __future__ import annotations

from base64 import b64encode
from collections.abc import Sequence
from functools import lru_cache
from hashlib import sha256

from markupsafe import Markup

from api.pages.frame.colours import DARK_SURFACES, LIGHT_SURFACES, accent, fill, palette
from preference_center.catalog.appearance import Appearance, FontStack
from preference_center.translations import stylesheet

Units = tuple[tuple[str, str], ...]
"""The class and colour of each unit."""
_LIGHT, _DARK = (
    "@media screen and (prefers-color-scheme:light)",
    "@media screen and (prefers-color-scheme:dark)",
)
_VARIABLES = ("paper", "card", "sunk", "ink", "soft", "line", "edge", "good", "good_wash", "bad", "bad_wash")
_PIXELS_PER_REM = 16


def brand_styles(page: Appearance, units: Units) -> tuple[Markup, str]:
    """The style sheet of a page in a brand's look, and the policy that allows it and the main sheet only.

    On paper everything has the colours of paper.
    """
    return _styles(page.background, page.dark_background, page.corner_radius, page.font, units)


@lru_cache(maxsize=256)
def _styles(
    background: str | None, dark_background: str | None, radius: int | None, font: FontStack, units: Units
) -> tuple[Markup, str]:
    sheet = "".join(_shape(radius, font))
    sheet += "".join(_unit(css, colour, LIGHT_SURFACES, dark=False) for css, colour in units)
    if background:
        sheet += f"{_LIGHT}{{{_ground(background)}"
        surfaces = palette(background).surfaces
        sheet += "".join(_unit(css, colour, surfaces, dark=False) for css, colour in units) + "}"
    surfaces = palette(dark_background).surfaces if dark_background else DARK_SURFACES
    sheet += f"{_DARK}{{{_ground(dark_background) if dark_background else ''}"
    sheet += "".join(_unit(css, colour, surfaces, dark=True) for css, colour in units) + "}"
    hashes = " ".join(f"'sha256-{_hash(text)}'" for text in (stylesheet(), sheet))
    # Allows this host's pictures, and the empty icon in the head of the page.
    policy = (
        f"default-src 'none'; style-src {hashes}; img-src 'self' data:; form-action 'self';"
        " base-uri 'none'; frame-ancestors 'none'"
    )
    return Markup(sheet), policy  # noqa: S704 (class names, computed colours, fonts of ours)


def _shape(radius: int | None, font: FontStack) -> list[str]:
    """The corners and the fonts, where they are not Sayso's."""
    variables = []
    if radius is not None:
        variables.append(f"--radius:{radius / _PIXELS_PER_REM:g}rem")
    if font is not FontStack.SYSTEM:
        variables.append(f"--sans:{font.css}")
    return [f":root{{{';'.join(variables)}}}"] if variables else []


def _ground(background: str) -> str:
    """All colours of a page that has a background of the brand's own."""
    colours = palette(background)
    values = (f"--{name.replace('_', '-')}:{getattr(colours, name)}" for name in _VARIABLES)
    return f":root{{{';'.join(values)}}}"


def _unit(css: str, colour: str, surfaces: Sequence[str], *, dark: bool) -> str:
    """The colours of a unit's own."""
    text = accent(colour, LIGHT_SURFACES if dark else surfaces, surfaces if dark else DARK_SURFACES)
    ground = fill(colour, surfaces)
    own, on_own = (text.dark, text.on_dark) if dark else (text.light, text.on_light)
    return (
        f".{css}{{--accent:{own};--on-accent:{on_own};"
        f"--fill:{ground.colour};--on-fill:{ground.text};--fill-edge:{ground.edge}}}"
    )


def _hash(text: str) -> str:
    return b64encode(sha256(text.encode()).digest()).decode()
