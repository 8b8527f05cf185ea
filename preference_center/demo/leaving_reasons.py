"""Why people of the demo left: some of them said so."""

from __future__ import annotations

import random
from collections.abc import Sequence
from datetime import timedelta

from preference_center.ledger.types import Outcome
from preference_center.rules.types import ConsentOrigin, LeavingReason, PreferenceStatus
from preference_center.storage import database

_SHARE = 0.4
"""Of those who were asked: who answered."""
_ASKING = (ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.UNSUBSCRIBE_LINK)
_WEIGHTS = {
    LeavingReason.TOO_MANY: 8,
    LeavingReason.NO_LONGER_INTERESTED: 6,
    LeavingReason.NOT_AS_EXPECTED: 3,
    LeavingReason.OTHER: 2,
    LeavingReason.NEVER_ASKED: 1,
}
_COLUMNS = {
    "event_id": "bigint",
    "business_unit_id": "int",
    "subscription_type_id": "int",
    "channel": "text",
    "reason": "text",
    "given_at": "timestamptz",
}


async def say_why(outcomes: Sequence[Outcome], origin: ConsentOrigin) -> None:
    """Let a share of those who left on a page answer, a few moments after they did."""
    if origin not in _ASKING:
        return
    chance = random.Random(len(outcomes))  # noqa: S311 (a story, no secret)
    left = [one for one in outcomes if one.changed and one.intent.status is PreferenceStatus.OPTED_OUT]
    answered = [one for one in left if chance.random() < _SHARE]
    await database.insert("leaving_reasons", _COLUMNS, [_row(one, chance) for one in answered])


def _row(outcome: Outcome, chance: random.Random) -> tuple[object, ...]:
    intent, event = outcome.intent, outcome.event
    (reason,) = chance.choices(list(_WEIGHTS), list(_WEIGHTS.values()))
    return (
        event.id if event else None,
        intent.business_unit.id,
        intent.subscription_type.id if intent.subscription_type else None,
        intent.channel.value,
        reason.value,
        (event.occurred_at if event else database.now()) + timedelta(seconds=chance.randint(4, 40)),
    )
