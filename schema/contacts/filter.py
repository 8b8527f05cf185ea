"""ContactFilter: the conditions that select contacts."""

from __future__ import annotations

import strawberry
from strawberry.types import get_object_definition

from preference_center.access.scopes import FILTER_BY_CONSENT, FILTER_BY_CONTACT
from preference_center.contacts import filter as contact_filter
from preference_center.contacts.filter_limits import check_length, check_limits
from preference_center.errors import ErrorCode, Invalid
from schema.contract.enums import Channel, ConsentOrigin, PreferenceStatus
from schema.contract.fields import requirements_of, restricted
from schema.contract.ids import decode_id
from schema.contract.scalars import JSON, Key, Locale
from schema.contract.time_range import TimeRange
from schema.engine.context import Context


@strawberry.input
class PropertyEquals:
    """A property with a value."""

    name: str = strawberry.field(description="The name of the property.")
    value: JSON | None = strawberry.field(description="The value of the property.")


@strawberry.input
class PreferenceIs:
    """A preference with a status."""

    subscription_type: Key = strawberry.field(description="The key of the subscription type.")
    channel: Channel = strawberry.field(default=Channel.EMAIL, description="The channel.")
    status: PreferenceStatus = strawberry.field(description="The status.")
    origins: list[ConsentOrigin] | None = strawberry.field(
        description="Only where the last change has one of these origins."
    )


@strawberry.input
class OptedOutOfAllIs:
    """Whether the contact is opted out of everything on a channel."""

    channel: Channel = strawberry.field(default=Channel.EMAIL, description="The channel.")
    business_unit: Key | None = strawberry.field(
        description="The key of the business unit. Left out: any business unit."
    )
    origins: list[ConsentOrigin] | None = strawberry.field(
        description="Only opt-outs that have one of these origins."
    )
    value: bool = strawberry.field(
        default=True, description="False selects contacts that are not opted out of everything."
    )


@strawberry.input
class ContactFilter:
    """The conditions that select contacts. All that are given must hold; one that is left out or null does
    not limit.

    A filter has at most 50 conditions, those in `or` and `not` included; each word of `search` is one.
    Filters may be nested 8 levels deep.

    Conditions on preferences need the scope `preferences:read`, those on other data of the contact
    `contacts:read`. To choose an audience, filter by the preferences of the business unit that sends.
    Example: `{ locale: "pl", preference: { subscriptionType: "weekly-digest", status: OPTED_IN } }`.
    """

    ids: list[strawberry.ID] | None = strawberry.field(
        description="The contact has one of these ids: at most 1,000. Ids of contacts that do not"
        " exist select nobody."
    )
    search: str | None = restricted(
        "Words that the names or the email address begin with, in any order.", FILTER_BY_CONTACT
    )
    emails: list[str] | None = restricted("At most 1,000 email addresses.", FILTER_BY_CONTACT)
    locale: Locale | None = restricted("The contact's language.", FILTER_BY_CONTACT)
    created_at: TimeRange | None = restricted("When the contact was created.", FILTER_BY_CONTACT)
    property: PropertyEquals | None = restricted("A property of the contact.", FILTER_BY_CONTACT)
    preference: PreferenceIs | None = restricted(
        "What is recorded about one subscription type on one channel.", FILTER_BY_CONSENT
    )
    opted_out_of_email: Key | None = restricted(
        "The key of a subscription type, such as `weekly-digest`: the email address"
        " is opted out of it, or of everything from its business unit.",
        FILTER_BY_CONSENT,
    )
    unsubscribed_from_all_email: bool | None = restricted(
        "Whether the email address is opted out of all email from at least one business unit.",
        FILTER_BY_CONSENT,
    )
    opted_out_of_all: OptedOutOfAllIs | None = restricted(
        "Whether an address is opted out of everything from a business unit on a channel.", FILTER_BY_CONSENT
    )
    or_: list[ContactFilter] | None = strawberry.field(
        name="or",
        description="At least one of these filters selects the contact. An empty list selects nobody.",
    )
    not_: ContactFilter | None = strawberry.field(
        name="not", description="This filter does not select the contact."
    )


def parse_filter(input: ContactFilter | None, context: Context) -> contact_filter.ContactFilter | None:
    """Return the filter as the contacts package takes it.

    Raises Invalid that names the condition, also for a filter over a limit.
    """
    if input is None:
        return None
    parsed = _parse(input, context)
    check_limits(parsed)
    return parsed


def _parse(input: ContactFilter, context: Context) -> contact_filter.ContactFilter:
    property_ = input.property
    return contact_filter.ContactFilter(
        ids=_ids(input.ids),
        search=input.search,
        emails=input.emails,
        locale=input.locale,
        created_from=input.created_at.from_ if input.created_at else None,
        created_before=input.created_at.before if input.created_at else None,
        property=contact_filter.PropertyEquals(property_.name, property_.value) if property_ else None,
        preference=_preference(input.preference, context) if input.preference else None,
        opted_out_of_email=context.optional_type(input.opted_out_of_email, "filter", "optedOutOfEmail"),
        unsubscribed_from_all_email=input.unsubscribed_from_all_email,
        opted_out_of_all=_of_all(input.opted_out_of_all, context) if input.opted_out_of_all else None,
        any_of=None if input.or_ is None else [_parse(each, context) for each in input.or_],
        negated=None if input.not_ is None else _parse(input.not_, context),
    )


def check_access(input: ContactFilter | None, context: Context) -> None:
    """Raise Forbidden if a condition asks for something that the token may not read."""
    if input is None:
        return
    for condition in get_object_definition(ContactFilter, strict=True).fields:
        access = requirements_of(condition).access
        if access is not None and getattr(input, condition.python_name) is not None:
            context.require(access)
    for each in _below(input):
        check_access(each, context)


def _below(input: ContactFilter) -> list[ContactFilter]:
    return [*(input.or_ or ()), *([input.not_] if input.not_ is not None else ())]


def _preference(input: PreferenceIs, context: Context) -> contact_filter.PreferenceIs:
    path = ("filter", "preference", "subscriptionType")
    type_ = context.subscription_type(input.subscription_type, *path)
    return contact_filter.PreferenceIs(type_, input.channel, input.status, input.origins)


def _of_all(input: OptedOutOfAllIs, context: Context) -> contact_filter.OptedOutOfAllIs:
    unit = context.optional_unit(input.business_unit, "filter", "optedOutOfAll", "businessUnit")
    return contact_filter.OptedOutOfAllIs(input.channel, unit, input.origins, input.value)


def _ids(ids: list[strawberry.ID] | None) -> list[int] | None:
    if ids is None:
        return None
    check_length(len(ids), "ids")
    return contact_ids(ids, "filter", "ids")


def contact_ids(ids: list[strawberry.ID], *path: str) -> list[int]:
    """Return the row ids of contacts. Raises Invalid (INVALID_VALUE) that names the field."""
    row_ids = [decode_id(text, "Contact") for text in ids]
    if None in row_ids:
        raise Invalid(ErrorCode.INVALID_VALUE, "This is not the id of a Contact.", *path)
    return [row_id for row_id in row_ids if row_id is not None]
