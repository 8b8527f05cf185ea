"""Plans: how the objects of one selection are completed by plain attribute reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any, Protocol

from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    GraphQLSchema,
    TypeNameMetaFieldDef,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments

from preference_center.access.scopes import Access
from schema.contract.fields import Load, requirements_of
from schema.engine.loading import loader_of

if TYPE_CHECKING:
    from graphql.execution.collect_fields import CollectedFields, FieldDetailsList
    from graphql.execution.values import VariableValues
    from strawberry.types.field import StrawberryField

Read = Callable[[Any], Any]
"""Returns the value of a field of an object, not completed."""
Complete = Callable[[Any], Any]
"""Returns a value as the answer shows it."""
_LARGEST_CACHE = 1000


class Unplannable(Exception):
    """A null where the schema allows none: graphql-core has to report it."""


class PlanningExecutor(Protocol):
    """What a plan needs of the executor."""

    schema: GraphQLSchema
    variable_values: VariableValues

    def may(self, access: Access) -> bool:
        """Whether the token has the scopes for something."""

    def collect_subfields(
        self, return_type: GraphQLObjectType, field_details_list: FieldDetailsList
    ) -> CollectedFields:
        """Return the fields selected, fragments and directives applied."""

    def plan(self, parent: GraphQLObjectType, details: FieldDetailsList) -> Plan:
        """Return the plan of a selection below."""


@dataclass(slots=True)
class Step:
    """One field of a selection."""

    name: str
    """The key in the answer."""
    field: str
    """The name in the schema."""
    node: FieldNode
    """Where the document first selects it."""
    definition: GraphQLField
    read: Read
    attribute: str | None = None
    """The attribute that the field is, if it has no method."""
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    load: Load | None = None
    below: Plan | None = None
    """The plan of the selection on the field's own type."""


@dataclass(slots=True)
class Plan:
    """The plan of a selection on one type."""

    steps: tuple[Step, ...]
    """Every field that a plan can read."""
    complete: Complete | None
    """Completes an object; None if graphql-core has to, because a field is missing from `steps`."""
    loads: bool
    """Whether a loader has to run for the selection, or below it."""
    statement: Any = None
    """What answers the root field that the selection is of; None for the ordinary way."""
    statement_for: Any = None
    """The catalog that this was decided for."""


Plans = dict[tuple[Any, ...], Plan]
"""Plans by the scopes, the type and the nodes that they are for."""


def make_plan(executor: PlanningExecutor, parent: GraphQLObjectType, details: FieldDetailsList) -> Plan:
    """Plan the selection that the nodes in `details` make on `parent`."""
    try:
        fields = executor.collect_subfields(parent, details).grouped_field_set
    except GraphQLError:  # a null in @skip or @include: graphql-core reports it where it belongs
        return Plan((), None, loads=False)
    planned = [_plan_field(executor, parent, name, nodes) for name, nodes in fields.items()]
    steps = tuple(step for step in planned if step is not None)
    loads = any(step.load is not None or (step.below is not None and step.below.loads) for step in steps)
    complete = _compile(parent, steps) if len(steps) == len(planned) else None
    return Plan(steps, complete, loads)


def _plan_field(
    executor: PlanningExecutor, parent: GraphQLObjectType, name: str, nodes: FieldDetailsList
) -> Step | None:
    """Plan one field; None if it needs `info`, is not one of Sayso's, or the token may not read it."""
    field_name = nodes[0].node.name.value
    if field_name == "__typename":
        return Step(name, field_name, nodes[0].node, TypeNameMetaFieldDef, read=lambda _: parent.name)
    field = parent.fields.get(field_name)
    definition: StrawberryField | None = field and field.extensions.get("strawberry-definition")
    requirements = requirements_of(definition)
    if field is None or definition is None or not _may(executor, requirements.access):
        return None
    unread = Step(name, field_name, nodes[0].node, field, read=lambda _: None)
    step = _reading(executor, unread, definition, nodes)
    if step is None:
        return None
    named = get_named_type(field.type)
    step.below = executor.plan(named, nodes) if is_object_type(named) else None
    step.load = loader_of(parent.name, definition)
    if step.load is not None and requirements.pass_selection:
        below = step.below.steps if step.below is not None else ()
        step.load = partial(step.load, selected=frozenset(each.field for each in below))
    return step


def _may(executor: PlanningExecutor, access: Access | None) -> bool:
    return access is None or executor.may(access)


