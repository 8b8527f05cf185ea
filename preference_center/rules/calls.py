"""May the contact be called? (R25)"""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.rules.types import BlockReason, Eligibility


@dataclass(frozen=True, slots=True)
class CallPermit:
    """A ground recorded for one call; `used` once that call was made."""

    has_legal_basis: bool
    has_explanation: bool
    used: bool = False


def may_call(*, unsubscribed_from_all_email: bool, permit: CallPermit | None) -> Eligibility:
    """Answer for one call: while all email is opted out of, in any unit, only an unused permit allows it."""
    if not unsubscribed_from_all_email:
        return Eligibility()
    good = permit is not None and permit.has_legal_basis and permit.has_explanation and not permit.used
    return Eligibility() if good else Eligibility(BlockReason.OPTED_OUT_OF_ALL)
