"""The check of the legal basis to communicate that callers give, wherever they give one (R6)."""

from __future__ import annotations

from preference_center.errors import ErrorCode, Invalid
from preference_center.rules.types import LegalBasis

_NOT_TO_COMMUNICATE = (
    "{} is no legal basis to communicate: it is consent to process and store data. Choose another one,"
    " such as CONSENT_WITH_NOTICE."
)


def check_legal_basis(basis: LegalBasis | None, *field: str) -> LegalBasis | None:
    """Return a basis to communicate, or None. Raises Invalid for one that is none, naming the field."""
    if basis is not None and not basis.allows_communication:
        raise Invalid(ErrorCode.INVALID_VALUE, _NOT_TO_COMMUNICATE.format(basis.value), *field)
    return basis