def _reading(
    executor: PlanningExecutor, step: Step, definition: StrawberryField, nodes: FieldDetailsList
) -> Step | None:
    """Set how a field is read: an attribute, or a synchronous method without `info`; else None."""
    if definition.is_basic_field:
        step.attribute = definition.python_name
        step.read = attrgetter(definition.python_name)
        return step
    resolver = definition.base_resolver
    if resolver is None or resolver.is_async or resolver.info_parameter is not None:
        return None
    method: Callable[..., Any] = resolver.wrapped_func  # type: ignore[assignment]
    if not step.definition.args:
        step.read = method
        return step
    arguments = arguments_of(executor, step.definition, definition, nodes)
    if arguments is None:
        return None
    step.arguments = arguments
    step.read = lambda item: method(item, **arguments)
    return step


def arguments_of(
    executor: PlanningExecutor, field: GraphQLField, definition: StrawberryField, nodes: FieldDetailsList
) -> dict[str, Any] | None:
    """Return the arguments of a field, as its resolver takes them; None if graphql-core refuses them."""
    try:
        values = get_argument_values(
            field, nodes[0].node, executor.variable_values, nodes[0].fragment_variable_values
        )
    except GraphQLError:
        return None
    schema = executor.schema.extensions["strawberry-definition"]
    return convert_arguments(
        values, definition.arguments, schema.schema_converter.scalar_registry, schema.config
    )


def _completer(type_: GraphQLOutputType, below: Plan | None) -> Complete | None:
    """Return the function that completes a value of a type; None if graphql-core has to."""
    if is_non_null_type(type_):
        inner = _completer(type_.of_type, below)
        return inner and _required(inner)
    if is_list_type(type_):
        inner = _completer(type_.of_type, below)
        if inner is None or inner is _unchanged:
            return inner
        return lambda items: None if items is None else [inner(item) for item in items]
    if is_leaf_type(type_):
        return _unchanged
    complete = below.complete if below is not None else None
    return complete and (lambda value: None if value is None else complete(value))


def _unchanged(value: Any) -> Any:
    """Complete a leaf. The JSON encoder writes enums, instants and JSON values."""
    return value


def _required(inner: Complete) -> Complete:
    def complete(value: Any) -> Any:
        if value is None:
            raise Unplannable
        return inner(value)

    return complete


def _compile(parent: GraphQLObjectType, steps: tuple[Step, ...]) -> Complete | None:
    """Return one function for all steps: it reads all plain attributes at once, then the rest by name."""
    completers = [_completer(step.definition.type, step.below) for step in steps]
    if None in completers:
        return None
    names = tuple(step.name for step in steps)
    leaves = [step.attribute if _is_leaf(step) else None for step in steps]
    read_leaves = _reader(leaves)
    required = [
        index
        for index, step in enumerate(steps)
        if leaves[index] is not None and is_non_null_type(step.definition.type)
    ]
    others = [
        (step.name, step.read, complete)
        for step, leaf, complete in zip(steps, leaves, completers, strict=True)
        if leaf is None and complete is not None
    ]

    def complete_object(item: Any) -> dict[str, Any]:
        values = read_leaves(item)
        for index in required:
            if values[index] is None:
                raise Unplannable
        completed = dict(zip(names, values, strict=True))
        for name, read, complete in others:
            completed[name] = complete(read(item))
        return completed

    return _caching(complete_object) if _is_shared(parent) else complete_object


def _is_leaf(step: Step) -> bool:
    return is_leaf_type(get_named_type(step.definition.type))


def _reader(attributes: list[str | None]) -> Callable[[Any], tuple[Any, ...]]:
    """Read attributes in one call. None is a placeholder, which keeps the order of the answer's keys."""
    names = [attribute or "__class__" for attribute in attributes]
    if not names:
        return lambda _: ()  # @skip, @include or a fragment on another type left nothing to read
    if len(names) == 1:
        read = attrgetter(names[0])
        return lambda item: (read(item),)
    return attrgetter(*names)


def _is_shared(parent: GraphQLObjectType) -> bool:
    definition = parent.extensions.get("strawberry-definition")
    return bool(definition is not None and getattr(definition.origin, "shared", False))


def _caching(complete: Complete) -> Complete:
    """Complete each object of the catalog once for a plan, however many rows refer to it."""
    completed: dict[int, tuple[Any, Any]] = {}

    def cached(item: Any) -> Any:
        held = completed.get(id(item))
        if held is None:
            if len(completed) >= _LARGEST_CACHE:
                completed.clear()  # objects of a catalog that changed many times
            held = completed[id(item)] = (item, complete(item))
        return held[1]

    return cached
