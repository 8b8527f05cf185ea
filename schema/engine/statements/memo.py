"""Texts that were written from the same rows before. All statements of the process share one bounded store.

Most recipients have decided the same as many others: what their few preferences look like is written once.
"""

from __future__ import annotations

from collections.abc import Callable, Hashable
from itertools import count
from typing import Final

MOST_CHARACTERS: Final = 16_000_000
"""Of all texts together, in this process."""
_LONGEST: Final = 20_000
"""In characters. Longer texts are hardly ever the same twice."""
_ENTRY: Final = 300
"""What an entry counts as besides its text: its key, and its place in the store."""


class Memo:
    """Texts by what they were written from. When it is full it is emptied, and fills again."""

    def __init__(self) -> None:
        self._texts: dict[Hashable, str] = {}
        self._characters = 0
        self._numbers = count()

    def owner(self) -> int:
        """Return a number that no other owner of texts has had."""
        return next(self._numbers)

    def get(self, key: Hashable) -> str | None:
        """Return the text that was kept, if it still is."""
        return self._texts.get(key)

    def keep(self, key: Hashable, text: str) -> None:
        """Keep a text."""
        if len(text) > _LONGEST:
            return
        self._characters += len(text) + _ENTRY
        if self._characters > MOST_CHARACTERS:
            self._texts.clear()
            self._characters = len(text) + _ENTRY
        self._texts[key] = text

    @property
    def characters(self) -> int:
        """What the texts count as together."""
        return self._characters


memo: Final = Memo()


class Remembering:
    """Writes texts once for each state of the catalog."""

    __slots__ = ("_owner",)

    def __init__(self) -> None:
        self._owner: tuple[object, int] = (None, 0)

    def text(self, view: object, key: Hashable, write: Callable[[], str]) -> str:
        """Return the text that is kept for a view of the catalog and a key, else write and keep it."""
        owner = self._owner  # as one value: lists are written in a thread, too
        if owner[0] is not view:
            owner = self._owner = (view, memo.owner())
        kept_as = (owner[1], key)
        text = memo.get(kept_as)
        if text is None:
            text = write()
            memo.keep(kept_as, text)
        return text
