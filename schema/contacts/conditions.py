"""The conditions of a ContactFilter that have several parts."""

from __future__ import annotations

import strawberry

from preference_center.contacts import conditions
from preference_center.contacts.conditions import Operator, Period
from preference_center.contacts.filter_limits import check_comparison, check_property_name
from preference_center.errors import ErrorCode, Faults, Invalid, below
from schema.contract.descriptions import TYPE_KEY
from schema.contract.enums import Channel, ConsentOrigin, PreferenceStatus
from schema.contract.scalars import JSON, Key
from schema.contract.time_range import TimeRange
from schema.engine.context import Context

_ANY_UNIT = "The key of the business unit. Left out: any business unit."
_ORIGINS = "Only where the last change has one of these origins. Left out: any origin."
_CHANGED_AT = (
    "Only where the last change was recorded in this range: `changedAt` of the preference. Left out: any"
    " time."
)
_OCCURRED_AT = (
    "Only where the last change was decided in this range. An import may record a decision long after it was"
    " made. Left out: any time."
)
_ANY_CHANNEL = "The channel. Left out: any channel."


@strawberry.input
class PropertyEquals:
    """A property of the contact, and the value that it has."""

    name: str = strawberry.field(description="The name of the property: at most 1,000 characters.")
    value: JSON | None = strawberry.field(
        description="The value of the property: at most 1,000 characters as JSON. Text has to be the same in"
        " every character, and 41 equals 41.0. Null selects contacts whose property is null or missing."
    )


@strawberry.input
class PropertyComparison:
    """How a property compares. All that is given must hold; at least one comparison has to be given, and
    what is left out does not limit.

    A property that is null is as one that is missing, and only `exists: false` selects it. Numbers are
    compared with numbers, and texts with texts, by the code points of their characters: times in one ISO
    8601 format are in their order. Example: `{ name: "age", greaterOrEqual: 18, less: 65 }`.
    """

    name: str = strawberry.field(
        description="The name of the property: at most 1,000 characters. An index finds names of up to 200."
    )
    exists: bool | None = strawberry.field(
        description="True: the contact has the property. False: it is null or missing."
    )
    in_: list[JSON] | None = strawberry.field(
        name="in",
        description="The property equals one of these values, none of which is null: together at most 1,000"
        " characters as JSON. Each counts as a condition.",
    )
    less: JSON | None = strawberry.field(description="The property is less than this number or text.")
    less_or_equal: JSON | None = strawberry.field(description="The property is at most this number or text.")
    greater: JSON | None = strawberry.field(description="The property is greater than this number or text.")
    greater_or_equal: JSON | None = strawberry.field(
        description="The property is at least this number or text."
    )
    contains: JSON | None = strawberry.field(
        description="A text, number or boolean: the property is a text that has this in it, in the same case,"
        " or a list that has this as an item."
    )


@strawberry.input
class PreferenceIs:
    """A preference with a status, and its last change. All that is given must hold.

    Consent given before a date: `{ subscriptionType: "weekly-digest", status: OPTED_IN,
    occurredAt: { before: "2026-01-01T00:00:00Z" } }`.
    """

    subscription_type: Key = strawberry.field(description="The key of the subscription type.")
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel that the status holds on."
    )
    status: PreferenceStatus = strawberry.field(
        description="The status. `NOT_OPTED` alone includes addresses for which no decision was recorded."
    )
    origins: list[ConsentOrigin] | None = strawberry.field(description=_ORIGINS)
    changed_at: TimeRange | None = strawberry.field(description=_CHANGED_AT)
    occurred_at: TimeRange | None = strawberry.field(description=_OCCURRED_AT)


@strawberry.input
class PreferenceChangedIs:
    """The last change of a preference, to whatever status. All that is given must hold.

    Contacts for which no decision was recorded are not selected.
    """

    subscription_type: Key = strawberry.field(description=TYPE_KEY)
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel that the preference holds on."
    )
    origins: list[ConsentOrigin] | None = strawberry.field(description=_ORIGINS)
    changed_at: TimeRange | None = strawberry.field(description=_CHANGED_AT)
    occurred_at: TimeRange | None = strawberry.field(description=_OCCURRED_AT)


@strawberry.input
class OptedOutOfAllIs:
    """Whether the contact is opted out of everything on a channel. What is left out does not limit."""

    channel: Channel = strawberry.field(default=Channel.EMAIL, description="The channel of the opt-out.")
    business_unit: Key | None = strawberry.field(description=_ANY_UNIT)
    origins: list[ConsentOrigin] | None = strawberry.field(
        description="Only opt-outs that have one of these origins."
    )
    value: bool = strawberry.field(
        default=True, description="False selects contacts that are not opted out of everything."
    )


