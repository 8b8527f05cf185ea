"""The page that says that something was done: `done.html`."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class DonePage:
    """What `done.html` shows."""

    heading: str
    text: str
    address: str | None = None
    unsubscribe_url: str | None = None
    """Where to take back an opt-in that was just confirmed."""
