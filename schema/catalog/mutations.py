"""Mutations of business units and subscription types."""

from __future__ import annotations

from typing import Any

import strawberry

from preference_center.access.scopes import WRITE_CATALOG
from preference_center.catalog import changes
from preference_center.catalog.catalog import BusinessUnit as CatalogUnit
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from schema.catalog.appearance_inputs import AppearanceInput, appearance_values
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view
from schema.contract.descriptions import UNIT_KEY
from schema.contract.enums import Channel, Purpose, ResubscribePolicy
from schema.contract.fields import mutation
from schema.contract.inputs import non_null_values
from schema.contract.scalars import JSON, Key, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info

_COLOUR = "The colour of buttons and links on pages and in messages, as `#rrggbb`, such as `#3d5a80`."
_LOGO = "The image at the top of pages: PNG, JPEG, WebP or SVG of at most 16 KiB, as a base64 `data:` URI."
_APPEARANCE = "How pages and mails look, and what they say in the brand's own words."
_POSITION = "Its place among the types of the business unit: lower positions come first."
_GROUP = (
    'The heading under which pages list it together with other types, by language, such as {"en": "News"}:'
    " at most 100 characters each."
)
_FREQUENCY = (
    'A note for recipients how often its messages come, by language, such as {"en": "about twice a month"}:'
    " at most 100 characters each."
)
_NAME = (
    'The name that recipients see, by language, such as {"en": "Weekly digest", "pl":'
    ' "Przegląd tygodnia"}. At least one language; each text has at most 200 characters.'
)
_DESCRIPTION = (
    "The description that recipients see, by language, like `name`: at most 2,000"
    " characters each. Left out: no description."
)


@strawberry.input
class CreateBusinessUnitInput:
    """A business unit to create. Fields that are left out get their defaults."""

    key: Key = strawberry.field(
        description="The key that inputs name the business unit by, such as `acme`. It must be"
        " unique, and cannot be changed later."
    )
    name: str = strawberry.field(
        description="The name of the brand, as recipients see it: at most 200 characters."
    )
    data_privacy: bool | None = strawberry.field(
        default=True,
        description="Whether marketing email needs an opt-in, and changes by the team need legal"
        " bases. Switch it off only where no law requires consent.",
    )
    resubscribe: ResubscribePolicy | None = strawberry.field(
        default=ResubscribePolicy.WITH_LEGAL_BASIS,
        description="Whether the team may opt in a recipient again who opted out themselves.",
    )
    default_locale: Locale | None = strawberry.field(
        default=Locale("en"),
        description="The language of pages, messages and texts for recipients whose own language is unknown.",
    )
    colour: str | None = strawberry.field(description=_COLOUR)
    logo: str | None = strawberry.field(description=_LOGO)
    postal_address: str | None = strawberry.field(
        description="The address by post that footers of messages show, as many laws require: at"
        " most 1,000 characters."
    )
    appearance: AppearanceInput | None = strawberry.field(description=_APPEARANCE)


@strawberry.input
class UpdateBusinessUnitInput:
    """Changes to a business unit. Fields that are left out or null stay as they are."""

    key: Key = strawberry.field(description="The key of the business unit to change.")
    name: str | None = strawberry.field(
        description="The name of the brand, as recipients see it: at most 200 characters."
    )
    data_privacy: bool | None = strawberry.field(
        description="Whether marketing email needs an opt-in, and changes by the team need legal"
        " bases. It holds from the next message and change on."
    )
    resubscribe: ResubscribePolicy | None = strawberry.field(
        description="Whether the team may opt in a recipient again who opted out themselves."
    )
    default_locale: Locale | None = strawberry.field(
        description="The language of pages, messages and texts for recipients whose own language is unknown."
    )
    colour: str | None = strawberry.field(description=_COLOUR)
    logo: str | None = strawberry.field(description=_LOGO)
    postal_address: str | None = strawberry.field(
        description="The address by post that footers of messages show: at most 1,000 characters. An"
        " empty string removes it."
    )
    appearance: AppearanceInput | None = strawberry.field(description=_APPEARANCE)


@strawberry.input
class CreateSubscriptionTypeInput:
    """A kind of message that a business unit sends, to create with its texts and settings."""

    key: Key = strawberry.field(
        description="The key that inputs name the type by, such as `weekly-digest`. It must be"
        " unique among all business units, and cannot be changed later."
    )
    business_unit: Key = strawberry.field(
        description="The key of the business unit that sends its messages, such as `acme`. It cannot"
        " be changed later."
    )
    name: JSON = strawberry.field(description=_NAME)
    description: JSON | None = strawberry.field(description=_DESCRIPTION)
    purpose: Purpose | None = strawberry.field(
        default=Purpose.MARKETING,
        description="Whether its messages are marketing, or needed by the recipient. It cannot"
        " be changed later.",
    )
    channels: list[Channel] = strawberry.field(
        default_factory=lambda: [Channel.EMAIL],
        description="The channels on which it is offered: at least one.",
    )
    is_public: bool | None = strawberry.field(
        default=True,
        description="Whether recipients can opt in themselves. False makes an internal type,"
        " which only recipients see who are or were opted in to it.",
    )
    double_opt_in: bool | None = strawberry.field(
        default=False,
        description="Whether an opt-in grants nothing until the recipient confirms it, with a"
        " button behind a link that is sent to them.",
    )
    position: int | None = strawberry.field(description=f"{_POSITION} Left out: after all others.")
    group: JSON | None = strawberry.field(description=f"{_GROUP} Left out: no group.")
    frequency: JSON | None = strawberry.field(description=f"{_FREQUENCY} Left out: no note.")


