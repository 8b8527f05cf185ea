"""Whether a contact may be called (R25)."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.rules.eligibility import BlockReason, Eligibility


@dataclass(frozen=True, slots=True)
class CallPermit:
    """A legal basis with an explanation, recorded for one call; `used` once that call was made."""

    has_legal_basis: bool
    has_explanation: bool
    used: bool = False


def may_call(*, unsubscribed_from_all_email: bool, permit: CallPermit | None) -> Eligibility:
    """Decide about one call: after an opt-out of all email of any unit, only an unused permit allows it."""
    if not unsubscribed_from_all_email:
        return Eligibility()
    valid = permit is not None and permit.has_legal_basis and permit.has_explanation and not permit.used
    return Eligibility() if valid else Eligibility(BlockReason.OPTED_OUT_OF_ALL)
