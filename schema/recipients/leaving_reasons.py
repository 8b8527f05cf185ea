"""Why people leave, counted by type and month."""

from __future__ import annotations

import strawberry

from preference_center.preferences import leaving_reasons
from preference_center.preferences.leaving_reasons import Counted, Wanted
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contacts.filter import TimeRange
from schema.contract.scalars import Channel, Key, LeavingReason
from schema.contract.user_errors import asking
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver

READ = "preferences:read"


@strawberry.type
class LeavingReasonCount:
    """How many opt-outs on a channel in a month had one reason: each person's of each type that they left."""

    business_unit: BusinessUnit
    subscription_type: SubscriptionType | None = strawberry.field(
        description="Null where all of the unit was left at once."
    )
    channel: Channel
    month: str = strawberry.field(description="In UTC, as in 2026-11.")
    reason: LeavingReason
    count: int


@strawberry.type
class LeavingReasonQueries:
    """Reading why people leave."""

    @resolver(
        scope=READ,
        description="What people answered who left on a page and were asked why; months newest first, then by"
        " type. Of this month and the eleven before where no time is given; at most 36 months.",
    )
    @asking
    async def leaving_reasons(
        self,
        info: Info,
        business_unit: Key | None = None,
        subscription_type: Key | None = None,
        channel: Channel | None = None,
        given_at: TimeRange | None = None,
    ) -> list[LeavingReasonCount]:
        """Reasons counted; all that is given must hold."""
        context = info.context
        unit = context.unit_named(business_unit, "businessUnit") if business_unit is not None else None
        kind = (
            context.type_named(subscription_type, "subscriptionType")
            if subscription_type is not None
            else None
        )
        wanted = Wanted(
            unit,
            kind,
            channel,
            given_at.from_ if given_at else None,
            given_at.before if given_at else None,
        )
        rows = await leaving_reasons.count(wanted)
        types = {row.subscription_type_id for row in rows if row.subscription_type_id is not None}
        await context.catch_up({row.business_unit_id for row in rows}, types)
        return [_shown(row, context) for row in rows]


def _shown(row: Counted, context: Context) -> LeavingReasonCount:
    of_type, view = row.subscription_type_id, context.view
    return LeavingReasonCount(
        business_unit=view.units[row.business_unit_id],
        subscription_type=view.types[of_type] if of_type is not None else None,
        channel=row.channel,
        month=row.month,
        reason=row.reason,
        count=row.count,
    )
