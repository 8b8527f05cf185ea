"""The page that says that something was done: `done.html`."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.frame.parts import Button, LeavingReasonsView


@dataclass(frozen=True, slots=True)
class DonePage:
    """What `done.html` shows."""

    heading: str
    text: str
    good: bool = True
    """Whether it shows a check mark."""
    address: str | None = None
    buttons: tuple[Button, ...] = ()
    undo_token: str | None = None
    link_request_url: str | None = None
    leaving_reasons: LeavingReasonsView | None = None
    thanks: str | None = None
    """What a screen reader announces in place of the heading, once a leaving reason was given."""
