"""Asking for the catalogue, and changing it."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.catalog import changes as catalog_changes
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contract.scalars import JSON, Channel, Key, Locale, Purpose, ResubscribePolicy
from schema.contract.user_errors import UserError, answering
from schema.engine.context import Info
from schema.engine.resolver import resolver

WRITE = "catalog:write"
_LOGO = "A `data:` URI of a PNG, JPEG, WebP or SVG image in base64, of at most 16 KiB."


@strawberry.input
class CreateBusinessUnitInput:
    """A business unit to make."""

    key: Key
    name: str
    data_privacy: bool | None = True
    resubscribe: ResubscribePolicy | None = ResubscribePolicy.WITH_LEGAL_BASIS
    default_locale: Locale | None = Locale("en")
    colour: str | None = strawberry.field(description="#rrggbb")
    logo: str | None = strawberry.field(description=_LOGO)
    postal_address: str | None


@strawberry.input
class UpdateBusinessUnitInput:
    """What to change of a business unit; what is not given stays."""

    key: Key
    name: str | None
    data_privacy: bool | None
    resubscribe: ResubscribePolicy | None
    default_locale: Locale | None
    colour: str | None = strawberry.field(description="#rrggbb")
    logo: str | None = strawberry.field(description=_LOGO)
    postal_address: str | None


@strawberry.input(
    description='Name or description in the languages given: {"en": "Weekly digest", "pl": "…"}.'
)
class CreateSubscriptionTypeInput:
    """A subscription type to make."""

    key: Key
    business_unit: Key
    name: JSON
    description: JSON | None
    purpose: Purpose | None = Purpose.MARKETING
    channels: list[Channel] = strawberry.field(default_factory=lambda: [Channel.EMAIL])
    is_public: bool | None = True
    double_opt_in: bool | None = False


@strawberry.input
class UpdateSubscriptionTypeInput:
    """What to change of a subscription type; what is not given stays."""

    key: Key
    name: JSON | None
    description: JSON | None
    channels: list[Channel] | None
    is_public: bool | None
    double_opt_in: bool | None


@strawberry.input
class ArchiveSubscriptionTypeInput:
    """A subscription type to take out of use, or into it again."""

    key: Key
    archived: bool = True


@strawberry.type
class BusinessUnitPayload:
    """The unit as it is now."""

    business_unit: BusinessUnit | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SubscriptionTypePayload:
    """The type as it is now."""

    subscription_type: SubscriptionType | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


def given(made: object) -> dict[str, Any]:
    """The fields of an input that the caller gave a value."""
    return {
        name: value
        for name, value in vars(made).items()
        if value is not strawberry.UNSET and value is not None
    }


@strawberry.type
class CatalogQueries:
    """Reading the catalogue needs a token, and no scope."""

    @resolver()
    def business_units(self, info: Info) -> list[BusinessUnit]:
        """All of them, in the order they were made in."""
        return list(info.context.view.units.values())

    @resolver()
    def business_unit(self, info: Info, key: Key) -> BusinessUnit | None:
        """The unit of a key."""
        row = info.context.catalog.unit_by_key(key)
        return info.context.view.unit(row) if row else None

    @resolver()
    def subscription_types(
        self,
        info: Info,
        business_unit: Key | None = None,
        channel: Channel | None = None,
        include_archived: bool | None = False,
    ) -> list[SubscriptionType]:
        """All of them, or those of a unit, or those offered on a channel."""
        return [
            kind
            for kind in info.context.view.types.values()
            if (business_unit is None or kind.business_unit.key == business_unit)
            and (channel is None or channel in kind.channels)
            and (include_archived or kind.archived_at is None)
        ]

    @resolver()
    def subscription_type(self, info: Info, key: Key) -> SubscriptionType | None:
        """The type of a key."""
        row = info.context.catalog.type_by_key(key)
        return info.context.view.type(row) if row else None


@strawberry.type
class CatalogMutations:
    """Changing the catalogue."""

    @resolver(scope=WRITE)
    @answering(BusinessUnitPayload)
    async def create_business_unit(self, info: Info, input: CreateBusinessUnitInput) -> BusinessUnitPayload:
        """Make a business unit."""
        return await _unit(info, await catalog_changes.create_unit(**given(input)))

    @resolver(scope=WRITE)
    @answering(BusinessUnitPayload)
    async def update_business_unit(self, info: Info, input: UpdateBusinessUnitInput) -> BusinessUnitPayload:
        """Change a business unit."""
        return await _unit(info, await catalog_changes.update_unit(**given(input)))

    @resolver(scope=WRITE)
    @answering(SubscriptionTypePayload)
    async def create_subscription_type(
        self, info: Info, input: CreateSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Make a subscription type."""
        return await _type(info, await catalog_changes.create_type(**given(input)))

    @resolver(scope=WRITE)
    @answering(SubscriptionTypePayload)
    async def update_subscription_type(
        self, info: Info, input: UpdateSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Change a subscription type."""
        return await _type(info, await catalog_changes.update_type(**given(input)))

    @resolver(scope=WRITE)
    @answering(SubscriptionTypePayload)
    async def archive_subscription_type(
        self, info: Info, input: ArchiveSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Take a subscription type out of use, or into it again. Its preferences stay."""
        return await _type(info, await catalog_changes.archive_type(input.key, archived=input.archived))


async def _unit(info: Info, row: CatalogUnit) -> BusinessUnitPayload:
    await info.context.renew()
    return BusinessUnitPayload(business_unit=info.context.view.units[row.id])


async def _type(info: Info, row: CatalogType) -> SubscriptionTypePayload:
    await info.context.renew()
    return SubscriptionTypePayload(subscription_type=info.context.view.types[row.id])
