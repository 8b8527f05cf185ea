"""The further addresses of a row that opts out: each of them is opted out, not only the contact's."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence

from preference_center.imports.cells.addresses import Finder


def addresses_in(cells: Sequence[str], columns: Iterable[int], find: Finder) -> Iterator[str]:
    """Every address in the columns, once each; cells that have none are ignored."""
    found = dict.fromkeys(
        address
        for index in columns
        if index < len(cells) and cells[index].strip()
        for address in find(cells[index]).addresses
    )
    yield from found
