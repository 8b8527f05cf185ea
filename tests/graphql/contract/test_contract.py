"""The contract, the committed snapshot and the served schema agree."""

from __future__ import annotations

from pathlib import Path

import pytest
from graphql import (
    GraphQLArgument,
    GraphQLField,
    GraphQLInputField,
    GraphQLSchema,
    build_schema,
    is_enum_type,
    is_input_object_type,
    is_interface_type,
    is_non_null_type,
    is_object_type,
    is_required_argument,
    is_scalar_type,
    print_ast,
)
from graphql.utilities import get_default_value_ast

from schema.contract.fields import requirements_of
from schema.engine.loading import loader_of
from schema.root import graphql_schema, sdl
from schema.snapshot import SNAPSHOT

CONTRACT: GraphQLSchema = build_schema(
    Path(__file__).with_name("contract.graphql").read_text("utf-8"), assume_valid=True
)
TYPES = sorted(name for name in CONTRACT.type_map if not name.startswith("__"))


@pytest.mark.parametrize("name", TYPES)
def test_every_type_of_the_contract_is_served_as_written(name: str) -> None:
    expected, served = CONTRACT.type_map[name], graphql_schema.get_type(name)
    assert isinstance(served, type(expected))
    if is_enum_type(expected):
        assert set(expected.values) <= set(served.values)
    elif is_input_object_type(expected):
        assert served.is_one_of == expected.is_one_of or _one_of(name)
        assert _wrong_inputs(expected.fields, served.fields) == []
    elif is_object_type(expected) or is_interface_type(expected):
        assert {each.name for each in expected.interfaces} <= {each.name for each in served.interfaces}
        assert _wrong_fields(expected.fields, served.fields) == []
    else:
        assert is_scalar_type(expected)


def test_the_committed_snapshot_is_the_served_schema() -> None:
    assert SNAPSHOT.read_text("utf-8") == sdl(), "run `python -m schema.snapshot` to update it"


def test_every_field_that_needs_a_registered_loader_has_one() -> None:
    for type_ in graphql_schema.type_map.values():
        for field in type_.fields.values() if is_object_type(type_) else ():
            definition = field.extensions.get("strawberry-definition")
            if requirements_of(definition).registered:
                assert loader_of(type_.name, definition) is not None


def test_whatever_a_scope_can_forbid_is_nullable() -> None:
    """An error of a field that must not be null takes all around it away."""
    not_nullable = [
        f"{type_.name}.{name}"
        for type_ in graphql_schema.type_map.values()
        if is_object_type(type_)
        for name, field in type_.fields.items()
        if requirements_of(field.extensions.get("strawberry-definition")).can_forbid
        and is_non_null_type(field.type)
    ]
    assert not_nullable == []


def _one_of(name: str) -> bool:
    return f"input {name} @oneOf" in sdl()


def _wrong_fields(
    expected: dict[str, GraphQLField], served: dict[str, GraphQLField]
) -> list[tuple[str, str, str]]:
    wrong = []
    for field, expected_field in expected.items():
        served_field = served.get(field)
        if served_field is None or str(served_field.type) != _expected_type(expected_field, served_field):
            wrong.append((field, str(expected_field.type), str(served_field and served_field.type)))
            continue
        wrong += _wrong_inputs(expected_field.args, served_field.args)
        added = {name: arg for name, arg in served_field.args.items() if name not in expected_field.args}
        wrong += [(field, "nothing", name) for name, arg in added.items() if is_required_argument(arg)]
    return wrong


def _expected_type(expected: GraphQLField, served: GraphQLField) -> str:
    """The type in the contract. It is nullable if a scope can forbid the field."""
    can_forbid = requirements_of(served.extensions.get("strawberry-definition")).can_forbid
    return str(expected.type).removesuffix("!") if can_forbid else str(expected.type)


def _wrong_inputs(
    expected: dict[str, GraphQLInputField] | dict[str, GraphQLArgument],
    served: dict[str, GraphQLInputField] | dict[str, GraphQLArgument],
) -> list[tuple[str, str, str]]:
    written = {name: (_written(field), _written(served.get(name))) for name, field in expected.items()}
    return [(name, wanted, found) for name, (wanted, found) in written.items() if wanted != found]


def _written(each: GraphQLInputField | GraphQLArgument | None) -> str:
    """The type with its default: `Channel! = EMAIL`."""
    if each is None:
        return "nothing"
    default = get_default_value_ast(each)
    return f"{each.type} = {print_ast(default)}" if default is not None else str(each.type)
