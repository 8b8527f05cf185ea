"""The cost of an operation: the objects it can return, and the conditions it compares contacts with.

It is known before the operation runs. A field that returns an object costs 1, plus its selection. A
connection multiplies the selection by its page size, a list whose length is given by an argument by that
length, any other list by its usual length, or by what the catalog has if that is more. Leaves cost nothing,
except in introspection. A root field of a mutation costs MUTATION more, each condition of a filter CONDITION,
and the count of a connection COUNT; counting all preferences costs as much as a condition.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from math import ceil
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLField,
    GraphQLInterfaceType,
    GraphQLObjectType,
    GraphQLSchema,
    InlineFragmentNode,
    IntValueNode,
    ListValueNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    Undefined,
    ValueNode,
    VariableNode,
    get_named_type,
    get_nullable_type,
    is_leaf_type,
    is_list_type,
)

from api.graphql.filter_cost import conditions_in_arguments
from api.graphql.introspection_lists import introspection_lists
from schema.contract.connections import DEFAULT_PAGE, LARGEST_PAGE

MAXIMUM = 100_000
MUTATION = 10
CONDITION = 500
"""Of a filter. A database compares up to all contacts with each condition."""
COUNT = 50
"""Of the items of a connection. A database visits up to 100,000 of them, or a million contacts."""
LIST = 10
USUAL_LENGTHS = {
    "recipients": 2,
    "contacts": 2,
    "optOutsOfAll": 4,
    "pauses": 4,
    "actions": 20,
    "refusals": 20,
    "leavingReasons": 500,
}
"""Fields whose lists are usually shorter or longer than LIST."""
COUNTING = {"preferenceCounts": CONDITION}
"""Root fields that visit every row of a table, with what they cost more."""
_LONGEST_INT = 11
"""Characters of an Int. An ID may have more digits than Python converts."""
SIZED_BY = {"addresses": 1_000, "ids": 100, "recipients": 1_000, "changes": 1_000}
"""Arguments and input fields whose length is the length of the result, with the largest length allowed."""


@dataclass(frozen=True, slots=True)
class Inputs:
    """What a cost depends on besides the document."""

    variables: Mapping[str, Any]
    """The values as they were coerced, with the defaults of those left out."""
    lengths: Mapping[str, int]
    """How long the lists of the catalog are at most, by `Type.field`. See `catalog_lists`."""


Times = Callable[[Inputs], float]
"""How often a part of a selection can occur: at most, or on average of all types."""


@dataclass(slots=True)
class Cost:
    """The cost of a selection: its own objects, and parts that occur several times."""

    own: int = 0
    parts: list[tuple[Times, Cost]] = field(default_factory=list)

    def total(self, variables: Mapping[str, Any], lengths: Mapping[str, int] | None = None) -> int:
        """Return the cost for these inputs. A part that several selections share is calculated once."""
        inputs = Inputs(variables, lengths or {})
        return ceil(self._calculate(inputs, {}))

    def _calculate(self, inputs: Inputs, known: dict[int, float]) -> float:
        if id(self) not in known:
            below = sum(times(inputs) * part._calculate(inputs, known) for times, part in self.parts)
            known[id(self)] = self.own + below
        return known[id(self)]


def once(_: Inputs) -> int:
    """Occurs one time."""
    return 1


def every_type(_: Inputs) -> int:
    """Occurs one time, below a list of all types: their lists have average lengths together."""
    return 1


class CostCalculator:
    """Calculates the costs of the operations of a valid document, each fragment once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, str, Times], Cost] = {}

    def operation(self, operation: OperationDefinitionNode) -> Cost:
        """Return the cost of an operation."""
        root = self._schema.get_root_type(operation.operation)
        cost = Cost()
        if root is not None:
            self._add(cost, operation.selection_set, root, once)
        return cost

    def _add(self, cost: Cost, selections: SelectionSetNode, parent: Any, rows: Times) -> None:
        """Add the cost of a selection on a type. `rows`: the size of the page, below a connection."""
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                cost.parts.append((once, self._fragment(node.name.value, parent, rows)))
            elif isinstance(node, FieldNode):
                self._add_field(cost, node, parent, rows)
            elif isinstance(node, InlineFragmentNode):
                condition = node.type_condition
                type_ = self._schema.get_type(condition.name.value) if condition else parent
                self._add(cost, node.selection_set, type_, rows)

    def _fragment(self, name: str, parent: Any, rows: Times) -> Cost:
        definition = self._fragments[name]
        type_ = self._schema.get_type(definition.type_condition.name.value) or parent
        key = (name, str(parent), rows)
        if key not in self._known:
            self._known[key] = cost = Cost()
            self._add(cost, definition.selection_set, type_, rows)
        return self._known[key]

    def _add_field(self, cost: Cost, node: FieldNode, parent: Any, rows: Times) -> None:
        definition = _definition(self._schema, parent, node.name.value)
        if definition is None or node.selection_set is None:
            cost.own += parent.name.startswith("__")  # graphql-core resolves each leaf of introspection
            cost.own += COUNT * (node.name.value == "totalCount" and _is_connection(parent))
            return
        if parent is self._schema.mutation_type:
            cost.own += MUTATION
        elif parent is self._schema.query_type:
            cost.own += COUNTING.get(node.name.value, 0)
        if definition.args.keys() & {"filter", "input"}:
            cost.parts.append((_conditions(node), Cost(own=CONDITION)))
        named = get_named_type(definition.type)
        part = Cost(own=1)
        self._add(part, node.selection_set, named, _rows(node, definition, named, rows))
        cost.parts.append((self._times(node, parent, definition, rows), part))

    def _times(self, node: FieldNode, parent: Any, definition: GraphQLField, rows: Times) -> Times:
        if not parent.name.startswith("__"):
            return _times(node, parent, definition, rows)
        lengths = introspection_lists(self._schema)
        known = lengths.average if rows is every_type else lengths.most
        length = known.get(f"{parent.name}.{node.name.value}", 1)
        return lambda _: length


