"""What an operation costs, reckoned before it runs: how many objects it may make at most.

A field that gives an object costs 1 and what lies below it; a connection multiplies what lies below by its
page size, a list that takes its length from an argument by that length, any other list by its usual length.
Leaves cost nothing; a mutation costs 10 more.
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

MOST = 100_000
MUTATION = 10
LIST = 10
USUAL = {"recipients": 2, "contacts": 2, "optOutsOfAll": 4, "pauses": 4, "leavingReasons": 500}
"""Lists that are shorter or longer by their nature."""
MEASURED = {"addresses": 1_000, "ids": 100, "recipients": 1_000, "changes": 1_000}
"""Arguments and input fields whose length is how many objects come back, and how long they may be."""

Variables = Mapping[str, Any]
Times = Callable[[Variables], int]


@dataclass(slots=True)
class Cost:
    """What a selection costs: `own` objects, and parts that come `times` over."""

    own: int = 0
    parts: list[tuple[Times, Cost]] = field(default_factory=list)

    def of(self, variables: Variables) -> int:
        """Reckon it for the variables given; parts that several selections share, once."""
        known: dict[int, int] = {}

        def reckon(cost: Cost) -> int:
            if id(cost) not in known:
                below = sum(times(variables) * reckon(part) for times, part in cost.parts)
                known[id(cost)] = cost.own + below
            return known[id(cost)]

        return reckon(self)


def once(_: Variables) -> int:
    """What is there one time."""
    return 1


class CostReckoner:
    """Works out the costs of a valid document's operations; each fragment once."""

    def __init__(self, schema: GraphQLSchema, document: DocumentNode) -> None:
        self._schema = schema
        self._fragments = {
            definition.name.value: definition
            for definition in document.definitions
            if isinstance(definition, FragmentDefinitionNode)
        }
        self._known: dict[tuple[str, str, Times], Cost] = {}

    def operation(self, operation: OperationDefinitionNode) -> Cost:
        """The cost of an operation."""
        root = self._schema.get_root_type(operation.operation)
        cost = Cost()
        if root is not None:
            self._add(cost, operation.selection_set, root, once)
        if operation.operation is OperationType.MUTATION:
            cost.own += MUTATION * len(operation.selection_set.selections)
        return cost

    def _add(self, cost: Cost, selections: SelectionSetNode, parent: Any, rows: Times) -> None:
        for node in selections.selections:
            if isinstance(node, FragmentSpreadNode):
                cost.parts.append((once, self._fragment(node.name.value, parent, rows)))
            elif isinstance(node, FieldNode):
                self._add_field(cost, node, parent, rows)
            else:
                condition = node.type_condition  # type: ignore[attr-defined]
                of_type = self._schema.get_type(condition.name.value) if condition else parent
                self._add(cost, node.selection_set, of_type, rows)  # type: ignore[attr-defined]

    def _fragment(self, name: str, parent: Any, rows: Times) -> Cost:
        definition = self._fragments[name]
        of_type = self._schema.get_type(definition.type_condition.name.value) or parent
        key = (name, str(parent), rows)
        if key not in self._known:
            self._known[key] = cost = Cost()
            self._add(cost, definition.selection_set, of_type, rows)
        return self._known[key]

    def _add_field(self, cost: Cost, node: FieldNode, parent: Any, rows: Times) -> None:
        definition = getattr(parent, "fields", {}).get(node.name.value)
        if definition is None or node.selection_set is None:
            return  # leaves, and introspection, which has a rule of its own
        named = get_named_type(definition.type)
        part = Cost(own=1)
        self._add(part, node.selection_set, named, _page_size(node) if _is_connection(named) else once)
        cost.parts.append((_times(node, parent, definition.type, rows), part))


def _is_connection(named: Any) -> bool:
    return isinstance(named, GraphQLObjectType) and named.name.endswith("Connection")


def _times(node: FieldNode, parent: Any, type_: GraphQLType, rows: Times) -> Times:
    if _is_connection(parent):
        return rows if node.name.value in ("nodes", "edges") else once
    measured = _measured(node)
    if measured is not None:
        return measured
    if is_non_null_type(type_):
        type_ = type_.of_type
    if is_list_type(type_) and not is_leaf_type(get_named_type(type_)):
        usual = USUAL.get(node.name.value, LIST)
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


def _measured(node: FieldNode) -> Times | None:
    """The length of a list that is given to the field, where what comes back is as long."""
    arguments = {argument.name.value: argument.value for argument in node.arguments or ()}
    if not arguments.keys() & {"input", *MEASURED}:
        return None

    def length(variables: Variables) -> int:
        given = {name: value_from_ast_untyped(value, dict(variables)) for name, value in arguments.items()}
        inner = given.get("input")
        for name, most in MEASURED.items():
            for holder in (given, inner):
                if isinstance(holder, dict) and isinstance(holder.get(name), list):
                    return min(max(len(holder[name]), 1), most)
        return 1

    return length
