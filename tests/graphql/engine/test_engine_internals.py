"""The parts of graphql-core and Strawberry that the engine relies on: decisions 0028 and 0041.

Most are not public. If an upgrade changes one, a test here fails and names it.
"""

from __future__ import annotations

import asyncio
import inspect
import tomllib
from collections.abc import Callable
from importlib.metadata import version
from pathlib import Path
from typing import Any

import orjson
import pytest
import strawberry
from graphql import GraphQLError, GraphQLObjectType, GraphQLSchema, ValuesOfCorrectTypeRule, parse, validate
from graphql.execution import Executor
from graphql.execution.collect_fields import CollectedFields, FieldDetails
from graphql.execution.values import get_argument_values
from graphql.pyutils import Path as ResponsePath
from graphql.utilities.validate_input_value import validate_input_literal
from graphql.validation.rules import overlapping_fields_can_be_merged
from strawberry.types import get_object_definition
from strawberry.types.arguments import convert_argument, convert_arguments
from strawberry.types.field import StrawberryField
from strawberry.types.fields.resolver import StrawberryResolver

from api.graphql import documents, limits  # noqa: F401 (documents sets the budget)
from api.graphql.http import encoded
from schema.contract.references import RecipientRef
from schema.root import graphql_schema, schema

PYPROJECT = Path(__file__).parents[3] / "pyproject.toml"

SIGNATURES: list[tuple[Callable[..., Any], list[str]]] = [
    (
        Executor.build,
        ["schema", "document", "root_value", "context_value", "raw_variable_values", "operation_name"],
    ),
    (Executor.execute_operation, ["self", "serially"]),
    (
        Executor.execute_field,
        ["self", "parent_type", "source", "field_details_list", "path", "position_context"],
    ),
    (
        Executor.complete_awaitable_value,
        ["self", "return_type", "field_details_list", "info", "path", "result", "position_context"],
    ),
    (
        Executor.collect_and_execute_subfields,
        ["self", "return_type", "field_details_list", "path", "result", "position_context"],
    ),
    (
        Executor.complete_value,
        ["self", "return_type", "field_details_list", "info", "path", "result", "position_context"],
    ),
    (Executor.collect_subfields, ["self", "return_type", "field_details_list"]),
    (Executor.handle_field_error, ["self", "raw_error", "return_type", "field_details_list", "path"]),
    (GraphQLSchema.get_field, ["self", "parent_type", "field_name"]),
    (
        get_argument_values,
        ["type_def", "node", "variable_values", "fragment_variable_values"],
    ),
    (convert_arguments, ["value", "arguments", "scalar_registry", "config"]),
    (ValuesOfCorrectTypeRule.is_valid_value_node, ["self", "node", "input_type"]),
    (
        validate_input_literal,
        ["value_node", "type_", "on_error", "variables", "fragment_variable_values", "hide_suggestions"],
    ),
]


@pytest.mark.parametrize("package", ["graphql-core", "strawberry-graphql"])
def test_the_version_is_pinned_exactly(package: str) -> None:
    dependencies = tomllib.loads(PYPROJECT.read_text("utf-8"))["project"]["dependencies"]
    assert f"{package}=={version(package)}" in dependencies


@pytest.mark.parametrize(
    ("function", "parameters"), SIGNATURES, ids=lambda each: getattr(each, "__name__", "")
)
def test_a_function_takes_the_parameters_that_the_engine_passes(
    function: Callable[..., Any], parameters: list[str]
) -> None:
    assert list(inspect.signature(function).parameters)[: len(parameters)] == parameters