def _definition(schema: GraphQLSchema, parent: Any, name: str) -> GraphQLField | None:
    """Return the definition of a field; None below a type that has no fields of its own."""
    if not isinstance(parent, GraphQLObjectType | GraphQLInterfaceType):
        return None
    return schema.get_field(parent, name)


def _rows(node: FieldNode, definition: GraphQLField, named: Any, rows: Times) -> Times:
    """Return what the lists below a field depend on: the size of a page, or `every_type`."""
    if _is_connection(named):
        return _page_size(node, definition)
    of_all_types = rows is every_type and named.name == "__Field"
    return every_type if of_all_types or (node.name.value, named.name) == ("types", "__Type") else once


def _conditions(node: FieldNode) -> Times:
    return lambda inputs: conditions_in_arguments(node, inputs.variables)


def _is_connection(named: Any) -> bool:
    return isinstance(named, GraphQLObjectType) and named.name.endswith("Connection")


def _times(node: FieldNode, parent: Any, definition: GraphQLField, rows: Times) -> Times:
    name = node.name.value
    if _is_connection(parent):
        return rows if name in ("nodes", "edges") else once
    if definition.args.keys() & {"input", *SIZED_BY}:
        return _length_of_argument(node, definition)
    type_ = get_nullable_type(definition.type)
    if is_list_type(type_) and not is_leaf_type(get_named_type(type_)):
        usual, coordinate = USUAL_LENGTHS.get(name, LIST), f"{parent.name}.{name}"
        return lambda inputs: max(usual, inputs.lengths.get(coordinate, 0))
    return once


def _page_size(node: FieldNode, definition: GraphQLField) -> Times:
    sizes = [_argument(node, definition, name) for name in ("first", "last")]

    def size(inputs: Inputs) -> int:
        found = (read(inputs) for read in sizes)
        size = next((value for value in found if isinstance(value, int)), DEFAULT_PAGE)
        return min(max(size, 0), LARGEST_PAGE)

    return size


def _length_of_argument(node: FieldNode, definition: GraphQLField) -> Times:
    """Return the length of the list argument that sets the length of the result; 1 if there is none."""
    sized = [(_argument(node, definition, name), most) for name, most in SIZED_BY.items()]
    sized += [(_argument(node, definition, "input", name), most) for name, most in SIZED_BY.items()]

    def length(inputs: Inputs) -> int:
        for read, most in sized:
            value = read(inputs)
            if isinstance(value, list):
                return min(max(len(value), 1), most)
        return 1

    return length


def _argument(node: FieldNode, definition: GraphQLField, name: str, *path: str) -> Callable[[Inputs], Any]:
    """Return a function that reads an argument, or the field of an input at `path` below it."""
    written = next((each.value for each in node.arguments or () if each.name.value == name), None)
    declared = definition.args.get(name)
    default = declared.default_value if declared is not None else Undefined
    return lambda inputs: _value(written, path, inputs.variables, default)


def _value(
    node: ValueNode | None, path: Sequence[str], variables: Mapping[str, Any], default: Any = Undefined
) -> Any:
    """Return a value as Python has it, at least its type and length."""
    if node is None or (isinstance(node, VariableNode) and node.name.value not in variables):
        return _below(default, path)
    if isinstance(node, VariableNode):
        return _below(variables[node.name.value], path)
    if path:
        fields = node.fields if isinstance(node, ObjectValueNode) else ()
        below = next((each.value for each in fields if each.name.value == path[0]), None)
        return _value(below, path[1:], variables)
    if isinstance(node, ListValueNode):
        return list(node.values)
    if isinstance(node, IntValueNode) and len(node.value) <= _LONGEST_INT:
        return int(node.value)
    return None


def _below(value: Any, path: Sequence[str]) -> Any:
    for name in path:
        value = value.get(name) if isinstance(value, dict) else None
    return value
