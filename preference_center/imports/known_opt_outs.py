"""Opt-outs with a time that are already recorded: importing the same list again adds nothing (R16, R17)."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit
from preference_center.rules.types import Channel
from preference_center.storage import database


@dataclass(slots=True)
class KnownOptOuts:
    """Recipient ids whose opt-out of all need not be recorded again."""

    newer: set[int] = field(default_factory=set)
    """Opted out later than the time in the file: nothing changes."""
    superseded: set[int] = field(default_factory=set)
    """The ledger has an opt-out of exactly that time, superseded by a newer decision."""


def _sql() -> str:
    """Opt-outs of all, and superseded ones, of recipients $1 for unit $2 on channel $3."""
    ids = database.any_of(1)
    return (
        "SELECT 'ACTIVE' AS state, recipient_id, occurred_at FROM opt_outs_of_all"
        f" WHERE recipient_id {ids} AND business_unit_id = $2 AND channel = $3 AND active"
        " UNION ALL SELECT 'SUPERSEDED', recipient_id, occurred_at FROM consent_events"
        f" WHERE recipient_id {ids} AND business_unit_id = $2 AND channel = $3"
        " AND subscription_type_id IS NULL AND superseded AND after = 'OPTED_OUT'"
    )


async def find(times: Mapping[int, datetime], unit: BusinessUnit, channel: Channel) -> KnownOptOuts:
    """Find the recorded opt-outs of all, given the time in the file by recipient id; in one statement.

    It locks nothing: whatever is recorded in the meantime is newer than the times in the file.
    """
    known = KnownOptOuts()
    if not times:
        return known
    for row in await database.fetch(_sql(), list(times), unit.id, channel.value):
        recipient_id, occurred_at = row["recipient_id"], database.instant(row["occurred_at"])
        if row["state"] == "ACTIVE" and occurred_at > times[recipient_id]:
            known.newer.add(recipient_id)
        elif row["state"] == "SUPERSEDED" and occurred_at == times[recipient_id]:
            known.superseded.add(recipient_id)
    return known
