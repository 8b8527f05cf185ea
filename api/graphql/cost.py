"""The cost of an operation: how many objects it can return at most. It is known before the operation runs.

A field that returns an object costs 1, plus its selection. A connection multiplies the selection by its page
size, a list whose length is given by an argument by that length, any other list by its usual length. Leaves
cost nothing. A root field of a mutation costs 10 more.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any

from graphql import (
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLObjectType,
    GraphQLSchema,
    GraphQLType,
    InlineFragmentNode,
    OperationDefinitionNode,
    OperationType,
    SelectionSetNode,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    value_from_ast_untyped,
)

from schema.contract.connections import DEFAULT_PAGE, LARGEST_PAGE

MAXIMUM = 100_000
MUTATION = 10
LIST = 10
USUAL_LENGTHS = {"recipients": 2, "contacts": 2, "optOutsOfAll": 4, "pauses": 4, "leavingReasons": 500}
"""Fields whose lists are usually shorter or longer than LIST."""
SIZED_BY = {"addresses": 1_000, "ids": 100, "recipients": 1_000, "changes": 1_000}
"""Arguments and input fields whose length is the length of the result, with the largest length allowed."""

Variables = Mapping[str, Any]
Times = Callable[[Variables], int]
"""How often a part of a selection can occur, given the variables."""


@dataclass(slots=True)
class Cost:
    """The cost of a selection: its own objects, and parts that occur several times."""

    own: int = 0
    parts: list[tuple[Times, Cost]] = field(default_factory=list)

    def total(self, variables: Variables) -> int:
        """Return the cost for these variables. A part that several selections share is calculated once."""
        known: dict[int, int] = {}

        def calculate(cost: Cost) -> int:
            if id(cost) not in known:
                below = sum(times(variables) * calculate(part) for times, part in cost.parts)
                known[id(cost)] = cost.own + below
            return known[id(cost)]

        return calculate(self)


def once(_: Variables) -> int:
    """Occurs one time."""
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
        if operation.operation is OperationType.MUTATION:
            cost.own += MUTATION * len(operation.selection_set.selections)
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
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None or node.selection_set is None:
            return  # a leaf, or introspection, which has a validation rule of its own
        named = get_named_type(definition.type)
        part = Cost(own=1)
        self._add(part, node.selection_set, named, _page_size(node) if _is_connection(named) else once)
        cost.parts.append((_times(node, parent, definition.type, rows), part))


def _is_connection(named: Any) -> bool:
    return isinstance(named, GraphQLObjectType) and named.name.endswith("Connection")


def _times(node: FieldNode, parent: Any, type_: GraphQLType, rows: Times) -> Times:
    if _is_connection(parent):
        return rows if node.name.value in ("nodes", "edges") else once
    length = _length_of_argument(node)
    if length is not None:
        return length
    if is_non_null_type(type_):
        type_ = type_.of_type
    if is_list_type(type_) and not is_leaf_type(get_named_type(type_)):
        usual = USUAL_LENGTHS.get(node.name.value, LIST)
        return lambda _: usual
    return once


def _page_size(node: FieldNode) -> Times:
    arguments = {argument.name.value: argument.value for argument in node.arguments or ()}

    def size(variables: Variables) -> int:
        for name in ("first", "last"):
            value = value_from_ast_untyped(arguments[name], dict(variables)) if name in arguments else None
            if isinstance(value, int):
                return min(max(value, 0), LARGEST_PAGE)
        return DEFAULT_PAGE

    return size


def _length_of_argument(node: FieldNode) -> Times | None:
    """Return the length of the list argument that sets the length of the result, if the field has one."""
    arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
    if not arguments.keys() & {"input", *SIZED_BY}:
        return None

    def length(variables: Variables) -> int:
        values = {name: value_from_ast_untyped(value, dict(variables)) for name, value in arguments.items()}
        for name, maximum in SIZED_BY.items():
            for holder in (values, values.get("input")):
                if isinstance(holder, dict) and isinstance(holder.get(name), list):
                    return min(max(len(holder[name]), 1), maximum)
        return 1

    return length
