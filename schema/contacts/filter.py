"""ContactFilter: which contacts are meant."""

from __future__ import annotations

from datetime import datetime
from typing import TypeVar

import strawberry

from preference_center.contacts import filter as plain
from preference_center.errors import ErrorCode, Invalid
from schema.contract.ids import number_of
from schema.contract.scalars import JSON, Channel, ConsentOrigin, Key, Locale, PreferenceStatus
from schema.engine.context import Context, forbidden

CONSENT = "preferences:read"
_MOST = 1_000
_DEEPEST = 8
_MOST_ALTERNATIVES = 200
"""Of all the `or`s of a filter together: each is a condition of its own in the database's statement."""
T = TypeVar("T")


@strawberry.input
class PropertyEquals:
    """A property that has a value."""

    name: str
    value: JSON | None


@strawberry.input
class PreferenceIs:
    """A type's status on a channel."""

    subscription_type: Key
    channel: Channel = Channel.EMAIL
    status: PreferenceStatus
    origins: list[ConsentOrigin] | None


@strawberry.input
class OptedOutOfAllIs:
    """Whether an opt-out of all stands."""

    channel: Channel = Channel.EMAIL
    business_unit: Key | None
    origins: list[ConsentOrigin] | None
    value: bool = True


@strawberry.input
class TimeRange:
    """From an instant on, and before another."""

    from_: datetime | None = strawberry.field(name="from")
    before: datetime | None


@strawberry.input(description="All that is given must hold; `or` needs one of its own, `not` none.")
class ContactFilter:
    """Which contacts are meant."""

    ids: list[strawberry.ID] | None
    search: str | None = strawberry.field(description="Words that names or the email address begin with.")
    emails: list[str] | None
    locale: Locale | None
    created_at: TimeRange | None
    property: PropertyEquals | None
    preference: PreferenceIs | None
    opted_out_of_email: Key | None
    unsubscribed_from_all_email: bool | None
    opted_out_of_all: OptedOutOfAllIs | None
    or_: list[ContactFilter] | None = strawberry.field(name="or")
    not_: ContactFilter | None = strawberry.field(name="not")


def plain_filter(given: ContactFilter | None, context: Context, depth: int = 1) -> plain.ContactFilter | None:
    """Turn the input into what contacts are found by. Raises Invalid naming what is wrong with it."""
    if given is None:
        return None
    if depth > _DEEPEST:
        raise Invalid(ErrorCode.INVALID_VALUE, f"A filter may be nested {_DEEPEST} deep.", "filter")
    if depth == 1 and _alternatives(given) > _MOST_ALTERNATIVES:
        message = f"A filter may have {_MOST_ALTERNATIVES} alternatives."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "filter", "or")
    either = [_inner(one, context, depth) for one in given.or_] if given.or_ is not None else None
    out_of = given.opted_out_of_email
    return plain.ContactFilter(
        ids=_ids(given.ids),
        search=given.search,
        emails=_few(given.emails, "emails"),
        locale=given.locale,
        created_from=given.created_at.from_ if given.created_at else None,
        created_before=given.created_at.before if given.created_at else None,
        property=plain.PropertyEquals(given.property.name, given.property.value) if given.property else None,
        preference=_preference(given.preference, context) if given.preference else None,
        opted_out_of_email=context.type_named(out_of, "filter", "optedOutOfEmail")
        if out_of is not None
        else None,
        unsubscribed_from_all_email=given.unsubscribed_from_all_email,
        opted_out_of_all=_of_all(given.opted_out_of_all, context) if given.opted_out_of_all else None,
        any_of=either,
        negated=_inner(given.not_, context, depth) if given.not_ is not None else None,
    )


def asks_for_consent(given: ContactFilter | None) -> bool:
    """Whether what people want has a say in who is found."""
    if given is None:
        return False
    own = (
        given.preference,
        given.opted_out_of_email,
        given.unsubscribed_from_all_email,
        given.opted_out_of_all,
    )
    return any(one is not None for one in own) or any(map(asks_for_consent, [*(given.or_ or ()), given.not_]))


def check_scope(given: ContactFilter | None, context: Context) -> None:
    """Raises FORBIDDEN where who is found tells what people want, which the token may not read."""
    if asks_for_consent(given) and not context.may(CONSENT):
        raise forbidden(CONSENT)


def _alternatives(given: ContactFilter) -> int:
    """How many filters stand in `or`s, at any depth."""
    below = [*(given.or_ or ()), *([given.not_] if given.not_ is not None else ())]
    return len(given.or_ or ()) + sum(map(_alternatives, below))


def _inner(given: ContactFilter, context: Context, depth: int) -> plain.ContactFilter:
    return plain_filter(given, context, depth + 1) or plain.ContactFilter()


def _preference(given: PreferenceIs, context: Context) -> plain.PreferenceIs:
    kind = context.type_named(given.subscription_type, "filter", "preference", "subscriptionType")
    return plain.PreferenceIs(kind, given.channel, given.status, given.origins)


def _of_all(given: OptedOutOfAllIs, context: Context) -> plain.OptedOutOfAllIs:
    unit = None
    if given.business_unit is not None:
        unit = context.unit_named(given.business_unit, "filter", "optedOutOfAll", "businessUnit")
    return plain.OptedOutOfAllIs(given.channel, unit, given.origins, given.value)


def _ids(given: list[strawberry.ID] | None) -> list[int] | None:
    if given is None:
        return None
    numbers = [number_of(text, "Contact") for text in _few(given, "ids") or ()]
    if None in numbers:
        raise Invalid(ErrorCode.INVALID_VALUE, "This is not the id of a Contact.", "filter", "ids")
    return [number for number in numbers if number is not None]


def _few(given: list[T] | None, name: str) -> list[T] | None:
    if given is not None and len(given) > _MOST:
        raise Invalid(ErrorCode.INVALID_VALUE, f"At most {_MOST:,} of these.", "filter", name)
    return given
