"""Plans: how the objects of one selection are completed by plain attribute reads."""

from __future__ import annotations

import dataclasses
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from functools import partial
from operator import attrgetter
from typing import TYPE_CHECKING, Any

from graphql import (
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLOutputType,
    TypeNameMetaFieldDef,
    get_named_type,
    is_leaf_type,
    is_list_type,
    is_non_null_type,
    is_object_type,
)
from graphql.execution.values import get_argument_values
from strawberry.types.arguments import convert_arguments

if TYPE_CHECKING:
    from graphql.execution.collect_fields import FieldDetailsList
    from strawberry.types.field import StrawberryField

    from schema.engine.executor import PlannedExecutor

Complete = Callable[[Any], Any]
Load = Callable[..., Any]
_MOST_REMEMBERED = 1000


class Unplannable(Exception):
    """A value that only graphql-core's own way reports rightly: null where there must be one."""


@dataclass(slots=True)
class Step:
    """One field of a selection: how it is read, what must be fetched before, and what lies below it."""

    name: str
    """What the answer calls it."""
    field: str
    """What the schema calls it."""
    definition: GraphQLField
    attribute: str | None = None
    read: Complete = lambda _: None
    """Gives the field's own value, not completed, for an object."""
    arguments: Mapping[str, Any] = dataclasses.field(default_factory=dict)
    load: Load | None = None
    """`await load(objects, context, **arguments)` before anything is read."""
    below: Plan | None = None

    @property
    def fetches_below(self) -> bool:
        """Whether anything in the selection below has to be fetched."""
        return self.below is not None and self.below.fetches


@dataclass(slots=True)
class Plan:
    """The steps of a selection on one type, and what completes an object by them: None where nothing can."""

    steps: tuple[Step, ...]
    complete: Complete | None
    fetches: bool


Plans = dict[tuple[Any, ...], Plan]
"""Plans by the scopes, the type and the nodes that they are for."""


def make_plan(executor: PlannedExecutor, parent: GraphQLObjectType, details: FieldDetailsList) -> Plan:
    """Plan a selection: `details` are the nodes that select on `parent`."""
    grouped = executor.collect_subfields(parent, details).grouped_field_set
    steps, whole = [], True
    for name, nodes in grouped.items():
        step = _step(executor, parent, name, nodes)
        if step is None:
            whole = False
        else:
            steps.append(step)
    completers = [_completer(step.definition.type, step.below) for step in steps] if whole else []
    fetches = any(step.load is not None or step.fetches_below for step in steps)
    if not whole or None in completers:
        return Plan(tuple(steps), None, fetches)
    return Plan(tuple(steps), _compile(parent, steps, completers), fetches)


def _step(
    executor: PlannedExecutor, parent: GraphQLObjectType, name: str, nodes: FieldDetailsList
) -> Step | None:
    """Plan one field; None where it is not Sayso's, needs more than its object, or may not be read."""
    node = nodes[0].node
    if node.name.value == "__typename":
        return Step(name, "__typename", TypeNameMetaFieldDef, read=lambda _: parent.name)
    graphql_field = parent.fields.get(node.name.value)
    definition: StrawberryField | None = graphql_field and graphql_field.extensions.get(
        "strawberry-definition"
    )
    if graphql_field is None or definition is None or not _may(executor, definition):
        return None
    step = Step(name, node.name.value, graphql_field, load=definition.metadata.get("load"))
    if definition.is_basic_field:
        step.attribute = definition.python_name
        step.read = attrgetter(definition.python_name)
    elif not _bind_call(executor, step, definition, nodes):
        return None
    named = get_named_type(graphql_field.type)
    if is_object_type(named):
        step.below = executor.plan(named, nodes)
    if step.load is not None and definition.metadata.get("told"):
        below = step.below.steps if step.below is not None else ()
        step.load = partial(step.load, selected=frozenset(one.field for one in below))
    return step


