"""Buttons of pages."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class Button:
    """A submit button: its label, and the `do` value that it posts. Main buttons are filled."""

    value: str
    label: str
    main: bool = False
