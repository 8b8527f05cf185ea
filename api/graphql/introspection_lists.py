"""How long the lists of introspection are: the cost of an operation counts them."""

from __future__ import annotations

from collections.abc import Mapping
from functools import cache
from typing import Any, NamedTuple

from graphql import (
    GraphQLSchema,
    is_abstract_type,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_object_type,
)


class Lengths(NamedTuple):
    """Lengths of lists by `Type.field`."""

    most: Mapping[str, int]
    average: Mapping[str, float]
    """Of the lists of a type or field, the average; of other lists the greatest length."""


@cache
def introspection_lists(schema: GraphQLSchema) -> Lengths:
    """Return how long the lists of introspection are for a schema."""
    types = list(schema.type_map.values())
    of_types = {f"__Type.{name}": [_length(schema, type_, name) for type_ in types] for name in _LISTS}
    arguments = [len(field.args) for type_ in types for field in _fields(type_)]
    others = {
        "__Schema.types": len(types),
        "__Schema.directives": len(schema.directives),
        "__Directive.args": max(len(directive.args) for directive in schema.directives),
    }
    most = {name: max(lengths) for name, lengths in of_types.items()}
    average = {name: sum(lengths) / len(lengths) for name, lengths in of_types.items()}
    return Lengths(
        {**others, **most, "__Field.args": max(arguments)},
        {**others, **average, "__Field.args": sum(arguments) / len(arguments)},
    )


_LISTS = ("fields", "interfaces", "possibleTypes", "enumValues", "inputFields")


def _length(schema: GraphQLSchema, type_: Any, name: str) -> int:
    """Return the length of a list that a type has in introspection."""
    if name == "fields":
        return len(_fields(type_))
    if name == "interfaces":
        return len(type_.interfaces) if is_object_type(type_) or is_interface_type(type_) else 0
    if name == "possibleTypes":
        return len(schema.get_possible_types(type_)) if is_abstract_type(type_) else 0
    if name == "enumValues":
        return len(type_.values) if is_enum_type(type_) else 0
    return len(type_.fields) if is_input_object_type(type_) else 0


def _fields(type_: Any) -> list[Any]:
    return list(type_.fields.values()) if is_object_type(type_) or is_interface_type(type_) else []
