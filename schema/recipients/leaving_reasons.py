"""The query that counts why recipients leave."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.errors import Faults
from preference_center.preferences import leaving_reasons
from preference_center.preferences.leaving_reasons import ReasonCount, ReasonFilter
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view, ensure_in_catalog
from schema.contract.enums import Channel, LeavingReason
from schema.contract.fields import query
from schema.contract.scalars import Key
from schema.contract.time_range import TimeRange
from schema.engine.context import Context, Info

OfUnit = Annotated[
    Key | None,
    strawberry.argument(
        description="Only opt-outs from the business unit with this key. Left out: from all units."
    ),
]
OfType = Annotated[
    Key | None,
    strawberry.argument(
        description="Only opt-outs of the subscription type with this key. Left out: of all types,"
        " and opt-outs of all."
    ),
]
OnChannel = Annotated[
    Channel | None,
    strawberry.argument(description="Only opt-outs on this channel. Left out: on all channels."),
]
InTime = Annotated[
    TimeRange | None,
    strawberry.argument(
        description="When the reason was given: a range of at most 36 months. Left out: this"
        " month and the 11 before."
    ),
]


@strawberry.type
class LeavingReasonCount:
    """How often one reason was given in one month, for opt-outs of one subscription type on one channel."""

    business_unit: BusinessUnit = strawberry.field(description="The business unit that recipients left.")
    subscription_type: SubscriptionType | None = strawberry.field(
        description="The subscription type that they left; null for opt-outs of everything from"
        " the business unit."
    )
    channel: Channel = strawberry.field(description="The channel that they left on.")
    month: str = strawberry.field(
        description="The month in UTC in which the reason was given, such as `2026-11`."
    )
    reason: LeavingReason = strawberry.field(description="The reason that recipients chose on the page.")
    count: int = strawberry.field(
        description="How many opt-outs had this reason. Recipients who skipped the question are not counted."
    )


@strawberry.type
class LeavingReasonQueries:
    """The query that counts why recipients leave."""

    @query(access=READ_CONSENT)
    async def leaving_reasons(
        self,
        info: Info,
        business_unit: OfUnit = None,
        subscription_type: OfType = None,
        channel: OnChannel = None,
        given_at: InTime = None,
    ) -> list[LeavingReasonCount]:
        """How often each reason for leaving was given on a page, newest month first, then by type.

        All conditions that are given must hold. Reasons are counted by month, and tell nothing about single
        recipients.
        """
        with Faults() as faults:
            unit = faults.of(info.context.optional_unit, business_unit, "businessUnit")
            type_ = faults.of(info.context.optional_type, subscription_type, "subscriptionType")
        wanted = ReasonFilter(
            unit,
            type_,
            channel,
            given_at.from_ if given_at else None,
            given_at.before if given_at else None,
        )
        return await _counts(await leaving_reasons.count(wanted), info.context)


async def _counts(rows: Sequence[ReasonCount], context: Context) -> list[LeavingReasonCount]:
    await ensure_in_catalog(
        context,
        unit_ids={row.business_unit_id for row in rows},
        type_ids={row.subscription_type_id for row in rows if row.subscription_type_id is not None},
    )
    return [_count(row, context) for row in rows]


def _count(row: ReasonCount, context: Context) -> LeavingReasonCount:
    view, type_id = catalog_view(context), row.subscription_type_id
    return LeavingReasonCount(
        business_unit=view.units[row.business_unit_id],
        subscription_type=view.types[type_id] if type_id is not None else None,
        channel=row.channel,
        month=row.month,
        reason=row.reason,
        count=row.count,
    )
