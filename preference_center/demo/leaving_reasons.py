"""The reasons that the demo's recipients gave for leaving."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta
from typing import NamedTuple

from preference_center.ledger.types import Outcome
from preference_center.rules.types import ConsentOrigin, LeavingReason, PreferenceStatus
from preference_center.storage import database
from preference_center.storage.rows import BigInt, Instant, Int, Text, columns_of

_ANSWERING = 0.4
"""The share of recipients who answer when they are asked."""
_ASKING = (ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.UNSUBSCRIBE_LINK)
_WEIGHTS = {
    LeavingReason.TOO_MANY: 8,
    LeavingReason.NO_LONGER_INTERESTED: 6,
    LeavingReason.NOT_AS_EXPECTED: 3,
    LeavingReason.OTHER: 2,
    LeavingReason.NEVER_ASKED: 1,
}


class _LeavingReasonRow(NamedTuple):
    """A new row of `leaving_reasons`."""

    event_id: BigInt | None
    business_unit_id: Int
    subscription_type_id: Int | None
    channel: Text
    reason: Text
    given_at: Instant


async def add_leaving_reasons(outcomes: Sequence[Outcome], origin: ConsentOrigin) -> None:
    """Add reasons for a share of the opt-outs that were made on a page, given some seconds later."""
    if origin not in _ASKING:
        return
    chance = random.Random(len(outcomes))  # noqa: S311 (invented data, no secret)
    opt_outs = [
        outcome
        for outcome in outcomes
        if outcome.changed and outcome.intent.status is PreferenceStatus.OPTED_OUT
    ]
    answered = [outcome for outcome in opt_outs if chance.random() < _ANSWERING]
    rows = [_row(outcome, chance) for outcome in answered]
    await database.insert("leaving_reasons", columns_of(_LeavingReasonRow), rows)


def _row(outcome: Outcome, chance: random.Random) -> _LeavingReasonRow:
    intent, event = outcome.intent, outcome.event
    (reason,) = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
    opted_out_at = event.occurred_at if event else database.now()
    return _LeavingReasonRow(
        event_id=event.id if event else None,
        business_unit_id=intent.business_unit.id,
        subscription_type_id=intent.subscription_type.id if intent.subscription_type else None,
        channel=intent.channel.value,
        reason=reason.value,
        given_at=opted_out_at + timedelta(seconds=chance.randint(4, 40)),
    )