@strawberry.input
class UpdateSubscriptionTypeInput:
    """Changes to a subscription type. Fields that are left out or null stay as they are."""

    key: Key = strawberry.field(
        description="The key of the subscription type to change, such as `weekly-digest`."
    )
    name: JSON | None = strawberry.field(
        description='The names to change by language, such as {"en": "Weekly digest", "pl":'
        " null}. Null removes the name in a language; other languages stay as they are. At least one"
        " name has to remain."
    )
    description: JSON | None = strawberry.field(
        description="The descriptions to change by language, like `name`. Null removes one; all"
        " of them can be removed."
    )
    channels: list[Channel] | None = strawberry.field(
        description="The channels on which it is offered: at least one. Preferences on a channel"
        " that is taken away are kept."
    )
    is_public: bool | None = strawberry.field(
        description="Whether recipients can opt in themselves. False makes an internal type, which"
        " only recipients see who are or were opted in to it."
    )
    double_opt_in: bool | None = strawberry.field(
        description="Whether an opt-in grants nothing until the recipient confirms it. Opt-ins"
        " that hold already are not affected."
    )
    position: int | None = strawberry.field(description=_POSITION)
    group: JSON | None = strawberry.field(
        description=f"{_GROUP} It is replaced as a whole; `{{}}` takes the type out of its group."
    )
    frequency: JSON | None = strawberry.field(
        description=f"{_FREQUENCY} Null removes the note in a language; other languages stay as they are."
    )


@strawberry.input
class OrderSubscriptionTypesInput:
    """The order of the subscription types of a business unit."""

    business_unit: Key = strawberry.field(description=UNIT_KEY)
    subscription_types: list[Key] = strawberry.field(
        description="The keys of its types in their new order. Types that are not named come after them, in"
        " the order that they had."
    )


@strawberry.input
class ArchiveSubscriptionTypeInput:
    """A subscription type to archive or to restore."""

    key: Key = strawberry.field(description="The key of the subscription type, such as `weekly-digest`.")
    archived: bool = strawberry.field(default=True, description="True archives the type, false restores it.")


@strawberry.type
class BusinessUnitPayload:
    """The business unit as a mutation left it, or why the input was refused."""

    business_unit: BusinessUnit | None = strawberry.field(
        default=None, description="The business unit after the change; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class SubscriptionTypePayload:
    """The subscription type as a mutation left it, or why the input was refused."""

    subscription_type: SubscriptionType | None = strawberry.field(
        default=None, description="The subscription type after the change; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class CatalogMutations:
    """Mutations of business units and subscription types."""

    @mutation(BusinessUnitPayload, access=WRITE_CATALOG)
    async def create_business_unit(self, info: Info, input: CreateBusinessUnitInput) -> BusinessUnitPayload:
        """Create a business unit: a brand that sends in its own name. It cannot be deleted."""
        return await _unit_payload(info, await changes.create_unit(**_unit_values(input)))

    @mutation(BusinessUnitPayload, access=WRITE_CATALOG)
    async def update_business_unit(self, info: Info, input: UpdateBusinessUnitInput) -> BusinessUnitPayload:
        """Change the name, settings or look of a business unit."""
        return await _unit_payload(info, await changes.update_unit(**_unit_values(input)))

    @mutation(BusinessUnitPayload, access=WRITE_CATALOG)
    async def order_subscription_types(
        self, info: Info, input: OrderSubscriptionTypesInput
    ) -> BusinessUnitPayload:
        """Put the subscription types of a business unit in another order, on pages and in lists."""
        row = await changes.order_types(input.business_unit, input.subscription_types)
        return await _unit_payload(info, row)

    @mutation(SubscriptionTypePayload, access=WRITE_CATALOG)
    async def create_subscription_type(
        self, info: Info, input: CreateSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Create a subscription type. Nobody is opted in to it at first."""
        return await _type_payload(info, await changes.create_type(**non_null_values(input)))

    @mutation(SubscriptionTypePayload, access=WRITE_CATALOG)
    async def update_subscription_type(
        self, info: Info, input: UpdateSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Change the texts, channels or settings of a subscription type. Preferences stay as they are."""
        return await _type_payload(info, await changes.update_type(**non_null_values(input)))

    @mutation(SubscriptionTypePayload, access=WRITE_CATALOG)
    async def archive_subscription_type(
        self, info: Info, input: ArchiveSubscriptionTypeInput
    ) -> SubscriptionTypePayload:
        """Archive a subscription type, or restore it.

        No message of an archived type may be sent, and nobody can be opted in to it. Its preferences are
        kept, and hold again once it is restored.
        """
        return await _type_payload(info, await changes.archive_type(input.key, archived=input.archived))


def _unit_values(input: CreateBusinessUnitInput | UpdateBusinessUnitInput) -> dict[str, Any]:
    values = non_null_values(input)
    if "appearance" in values:
        values["appearance"] = appearance_values(values["appearance"])
    return values


async def _unit_payload(info: Info, row: CatalogUnit) -> BusinessUnitPayload:
    await info.context.refresh_catalog()
    return BusinessUnitPayload(business_unit=catalog_view(info.context).unit(row))


async def _type_payload(info: Info, row: CatalogType) -> SubscriptionTypePayload:
    await info.context.refresh_catalog()
    return SubscriptionTypePayload(subscription_type=catalog_view(info.context).type(row))
