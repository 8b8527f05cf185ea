"""Finding the email addresses or phone numbers in a cell, however programs wrap them."""

from __future__ import annotations

from collections.abc import Callable
from typing import NamedTuple

from preference_center.errors import ErrorCode, Invalid

SEVERAL = "The cell has several addresses. Keep one of them."
MOST_ADDRESSES = 1_000
TOO_MANY = f"The cell has more than {MOST_ADDRESSES:,} addresses: those after them were left out."


class Found(NamedTuple):
    """The normalised addresses of a cell, each once, and what is wrong with the cell or a part of it."""

    addresses: list[str]
    problem: str | None = None


Finder = Callable[[str], Found]
"""Finds the addresses in a cell."""


def one_address(text: str, find: Finder) -> str:
    """The only address of a cell. Raises Invalid if it has none, or several."""
    found = find(text)
    if found.problem or len(found.addresses) != 1:
        raise Invalid(ErrorCode.INVALID_ADDRESS, found.problem or SEVERAL)
    return found.addresses[0]
