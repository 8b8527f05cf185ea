"""Which legal bases are a ground to communicate, as a table (R6)."""

from __future__ import annotations

import pytest

from preference_center.rules.types import LegalBasis

GROUNDS = {
    LegalBasis.LEGITIMATE_INTEREST_PQL: True,
    LegalBasis.LEGITIMATE_INTEREST_CLIENT: True,
    LegalBasis.LEGITIMATE_INTEREST_OTHER: True,
    LegalBasis.PERFORMANCE_OF_CONTRACT: True,
    LegalBasis.CONSENT_WITH_NOTICE: True,
    LegalBasis.PROCESS_AND_STORE: False,
    LegalBasis.NON_GDPR: True,
}


@pytest.mark.parametrize("basis", LegalBasis)
def test_each_legal_basis_is_a_ground_to_communicate_as_the_table_says(basis: LegalBasis) -> None:
    assert basis.allows_communication is GROUNDS[basis]
