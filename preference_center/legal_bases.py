"""Checks of the legal bases that callers give, wherever they give one (R6)."""

from __future__ import annotations

from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.rules.types import LegalBasis

_NOT_TO_COMMUNICATE = (
    "{} is no legal basis to communicate: it is consent to process and store data. Choose another one,"
    " such as CONSENT_WITH_NOTICE."
)
_NOT_TO_PROCESS = (
    "{} is no legal basis to process and store data: it is consent to messages. Choose another one,"
    " such as PROCESS_AND_STORE."
)


def check_legal_basis(basis: LegalBasis | None, *field: str) -> LegalBasis | None:
    """Return a basis to communicate, or None. Raises Invalid for one that is none, naming the field."""
    if basis is not None and not basis.allows_communication:
        raise Invalid(ErrorCode.INVALID_VALUE, _NOT_TO_COMMUNICATE.format(basis.value), *field)
    return basis


def check_processing_basis(basis: LegalBasis | None, *field: str) -> LegalBasis | None:
    """Return a basis to process and store data, or None. Raises Invalid for one that is none."""
    if basis is not None and not basis.allows_processing:
        raise Invalid(ErrorCode.INVALID_VALUE, _NOT_TO_PROCESS.format(basis.value), *field)
    return basis


def check_bases(legal: LegalBasis | None, processing: LegalBasis | None) -> None:
    """Check both bases of a request. Raises Invalid with all faults, of `legalBasis`, `processingBasis`."""
    with Faults() as faults:
        faults.of(check_legal_basis, legal, "legalBasis")
        faults.of(check_processing_basis, processing, "processingBasis")
