"""Counting the statements that reach the database."""

from __future__ import annotations

from math import inf
from typing import Any

import pytest

from preference_center.catalog import catalog
from preference_center.storage import database


class CountedStatements:
    """Records every statement that is sent to the database, but for the checks whether the catalog changed.

    Run a query before it: the first one with a token also records the use of the token, once a minute.
    """

    def __init__(self, monkeypatch: pytest.MonkeyPatch) -> None:
        self.statements: list[str] = []
        monkeypatch.setattr(catalog, "_MAX_AGE_SECONDS", inf)
        for name in ("fetch", "execute", "insert"):
            monkeypatch.setattr(database, name, self._recording(getattr(database, name)))

    def _recording(self, send: Any) -> Any:
        async def recorded(sql: str, *values: Any, **options: Any) -> Any:
            self.statements.append(sql)
            return await send(sql, *values, **options)

        return recorded

    def take(self) -> int:
        """Return how many statements there were since the last call."""
        count = len(self.statements)
        self.statements.clear()
        return count