def _may(executor: PlannedExecutor, definition: StrawberryField) -> bool:
    scope = definition.metadata.get("scope")
    return scope is None or executor.context_value.may(scope)


def _bind_call(
    executor: PlannedExecutor, step: Step, definition: StrawberryField, nodes: FieldDetailsList
) -> bool:
    """Bind a synchronous method with its arguments, which are the same for every object of the selection."""
    resolver = definition.base_resolver
    if resolver is None or resolver.is_async or resolver.info_parameter is not None:
        return False
    method: Callable[..., Any] = resolver.wrapped_func  # type: ignore[assignment]
    if not step.definition.args:
        step.read = method
        return True
    try:
        values = get_argument_values(
            step.definition, nodes[0].node, executor.variable_values, nodes[0].fragment_variable_values
        )
    except GraphQLError:
        return False
    schema = executor.schema.extensions["strawberry-definition"]
    arguments = convert_arguments(
        values, definition.arguments, schema.schema_converter.scalar_registry, schema.config
    )
    step.arguments = arguments
    step.read = lambda item: method(item, **arguments)
    return True


def _completer(type_: GraphQLOutputType, below: Plan | None) -> Complete | None:
    """Give the function that completes a value of the type; None where there is no plan for it."""
    if is_non_null_type(type_):
        inner = _completer(type_.of_type, below)
        return inner and _required(inner)
    if is_list_type(type_):
        inner = _completer(type_.of_type, below)
        if inner is None or inner is _as_it_is:
            return inner
        return lambda items: None if items is None else [inner(item) for item in items]
    if is_leaf_type(type_):
        return _as_it_is
    complete = below.complete if below is not None else None
    return complete and (lambda value: None if value is None else complete(value))


def _as_it_is(value: Any) -> Any:
    """Complete a leaf: enums, instants and JSON are left to the encoder."""
    return value


def _required(inner: Complete) -> Complete:
    def complete(value: Any) -> Any:
        if value is None:
            raise Unplannable
        return inner(value)

    return complete


def _compile(parent: GraphQLObjectType, steps: list[Step], completers: list[Complete | None]) -> Complete:
    """Make one function of the steps: all plain attributes in one read, then the rest by name."""
    names = tuple(step.name for step in steps)
    plain = [
        step.attribute is not None and is_leaf_type(get_named_type(step.definition.type)) for step in steps
    ]
    read_plain = _reader([step.attribute if leaf else None for step, leaf in zip(steps, plain, strict=True)])
    required = [i for i, step in enumerate(steps) if plain[i] and is_non_null_type(step.definition.type)]
    calls = [
        (step.name, step.read, complete)
        for step, leaf, complete in zip(steps, plain, completers, strict=True)
        if not leaf and complete is not None
    ]

    def complete_object(item: Any) -> dict[str, Any]:
        values = read_plain(item)
        for index in required:
            if values[index] is None:
                raise Unplannable
        completed = dict(zip(names, values, strict=True))
        for name, read, complete in calls:
            completed[name] = complete(read(item))
        return completed

    return _remembering(complete_object) if _is_shared(parent) else complete_object


def _reader(attributes: list[str | None]) -> Callable[[Any], tuple[Any, ...]]:
    names = [attribute or "__class__" for attribute in attributes]
    if len(names) == 1:
        read = attrgetter(names[0])
        return lambda item: (read(item),)
    return attrgetter(*names)


def _is_shared(parent: GraphQLObjectType) -> bool:
    definition = parent.extensions.get("strawberry-definition")
    return bool(definition is not None and getattr(definition.origin, "shared", False))


def _remembering(complete: Complete) -> Complete:
    """Complete each object of the catalogue once for a plan, however many rows refer to it."""
    done: dict[int, tuple[Any, Any]] = {}

    def remembered(item: Any) -> Any:
        held = done.get(id(item))
        if held is None:
            if len(done) >= _MOST_REMEMBERED:
                done.clear()  # of a catalogue that has changed many times since
            held = done[id(item)] = (item, complete(item))
        return held[1]

    return remembered
