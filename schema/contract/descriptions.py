"""Descriptions: from docstrings, and texts that several fields share."""

from __future__ import annotations

import inspect
from typing import Final

TYPE_KEY: Final = "The key of the subscription type, such as `weekly-digest`."
UNIT_KEY: Final = "The key of the business unit, such as `acme`."
EXPLANATION: Final = (
    "Why the change is made, in the team's words: at most 2,000 characters. Erasure removes it."
)


def as_description(docstring: str | None) -> str | None:
    """Return a docstring with each paragraph on one line; None for none."""
    if docstring is None:
        return None
    paragraphs = inspect.cleandoc(docstring).split("\n\n")
    return "\n\n".join(" ".join(paragraph.split()) for paragraph in paragraphs)