def test_a_selection_is_collected_as_lists_of_nodes_by_response_key() -> None:
    assert FieldDetails._fields == ("node", "defer_usage", "fragment_variable_values")
    assert CollectedFields._fields[0] == "grouped_field_set"
    executor = _Recording.build(
        graphql_schema, parse("{ viewer { a: name ...V } } fragment V on Viewer { name scopes }")
    )
    assert isinstance(executor, _Recording)
    viewer = graphql_schema.type_map["Viewer"]
    assert isinstance(viewer, GraphQLObjectType)
    root = executor.operation.selection_set.selections[0]
    fields = executor.collect_subfields(viewer, [FieldDetails(root, None)]).grouped_field_set  # type: ignore[arg-type]
    assert {key: [each.node.name.value for each in nodes] for key, nodes in fields.items()} == {
        "a": ["name"],
        "name": ["name"],
        "scopes": ["scopes"],
    }


@strawberry.type
class Leaf:
    value: int = strawberry.field(description="A plain attribute.", metadata={"kept": True})

    @strawberry.field
    def times(self, n: int = 2) -> int:
        return self.value * n


@strawberry.type
class Root:
    @strawberry.field
    async def leaf(self) -> Leaf | None:
        return Leaf(value=21)

    @strawberry.field
    async def leaves(self) -> list[Leaf]:
        return [Leaf(value=1), Leaf(value=2)]

    @strawberry.field
    async def broken(self) -> Leaf | None:
        raise ValueError("no leaf")


SMALL = strawberry.Schema(query=Root)


class _Recording(Executor[Any]):
    """Records which methods graphql-core calls."""

    calls: list[str]

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, position: Any) -> Any:
        self.calls.append(f"execute {path.key}")
        return super().execute_field(parent_type, source, details, path, position)

    async def complete_awaitable_value(
        self, return_type: Any, details: Any, info: Any, path: Any, result: Any, position: Any
    ) -> Any:
        self.calls.append(f"await {path.key}")
        return await super().complete_awaitable_value(return_type, details, info, path, result, position)

    def collect_and_execute_subfields(
        self, return_type: Any, details: Any, path: Any, result: Any, position: Any
    ) -> Any:
        self.calls.append(f"complete {return_type.name}")
        if return_type.name == "Leaf":
            return {"planned": result.value}
        return super().collect_and_execute_subfields(return_type, details, path, result, position)


async def _execute(query: str) -> tuple[_Recording, Any]:
    executor = _Recording.build(SMALL._schema, parse(query), context_value=object())
    assert isinstance(executor, _Recording)
    executor.calls = []
    return executor, await executor.execute_operation(serially=True)  # type: ignore[misc]


async def test_a_root_field_is_awaited_and_each_of_its_objects_completed_by_the_overridden_methods() -> None:
    executor, result = await _execute("{ leaf { value } leaves { value } }")
    assert result.errors is None
    assert result.data == {"leaf": {"planned": 21}, "leaves": [{"planned": 1}, {"planned": 2}]}
    assert executor.calls == [
        "execute leaf",
        "await leaf",
        "complete Leaf",
        "execute leaves",
        "await leaves",
        "complete Leaf",
        "complete Leaf",
    ]


class _Splicing(Executor[Any]):
    """Answers root fields itself, as statements do."""

    roots: list[str]

    def execute_field(self, parent_type: Any, source: Any, details: Any, path: Any, position: Any) -> Any:
        assert path.prev is None
        assert parent_type is self.schema.query_type
        return self._spliced(path.key)

    async def _spliced(self, key: str) -> Any:
        self.roots.append(f"begin {key}")
        await asyncio.sleep(0)
        self.roots.append(f"end {key}")
        return orjson.Fragment(f'{{"key":"{key}","%":"é"}}')


async def test_a_root_field_may_be_answered_with_json_which_is_spliced_as_it_is() -> None:
    executor = _Splicing.build(SMALL._schema, parse("{ leaf { value } more: leaves { value } }"))
    assert isinstance(executor, _Splicing)
    executor.roots = []
    result = await executor.execute_operation(serially=True)  # type: ignore[misc]
    assert encoded(result.data) == '{"leaf":{"key":"leaf","%":"é"},"more":{"key":"more","%":"é"}}'.encode()
    assert executor.roots == ["begin leaf", "end leaf", "begin more", "end more"]


