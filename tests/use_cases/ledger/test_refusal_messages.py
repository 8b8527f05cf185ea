"""A refusal says in words what is wrong and what to do."""

from __future__ import annotations

import re

import pytest

from preference_center.ledger.refusals import refusal_message
from preference_center.rules.types import ErrorCode

WITHOUT = {
    ErrorCode.ALREADY_EXISTS,
    ErrorCode.INVALID_ADDRESS,
    ErrorCode.INVALID_VALUE,
    ErrorCode.IDEMPOTENCY_CONFLICT,
    ErrorCode.NOT_REVERSIBLE,
    ErrorCode.OPERATION_ENDED,
    ErrorCode.LIMIT_EXCEEDED,
    ErrorCode.FORBIDDEN,
}
"""Codes of inputs and operations: no change of consent is refused with them."""


@pytest.mark.parametrize("code", [code for code in ErrorCode if code not in WITHOUT])
def test_every_refusal_of_a_change_has_a_message_without_codes_and_numbers_of_rules(code: ErrorCode) -> None:
    message = refusal_message(code)
    assert re.fullmatch(r"[A-Z`].*\.", message)
    assert len(message.split()) > 6, "it says what is wrong and what to do"
    assert not re.search(r"\bR\d+\b|[A-Z]{2,}_", message)


def test_a_missing_basis_to_process_does_not_speak_of_a_contact_that_may_not_exist() -> None:
    """R6."""
    message = refusal_message(ErrorCode.PROCESSING_BASIS_REQUIRED)
    assert "none is on record" in message
    assert "contact" not in message


def test_who_was_opted_out_before_is_opted_in_with_the_mutation_for_one_recipient() -> None:
    """R9, R10."""
    message = refusal_message(ErrorCode.PREVIOUSLY_OPTED_OUT)
    assert "one recipient" in message
    assert "`updatePreferences`" in message
