"""Documents made from the schema itself, so that new fields are in them."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

from graphql import (
    GraphQLField,
    GraphQLInputObjectType,
    GraphQLInputType,
    GraphQLObjectType,
    get_named_type,
    is_enum_type,
    is_interface_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_required_input_field,
)

May = Callable[[GraphQLField], bool]
"""Whether to select a field."""


def document(root: GraphQLObjectType, name: str) -> str:
    """A query or mutation of one root field, with arguments of the right types and no sense."""
    return f"{root.name.lower()} {{ {name}{_arguments(root.fields[name], {})} {{ __typename }} }}"


def whole(root: GraphQLObjectType, name: str, arguments: dict[str, str], may: May, depth: int = 5) -> str:
    """A query of one root field with every field below it that `may` admits, to some depth."""
    field = root.fields[name]
    return f"{{ {name}{_arguments(field, arguments)} {_selection(get_named_type(field.type), may, depth)} }}"


def _arguments(field: GraphQLField, given: dict[str, str]) -> str:
    values = {
        name: given[name] if name in given else _value(argument.type)
        for name, argument in field.args.items()
        if name in given or is_required_argument(argument)
    }
    if "first" in field.args:
        values["first"] = "3"
    inside = ", ".join(f"{name}: {value}" for name, value in values.items())
    return f"({inside})" if inside else ""


def _value(type_: GraphQLInputType) -> str:
    """A literal of a type. An object has the fields that it needs; the first one if only one may be set."""
    if is_non_null_type(type_):
        return _value(type_.of_type)
    if is_list_type(type_):
        return "[]"
    if is_enum_type(type_):
        return next(iter(type_.values))
    if isinstance(type_, GraphQLInputObjectType):
        names = [name for name, field in type_.fields.items() if is_required_input_field(field)]
        names = names or (list(type_.fields)[:1] if type_.is_one_of else [])
        return "{" + ", ".join(f"{name}: {_value(type_.fields[name].type)}" for name in names) + "}"
    values = {"Int": "1", "Boolean": "true", "DateTime": '"2026-05-01T00:00:00Z"', "Locale": '"en"'}
    return values.get(get_named_type(type_).name, '"x"')


def _selection(type_: Any, may: May, depth: int) -> str:
    if is_leaf_type(type_):
        return ""
    if is_interface_type(type_):
        return "{ __typename id }"
    assert is_object_type(type_)
    parts = ["__typename"]
    for name, field in type_.fields.items():
        named = get_named_type(field.type)
        if may(field) and (is_leaf_type(named) or depth > 1):
            parts.append(f"{name}{_arguments(field, {})} {_selection(named, may, depth - 1)}")
    return "{ " + " ".join(parts) + " }"
