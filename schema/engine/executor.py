"""The executor: it loads what a selection needs in batches, then completes all objects synchronously.

graphql-core calls a resolver for each leaf of each row. This executor compiles a selection into a plan, which
is kept with its document, and completes a page of rows by plain attribute reads. graphql-core still collects
the fields, so fragments, aliases and directives are its work; whatever a plan cannot do, and every error,
is left to it. See docs/decisions/0028-graphql-engine.md.
"""

from __future__ import annotations

import contextlib
from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

import orjson
from graphql import (
    FieldNode,
    GraphQLError,
    GraphQLField,
    GraphQLObjectType,
    GraphQLResolveInfoHelpers,
    get_named_type,
    is_object_type,
    located_error,
)
from graphql.execution import Executor

from preference_center.access.scopes import Access
from preference_center.calculations import in_thread
from schema.contract.api_errors import Forbidden, Misuse, naming_arguments
from schema.contract.fields import requirements_of
from schema.engine.context import Context
from schema.engine.plans import Plan, Step, arguments_of, make_plan
from schema.engine.statements import roots
from schema.engine.statements.roots import Way

if TYPE_CHECKING:
    from graphql import GraphQLOutputType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetailsList
    from graphql.pyutils import AwaitableOrValue, Path, UndefinedType


_INTROSPECTION = ("__schema", "__type")


