"""How many conditions the filters in the arguments of a field have: each takes time for every contact."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from graphql import FieldNode, ListValueNode, NullValueNode, ObjectValueNode, StringValueNode, VariableNode

from preference_center.contacts.filter_limits import check_count, count_words

_PATHS = (("filter",), ("input", "filter"), ("input", "contacts", "filter"))
"""Where a ContactFilter is in the arguments of a field."""


def conditions_in_arguments(node: FieldNode, variables: Mapping[str, Any]) -> int:
    """Return how many conditions the filters of a field have. `variables`: the values as they were coerced.

    Counted as by `filter_limits.count_conditions`, but before a filter is parsed, which takes time for each.
    Raises Invalid for a filter that has too many.
    """
    arguments = {each.name.value: each.value for each in node.arguments or ()}
    filters = (_at(arguments, path, variables) for path in _PATHS)
    found = [_conditions(value, variables) for value in filters if value is not None]
    for conditions in found:
        check_count(conditions)
    return sum(found)


def _at(value: Any, path: tuple[str, ...], variables: Mapping[str, Any]) -> Any:
    for name in path:
        value = dict(_members(value, variables)).get(name)
    return value


def _conditions(value: Any, variables: Mapping[str, Any]) -> int:
    return sum(_weight(name, member, variables) for name, member in _members(value, variables))


def _weight(name: str, value: Any, variables: Mapping[str, Any]) -> int:
    if name in ("or", "not"):
        return sum(max(_conditions(each, variables), 1) for each in _items(value, variables))
    if name == "search":
        return count_words(_text(value))
    if name == "properties":
        return sum(_comparisons(each, variables) for each in _items(value, variables))
    return 1


def _comparisons(value: Any, variables: Mapping[str, Any]) -> int:
    """How many conditions the comparisons of one property are: each value of `in` is one."""
    return sum(
        max(len(_items(member, variables)), 1) if name == "in" else 1
        for name, member in _members(value, variables)
        if name != "name"
    )


def _members(value: Any, variables: Mapping[str, Any]) -> Iterator[tuple[str, Any]]:
    """Yield the names and values in an object, written or coerced, without those that are null."""
    value = _read(value, variables)
    if isinstance(value, ObjectValueNode):
        value = {each.name.value: each.value for each in value.fields}
    for name, member in value.items() if isinstance(value, dict) else ():
        read = _read(member, variables)
        if read is not None:
            yield name, read


def _items(value: Any, variables: Mapping[str, Any]) -> list[Any]:
    """Return the items of a list; anything else is a list of one."""
    read = _read(value, variables)
    if isinstance(read, ListValueNode):
        return list(read.values)
    return read if isinstance(read, list) else [read]


def _read(value: Any, variables: Mapping[str, Any]) -> Any:
    if isinstance(value, VariableNode):
        value = variables.get(value.name.value)
    return None if isinstance(value, NullValueNode) else value


def _text(value: Any) -> str:
    return value.value if isinstance(value, StringValueNode) else str(value)
