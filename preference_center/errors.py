"""The exception for input that the caller can correct."""

from __future__ import annotations

from preference_center.rules.types import ErrorCode

__all__ = ["ErrorCode", "Invalid"]


class Invalid(Exception):
    """Input that the caller can correct; nothing was changed. `field` is the path below `input`."""

    def __init__(self, code: ErrorCode, message: str, *field: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field or None
