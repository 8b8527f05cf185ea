"""Running an operation: what a selection needs is fetched at once, then all is completed synchronously.

graphql-core calls a resolver for every leaf of every row. Here a selection is turned into a plan, which is
kept with its document, and a page of rows is completed by plain attribute reads. Fragments, aliases and
directives remain graphql-core's work, which collects the fields; what a plan can't do, and every error, goes
its way.
"""

from __future__ import annotations

from collections.abc import Awaitable
from typing import TYPE_CHECKING, Any

from graphql import GraphQLError, GraphQLObjectType, get_named_type, is_object_type
from graphql.execution import Executor

from schema.engine.context import Context, forbidden
from schema.engine.plans import Plan, Unplannable, make_plan

if TYPE_CHECKING:
    from graphql import GraphQLOutputType, GraphQLResolveInfo
    from graphql.execution.collect_fields import FieldDetailsList
    from graphql.pyutils import AwaitableOrValue, Path, UndefinedType


class PlannedExecutor(Executor[Any]):
    """An executor that fetches below each root field at once, and completes rows by plan."""

    context_value: Context

    def plan(self, parent: GraphQLObjectType, details: FieldDetailsList) -> Plan:
        """Give the plan of a selection on a type, as far as these scopes may read."""
        key = (self.context_value.scopes, parent.name, *[id(detail.node) for detail in details])
        plans = self.context_value.plans
        plan = plans.get(key)
        if plan is None:
            plan = plans[key] = make_plan(self, parent, details)
        return plan

    def execute_field(
        self,
        parent_type: GraphQLObjectType,
        source: Any,
        field_details_list: FieldDetailsList,
        path: Path,
        position_context: Any,
    ) -> AwaitableOrValue[Any] | UndefinedType:
        """Refuse a field whose scope the token lacks; else execute it."""
        field = self.schema.get_field(parent_type, field_details_list[0].node.name.value)
        scope = field and scope_of(field)
        if field and scope and not self.context_value.may(scope):
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
        """Await a root field, fetch what its selection asks for, and complete it."""

        async def fetched() -> Any:
            value = await result
            await self._fetch(return_type, field_details_list, value)
            return value

        return await super().complete_awaitable_value(
            return_type, field_details_list, info, path, fetched(), position_context
        )

    def collect_and_execute_subfields(
        self,
        return_type: GraphQLObjectType,
        field_details_list: FieldDetailsList,
        path: Path,
        result: Any,
        position_context: Any,
    ) -> AwaitableOrValue[dict[str, Any]]:
        """Complete an object by its plan where that can be done, else in graphql-core's own way."""
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

    async def _fetch(self, return_type: GraphQLOutputType, details: FieldDetailsList, value: Any) -> None:
        objects = _flatten(value)
        if not objects:
            return
        named = get_named_type(return_type)
        if is_object_type(named):
            await self._fetch_fields(self.plan(named, details), objects)
            return
        for name in sorted({type(item).__name__ for item in objects}):
            runtime = self.schema.get_type(name)
            if is_object_type(runtime):
                rows = [item for item in objects if type(item).__name__ == name]
                await self._fetch_fields(self.plan(runtime, details), rows)

    async def _fetch_fields(self, plan: Plan, objects: list[Any]) -> None:
        for step in plan.steps:
            if step.load is not None:
                await step.load(objects, self.context_value, **step.arguments)
        for step in plan.steps:
            if step.fetches_below:
                below = [child for item in objects for child in _flatten(step.read(item))]
                if below and step.below is not None:
                    await self._fetch_fields(step.below, below)


def scope_of(field: Any) -> str | None:
    """Name the scope that a field declares, if it does."""
    definition = field.extensions.get("strawberry-definition")
    return definition.metadata.get("scope") if definition is not None else None


def _flatten(value: Any) -> list[Any]:
    if value is None:
        return []
    if isinstance(value, list | tuple):
        return [item for part in value for item in _flatten(part)]
    return [value]
