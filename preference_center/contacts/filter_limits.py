"""Limits of contact filters: what a filter costs a database, before it is compiled to SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from preference_center.contacts.conditions import Operator, PropertyComparison, PropertyEquals
from preference_center.contacts.filter import ContactFilter
from preference_center.errors import ErrorCode, Faults, Invalid, below
from preference_center.validation import check_storable, check_storable_json

MOST_CONDITIONS = 50
MOST_LEVELS = 8
MOST_VALUES = 1_000
"""Ids in all conditions of a filter together, and likewise email addresses, domains and phone numbers."""
LONGEST_SEARCH = 200
MOST_WORDS = 10
LONGEST_PROPERTY = 1_000
"""Characters of a property's name, and of its value as JSON."""
_LISTS = {"ids": "ids", "emails": "emails", "email_domains": "emailDomains", "phones": "phones"}
"""Conditions that are lists of values, with their names in the API."""


def check_limits(contact_filter: ContactFilter) -> None:
    """Check the size of a filter that a caller gave. Raises Invalid that names the limit."""
    _check_levels(contact_filter, 1)
    check_count(count_conditions(contact_filter))
    filters = list(_each(contact_filter))
    for name, published in _LISTS.items():
        check_length(sum(len(getattr(each, name) or ()) for each in filters), "filter", published)


def check_count(conditions: int) -> None:
    """Check how many conditions a filter has. Raises Invalid."""
    if conditions > MOST_CONDITIONS:
        message = f"A filter may have at most {MOST_CONDITIONS} conditions. This one has {conditions}."
        raise _invalid(message, "filter", "or")


def count_conditions(contact_filter: ContactFilter) -> int:
    """Count what a database compares each contact with: conditions, words of a search, and alternatives."""
    own = sum(
        getattr(contact_filter, each.name) is not None
        for each in fields(contact_filter)
        if each.name not in ("search", "properties", "any_of", "negated")
    )
    own += sum(count_values(each) for each in contact_filter.properties or ())
    words = 0 if contact_filter.search is None else count_words(contact_filter.search)
    return own + words + sum(max(count_conditions(each), 1) for each in _below(contact_filter))


def count_words(search: str) -> int:
    """Count the words of a search, each of which is a condition: at least 1, at most MOST_WORDS."""
    return min(max(len(search.split()), 1), MOST_WORDS)


def count_values(comparison: PropertyComparison) -> int:
    """Count the values that a property is compared with, each of which is a condition: at least 1."""
    return max(len(comparison.value), 1) if comparison.operator is Operator.IN else 1


def check_length(length: int, *path: str) -> None:
    """Check how many ids or addresses there are. Raises Invalid."""
    if length > MOST_VALUES:
        raise _invalid(f"Pass at most {MOST_VALUES:,} of these.", *path)


def _check_levels(contact_filter: ContactFilter, level: int) -> None:
    if level > MOST_LEVELS:
        raise _invalid(f"A filter may be {MOST_LEVELS} levels deep.", "filter")
    for each in _below(contact_filter):
        _check_levels(each, level + 1)


def check_values(f: ContactFilter) -> None:
    """Check the values of a filter itself: not those of filters in it, and no comparisons.

    Raises Invalid that names each condition, below the filter.
    """
    with Faults() as faults:
        for name, published in _LISTS.items():
            faults.of(check_length, len(getattr(f, name) or ()), published)
        if f.search is not None:
            faults.of(_check_search, f.search)
        if f.locale is not None:
            faults.of(check_storable, f.locale, "locale")
        if f.property is not None:
            faults.of(_check_equality, f.property)


def _check_search(search: str) -> None:
    if len(search) > LONGEST_SEARCH or len(search.split()) > MOST_WORDS:
        message = f"A search may have at most {LONGEST_SEARCH} characters and {MOST_WORDS} words."
        raise _invalid(message, "search")
    check_storable(search, "search")


def _check_equality(wanted: PropertyEquals) -> None:
    with below("property"), Faults() as faults:
        faults.of(check_property_name, wanted.name)
        faults.of(_check_value, wanted.value, "value")


def check_property_name(name: str) -> None:
    """Check the name of a property. Raises Invalid that names the field, below the property."""
    if len(name) > LONGEST_PROPERTY:
        raise _invalid(f"At most {LONGEST_PROPERTY:,} characters.", "name")
    check_storable(name, "name")


def _check_value(value: Any, value_field: str) -> None:
    if len(json.dumps(value, ensure_ascii=False)) > LONGEST_PROPERTY:
        raise _invalid(f"At most {LONGEST_PROPERTY:,} characters as JSON.", value_field)
    check_storable_json(value, value_field)


def check_comparison(wanted: PropertyComparison) -> None:
    """Check what a property is compared with. Raises Invalid that names the field, below the property."""
    value, operator = wanted.value, wanted.operator
    _check_value(value, operator.value)
    if operator is Operator.EXISTS or operator is Operator.IN:
        return
    if operator is Operator.CONTAINS:
        if not isinstance(value, str | int | float):
            raise _invalid("Pass a text, a number, true or false.", operator.value)
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _invalid("Pass a number or a text.", operator.value)


def _each(contact_filter: ContactFilter) -> Iterator[ContactFilter]:
    yield contact_filter
    for inner in _below(contact_filter):
        yield from _each(inner)


def _below(f: ContactFilter) -> list[ContactFilter]:
    return [*(f.any_of or ()), *([f.negated] if f.negated is not None else ())]


def _invalid(message: str, *path: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, *path)
