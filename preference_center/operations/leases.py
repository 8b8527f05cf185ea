"""Leases: each running operation belongs to one worker, which renews its lease with every part it does.

1. A worker claims the oldest queued operation, or one whose lease ran out because its worker died.
2. Every transaction for that operation locks its row and checks that the lease still has the same owner.
3. A worker that finds another owner stops at once (LeaseLost): the other continues after the last part.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import NamedTuple

from preference_center.operations.operations import COLUMNS, RECEIVING, OperationRow, operation_of
from preference_center.rules.types import OperationState
from preference_center.storage import database
from preference_center.storage.transactions import transaction
from preference_center.tables.operations import Operation

LEASE = timedelta(seconds=60)
_CLAIMABLE = "state IN ('QUEUED', 'RUNNING') AND position > $1 AND (lease_until IS NULL OR lease_until < $2)"
"""$1 is RECEIVING, $2 the current time."""


class LeaseLost(Exception):
    """Another worker has the operation now, or it has finished."""


class Claimed(NamedTuple):
    """The columns of a claimed operation that other processes may have changed."""

    state: str
    lease_owner: str | None
    cancelling: bool
    position: int
    attempts: int
    refusals: str


async def claim(owner: str, only: int | None = None) -> OperationRow | None:
    """Claim the oldest operation that nobody runs, or the one with the id `only`; None if there is none.

    Looks before it writes: on SQLite an idle worker must not take the write lock every second.
    """
    now = database.now()
    condition, values = _CLAIMABLE, [RECEIVING, now]
    if only is not None:
        condition, values = f"{_CLAIMABLE} AND id = $3", [RECEIVING, now, only]
    if not await database.fetch(f"SELECT 1 FROM operations WHERE {condition} LIMIT 1", *values):
        return None
    return await _claim(owner, now, only)


@transaction
async def _claim(owner: str, now: datetime, only: int | None) -> OperationRow | None:
    values = [RECEIVING, now, owner, now + LEASE]
    condition = _CLAIMABLE
    if only is not None:
        condition, values = f"{_CLAIMABLE} AND id = $5", [*values, only]
    skip_locked = " FOR UPDATE SKIP LOCKED" if database.dialect() == "postgres" else ""
    rows = await database.fetch(
        "UPDATE operations SET lease_owner = $3, lease_until = $4, state = 'RUNNING' WHERE id ="
        f" (SELECT id FROM operations WHERE {condition} ORDER BY id LIMIT 1{skip_locked})"
        f" RETURNING {COLUMNS}",
        *values,
    )
    return operation_of(rows[0]) if rows else None


async def lock(operation_id: int, owner: str) -> Claimed:
    """Lock the operation's row until the transaction ends. Raises LeaseLost."""
    for_update = " FOR UPDATE" if database.dialect() == "postgres" else ""
    rows = await database.fetch(
        f"SELECT {', '.join(Claimed._fields)} FROM operations WHERE id = $1{for_update}", operation_id
    )
    if not rows:
        raise LeaseLost
    claimed = Claimed(*rows[0])
    if claimed.lease_owner != owner or claimed.state != OperationState.RUNNING.value:
        raise LeaseLost
    return claimed


async def release(owner: str) -> None:
    """Release whatever the owner has claimed, for the next worker to continue."""
    await Operation.filter(lease_owner=owner).update(lease_owner=None, lease_until=None)
