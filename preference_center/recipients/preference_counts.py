"""Counts how many recipients have each status, by subscription type and channel."""

from __future__ import annotations

from dataclasses import dataclass

from preference_center.catalog.catalog import BusinessUnit
from preference_center.rules.types import Channel, PreferenceStatus
from preference_center.storage import database


@dataclass(frozen=True, slots=True)
class CountedStatus:
    """What recipients are counted by: a status of one type, or an opt-out of all of a unit (no type)."""

    business_unit_id: int
    subscription_type_id: int | None
    channel: Channel
    status: PreferenceStatus


# An opt-out of all is OPTED_OUT of everything. Both parts are read from an index alone.
_COUNT = """
SELECT t.business_unit_id, c.subscription_type_id, c.channel, c.status, c.recipients
FROM (SELECT subscription_type_id, channel, status, COUNT(*) AS recipients FROM preferences {of_types}
  GROUP BY subscription_type_id, channel, status) AS c
JOIN subscription_types t ON t.id = c.subscription_type_id
UNION ALL
SELECT business_unit_id, NULL, channel, 'OPTED_OUT', COUNT(*) FROM opt_outs_of_all WHERE active {of_unit}
GROUP BY business_unit_id, channel
""".strip()


async def count(business_unit: BusinessUnit | None) -> dict[CountedStatus, int]:
    """Count the recipients of one unit, or of all, in one statement. What nobody has is left out."""
    if business_unit is None:
        rows = await database.fetch(_COUNT.format(of_types="", of_unit=""))
    else:
        of_types = (
            "WHERE subscription_type_id IN (SELECT id FROM subscription_types WHERE business_unit_id = $1)"
        )
        sql = _COUNT.format(of_types=of_types, of_unit="AND business_unit_id = $1")
        rows = await database.fetch(sql, business_unit.id)
    return {
        CountedStatus(
            row["business_unit_id"],
            row["subscription_type_id"],
            Channel(row["channel"]),
            PreferenceStatus(row["status"]),
        ): row["recipients"]
        for row in rows
    }