class PlannedExecutor(Executor[Any]):
    """Loads what lies below each root field in batches, and completes rows by plan."""

    context_value: Context

    @property
    def async_helpers(self) -> GraphQLResolveInfoHelpers:
        """What resolvers may use. It is not kept: it refers to the executor, and all that hangs on that."""
        return GraphQLResolveInfoHelpers(gather=self.gather_async_work, track=self.track_async_work)

    @async_helpers.setter
    def async_helpers(self, _: GraphQLResolveInfoHelpers) -> None:  # graphql-core sets it
        pass

    def may(self, access: Access) -> bool:
        """Whether the token has the scopes for something."""
        return self.context_value.may(access)

    def plan(self, parent: GraphQLObjectType, details: FieldDetailsList) -> Plan:
        """Return the plan of a selection on a type, for the scopes of this token."""
        context = self.context_value
        key = (context.scopes, parent.name, *[id(detail.node) for detail in details])
        plan = context.plans.get(key)
        if plan is None:
            plan = context.plans[key] = make_plan(self, parent, details)
        return plan

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> AwaitableOrValue[Any] | UndefinedType:
        """Execute a field. Its error is FORBIDDEN if the token lacks a scope for it."""
        node = field_details_list[0].node
        field = self.schema.get_field(parent_type, node.name.value)
        error = self._error_of(parent_type, node, field)
        if field is not None and error is not None:
            self.handle_field_error(error, field.type, field_details_list, path)
            return None
        arguments = (parent_type, source, field_details_list, path, position_context)
        if node.name.value in _INTROSPECTION:
            return in_thread(super().execute_field, *arguments)
        if path.prev is None and field is not None and parent_type is self.schema.query_type:
            statement = self._statement(field, field_details_list)
            if statement is not None:
                return self._execute_by_statement(statement, field, arguments)
            roots.count(Way.ORDINARY)
        return super().execute_field(*arguments)

    def _statement(self, field: GraphQLField, details: FieldDetailsList) -> Any:
        """Return the statement that answers a root field; None if the ordinary way does."""
        named = get_named_type(field.type)
        if not is_object_type(named):
            return None
        return roots.decide(details[0].node.name.value, self.plan(named, details), self.context_value.catalog)

    async def _execute_by_statement(
        self, statement: Any, field: GraphQLField, arguments: tuple[Any, Any, FieldDetailsList, Path, Any]
    ) -> Any:
        """Execute a root field by its statement, or the ordinary way where that cannot answer now."""
        _, _, details, path, _ = arguments
        try:
            await self._give_way()
            values = arguments_of(self, field, field.extensions["strawberry-definition"], details)
            name, context = details[0].node.name.value, self.context_value
            written = None if values is None else await roots.answer(name, statement, values, context)
        except Exception as error:
            self.handle_field_error(error, field.type, details, path)
            return None
        if written is not None:
            roots.count(Way.STATEMENT)
            return orjson.Fragment(written)
        roots.count(Way.ORDINARY)
        result = super().execute_field(*arguments)
        return await result if self.is_awaitable(result) else result

    def _error_of(
        self, parent: GraphQLObjectType, node: FieldNode, field: GraphQLField | None
    ) -> GraphQLError | None:
        """Return why a field cannot be executed: a scope that the token lacks, or the error of its loader."""
        access = access_of(field)
        scope = access.missing(self.context_value.scopes) if access is not None else None
        if scope is not None:
            return Forbidden(scope)
        return self.context_value.load_errors.get((parent.name, id(node)))

    async def complete_awaitable_value(
        self,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        info: GraphQLResolveInfo[Any],
        path: Path,
        result: Awaitable[Any],
        position_context: Any,
    ) -> Any:
        """Await a root field, load what its selection needs, and complete it."""
        try:
            await self._give_way()
            value = await result
            await self._load(return_type, field_details_list, value)
            await self._give_way()
            arguments = (return_type, field_details_list, info, path, value, position_context)
            if self.context_value.many_objects:
                completed = await in_thread(self.complete_value, *arguments)
            else:
                completed = self.complete_value(*arguments)
            return await completed if self.is_awaitable(completed) else completed
        except Exception as error:
            self.handle_field_error(error, return_type, field_details_list, path)
            return None

    def handle_field_error(
        self,
        raw_error: Exception,
        return_type: GraphQLOutputType,
        field_details_list: FieldDetailsList,
        path: Path,
    ) -> None:
        """Report an error, and beside it the others about the same arguments: they null one field."""
        errors = self.collected_errors.errors
        before = len(errors)
        super().handle_field_error(raw_error, return_type, field_details_list, path)
        if isinstance(raw_error, Misuse) and len(errors) > before:
            nodes = [details.node for details in field_details_list]
            errors.extend(located_error(other, nodes, path.as_list()) for other in raw_error.others)

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Complete an object by its plan where it has one, else as graphql-core does."""
        complete = self.plan(return_type, field_details_list).complete
        if complete is not None and not self.context_value.load_errors:
            try:
                completed: dict[str, Any] | None = complete(result)
            except Exception:
                completed = None  # graphql-core meets the same error again, and reports it with its path
            if completed is not None:
                return completed
        return super().collect_and_execute_subfields(
            return_type, field_details_list, path, result, position_context
        )

    async def _give_way(self) -> None:
        if self.context_value.patience is not None:
            await self.context_value.patience.give_way()

    async def _load(self, return_type: GraphQLOutputType, details: FieldDetailsList, value: Any) -> None:
        """Load the fields selected on the objects in a value, whatever their types."""
        objects = _flatten(value)
        if not objects:
            return
        named = get_named_type(return_type)
        if is_object_type(named):
            await self._load_fields(named, self.plan(named, details), objects)
            return
        for name in sorted({type(item).__name__ for item in objects}):
            runtime_type = self.schema.get_type(name)
            if is_object_type(runtime_type):
                same_type = [item for item in objects if type(item).__name__ == name]
                await self._load_fields(runtime_type, self.plan(runtime_type, details), same_type)

    async def _load_fields(self, parent: GraphQLObjectType, plan: Plan, objects: list[Any]) -> None:
        """Run the loaders of a plan, level by level. Errors of arguments are kept for the fields."""
        errors = self.context_value.load_errors
        for step in plan.steps:
            if step.load is not None:
                await self._give_way()
                try:
                    with naming_arguments():
                        await step.load(objects, self.context_value, **step.arguments)
                except GraphQLError as error:
                    errors[parent.name, id(step.node)] = error
        for step in plan.steps:
            type_ = get_named_type(step.definition.type)
            if step.below is not None and step.below.loads and is_object_type(type_):
                below = [child for item in objects for child in _children(step, item)]
                if below:
                    await self._load_fields(type_, step.below, below)


def access_of(field: GraphQLField | None) -> Access | None:
    """Return what a token has to be allowed to read a field; None if every token may."""
    definition = field.extensions.get("strawberry-definition") if field is not None else None
    return requirements_of(definition).access


def _children(step: Step, item: Any) -> list[Any]:
    """Return the objects that a field leads to; none if reading it fails, which its completion reports."""
    with contextlib.suppress(Exception):
        return _flatten(step.read(item))
    return []


def _flatten(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [item for part in value for item in _flatten(part)]
    return [value]
