"""Mutations of business units and subscription types."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import WRITE_CATALOG
from preference_center.catalog import changes
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view
from schema.contract.enums import Channel, Purpose, ResubscribePolicy
from schema.contract.fields import mutation
from schema.contract.inputs import non_null_values
from schema.contract.scalars import JSON, Key, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info

_COLOUR = "The colour of pages and messages: `#rrggbb`."
_LOGO = "A PNG, JPEG, WebP or SVG image of at most 16 KiB, as a base64 `data:` URI."
_NAME = 'The name by language, such as {"en": "Weekly digest", "pl": "Przegląd tygodnia"}.'
_DESCRIPTION = "The description by language, like `name`."


@strawberry.input
class CreateBusinessUnitInput:
    """A business unit to create."""

    key: Key = strawberry.field(description="A unique key. It cannot be changed later.")
    name: str = strawberry.field(description="The name that recipients see.")
    data_privacy: bool | None = strawberry.field(
        default=True,
        description="Whether to require opt-ins, and legal bases for the team's changes.",
    )
    resubscribe: ResubscribePolicy | None = strawberry.field(
        default=ResubscribePolicy.WITH_LEGAL_BASIS,
        description="Whether the team may opt a recipient back in after the recipient opted out.",
    )
    default_locale: Locale | None = strawberry.field(
        default=Locale("en"), description="The language of recipients whose own language is unknown."
    )
    colour: str | None = strawberry.field(description=_COLOUR)
    logo: str | None = strawberry.field(description=_LOGO)
    postal_address: str | None = strawberry.field(description="The postal address in footers.")


@strawberry.input
class UpdateBusinessUnitInput:
    """Changes to a business unit. Fields that are left out or null stay as they are."""

    key: Key = strawberry.field(description="The key of the business unit.")
    name: str | None = strawberry.field(description="The name that recipients see.")
    data_privacy: bool | None = strawberry.field(
        description="Whether to require opt-ins, and legal bases for the team's changes."
    )
    resubscribe: ResubscribePolicy | None = strawberry.field(
        description="Whether the team may opt a recipient back in after the recipient opted out."
    )
    default_locale: Locale | None = strawberry.field(
        description="The language of recipients whose own language is unknown."
    )
    colour: str | None = strawberry.field(description=_COLOUR)
    logo: str | None = strawberry.field(description=_LOGO)
    postal_address: str | None = strawberry.field(description="The postal address in footers.")


@strawberry.input
class CreateSubscriptionTypeInput:
    """A subscription type to create."""

    key: Key = strawberry.field(description="A unique key. It cannot be changed later.")
    business_unit: Key = strawberry.field(description="The key of the business unit that sends it.")
    name: JSON = strawberry.field(description=_NAME)
    description: JSON | None = strawberry.field(description=_DESCRIPTION)
    purpose: Purpose | None = strawberry.field(
        default=Purpose.MARKETING, description="What its messages are for. It cannot be changed later."
    )
    channels: list[Channel] = strawberry.field(
        default_factory=lambda: [Channel.EMAIL], description="The channels on which it is offered."
    )
    is_public: bool | None = strawberry.field(
        default=True, description="Whether recipients can opt in themselves."
    )
    double_opt_in: bool | None = strawberry.field(
        default=False, description="Whether an opt-in grants nothing until the recipient confirms it."
    )


@strawberry.input
class UpdateSubscriptionTypeInput:
    """Changes to a subscription type. Fields that are left out or null stay as they are."""

    key: Key = strawberry.field(description="The key of the subscription type.")
    name: JSON | None = strawberry.field(
        description='The names to change by language, such as {"en": "Weekly digest", "pl": null}. Null'
        " removes the name in a language; other languages stay as they are. One name at least has to remain."
    )
    description: JSON | None = strawberry.field(
        description="The descriptions to change by language, like `name`. All of them can be removed."
    )
    channels: list[Channel] | None = strawberry.field(description="The channels on which it is offered.")
    is_public: bool | None = strawberry.field(description="Whether recipients can opt in themselves.")
    double_opt_in: bool | None = strawberry.field(
        description="Whether an opt-in grants nothing until the recipient confirms it."
    )


@strawberry.input
class ArchiveSubscriptionTypeInput:
    """A subscription type to archive or to restore."""

    key: Key = strawberry.field(description="The key of the subscription type.")
    archived: bool = strawberry.field(default=True, description="False restores an archived type.")


@strawberry.type
class BusinessUnitPayload:
    """The result of changing a business unit."""

    business_unit: BusinessUnit | None = strawberry.field(
        default=None, description="The business unit after the change."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class SubscriptionTypePayload:
    """The result of changing a subscription type."""

    subscription_type: SubscriptionType | None = strawberry.field(
        default=None, description="The subscription type after the change."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class CatalogMutations:
    """Mutations of business units and subscription types."""

    @mutation(BusinessUnitPayload, access=WRITE_CATALOG)
    async def create_business_unit(self, info: Info, input: CreateBusinessUnitInput) -> BusinessUnitPayload:
        """Create a business unit."""
        return await _unit_payload(info, await changes.create_unit(**non_null_values(input)))

    @mutation(BusinessUnitPayload, access=WRITE_CATALOG)
    async def update_business_unit(self, info: Info, input: UpdateBusinessUnitInput) -> BusinessUnitPayload:
        """Change a business unit."""
        return await _unit_payload(info, await changes.update_unit(**non_null_values(input)))

    @mutation(SubscriptionTypePayload, access=WRITE_CATALOG)
    async def create_subscription_type(
        self, info: Info, input: CreateSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Create a subscription type."""
        return await _type_payload(info, await changes.create_type(**non_null_values(input)))

    @mutation(SubscriptionTypePayload, access=WRITE_CATALOG)
    async def update_subscription_type(
        self, info: Info, input: UpdateSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Change a subscription type."""
        return await _type_payload(info, await changes.update_type(**non_null_values(input)))

    @mutation(SubscriptionTypePayload, access=WRITE_CATALOG)
    async def archive_subscription_type(
        self, info: Info, input: ArchiveSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Archive a subscription type, or restore it. No message of an archived type may be sent.

        Its preferences are kept.
        """
        return await _type_payload(info, await changes.archive_type(input.key, archived=input.archived))


async def _unit_payload(info: Info, row: CatalogUnit) -> BusinessUnitPayload:
    await info.context.refresh_catalog()
    return BusinessUnitPayload(business_unit=catalog_view(info.context).unit(row))


async def _type_payload(info: Info, row: CatalogType) -> SubscriptionTypePayload:
    await info.context.refresh_catalog()
    return SubscriptionTypePayload(subscription_type=catalog_view(info.context).type(row))
