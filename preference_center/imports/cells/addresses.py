"""Finding the email addresses or phone numbers in a cell, however programs wrap them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

SEVERAL = "The cell has several addresses. Keep one of them."


class Found(NamedTuple):
    """The normalised addresses of a cell, each once, and what is wrong with the cell or a part of it."""

    addresses: list[str]
    problem: str | None = None


Finder = Callable[[str], Found]
"""Finds the addresses in a cell."""