async def test_an_error_in_an_awaited_field_is_located_and_nulls_that_field() -> None:
    _, result = await _execute("{ broken { value } leaf { value } }")
    assert result.data == {"broken": None, "leaf": {"planned": 21}}
    assert [error.path for error in result.errors] == [["broken"]]


def test_a_handled_error_is_collected_under_its_path() -> None:
    executor = _Recording.build(SMALL._schema, parse("{ leaf { value } }"))
    assert isinstance(executor, _Recording)
    node = executor.operation.selection_set.selections[0]
    root = SMALL._schema.query_type
    assert root is not None
    path, field = ResponsePath(None, "leaf", "Root"), root.fields["leaf"]
    executor.handle_field_error(GraphQLError("refused"), field.type, [FieldDetails(node, None)], path)  # type: ignore[arg-type]
    assert [error.path for error in executor.collected_errors.errors] == [["leaf"]]


def test_a_field_carries_its_strawberry_definition() -> None:
    leaf = SMALL._schema.type_map["Leaf"]
    assert isinstance(leaf, GraphQLObjectType)
    assert leaf.extensions["strawberry-definition"].origin is Leaf
    plain = leaf.fields["value"].extensions["strawberry-definition"]
    assert isinstance(plain, StrawberryField)
    assert (plain.is_basic_field, plain.python_name, plain.metadata["kept"]) == (True, "value", True)
    method = leaf.fields["times"].extensions["strawberry-definition"]
    resolver = method.base_resolver
    assert isinstance(resolver, StrawberryResolver)
    assert (method.is_basic_field, resolver.is_async, resolver.info_parameter) == (False, False, None)
    assert resolver.wrapped_func(Leaf(value=3), n=5) == 15  # type: ignore[operator]
    assert [argument.python_name for argument in method.arguments] == ["n"]


def test_arguments_are_read_from_a_node_and_converted() -> None:
    leaf = SMALL._schema.type_map["Leaf"]
    assert isinstance(leaf, GraphQLObjectType)
    field = leaf.fields["times"]
    executor = Executor.build(
        SMALL._schema, parse("query ($n: Int!) { leaf { times(n: $n) } }"), raw_variable_values={"n": 7}
    )
    assert isinstance(executor, Executor)
    node = executor.operation.selection_set.selections[0].selection_set.selections[0]  # type: ignore[attr-defined]
    values = get_argument_values(field, node, executor.variable_values, None)
    definition = SMALL._schema.extensions["strawberry-definition"]
    assert convert_arguments(
        values,
        field.extensions["strawberry-definition"].arguments,
        definition.schema_converter.scalar_registry,
        definition.config,
    ) == {"n": 7}


def test_an_input_is_built_by_the_from_input_of_its_definition(monkeypatch: pytest.MonkeyPatch) -> None:
    definition = get_object_definition(RecipientRef, strict=True)
    monkeypatch.setattr(definition, "from_input", lambda type_, value, context: (type_, dict(value)))
    converter = schema.schema_converter
    built = convert_argument({"email": "a"}, RecipientRef, converter.scalar_registry, converter.config)
    assert built == (RecipientRef, {"email": "a"})


def test_the_schema_leads_to_its_strawberry_schema_and_its_types_to_their_classes() -> None:
    assert schema._schema is graphql_schema
    assert graphql_schema.extensions["strawberry-definition"] is schema
    assert graphql_schema.type_map["Contact"].extensions["strawberry-definition"].origin.__name__ == "Contact"


def test_the_work_of_validation_is_limited_with_the_message_that_the_api_replaces() -> None:
    fields = "viewer { name } " * 400
    (error,) = validate(graphql_schema, parse(f"{{ {fields} }}"))
    assert overlapping_fields_can_be_merged.MAX_COMPLEXITY_BUDGET == 2 * limits.COMPARISONS
    assert error.message == "Validation aborted."
