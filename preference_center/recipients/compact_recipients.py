"""A recipient read by a statement that is compiled from a selection."""

from __future__ import annotations

from typing import Any

from preference_center.recipients.recipients import Identity
from preference_center.storage import database
from preference_center.storage.compact import Reading


async def find(reading: Reading, identity: Identity) -> Any | None:
    """Return the compact row of a recipient, or None. Last it has whether it is another spelling."""
    place = len(reading.values) + 1
    rows = await database.fetch(
        f"SELECT {reading.sql}, r.merged_into_id IS NOT NULL FROM recipients r"
        f" WHERE r.kind = ${place} AND r.fingerprint = ${place + 1}",
        *reading.values,
        identity.kind.value,
        identity.fingerprint,
    )
    return rows[0] if rows else None
