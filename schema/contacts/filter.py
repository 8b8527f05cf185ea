"""ContactFilter: the conditions that select contacts."""

from __future__ import annotations

from typing import TypeVar

import strawberry

from preference_center.contacts import filter as contact_filter
from preference_center.errors import ErrorCode, Invalid
from schema.contract.api_errors import forbidden
from schema.contract.enums import Channel, ConsentOrigin, PreferenceStatus
from schema.contract.ids import decode_id
from schema.contract.scalars import JSON, Key, Locale
from schema.contract.time_range import TimeRange
from schema.engine.context import Context

CONSENT = "preferences:read"
_MOST_VALUES = 1_000
_DEEPEST = 8
_MOST_ALTERNATIVES = 200
"""All members of `or` in one filter. Each is a condition of its own in the SQL statement."""
T = TypeVar("T")


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
    """The conditions that select contacts. All of them must hold.

    Conditions on preferences need the scope `preferences:read`. To choose an audience, filter by the
    preferences of the business unit that sends.
    """

    ids: list[strawberry.ID] | None = strawberry.field(description="At most 1,000 ids of contacts.")
    search: str | None = strawberry.field(
        description="Words that the names or the email address begin with, in any order."
    )
    emails: list[str] | None = strawberry.field(description="At most 1,000 email addresses.")
    locale: Locale | None = strawberry.field(description="The contact's language.")
    created_at: TimeRange | None = strawberry.field(description="When the contact was created.")
    property: PropertyEquals | None = strawberry.field(description="A property of the contact.")
    preference: PreferenceIs | None = strawberry.field(description="A preference of the contact.")
    opted_out_of_email: Key | None = strawberry.field(
        description="The key of a subscription type: contacts opted out of it by email, or of everything from"
        " its business unit."
    )
    unsubscribed_from_all_email: bool | None = strawberry.field(
        description="Whether the contact is opted out of all email from any business unit."
    )
    opted_out_of_all: OptedOutOfAllIs | None = strawberry.field(
        description="Whether the contact is opted out of everything on a channel."
    )
    or_: list[ContactFilter] | None = strawberry.field(
        name="or", description="At least one of these filters must select the contact."
    )
    not_: ContactFilter | None = strawberry.field(
        name="not", description="This filter must not select the contact."
    )


def parse_filter(
    input: ContactFilter | None, context: Context, depth: int = 1
) -> contact_filter.ContactFilter | None:
    """Return the filter as the contacts package takes it. Raises Invalid that names the condition."""
    if input is None:
        return None
    if depth > _DEEPEST:
        raise Invalid(ErrorCode.INVALID_VALUE, f"A filter may be {_DEEPEST} levels deep.", "filter")
    if depth == 1 and _alternatives(input) > _MOST_ALTERNATIVES:
        message = f"A filter may have {_MOST_ALTERNATIVES} members of `or`."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "filter", "or")
    property_ = input.property
    return contact_filter.ContactFilter(
        ids=_ids(input.ids),
        search=input.search,
        emails=_limited(input.emails, "emails"),
        locale=input.locale,
        created_from=input.created_at.from_ if input.created_at else None,
        created_before=input.created_at.before if input.created_at else None,
        property=contact_filter.PropertyEquals(property_.name, property_.value) if property_ else None,
        preference=_preference(input.preference, context) if input.preference else None,
        opted_out_of_email=context.optional_type(input.opted_out_of_email, "filter", "optedOutOfEmail"),
        unsubscribed_from_all_email=input.unsubscribed_from_all_email,
        opted_out_of_all=_of_all(input.opted_out_of_all, context) if input.opted_out_of_all else None,
        any_of=None if input.or_ is None else [_inner(each, context, depth) for each in input.or_],
        negated=None if input.not_ is None else _inner(input.not_, context, depth),
    )


def check_scope(input: ContactFilter | None, context: Context) -> None:
    """Raise FORBIDDEN if the filter has conditions on preferences, which the token may not read."""
    if _needs_consent(input) and not context.may(CONSENT):
        raise forbidden(CONSENT)


def _needs_consent(input: ContactFilter | None) -> bool:
    if input is None:
        return False
    own = (
        input.preference,
        input.opted_out_of_email,
        input.unsubscribed_from_all_email,
        input.opted_out_of_all,
    )
    return any(condition is not None for condition in own) or any(map(_needs_consent, _below(input)))


def _below(input: ContactFilter) -> list[ContactFilter]:
    return [*(input.or_ or ()), *([input.not_] if input.not_ is not None else ())]


def _alternatives(input: ContactFilter) -> int:
    """Count the members of `or`, at any depth."""
    return len(input.or_ or ()) + sum(map(_alternatives, _below(input)))


def _inner(input: ContactFilter, context: Context, depth: int) -> contact_filter.ContactFilter:
    return parse_filter(input, context, depth + 1) or contact_filter.ContactFilter()


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
    return contact_ids(_limited(ids, "ids") or [], "filter", "ids")


def contact_ids(ids: list[strawberry.ID], *path: str) -> list[int]:
    """Return the row ids of contacts. Raises Invalid (INVALID_VALUE) that names the field."""
    row_ids = [decode_id(text, "Contact") for text in ids]
    if None in row_ids:
        raise Invalid(ErrorCode.INVALID_VALUE, "This is not the id of a Contact.", *path)
    return [row_id for row_id in row_ids if row_id is not None]


def _limited(values: list[T] | None, field: str) -> list[T] | None:
    if values is not None and len(values) > _MOST_VALUES:
        message = f"Pass at most {_MOST_VALUES:,} of these."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "filter", field)
    return values
