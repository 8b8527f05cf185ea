"""Buttons and links are readable in every brand's colour, light and dark (WCAG 1.4.3)."""

from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from api.pages.frame.colours import DARK_SURFACES, FALLBACK, LIGHT_SURFACES, accent, contrast
from preference_center.translations import stylesheet

COLOURS = st.integers(0, 0xFFFFFF).map(lambda number: f"#{number:06x}")


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
