"""The validation rules of values: their errors name the argument and the place in it, and have a location."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from typing import Any

from graphql import (
    SKIP,
    ArgumentNode,
    DirectiveNode,
    DocumentNode,
    FieldNode,
    FragmentDefinitionNode,
    FragmentSpreadNode,
    GraphQLError,
    GraphQLInputType,
    ListValueNode,
    Node,
    NonNullTypeNode,
    ObjectValueNode,
    OperationDefinitionNode,
    SelectionSetNode,
    ValueNode,
    ValuesOfCorrectTypeRule,
    VariableDefinitionNode,
    VariablesInAllowedPositionRule,
    VisitorAction,
    is_input_object_type,
    is_non_null_type,
    print_ast,
)
from graphql.pyutils import print_path_list
from graphql.utilities.validate_input_value import validate_input_literal

Keys = Sequence[str | int]


class LocatedValuesRule(ValuesOfCorrectTypeRule):
    """Value literals have the type of their place.

    An error has the location of the value. For an argument, `extensions.argument` names it,
    `extensions.field` leads from the argument to the value, and `path` to the field in the answer.
    """

    _field: FieldNode | None = None
    _place = ""
    _argument: str | None = None

    def enter_field(self, node: FieldNode, *_: Any) -> None:
        """Note the field whose arguments follow."""
        self._field = node

    def enter_argument(self, node: ArgumentNode, _key: Any, _parent: Any, _path: Any, ancestors: Any) -> None:
        """Note the argument, and the directive that has it."""
        self._argument, self._place = node.name.value, f"Argument '{node.name.value}' has invalid value"
        owner = next(each for each in reversed(ancestors) if not isinstance(each, list | tuple))
        if isinstance(owner, DirectiveNode):
            self._field = None
            self._place = f"Argument '{node.name.value}' of '@{owner.name.value}' has invalid value"

    def enter_variable_definition(self, node: VariableDefinitionNode, *_: Any) -> None:
        """Note the variable whose default follows."""
        self._argument = self._field = None
        self._place = f"Variable '${node.variable.name.value}' has invalid default value"

    def is_valid_value_node(self, node: ValueNode, input_type: GraphQLInputType | None) -> VisitorAction:
        """Report everything that is wrong with a value."""

        def report(error: GraphQLError, keys: Keys) -> None:
            self.report_error(self._located(error, node, keys))

        if input_type is not None:
            validate_input_literal(node, input_type, report, None, None, self.context.hide_suggestions)
        return SKIP

    def _located(self, error: GraphQLError, value: ValueNode, keys: Keys) -> GraphQLError:
        extensions: dict[str, Any] = {}
        path = None
        if self._argument is not None:
            extensions = {"argument": self._argument, "field": [self._argument, *map(str, keys)]}
        if self._field is not None:
            fields = _fields(self.context.document)
            path = next((path for path, field in fields if field is self._field), None)
        message = f"{self._place}{print_path_list(list(keys))}: {error.message}"
        nodes = error.nodes or [_node_at(value, keys)]
        return GraphQLError(message, nodes, path=path, extensions=extensions)


def _node_at(value: ValueNode, keys: Keys) -> ValueNode:
    """Return the value at the end of a path of keys and indices; a list may be written as its one item."""
    for key in keys:
        if isinstance(value, ListValueNode) and isinstance(key, int):
            value = value.values[key]
        elif isinstance(value, ObjectValueNode):
            value = next((each.value for each in value.fields if each.name.value == key), value)
    return value


class LocatedVariablesRule(VariablesInAllowedPositionRule):
    """Variables have the types of their places. Errors name the argument, like those of LocatedValuesRule.

    A variable in a `@oneOf` object is not nullable: graphql-core misses objects of a non-null type.
    """

    def leave_operation_definition(self, operation: OperationDefinitionNode, *_: Any) -> None:
        """Check the variables of an operation, those in its fragments included."""
        super().leave_operation_definition(operation)
        for usage in self.context.get_recursive_variable_usages(operation):
            parent, defined = usage.parent_type, self.var_def_map.get(usage.node.name.value)
            object_type = parent.of_type if is_non_null_type(parent) else None
            if not is_input_object_type(object_type) or not object_type.is_one_of or defined is None:
                continue
            if not isinstance(defined.type, NonNullTypeNode):
                message = (
                    f"Variable '${usage.node.name.value}' is of type '{print_ast(defined.type)}' but must be"
                    f" non-nullable to be used for OneOf Input Object '{object_type}'."
                )
                self.report_error(GraphQLError(message, [defined, usage.node]))

    def report_error(self, error: GraphQLError) -> None:
        """Report an error about a variable: its last node is where the variable is used."""
        used = error.nodes[-1] if error.nodes else None
        for path, field in _fields(self.context.document):
            for argument in field.arguments or ():
                if _contains(argument.value, used):
                    extensions = {"argument": argument.name.value, "field": [argument.name.value]}
                    error = GraphQLError(error.message, error.nodes, path=path, extensions=extensions)
        super().report_error(error)


def _contains(value: ValueNode, node: Node | None) -> bool:
    if isinstance(value, ListValueNode):
        return any(_contains(each, node) for each in value.values)
    if isinstance(value, ObjectValueNode):
        return any(_contains(each.value, node) for each in value.fields)
    return value is node


def _fields(document: DocumentNode) -> Iterator[tuple[list[str | int], FieldNode]]:
    """Yield each field with the response names that lead to it; a fragment's where it is first spread."""
    fragments = {d.name.value: d for d in document.definitions if isinstance(d, FragmentDefinitionNode)}
    operations = [d for d in document.definitions if isinstance(d, OperationDefinitionNode)]
    stack: list[tuple[list[str | int], Node]] = [([], each.selection_set) for each in reversed(operations)]
    while stack:
        path, node = stack.pop()
        if isinstance(node, FieldNode):
            path = [*path, (node.alias or node.name).value]
            yield path, node
        below: Node | None = getattr(node, "selection_set", None)
        if isinstance(node, FragmentSpreadNode):
            fragment = fragments.pop(node.name.value, None)
            below = fragment.selection_set if fragment is not None else None
        if isinstance(node, SelectionSetNode):
            stack += [(path, each) for each in reversed(node.selections)]
        elif below is not None:
            stack.append((path, below))
