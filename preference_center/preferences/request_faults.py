"""What is wrong with the changes of a refused request, whatever their recipient decided before.

More is not told: a request that changes nothing would otherwise read the recipient's preferences.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime

from preference_center.action_states import Refusal
from preference_center.ledger.refusals import refusals_of
from preference_center.preferences.changes import StatusChange
from preference_center.rules.consent import decide
from preference_center.rules.decisions import Change, PriorState
from preference_center.rules.types import Channel, ConsentOrigin
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class GivenGrounds:
    """What a request gives with its changes. What is given and cannot be used counts as given."""

    origin: ConsentOrigin
    legal_basis: bool
    processing_basis: bool
    explanation: bool
    occurred_at: datetime | None


def refusals_of_change(
    change: StatusChange, given: GivenGrounds, lacking: Collection[Channel]
) -> list[Refusal]:
    """What a change would be refused for, whatever the recipient decided before.

    `lacking`: the channels of addresses for which no basis to process is on record.
    """
    subscription_type, channel, status = change
    asked = Change(
        status,
        given.origin,
        subscription_type.facts(channel),
        has_legal_basis=given.legal_basis,
        has_processing_basis=given.processing_basis,
        has_explanation=given.explanation,
        in_future=given.occurred_at is not None and given.occurred_at > database.now(),
    )
    prior = PriorState(has_processing_basis=channel not in lacking)
    return refusals_of(decide(asked, prior, subscription_type.business_unit.facts))
