"""Reading all pages of a connection."""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from typing import Any

ReadPage = Callable[..., Awaitable[tuple[list[str], dict[str, Any]]]]
"""`await read_page(first=…, after=…)` returns the items of a page, and its pageInfo."""


async def read_all(read_page: ReadPage, size: int, *, backwards: bool = False) -> list[str]:
    """Return the items of all pages in the connection's order. Checks `hasNextPage` and `hasPreviousPage`."""
    items: list[str] = []
    cursor = None
    while True:
        arguments = {"last": size, "before": cursor} if backwards else {"first": size, "after": cursor}
        page, info = await read_page(**arguments)
        items = [*page, *items] if backwards else [*items, *page]
        assert info["hasNextPage" if backwards else "hasPreviousPage"] is (cursor is not None)
        cursor = info["startCursor" if backwards else "endCursor"]
        if not info["hasPreviousPage" if backwards else "hasNextPage"]:
            return items
