"""The values of an SQL condition, collected while it is written."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from typing import Any

from preference_center.contacts.conditions import Period
from preference_center.rules.types import Channel
from preference_center.storage import database


class Placeholders:
    """Collects values; each gets a placeholder.

    `by_index`: some conditions also name the contacts that an index finds. Without it, they compare each
    contact alone, which is faster for a few contacts that are known already. `known`: the ids that an index
    found for some of these conditions, by their places; None where they are too many. `values`: those that
    the statement has before the condition.
    """

    def __init__(
        self,
        *,
        by_index: bool = True,
        known: Mapping[int, Sequence[int] | None] | None = None,
        values: Sequence[Any] = (),
    ) -> None:
        self.values: list[Any] = list(values)
        self.found: dict[int, str] = {}
        """What finds contacts in an index: each SELECT, by its place."""
        self._by_index = by_index
        self._known = known or {}
        self._places = 0

    def placeholder(self, value: Any) -> str:
        """Add a value; returns its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"

    def among(self, select: Callable[[], str], exact: str) -> str:
        """The condition `exact`, which holds only for contacts whose `id` an index finds by a SELECT.

        The SELECT is written only if it is used: each value that is collected has to be used.
        """
        place, self._places = self._places, self._places + 1
        known = self._known.get(place)
        if known is not None:
            return f"(c.id {self.any_of(known)} AND {exact})"
        if not self._by_index or place in self._known:
            return exact
        self.found[place] = select()
        return f"(c.id IN ({self.found[place]}) AND {exact})"

    def any_of(self, values: Sequence[Any]) -> str:
        """Add a list of values; returns SQL for "is one of them"."""
        self.values.append(list(values))
        return database.any_of(len(self.values))

    def within(self, column: str, period: Period | None) -> list[str]:
        """The conditions that a column with a time is in a period."""
        parts = []
        if period is not None and period.first is not None:
            parts.append(f"{column} >= {self.placeholder(period.first)}")
        if period is not None and period.before is not None:
            parts.append(f"{column} < {self.placeholder(period.before)}")
        return parts


def recipient_column(channel: Channel) -> str:
    """The column of a contact `c` that has its recipient on a channel."""
    return "c.email_recipient_id" if channel is Channel.EMAIL else "c.phone_recipient_id"
