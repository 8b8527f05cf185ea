"""Why recipients opted out: their voluntary answers after an opt-out, and how often each was given.

Stored outside the ledger (decision 0024). An opt-out has at most one reason: the newest answer.
"""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import UTC, datetime

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.errors import ErrorCode, Invalid
from preference_center.recipients.locking import lock_recipients
from preference_center.rules.types import Channel, LeavingReason
from preference_center.storage import database
from preference_center.storage.conditions import Conditions
from preference_center.storage.transactions import transaction

DEFAULT_MONTHS = 12
"""How many months are counted by default, the current one included."""
MAX_MONTHS = 36
_CHANNELS, _REASONS = tuple(Channel), tuple(LeavingReason)


@dataclass(frozen=True, slots=True)
class ReasonFilter:
    """Which reasons to count; all conditions must match."""

    business_unit: BusinessUnit | None = None
    subscription_type: SubscriptionType | None = None
    channel: Channel | None = None
    given_from: datetime | None = None
    """Inclusive; `DEFAULT_MONTHS` before the end by default."""
    given_before: datetime | None = None
    """Exclusive; now by default."""


@dataclass(frozen=True, slots=True)
class ReasonCount:
    """How often a reason was given in a month for opt-outs of a type, or of all of a unit, on a channel."""

    month: str
    """In UTC, such as 2026-11."""
    business_unit_id: int
    subscription_type_id: int | None
    channel: Channel
    reason: LeavingReason
    count: int


async def record(
    event_ids: Collection[int], recipient_ids: Collection[int], reason: LeavingReason
) -> list[int | None]:
    """Record why recipients opted out; return the type id (None: all of a unit) of each opt-out concerned.

    Skips events of other recipients, opt-outs that are no longer current, and opt-outs of a recipient erased
    since (R36). A second answer replaces the first and keeps its month.
    """
    return await _record(event_ids, recipient_ids, reason) if recipient_ids else []


@transaction
async def _record(
    event_ids: Collection[int], recipient_ids: Collection[int], reason: LeavingReason
) -> list[int | None]:
    await lock_recipients(recipient_ids)
    rows = await database.fetch(
        _record_sql(), list(event_ids), reason.value, database.now(), list(recipient_ids)
    )
    return [row["subscription_type_id"] for row in rows]


def _record_sql() -> str:
    """Insert reasons for those of the events $1 that are current opt-outs of the recipients $4.

    An opt-out on a page has evidence. Erasure deletes it, and with it the possibility to answer.
    """
    return f"""
INSERT INTO leaving_reasons (event_id, business_unit_id, subscription_type_id, channel, reason, given_at)
SELECT e.id, e.business_unit_id, e.subscription_type_id, e.channel, $2, $3
FROM consent_events e
WHERE e.id {database.any_of(1)} AND e.recipient_id {database.any_of(4)}
  AND e.after = 'OPTED_OUT' AND e.before <> 'OPTED_OUT'
  AND EXISTS (SELECT 1 FROM evidence v WHERE v.event_id = e.id)
  AND (
    EXISTS (SELECT 1 FROM preferences p WHERE p.recipient_id = e.recipient_id AND p.event_id = e.id)
    OR EXISTS (SELECT 1 FROM opt_outs_of_all o
      WHERE o.recipient_id = e.recipient_id AND o.event_id = e.id AND o.active))
ON CONFLICT (event_id) DO UPDATE SET reason = excluded.reason
RETURNING subscription_type_id""".strip()


async def delete(event_ids: Collection[int]) -> None:
    """Delete the reasons for opt-outs that are being undone, in the open transaction."""
    sql = f"DELETE FROM leaving_reasons WHERE event_id {database.any_of(1)}"
    await database.execute(sql, list(event_ids))


_MONTH = {
    "postgres": "to_char(given_at AT TIME ZONE 'UTC', 'YYYY-MM')",
    "sqlite": "substr(given_at, 1, 7)",
}


async def count(filter: ReasonFilter) -> list[ReasonCount]:
    """Count reasons by month, unit, type, channel and reason, in one statement; newest month first.

    Raises Invalid for more than `MAX_MONTHS`.
    """
    conditions = _conditions(filter)
    rows = await database.fetch(
        f"SELECT {_MONTH[database.dialect()]} AS month, business_unit_id, subscription_type_id, channel,"
        " reason, COUNT(*) AS count FROM leaving_reasons"
        f" WHERE {conditions.sql} GROUP BY 1, 2, 3, 4, 5",
        *conditions.values,
    )
    counts = [_reason_count(row) for row in rows]
    counts.sort(key=_sort_key)
    return sorted(counts, key=lambda reason_count: reason_count.month, reverse=True)


def _reason_count(row: database.Row) -> ReasonCount:
    return ReasonCount(
        month=row["month"],
        business_unit_id=row["business_unit_id"],
        subscription_type_id=row["subscription_type_id"],
        channel=Channel(row["channel"]),
        reason=LeavingReason(row["reason"]),
        count=row["count"],
    )


def _sort_key(counted: ReasonCount) -> tuple[int, ...]:
    """By unit, then type with all of the unit last, then channel and reason in the order of their enums."""
    type_id = counted.subscription_type_id
    return (
        counted.business_unit_id,
        type_id is None,
        type_id or 0,
        _CHANNELS.index(counted.channel),
        _REASONS.index(counted.reason),
    )


def _conditions(filter: ReasonFilter) -> Conditions:
    unit, type_, channel = filter.business_unit, filter.subscription_type, filter.channel
    conditions = Conditions()
    conditions.add("given_at >=", _start(filter))
    conditions.add("given_at <", filter.given_before)
    conditions.add("business_unit_id =", unit.id if unit else None)
    conditions.add("subscription_type_id =", type_.id if type_ else None)
    conditions.add("channel =", channel.value if channel else None)
    return conditions


def _start(filter: ReasonFilter) -> datetime:
    end = filter.given_before if filter.given_before is not None else database.now()
    start = filter.given_from if filter.given_from is not None else _month_start(end, DEFAULT_MONTHS - 1)
    if start < _month_start(end, MAX_MONTHS - 1):
        raise Invalid(ErrorCode.INVALID_VALUE, f"Ask for at most {MAX_MONTHS} months at a time.", "givenAt")
    return start


def _month_start(end: datetime, months_before: int) -> datetime:
    """The start of the month that lies `months_before` the last month that begins before `end`."""
    end = end.astimezone(UTC)
    months = end.year * 12 + end.month - 1 - months_before
    if end == datetime(end.year, end.month, 1, tzinfo=UTC):
        months -= 1
    year, month = divmod(months, 12)
    return datetime(max(year, 1), month + 1, 1, tzinfo=UTC)
