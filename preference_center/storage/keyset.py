"""Keyset pagination: the rows between two ids that one page asks a table for."""

from __future__ import annotations

from dataclasses import dataclass

HIGHEST_ID = 2**63 - 1


@dataclass(frozen=True, slots=True)
class KeysetRange:
    """The rows between two ids, both excluded: the first `size` of them in the order of reading."""

    size: int
    ascending: bool = False
    above: int = -1
    below: int = HIGHEST_ID

    @property
    def order(self) -> str:
        """The order of reading as SQL: ASC or DESC."""
        return "ASC" if self.ascending else "DESC"
