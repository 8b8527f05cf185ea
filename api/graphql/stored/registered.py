"""Automatic persisted queries: documents that clients have sent with their hash."""

from __future__ import annotations

from collections import OrderedDict

MOST_DOCUMENTS = 1_000
MOST_CHARACTERS = 4_000_000
"""Of all documents together."""


class RegisteredDocuments:
    """Valid documents by their SHA-256. The least recently used are removed when there are too many."""

    def __init__(self) -> None:
        self._texts: OrderedDict[str, str] = OrderedDict()
        self._characters = 0

    def get(self, sha256: str) -> str | None:
        """Return the document with a hash."""
        text = self._texts.get(sha256)
        if text is not None:
            self._texts.move_to_end(sha256)
        return text

    def keep(self, sha256: str, text: str) -> None:
        """Keep a document. It must be valid, and have this hash."""
        if sha256 not in self._texts:
            self._texts[sha256] = text
            self._characters += len(text)
        while len(self._texts) > MOST_DOCUMENTS or self._characters > MOST_CHARACTERS:
            _, removed = self._texts.popitem(last=False)
            self._characters -= len(removed)


registered = RegisteredDocuments()
"""The documents of this process."""