@strawberry.input
class PendingOptInIs:
    """Whether an opt-in of the contact waits for confirmation. One that lapsed, after 7 days, does not."""

    subscription_type: Key | None = strawberry.field(
        description="The key of the subscription type. Left out: any type."
    )
    channel: Channel | None = strawberry.field(description=_ANY_CHANNEL)
    value: bool = strawberry.field(
        default=True, description="False selects contacts that have no such opt-in."
    )


@strawberry.input
class PausedIs:
    """Whether the contact receives no marketing until a pause ends, which it has not yet."""

    business_unit: Key | None = strawberry.field(description=_ANY_UNIT)
    channel: Channel | None = strawberry.field(description=_ANY_CHANNEL)
    value: bool = strawberry.field(
        default=True, description="False selects contacts that have no such pause."
    )


@strawberry.input
class DeliverabilityIs:
    """Whether messages can reach the contact's address on a channel. Contacts without one are not selected.

    An email address is unusable while a mail server has reported that the mailbox does not exist.
    """

    usable: bool = strawberry.field(description="Whether messages can reach the address, as far as is known.")
    channel: Channel = strawberry.field(default=Channel.EMAIL, description="The channel of the address.")


def period(given: TimeRange | None) -> Period | None:
    """Return the times of a range; None for one without ends."""
    if given is None or (given.from_ is None and given.before is None):
        return None
    return Period(given.from_, given.before)


def comparisons(given: list[PropertyComparison] | None) -> list[conditions.PropertyComparison] | None:
    """Return each comparison of each property. Raises Invalid for a property without one."""
    if given is None:
        return None
    with Faults() as faults:
        found = [faults.of(_comparisons, each, "properties", str(n)) for n, each in enumerate(given)]
    return [each for comparisons in found for each in comparisons]


def _comparisons(given: PropertyComparison, *path: str) -> list[conditions.PropertyComparison]:
    values = {
        Operator.EXISTS: given.exists,
        Operator.IN: given.in_,
        Operator.LESS: given.less,
        Operator.LESS_OR_EQUAL: given.less_or_equal,
        Operator.GREATER: given.greater,
        Operator.GREATER_OR_EQUAL: given.greater_or_equal,
        Operator.CONTAINS: given.contains,
    }
    found = [
        conditions.PropertyComparison(given.name, operator, value)
        for operator, value in values.items()
        if value is not None
    ]
    if not found:
        message = "Add a comparison, such as `exists`."
        raise Invalid(ErrorCode.INVALID_VALUE, message, *path)
    with below(*path), Faults() as faults:
        faults.of(check_property_name, given.name)
        for each in found:
            faults.of(check_comparison, each)
    return found


def preference(input: PreferenceIs, context: Context) -> conditions.PreferenceIs:
    """Return the condition on a preference. Raises Invalid for an unknown type, as the others do."""
    type_ = context.subscription_type(input.subscription_type, "preference", "subscriptionType")
    times = period(input.changed_at), period(input.occurred_at)
    return conditions.PreferenceIs(type_, input.channel, input.status, input.origins, *times)


def preference_changed(input: PreferenceChangedIs, context: Context) -> conditions.PreferenceIs:
    """Return the condition on the last change of a preference."""
    path = ("preferenceChanged", "subscriptionType")
    type_ = context.subscription_type(input.subscription_type, *path)
    times = period(input.changed_at), period(input.occurred_at)
    return conditions.PreferenceIs(type_, input.channel, None, input.origins, *times)


def of_all(input: OptedOutOfAllIs, context: Context) -> conditions.OptedOutOfAllIs:
    """Return the condition on opt-outs of all."""
    unit = context.optional_unit(input.business_unit, "optedOutOfAll", "businessUnit")
    return conditions.OptedOutOfAllIs(input.channel, unit, input.origins, input.value)


def pending(input: PendingOptInIs, context: Context) -> conditions.PendingOptInIs:
    """Return the condition on opt-ins that wait for confirmation."""
    type_ = context.optional_type(input.subscription_type, "pendingOptIn", "subscriptionType")
    return conditions.PendingOptInIs(type_, input.channel, input.value)


def paused(input: PausedIs, context: Context) -> conditions.PausedIs:
    """Return the condition on pauses."""
    unit = context.optional_unit(input.business_unit, "paused", "businessUnit")
    return conditions.PausedIs(unit, input.channel, input.value)
