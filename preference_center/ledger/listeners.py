"""Notifies listeners, such as metrics, of changes that the ledger recorded."""

from __future__ import annotations

from collections.abc import Callable

from preference_center.rules.types import ConsentOrigin
from preference_center.storage import transactions

listeners: list[Callable[[ConsentOrigin, int], None]] = []
"""Called after each commit with the origin and the number of recorded events."""


def notify_after_commit(origin: ConsentOrigin, recorded: int) -> None:
    """Call the listeners once the open transaction commits; not at all where nothing was recorded."""
    if recorded:
        transactions.after_commit(lambda: [listener(origin, recorded) for listener in listeners])
