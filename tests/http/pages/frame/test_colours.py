"""Buttons and links are readable in every brand's colour, light and dark (WCAG 1.4.3)."""

from __future__ import annotations

import random
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.frame.brand_styles import brand_styles
from api.pages.frame.colours import (
    DARK_SURFACES,
    FALLBACK,
    LIGHT_SURFACES,
    accent,
    contrast,
    fill,
    palette,
)
from preference_center.catalog.appearance import Appearance, FontStack
from preference_center.translations import stylesheet

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")

HARD = ["#000000", "#ffffff", "#767676", "#777777", "#7f7f7f", "#ffff00", "#ff0000", "#0000ff", "#00ff00"]
"""The ends, what is between them, and what is brightest."""


@given(COLOURS)
def test_every_colour_becomes_readable(colour: str) -> None:
    fit = accent(colour)
    assert all(contrast(fit.light, surface) >= 4.5 for surface in LIGHT_SURFACES)
    assert all(contrast(fit.dark, surface) >= 4.5 for surface in DARK_SURFACES)
    assert contrast(fit.light, fit.on_light) >= 4.5
    assert contrast(fit.dark, fit.on_dark) >= 4.5


def test_a_readable_colour_is_kept() -> None:
    assert accent("#1f5a7c").light == "#1f5a7c"
    assert contrast("#000", "#ffffff") == pytest.approx(21)


@pytest.mark.parametrize("nonsense", ["", "red", "#12", "url(x)", "#12345g", "}</style>", None])
def test_an_invalid_colour_becomes_the_default(nonsense: str | None) -> None:
    assert accent(nonsense) == accent(FALLBACK)


def test_the_surface_colours_are_those_of_the_style_sheet() -> None:
    light, dark = stylesheet().split("@media (prefers-color-scheme: dark)")[:2]
    for surfaces, sheet in ((LIGHT_SURFACES, light), (DARK_SURFACES, dark)):
        named = re.findall(r"--(?:paper|card|sunk): (#\w+);", sheet)
        assert set(named) == set(surfaces)


def test_whatever_a_brand_chooses_everything_on_its_pages_is_readable() -> None:
    """2,000 colours, on 200 backgrounds: WCAG 1.4.3 for text, 1.4.11 for edges of controls."""
    chance = random.Random(1)
    colours = [f"#{chance.randrange(1 << 24):06x}" for _ in range(2_000 - len(HARD))] + HARD
    backgrounds = HARD + colours[: 200 - len(HARD)]
    for number, own in enumerate(colours):
        background = backgrounds[number % len(backgrounds)]
        page, chosen = palette(background), (own, background)
        text, ground = accent.__wrapped__(own, page.surfaces, page.surfaces), fill(own, page.surfaces)
        washes = ((page.good, page.good_wash), (page.bad, page.bad_wash))
        pairs = [(ground.text, ground.colour), (text.on_light, text.light), *washes]
        pairs += [(page.ink, wash) for _, wash in washes]
        pairs += [
            (each, surface)
            for surface in page.surfaces
            for each in (page.ink, page.soft, page.good, page.bad, text.light)
        ]
        assert min(contrast(*pair) for pair in pairs) >= 4.5, chosen
        edges = [(edge, surface) for surface in page.surfaces for edge in (page.edge, ground.edge)]
        assert min(contrast(*edge) for edge in edges) >= 3, chosen
        assert ground.colour == own, "a button has the brand's own colour"


def test_on_sayso_s_own_background_buttons_are_filled_as_given() -> None:
    for own in HARD:
        for surfaces in (LIGHT_SURFACES, DARK_SURFACES):
            ground = fill(own, surfaces)
            assert ground.colour == own
            assert contrast(ground.text, own) >= 4.5
            assert all(contrast(ground.edge, surface) >= 3 for surface in surfaces)


def test_a_brand_sets_variables_and_nothing_else() -> None:
    """So what holds for forced colours and on paper holds for all brands."""
    look = Appearance(background="#0b3d2e", dark_background="#fffaf0", corner_radius=0, font=FontStack.BOOK)
    sheet, _ = brand_styles(look, (("u1", "#ffcc00"), ("u2", "#123456")))
    declared = re.findall(r"[{;]([\w-]+):", re.sub(r"@media[^{]*", "", sheet))
    assert declared
    assert all(name.startswith("--") for name in declared)
    assert "forced-color-adjust" not in sheet
    assert "url(" not in sheet
    grounds = re.findall(r"@media ([^{]*)\{:root", sheet)
    assert grounds == [f"screen and (prefers-color-scheme:{mode})" for mode in ("light", "dark")]
    assert "--fill" in stylesheet().split("@media (forced-colors: active)")[0]
