"""What is asked for is served: the contract, the snapshot and the running schema agree."""

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
    is_object_type,
    is_scalar_type,
    print_ast,
)
from graphql.utilities import get_default_value_ast

from schema.root import graphql_schema, sdl

CONTRACT: GraphQLSchema = build_schema(
    Path(__file__).with_name("contract.graphql").read_text("utf-8"), assume_valid=True
)
SNAPSHOT = Path(__file__).parents[2] / "schema" / "schema.graphql"

ASKED_FOR = sorted(name for name in CONTRACT.type_map if not name.startswith("__"))


@pytest.mark.parametrize("name", ASKED_FOR)
def test_every_type_of_the_contract_is_served_as_it_is_written(name: str) -> None:
    asked, served = CONTRACT.type_map[name], graphql_schema.get_type(name)
    assert isinstance(served, type(asked))
    if is_enum_type(asked):
        assert set(asked.values) <= set(served.values)
    elif is_input_object_type(asked):
        assert served.is_one_of == asked.is_one_of or _one_of(name)
        assert _wrong_inputs(asked.fields, served.fields) == []
    elif is_object_type(asked) or is_interface_type(asked):
        assert {one.name for one in asked.interfaces} <= {one.name for one in served.interfaces}
        assert _wrong_fields(asked.fields, served.fields) == []
    else:
        assert is_scalar_type(asked)


def test_the_committed_snapshot_is_what_is_served() -> None:
    hint = "run `python -m schema.snapshot` to renew it"
    assert SNAPSHOT.read_text("utf-8") == sdl(), hint


def _one_of(name: str) -> bool:
    return f"input {name} @oneOf" in sdl()


def _wrong_fields(
    asked: dict[str, GraphQLField], served: dict[str, GraphQLField]
) -> list[tuple[str, str, str]]:
    wrong = []
    for field, wanted in asked.items():
        given = served.get(field)
        if given is None or str(given.type) != str(wanted.type):
            wrong.append((field, str(wanted.type), str(given and given.type)))
            continue
        wrong += _wrong_inputs(wanted.args, given.args)
        wrong += [(field, "nothing", one) for one in given.args if one not in wanted.args]
    return wrong


def _wrong_inputs(
    asked: dict[str, GraphQLInputField] | dict[str, GraphQLArgument],
    served: dict[str, GraphQLInputField] | dict[str, GraphQLArgument],
) -> list[tuple[str, str, str]]:
    pairs = [(name, _written(wanted), _written(served.get(name))) for name, wanted in asked.items()]
    return [(name, wanted, given) for name, wanted, given in pairs if wanted != given]


def _written(one: GraphQLInputField | GraphQLArgument | None) -> str:
    """The type with its default: `Channel! = EMAIL`."""
    if one is None:
        return "nothing"
    default = get_default_value_ast(one)
    return f"{one.type} = {print_ast(default)}" if default is not None else str(one.type)
