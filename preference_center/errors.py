"""What callers can get wrong, as one exception that carries a code, words and the field."""

from __future__ import annotations

from enum import Enum


class ErrorCode(Enum):
    """Codes that a program can act on: the contract's UserErrorCode."""

    NOT_FOUND = "NOT_FOUND"
    ALREADY_EXISTS = "ALREADY_EXISTS"
    INVALID_ADDRESS = "INVALID_ADDRESS"
    INVALID_VALUE = "INVALID_VALUE"
    ADDRESS_MISSING = "ADDRESS_MISSING"
    LEGAL_BASIS_REQUIRED = "LEGAL_BASIS_REQUIRED"
    PROCESSING_BASIS_REQUIRED = "PROCESSING_BASIS_REQUIRED"
    EXPLANATION_REQUIRED = "EXPLANATION_REQUIRED"
    OPTED_OUT_BY_RECIPIENT = "OPTED_OUT_BY_RECIPIENT"
    OPTED_OUT_OF_ALL = "OPTED_OUT_OF_ALL"
    PREVIOUSLY_OPTED_OUT = "PREVIOUSLY_OPTED_OUT"
    CHANNEL_NOT_OFFERED = "CHANNEL_NOT_OFFERED"
    TYPE_ARCHIVED = "TYPE_ARCHIVED"
    TYPE_IS_TRANSACTIONAL = "TYPE_IS_TRANSACTIONAL"
    SUPERSEDED = "SUPERSEDED"
    OCCURRED_IN_FUTURE = "OCCURRED_IN_FUTURE"
    IDEMPOTENCY_CONFLICT = "IDEMPOTENCY_CONFLICT"
    NOT_REVERSIBLE = "NOT_REVERSIBLE"
    LIMIT_EXCEEDED = "LIMIT_EXCEEDED"


class Invalid(Exception):
    """Input that the caller can mend; nothing was changed. `field` is the path below `input`."""

    def __init__(self, code: ErrorCode, message: str, *field: str) -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.field = field or None
