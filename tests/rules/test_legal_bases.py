"""Which legal bases are a ground for what, as a table (R6)."""

from __future__ import annotations

import pytest

from preference_center.rules.types import LegalBasis

GROUNDS = {
    LegalBasis.LEGITIMATE_INTEREST_PQL: (True, True),
    LegalBasis.LEGITIMATE_INTEREST_CLIENT: (True, True),
    LegalBasis.LEGITIMATE_INTEREST_OTHER: (True, True),
    LegalBasis.PERFORMANCE_OF_CONTRACT: (True, True),
    LegalBasis.CONSENT_WITH_NOTICE: (True, False),
    LegalBasis.PROCESS_AND_STORE: (False, True),
    LegalBasis.NON_GDPR: (True, True),
}
"""To communicate, and to process and store."""


@pytest.mark.parametrize("basis", LegalBasis)
def test_each_legal_basis_is_a_ground_for_what_the_table_says(basis: LegalBasis) -> None:
    assert (basis.allows_communication, basis.allows_processing) == GROUNDS[basis]
