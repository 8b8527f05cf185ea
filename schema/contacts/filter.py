"""ContactFilter: the conditions that select contacts."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from typing import Any

import strawberry
from strawberry.types import get_object_definition
from strawberry.utils.str_converters import to_camel_case

from preference_center.access.scopes import FILTER_BY_CONSENT, FILTER_BY_CONTACT
from preference_center.contacts import filter as contact_filter
from preference_center.contacts.filter_limits import check_length, check_limits, check_values
from preference_center.errors import ErrorCode, Faults, Invalid, below
from schema.contacts import conditions
from schema.contacts.conditions import (
    DeliverabilityIs,
    OptedOutOfAllIs,
    PausedIs,
    PendingOptInIs,
    PreferenceChangedIs,
    PreferenceIs,
    PropertyComparison,
    PropertyEquals,
)
from schema.contract.api_errors import Forbidden, together
from schema.contract.enums import LegalBasis
from schema.contract.fields import requirements_of, restricted
from schema.contract.ids import decode_id
from schema.contract.scalars import Key, Locale
from schema.contract.time_range import TimeRange
from schema.engine.context import Context


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
        "Words, in any order, each of which is a part of a name, the email address or the phone number. Case"
        " does not matter, and digits of a phone number may be spaced out. A word with fewer than three"
        " letters or digits has to be the beginning of a name or of the email address. At most 200 characters"
        " and 10 words. Example: `kowal @example.com`.",
        FILTER_BY_CONTACT,
    )
    emails: list[str] | None = restricted(
        "One of these email addresses: at most 1,000. Text that is no address selects nobody.",
        FILTER_BY_CONTACT,
    )
    email_domains: list[str] | None = restricted(
        "The email address is at one of these domains, such as `example.com`: at most 1,000. Subdomains are"
        " domains of their own.",
        FILTER_BY_CONTACT,
    )
    phones: list[str] | None = restricted(
        "One of these phone numbers in E.164 format, such as `+48601234567`: at most 1,000. Several contacts"
        " may have one.",
        FILTER_BY_CONTACT,
    )
    has_email: bool | None = restricted("Whether the contact has an email address.", FILTER_BY_CONTACT)
    has_phone: bool | None = restricted("Whether the contact has a phone number.", FILTER_BY_CONTACT)
    locale: Locale | None = restricted("The contact's language, such as `pl`.", FILTER_BY_CONTACT)
    processing_bases: list[LegalBasis] | None = restricted(
        "The legal basis to process and store the contact's data is one of these.", FILTER_BY_CONTACT
    )
    has_processing_basis: bool | None = restricted(
        "Whether a legal basis to process and store the contact's data is recorded.", FILTER_BY_CONTACT
    )
    created_at: TimeRange | None = restricted("When the contact was created.", FILTER_BY_CONTACT)
    updated_at: TimeRange | None = restricted("When the contact was last updated.", FILTER_BY_CONTACT)
    property: PropertyEquals | None = restricted("A property with a value.", FILTER_BY_CONTACT)
    properties: list[PropertyComparison] | None = restricted(
        'How properties compare, such as `{ name: "age", less: 18 }`: all must hold. Each comparison is a'
        " condition.",
        FILTER_BY_CONTACT,
    )
    preference: PreferenceIs | None = restricted(
        "What is recorded about one subscription type on one channel.", FILTER_BY_CONSENT
    )
    preference_changed: PreferenceChangedIs | None = restricted(
        "When, and by what origin, the preference for a subscription type last changed.", FILTER_BY_CONSENT
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
    pending_opt_in: PendingOptInIs | None = restricted(
        "Whether an opt-in of the contact waits for confirmation.", FILTER_BY_CONSENT
    )
    paused: PausedIs | None = restricted(
        "Whether a pause of the contact's address has not ended.", FILTER_BY_CONSENT
    )
    deliverability: DeliverabilityIs | None = restricted(
        "Whether messages can reach the contact's address.", FILTER_BY_CONSENT
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
    parsed = _parse(input, context, "filter")
    check_limits(parsed)
    return parsed


def _parse(input: ContactFilter, context: Context, *path: str) -> contact_filter.ContactFilter:
    """Return a filter that is at a path. Raises Invalid with the faults of all its conditions."""
    with below(*path), Faults() as faults:
        parsed = _parsed(input, context, faults)
        faults.of(check_values, parsed)
    return parsed


def _parsed(input: ContactFilter, context: Context, faults: Faults) -> contact_filter.ContactFilter:
    created, updated = conditions.period(input.created_at), conditions.period(input.updated_at)
    property_ = input.property
    return contact_filter.ContactFilter(
        ids=faults.of(_ids, input.ids),
        search=input.search,
        emails=input.emails,
        email_domains=input.email_domains,
        phones=input.phones,
        has_email=input.has_email,
        has_phone=input.has_phone,
        locale=input.locale,
        processing_bases=input.processing_bases,
        has_processing_basis=input.has_processing_basis,
        created_from=created.first if created else None,
        created_before=created.before if created else None,
        updated_from=updated.first if updated else None,
        updated_before=updated.before if updated else None,
        property=contact_filter.PropertyEquals(property_.name, property_.value) if property_ else None,
        properties=faults.of(conditions.comparisons, input.properties),
        any_of=None
        if input.or_ is None
        else [faults.of(_parse, each, context, "or", str(index)) for index, each in enumerate(input.or_)],
        negated=None if input.not_ is None else faults.of(_parse, input.not_, context, "not"),
        **_consent(input, context, faults),
    )


def _consent(input: ContactFilter, context: Context, faults: Faults) -> dict[str, Any]:
    """The conditions on the consent and the addresses of a contact."""
    parsers: dict[str, Callable[[Any, Context], Any]] = {
        "preference_changed": conditions.preference_changed,
        "preference": conditions.preference,
        "opted_out_of_all": conditions.of_all,
        "pending_opt_in": conditions.pending,
        "paused": conditions.paused,
    }
    given = {name: getattr(input, name) for name in parsers}
    usable = input.deliverability
    return {
        **{name: faults.of(parsers[name], value, context) for name, value in given.items() if value},
        "opted_out_of_email": faults.of(context.optional_type, input.opted_out_of_email, "optedOutOfEmail"),
        "unsubscribed_from_all_email": input.unsubscribed_from_all_email,
        "deliverability": contact_filter.DeliverabilityIs(usable.usable, usable.channel) if usable else None,
    }


def check_access(input: ContactFilter | None, context: Context, *path: str) -> None:
    """Raise Forbidden if conditions of the filter at a path ask for something that the token may not read."""
    forbidden = list(_forbidden(input, context, path)) if input is not None else []
    if forbidden:
        raise together(forbidden)


def _forbidden(input: ContactFilter, context: Context, path: tuple[str, ...]) -> Iterator[Forbidden]:
    for condition in get_object_definition(ContactFilter, strict=True).fields:
        access = requirements_of(condition).access
        if access is None or getattr(input, condition.python_name) is None:
            continue
        scope = access.missing(context.scopes)
        if scope is not None:
            yield Forbidden(scope, *path, to_camel_case(condition.python_name))
    for index, each in enumerate(input.or_ or ()):
        yield from _forbidden(each, context, (*path, "or", str(index)))
    if input.not_ is not None:
        yield from _forbidden(input.not_, context, (*path, "not"))


def _ids(ids: list[strawberry.ID] | None) -> list[int] | None:
    if ids is None:
        return None
    check_length(len(ids), "ids")
    return contact_ids(ids, "ids")


def contact_ids(ids: list[strawberry.ID], *path: str) -> list[int]:
    """Return the row ids of contacts. Raises Invalid (INVALID_VALUE) that names each that is none."""
    row_ids = [decode_id(text, "Contact") for text in ids]
    with Faults() as faults:
        for index, row_id in enumerate(row_ids):
            if row_id is None:
                message = "This is not the id of a Contact. Pass an id as the API gave it."
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *path, str(index)))
    return [row_id for row_id in row_ids if row_id is not None]
