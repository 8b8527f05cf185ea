"""R25 as a table: every combination of what stands and of what was recorded."""

from __future__ import annotations

import itertools

from preference_center.rules.calls import CallPermit, may_call
from preference_center.rules.eligibility import BlockReason

YES_NO = (True, False)


def test_a_call_needs_a_ground_of_its_own_only_while_all_email_is_opted_out_of() -> None:
    """R25"""
    permits = [None, *(CallPermit(*row) for row in itertools.product(YES_NO, repeat=3))]
    allowed = {
        (out, permit)
        for out, permit in itertools.product(YES_NO, permits)
        if may_call(unsubscribed_from_all_email=out, permit=permit).allowed
    }
    unused = CallPermit(has_legal_basis=True, has_explanation=True, used=False)
    assert allowed == {*((False, permit) for permit in permits), (True, unused)}


def test_the_reason_is_the_opt_out_of_all_also_after_the_permit_is_used_up() -> None:
    """R25"""
    for permit in (None, CallPermit(has_legal_basis=True, has_explanation=True, used=True)):
        answer = may_call(unsubscribed_from_all_email=True, permit=permit)
        assert answer.reason is BlockReason.OPTED_OUT_OF_ALL
