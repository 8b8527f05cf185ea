"""What was said of opt-outs before: so that a list with times, read again, says nothing new (R16, R17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit
from preference_center.rules.types import Channel
from preference_center.storage import database


@dataclass(slots=True)
class Known:
    """Recipients of whom an opt-out of all need not be said again."""

    out_since: set[int] = field(default_factory=set)
    """Opted out, and later than the time in question: there is nothing to change."""
    superseded: set[int] = field(default_factory=set)
    """An opt-out of that very time is in the ledger, without effect, for something newer was held."""


async def known(times: Mapping[int, datetime], unit: BusinessUnit, channel: Channel) -> Known:
    """What is known already of opt-outs of all at the times given, by recipient. One statement.

    Nothing is locked, and need not be: whatever comes between is newer than what is found here, and so
    than the times in question.
    """
    found = Known()
    if not times:
        return found
    of_ids = database.any_of(1)
    rows = await database.fetch(
        "SELECT active, recipient_id, occurred_at FROM opt_outs_of_all"
        f" WHERE recipient_id {of_ids} AND business_unit_id = $2 AND channel = $3 AND active"
        " UNION ALL SELECT NOT superseded, recipient_id, occurred_at FROM consent_events"
        f" WHERE recipient_id {of_ids} AND business_unit_id = $2 AND channel = $3"
        " AND subscription_type_id IS NULL AND superseded AND after = 'OPTED_OUT'",
        list(times),
        unit.id,
        channel.value,
    )
    for row in rows:
        number, at = row["recipient_id"], database.instant(row["occurred_at"])
        if row["active"] and at > times[number]:
            found.out_since.add(number)
        elif not row["active"] and at == times[number]:
            found.superseded.add(number)
    return found
