"""The query that counts recipients by subscription type, channel and status."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.recipients import preference_counts
from preference_center.recipients.preference_counts import CountedStatus
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import CatalogView, catalog_view, ensure_in_catalog
from schema.contract.enums import Channel, PreferenceStatus
from schema.contract.fields import query
from schema.contract.scalars import Key
from schema.engine.context import Context, Info


@strawberry.type
class PreferenceCount:
    """How many recipients have one status for one subscription type on one channel."""

    business_unit: BusinessUnit = strawberry.field(
        description="The business unit that the counted preferences are about."
    )
    subscription_type: SubscriptionType | None = strawberry.field(
        description="The subscription type; null for the opt-outs of everything from the business unit on the"
        " channel, which stand beside the statuses of single types."
    )
    channel: Channel = strawberry.field(description="The channel that the counted preferences hold for.")
    status: PreferenceStatus = strawberry.field(
        description="The status. `OPTED_OUT` for opt-outs of everything; `NOT_OPTED` counts statuses that"
        " were reset, not recipients without any decision."
    )
    count: int = strawberry.field(
        description="How many recipients have it: addresses with or without a contact, those of erased people"
        " included."
    )


@strawberry.type
class CountQueries:
    """The query that counts recipients."""

    @query(access=READ_CONSENT)
    async def preference_counts(
        self,
        info: Info,
        business_unit: Annotated[
            Key | None,
            strawberry.argument(
                description="Only counts of the business unit with this key. Left out: of all."
            ),
        ] = None,
    ) -> list[PreferenceCount]:
        """How many recipients are opted in, opted out and reset, for each subscription type and channel.

        In the order of the catalog: for each business unit its types, and for each type and channel on which
        it is offered every status, also those that nobody has; then the opt-outs of everything. An archived
        type is listed with what was recorded. An opt-in does not mean that a message may be sent: ask
        `eligibility`.
        """
        context = info.context
        unit = context.optional_unit(business_unit, "businessUnit")
        counts = await preference_counts.count(unit)
        await _ensure_catalog_has(context, counts)
        view = catalog_view(context)
        units = view.units.values() if unit is None else [view.units[unit.id]]
        return [_count(view, key, counts.get(key, 0)) for each in units for key in _keys(each, counts)]


async def _ensure_catalog_has(context: Context, counts: dict[CountedStatus, int]) -> None:
    await ensure_in_catalog(
        context,
        unit_ids={key.business_unit_id for key in counts},
        type_ids={key.subscription_type_id for key in counts if key.subscription_type_id is not None},
    )


def _keys(unit: BusinessUnit, counts: dict[CountedStatus, int]) -> Iterator[CountedStatus]:
    """Return what is shown of a unit, in order: what its types offer, and whatever else was counted."""
    for type_ in unit.ordered_types:
        for channel in Channel:
            offered = type_.archived_at is None and channel in type_.channels
            for status in PreferenceStatus:
                key = CountedStatus(unit.row_id, type_.row.id, channel, status)
                if offered or key in counts:
                    yield key
    for channel in Channel:
        yield CountedStatus(unit.row_id, None, channel, PreferenceStatus.OPTED_OUT)


def _count(view: CatalogView, key: CountedStatus, count: int) -> PreferenceCount:
    type_id = key.subscription_type_id
    return PreferenceCount(
        business_unit=view.units[key.business_unit_id],
        subscription_type=view.types[type_id] if type_id is not None else None,
        channel=key.channel,
        status=key.status,
        count=count,
    )
