"""A stretch of rows between two numbers: what a keyset page asks a table for."""

from __future__ import annotations

from dataclasses import dataclass

LAST = 2**63 - 1
"""As high as a row's number goes."""


@dataclass(frozen=True, slots=True)
class KeysetRange:
    """The rows between two numbers, neither included: the first `size` of them, reading up or down."""

    size: int
    up: bool = False
    above: int = -1
    below: int = LAST

    @property
    def order(self) -> str:
        """The direction of reading, as SQL has it."""
        return "ASC" if self.up else "DESC"
