"""The values of an SQL condition, collected while it is written."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from preference_center.contacts.conditions import Period
from preference_center.rules.types import Channel
from preference_center.storage import database


class Placeholders:
    """Collects values; each gets a placeholder.

    `by_index`: name the rows that an index finds too. Without it, conditions compare each contact alone,
    which is faster for a few contacts that are known already.
    """

    def __init__(self, *, by_index: bool = True) -> None:
        self.values: list[Any] = []
        self.by_index = by_index

    def placeholder(self, value: Any) -> str:
        """Add a value; returns its placeholder."""
        self.values.append(value)
        return f"${len(self.values)}"

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
