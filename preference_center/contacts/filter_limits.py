"""Limits of contact filters: what a filter costs a database, before it is compiled to SQL."""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import fields
from typing import Any

from preference_center.contacts.conditions import Operator, PropertyComparison
from preference_center.contacts.filter import ContactFilter
from preference_center.errors import ErrorCode, Invalid

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
    """Check a filter that a caller gave. Raises Invalid that names the condition and the limit."""
    _check_levels(contact_filter, 1)
    check_count(count_conditions(contact_filter))
    filters = list(_each(contact_filter))
    for each in filters:
        _check_values(each)
    for name, published in _LISTS.items():
        check_length(sum(len(getattr(each, name) or ()) for each in filters), published)


def check_count(conditions: int) -> None:
    """Check how many conditions a filter has. Raises Invalid."""
    if conditions > MOST_CONDITIONS:
        message = f"A filter may have at most {MOST_CONDITIONS} conditions. This one has {conditions}."
        raise _invalid(message, "or")


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
        raise _invalid(f"A filter may be {MOST_LEVELS} levels deep.")
    for each in _below(contact_filter):
        _check_levels(each, level + 1)


def _check_values(f: ContactFilter) -> None:
    if f.search is not None and (len(f.search) > LONGEST_SEARCH or len(f.search.split()) > MOST_WORDS):
        message = f"A search may have at most {LONGEST_SEARCH} characters and {MOST_WORDS} words."
        raise _invalid(message, "search")
    if f.property is not None:
        _check_property(f.property.name, f.property.value, "property", "value")
    for each in f.properties or ():
        _check_property(each.name, each.value, "properties", each.operator.value)
        _check_comparison(each)


def _check_property(name: str, value: Any, *path: str) -> None:
    if len(name) > LONGEST_PROPERTY:
        raise _invalid(f"At most {LONGEST_PROPERTY:,} characters.", path[0], "name")
    if len(json.dumps(value, ensure_ascii=False)) > LONGEST_PROPERTY:
        raise _invalid(f"At most {LONGEST_PROPERTY:,} characters as JSON.", *path)


def _check_comparison(wanted: PropertyComparison) -> None:
    value, operator = wanted.value, wanted.operator
    if operator is Operator.EXISTS or operator is Operator.IN:
        return
    path = ("properties", operator.value)
    if operator is Operator.CONTAINS:
        if not isinstance(value, str | int | float):
            raise _invalid("Pass a text, a number, true or false.", *path)
    elif isinstance(value, bool) or not isinstance(value, str | int | float):
        raise _invalid("Pass a number or a text.", *path)


def _each(contact_filter: ContactFilter) -> Iterator[ContactFilter]:
    yield contact_filter
    for inner in _below(contact_filter):
        yield from _each(inner)


def _below(f: ContactFilter) -> list[ContactFilter]:
    return [*(f.any_of or ()), *([f.negated] if f.negated is not None else ())]


def _invalid(message: str, *path: str) -> Invalid:
    return Invalid(ErrorCode.INVALID_VALUE, message, "filter", *path)
