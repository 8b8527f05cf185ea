"""Why people leave: what they said in one press after they had left, and how often (decision 0024).

Kept beside the ledger and no part of it. Each opt-out has one reason at most; the newest press holds.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import UTC, datetime

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger import current_state
from preference_center.rules.types import Channel, LeavingReason
from preference_center.storage import database, transactions

MONTHS = 12
"""How far back is counted where nobody says: this month and the eleven before."""
MOST_MONTHS = 36
_CHANNELS, _REASONS = tuple(Channel), tuple(LeavingReason)
_MONTH = {
    "postgres": "to_char(given_at AT TIME ZONE 'UTC', 'YYYY-MM')",
    "sqlite": "substr(given_at, 1, 7)",
}


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which reasons to count; all that is given must hold. The first instant counts, the last does not."""

    unit: BusinessUnit | None = None
    type: SubscriptionType | None = None
    channel: Channel | None = None
    given_from: datetime | None = None
    given_before: datetime | None = None


@dataclass(frozen=True, slots=True)
class Counted:
    """How many left a type, or all of a unit, on a channel in a month and gave one reason."""

    month: str
    """In UTC: 2026-11."""
    business_unit_id: int
    subscription_type_id: int | None
    channel: Channel
    reason: LeavingReason
    count: int


async def give(
    event_ids: Sequence[int], recipient_ids: Sequence[int], reason: LeavingReason
) -> list[int | None]:
    """Note why some recipients left; answers the type (None: all of a unit) of each opt-out it was noted of.

    Events that are not theirs are passed over, and so are those whose opt-out holds no more, be it undone or
    followed by another choice, and those of a recipient who was erased since (R36). A second press replaces
    the first, in the first one's month.
    """

    async def once() -> list[int | None]:
        async with transactions.write_transaction():
            await current_state.lock(sorted(recipient_ids))
            rows = await database.fetch(
                _give_sql(), list(event_ids), reason.value, database.now(), list(recipient_ids)
            )
            return [row["subscription_type_id"] for row in rows]

    return await transactions.retried(once) if recipient_ids else []


def _give_sql() -> str:
    return (
        "INSERT INTO leaving_reasons"
        " (event_id, business_unit_id, subscription_type_id, channel, reason, given_at)"
        " SELECT e.id, e.business_unit_id, e.subscription_type_id, e.channel, $2, $3 FROM consent_events e"
        f" WHERE e.id {database.any_of(1)} AND e.recipient_id {database.any_of(4)}"
        " AND e.after = 'OPTED_OUT' AND e.before <> 'OPTED_OUT'"
        # A press on a page is proved beside the ledger, and erasing takes the proof away.
        " AND EXISTS (SELECT 1 FROM evidence v WHERE v.event_id = e.id)"
        " AND (EXISTS (SELECT 1 FROM preferences p"
        " WHERE p.recipient_id = e.recipient_id AND p.event_id = e.id)"
        " OR EXISTS (SELECT 1 FROM opt_outs_of_all o"
        " WHERE o.recipient_id = e.recipient_id AND o.event_id = e.id AND o.active))"
        " ON CONFLICT (event_id) DO UPDATE SET reason = excluded.reason RETURNING subscription_type_id"
    )


async def take_back(event_ids: Sequence[int]) -> None:
    """Drop the reasons of opt-outs that are undone: nobody left. For the undoing's own transaction."""
    sql = f"DELETE FROM leaving_reasons WHERE event_id {database.any_of(1)}"
    await database.execute(sql, list(event_ids))


async def count(wanted: Wanted) -> list[Counted]:
    """Count reasons by month, type, channel and reason, in one statement; months newest first.

    Raises Invalid for more than three years at a time.
    """
    conditions = _conditions(wanted)
    rows = await database.fetch(
        f"SELECT {_MONTH[database.dialect()]} AS month, business_unit_id, subscription_type_id, channel,"
        " reason, COUNT(*) AS number FROM leaving_reasons"
        f" WHERE {' AND '.join(conditions.sql)} GROUP BY 1, 2, 3, 4, 5",
        *conditions.values,
    )
    counted = [
        Counted(
            row["month"],
            row["business_unit_id"],
            row["subscription_type_id"],
            Channel(row["channel"]),
            LeavingReason(row["reason"]),
            row["number"],
        )
        for row in rows
    ]
    counted.sort(key=_place)
    return sorted(counted, key=lambda one: one.month, reverse=True)


def _place(one: Counted) -> tuple[int, ...]:
    """By unit, by type, all of the unit last; then as channels and reasons are listed everywhere."""
    of_type = one.subscription_type_id
    about = (one.business_unit_id, of_type is None, of_type or 0)
    return (*about, _CHANNELS.index(one.channel), _REASONS.index(one.reason))


@dataclass(slots=True)
class _Conditions:
    """Parts of a WHERE, and the values at their places."""

    sql: list[str] = field(default_factory=list)
    values: list[object] = field(default_factory=list)

    def add(self, column: str, value: object) -> None:
        self.values.append(value)
        self.sql.append(f"{column} ${len(self.values)}")


def _conditions(wanted: Wanted) -> _Conditions:
    before = wanted.given_before
    end = before if before is not None else database.now()
    start = wanted.given_from if wanted.given_from is not None else _month_before(end, MONTHS - 1)
    if start < _month_before(end, MOST_MONTHS - 1):
        message = f"At most {MOST_MONTHS} months at a time."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "givenAt")
    found = _Conditions()
    found.add("given_at >=", start)
    if before is not None:
        found.add("given_at <", before)
    if wanted.unit is not None:
        found.add("business_unit_id =", wanted.unit.id)
    if wanted.type is not None:
        found.add("subscription_type_id =", wanted.type.id)
    if wanted.channel is not None:
        found.add("channel =", wanted.channel.value)
    return found


def _month_before(end: datetime, months: int) -> datetime:
    """The first instant of the month that is so many before the last one that begins before `end`."""
    at = end.astimezone(UTC)
    number = at.year * 12 + at.month - 1 - months
    if at == datetime(at.year, at.month, 1, tzinfo=UTC):
        number -= 1
    year, month = divmod(number, 12)
    return datetime(max(year, 1), month + 1, 1, tzinfo=UTC)
