"""Queries of the catalog. They need a token, and no scope."""

from __future__ import annotations

from typing import Annotated

import strawberry

from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view
from schema.contract.descriptions import TYPE_KEY, UNIT_KEY
from schema.contract.enums import Channel
from schema.contract.fields import query
from schema.contract.scalars import Key
from schema.engine.context import Info

OfUnit = Annotated[
    Key | None,
    strawberry.argument(
        description="Only types of the business unit with this key. Left out: those of all units."
    ),
]
OnChannel = Annotated[
    Channel | None,
    strawberry.argument(description="Only types that are offered on this channel. Left out: on any channel."),
]
WithArchived = Annotated[
    bool | None, strawberry.argument(description="Whether archived types are in the list too.")
]
OfUnitKey = Annotated[Key, strawberry.argument(description=UNIT_KEY)]
OfTypeKey = Annotated[Key, strawberry.argument(description=TYPE_KEY)]


@strawberry.type
class CatalogQueries:
    """Queries of business units and subscription types."""

    @query()
    async def business_units(self, info: Info) -> list[BusinessUnit]:
        """All business units, in the order of their creation. Any token may read them."""
        return list(catalog_view(info.context).units.values())

    @query()
    async def business_unit(self, info: Info, key: OfUnitKey) -> BusinessUnit | None:
        """The business unit with a key; null if there is none. Any token may read it."""
        row = info.context.catalog.unit_by_key(key)
        return catalog_view(info.context).unit(row) if row else None

    @query()
    async def subscription_types(
        self,
        info: Info,
        business_unit: OfUnit = None,
        channel: OnChannel = None,
        include_archived: WithArchived = False,
    ) -> list[SubscriptionType]:
        """The subscription types that fulfil all conditions, by business unit and in the order of
        their positions. Any token may read them.
        """
        return [
            type_
            for type_ in catalog_view(info.context).types.values()
            if (business_unit is None or type_.business_unit.key == business_unit)
            and (channel is None or channel in type_.channels)
            and (include_archived or type_.archived_at is None)
        ]

    @query()
    async def subscription_type(self, info: Info, key: OfTypeKey) -> SubscriptionType | None:
        """The subscription type with a key; null if there is none. Any token may read it."""
        row = info.context.catalog.type_by_key(key)
        return catalog_view(info.context).type(row) if row else None
