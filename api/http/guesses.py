"""Limits how many codes of short links a network may guess wrong (R31).

Each process counts for itself, in memory: a guess writes nothing. It counts at most 10,000 networks; of more,
those that have not guessed for longest are forgotten.
"""

from __future__ import annotations

from collections import OrderedDict
from datetime import datetime, timedelta
from typing import Final

from preference_center.outbox.link_requests import networks_of
from preference_center.storage import database

MAX_WRONG: Final = 60
"""Wrong codes of one network in `WINDOW`. Large IPv6 networks may guess more, as with requests of links."""
WINDOW: Final = timedelta(minutes=10)
MAX_NETWORKS: Final = 10_000


class WrongGuesses:
    """Counts the wrong codes of each network: a window begins with the first of them."""

    def __init__(self) -> None:
        self._counts: OrderedDict[bytes, tuple[datetime, int]] = OrderedDict()
        """When the window of each network began, and its wrong codes since; the latest guesser is last."""

    def wait(self, host: str | None) -> timedelta | None:
        """Return how long the network of a client has to wait; None if it may go on."""
        now = database.now()
        for network, multiple in networks_of(host):
            began, count = self._counts.get(network, (now, 0))
            if count >= MAX_WRONG * multiple and now - began < WINDOW:
                return began + WINDOW - now
        return None

    def count(self, host: str | None) -> None:
        """Count one wrong code of a client."""
        now = database.now()
        for network, _multiple in networks_of(host):
            began, count = self._counts.pop(network, (now, 0))
            self._counts[network] = (began, count + 1) if now - began < WINDOW else (now, 1)
        while len(self._counts) > MAX_NETWORKS:
            self._counts.popitem(last=False)

    def clear(self) -> None:
        """Start counting anew."""
        self._counts.clear()

    def __len__(self) -> int:
        return len(self._counts)
