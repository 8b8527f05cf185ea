"""R25 as a table: every combination of opt-out and permit."""

from __future__ import annotations

import itertools

from preference_center.rules.calls import CallPermit, may_call
from preference_center.rules.eligibility import BlockReason

YES_NO = (True, False)


def test_a_call_needs_an_unused_permit_only_after_an_opt_out_of_all_email() -> None:
    """R25"""
    permits = [None, *(CallPermit(*row) for row in itertools.product(YES_NO, repeat=3))]
    allowed = {
        (out, permit)
        for out, permit in itertools.product(YES_NO, permits)
        if may_call(unsubscribed_from_all_email=out, permit=permit).allowed
    }
    unused = CallPermit(has_legal_basis=True, has_explanation=True, used=False)
    assert allowed == {*((False, permit) for permit in permits), (True, unused)}


def test_a_call_without_a_valid_permit_is_blocked_by_the_opt_out_of_all() -> None:
    """R25"""
    for permit in (None, CallPermit(has_legal_basis=True, has_explanation=True, used=True)):
        answer = may_call(unsubscribed_from_all_email=True, permit=permit)
        assert answer.reason is BlockReason.OPTED_OUT_OF_ALL
