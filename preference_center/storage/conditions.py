"""Builds a WHERE clause from the conditions that a filter has."""

from __future__ import annotations

from collections.abc import Iterable, Sequence

from preference_center.storage import database


class Conditions:
    """Conditions joined by AND, with the values of their parameters, which are numbered from 1."""

    def __init__(self, *conditions: str, values: Iterable[object] = ()) -> None:
        self._sql = list(conditions)
        self.values = list(values)

    def add(self, comparison: str, value: object, then: str = "") -> None:
        """Add a comparison such as "given_at >=" with a value, and what follows it; does nothing for None."""
        if value is not None:
            self.values.append(value)
            self._sql.append(f"{comparison} ${len(self.values)}{then}")

    def require(self, condition: str) -> None:
        """Add a condition without a value."""
        self._sql.append(condition)

    def add_any_of(self, column: str, values: Sequence[int] | Sequence[str] | None) -> None:
        """Require that a column has one of some values; does nothing for None."""
        if values is not None:
            self.values.append(list(values))
            self._sql.append(f"{column} {database.any_of(len(self.values))}")

    @property
    def sql(self) -> str:
        """The conditions, to follow WHERE."""
        return " AND ".join(self._sql)
