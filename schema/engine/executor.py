"""The executor: it loads what a selection needs in batches, then completes all objects synchronously.

graphql-core calls a resolver for each leaf of each row. This executor compiles a selection into a plan, which
is kept with its document, and completes a page of rows by plain attribute reads. graphql-core still collects
the fields, so fragments, aliases and directives are its work; whatever a plan cannot do, and every error,
is left to it. See docs/decisions/0028-graphql-engine.md.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLField, GraphQLObjectType, get_named_type, is_object_type
from graphql.execution import Executor

from schema.contract.api_errors import forbidden
from schema.contract.fields import requirements_of
from schema.engine.context import Context
from schema.engine.plans import Plan, Unplannable, make_plan

if TYPE_CHECKING:
    from graphql import GraphQLOutputType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetailsList
    from graphql.pyutils import AwaitableOrValue, Path, UndefinedType


class PlannedExecutor(Executor[Any]):
    """Loads what lies below each root field in batches, and completes rows by plan."""

    context_value: Context

    def may(self, scope: str) -> bool:
        """Whether the token has the scope."""
        return self.context_value.may(scope)

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
        """Execute a field. Its error is FORBIDDEN if the token lacks the field's scope."""
        field = self.schema.get_field(parent_type, field_details_list[0].node.name.value)
        scope = scope_of(field)
        if field and scope and not self.may(scope):
            self.handle_field_error(forbidden(scope), field.type, field_details_list, path)
            return None
        return super().execute_field(parent_type, source, field_details_list, path, position_context)

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

        async def with_loaded_fields() -> Any:
            value = await result
            await self._load(return_type, field_details_list, value)
            return value

        return await super().complete_awaitable_value(
            return_type, field_details_list, info, path, with_loaded_fields(), position_context
        )

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
        if complete is not None:
            try:
                completed: dict[str, Any] = complete(result)
                return completed
            except (Unplannable, AttributeError, LookupError, TypeError, ValueError, GraphQLError):
                # graphql-core meets the same error again, and reports it with its path.
                pass
        return super().collect_and_execute_subfields(
            return_type, field_details_list, path, result, position_context
        )

    async def _load(self, return_type: GraphQLOutputType, details: FieldDetailsList, value: Any) -> None:
        """Load the fields selected on the objects in a value, whatever their types."""
        objects = _flatten(value)
        if not objects:
            return
        named = get_named_type(return_type)
        if is_object_type(named):
            await self._load_fields(self.plan(named, details), objects)
            return
        for name in sorted({type(item).__name__ for item in objects}):
            runtime_type = self.schema.get_type(name)
            if is_object_type(runtime_type):
                same_type = [item for item in objects if type(item).__name__ == name]
                await self._load_fields(self.plan(runtime_type, details), same_type)

    async def _load_fields(self, plan: Plan, objects: list[Any]) -> None:
        """Run the loaders of a plan, level by level."""
        for step in plan.steps:
            if step.load is not None:
                await step.load(objects, self.context_value, **step.arguments)
        for step in plan.steps:
            if step.below is not None and step.below.loads:
                below = [child for item in objects for child in _flatten(step.read(item))]
                if below:
                    await self._load_fields(step.below, below)


def scope_of(field: GraphQLField | None) -> str | None:
    """Return the scope that a field requires, if it does."""
    definition = field.extensions.get("strawberry-definition") if field is not None else None
    return requirements_of(definition).scope


def _flatten(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [item for part in value for item in _flatten(part)]
    return [value]
