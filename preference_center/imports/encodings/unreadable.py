"""The mark of bytes that are no character in a file's encoding: only the cell that has it is refused."""

from __future__ import annotations

import codecs
from typing import Final

UNREADABLE: Final = "\udfff"
"""In the place of bytes that cannot be decoded. No file can contain it, nor can a database."""
ERRORS: Final = "sayso-unreadable"
"""The error handler that writes it, for `decode`."""


def shown(text: str) -> str:
    """The text as people can see it and databases can store it: U+FFFD in the place of the mark."""
    return text.replace(UNREADABLE, "\ufffd")


def _handle(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return UNREADABLE, error.end


codecs.register_error(ERRORS, _handle)
