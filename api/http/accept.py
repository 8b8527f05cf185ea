"""Chooses a media type by the Accept header (RFC 9110, 12.5.1)."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TypeVar

T = TypeVar("T")
_MAX_LENGTH = 4000
"""Of a longer header only the beginning is read."""


def preferred(accept: str, offered: Mapping[str, T]) -> T | None:
    """What is offered for the media range that the header prefers; None if it accepts nothing offered.

    The first of equally preferred ranges wins. `offered` names each range: `text/csv`, `text/*`, `*/*`.
    """
    best_quality, best = 0.0, None
    for part in accept[:_MAX_LENGTH].split(","):
        media_range, *options = (piece.strip().lower() for piece in part.split(";"))
        quality = _quality(options)
        if media_range in offered and quality > best_quality:
            best_quality, best = quality, offered[media_range]
    return best


def _quality(options: list[str]) -> float:
    """The weight of a media range: 1 without `q=`, 0 for a malformed one."""
    try:
        return next((float(option[2:]) for option in options if option.startswith("q=")), 1.0)
    except ValueError:
        return 0.0
