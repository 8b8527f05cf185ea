"""Random valid documents: the planned answer is graphql-core's own, and has no more objects than it costs."""

from __future__ import annotations

import asyncio
import inspect
import os
import random
from collections.abc import Callable
from functools import partial
from typing import Any

import orjson
import pytest
from graphql import GraphQLResolveInfo, located_error, parse
from graphql.execution import ExecutionResult, Executor
from strawberry.types.arguments import convert_arguments
from strawberry.types.field import StrawberryField

from api.graphql import cost as costs
from api.graphql.http import encoded
from api.graphql.run import Params, format_error, run
from api.http.auth import Caller
from preference_center.catalog.catalog import current_catalog
from preference_center.config.settings import Settings
from preference_center.demo import build as demo
from preference_center.rules.types import Actor
from preference_center.storage import database
from schema.contract import connections
from schema.contract.api_errors import Misuse, naming_arguments
from schema.contract.fields import requirements_of
from schema.contract.ids import LARGEST_ID, global_id
from schema.engine.context import Context
from schema.engine.loading import loader_of
from schema.recipients.preferences import WHOLE_STATE
from schema.root import graphql_schema, schema
from tests.conftest import Clock
from tests.graphql.engine.documents import RandomDocument, Values

pytestmark = pytest.mark.parametrize("database_url", ["sqlite"], indirect=True)
DOCUMENTS = int(os.environ.get("SAYSO_RANDOM_DOCUMENTS", "150"))
SEED = int(os.environ.get("SAYSO_RANDOM_SEED", "12"))
SCOPES = [frozenset({scope}) for scope in ("admin", "admin", "contacts:read", "preferences:read")]
NO_OBJECTS = {"__schema", "__type", "filter", "thefilter", "properties", "theproperties"}
Resolve = Callable[..., Any]


async def test_every_planned_answer_is_that_of_graphql_core_and_has_no_more_objects_than_it_costs(
    db: Settings, clock: Clock, monkeypatch: pytest.MonkeyPatch
) -> None:
    for module in (connections, costs):
        monkeypatch.setattr(module, "DEFAULT_PAGE", 1)  # a size that the cost does not see is too small
    await demo.load(12)
    values, chance = await _values(), random.Random(SEED)
    compared, differences = 0, []
    for number in range(DOCUMENTS):
        document, scopes = RandomDocument(chance, values), SCOPES[number % len(SCOPES)]
        for variables in document.variables:
            asked = Params(document.text, variables)
            answer = orjson.loads(encoded((await run(asked, Caller(Actor("crm"), scopes))).body))
            if "data" not in answer:
                break  # not valid, or too expensive
            compared += 1
            cost = answer.pop("extensions")["cost"]["requested"]
            expected = _sorted(await _by_graphql_core(document.text, variables, scopes))
            if _sorted(answer) != expected or _objects(answer["data"]) - 1 > cost:
                found = f"{_sorted(answer)}\nis not\n{expected}\nor costs only {cost}"
                differences.append(f"{document.text}\n{variables}\n{found}")
    assert compared > DOCUMENTS
    assert not differences, "\n\n".join(differences[:5])


def _sorted(answer: dict[str, Any]) -> Any:
    plain = orjson.loads(encoded(answer))
    plain.get("errors", []).sort(key=lambda error: str(error.get("path")))
    return plain


def _objects(value: Any) -> int:
    """Return how many objects a value has, itself included, without introspection and JSON values."""
    if isinstance(value, list):
        return sum(map(_objects, value))
    if not isinstance(value, dict):
        return 0
    return 1 + sum(_objects(part) for name, part in value.items() if name not in NO_OBJECTS)


async def _values() -> Values:
    """Return keys, ids and addresses of the demo data."""
    catalog = await current_catalog()
    keys = [*(each.key for each in catalog.units), *(each.key for each in catalog.types)]
    ids = [global_id(name, n) for name in LARGEST_ID for n in (1, 2)]
    rows = await database.fetch("SELECT email FROM contacts WHERE email IS NOT NULL ORDER BY id LIMIT 3")
    return Values(keys, ids, [row["email"] for row in rows])


async def _by_graphql_core(text: str, variables: dict[str, Any], scopes: frozenset[str]) -> dict[str, Any]:
    """Execute as graphql-core does. What a field needs is loaded for each object, when it is read."""
    context = Context(Actor("crm"), scopes, await current_catalog())
    executor = _Reference.build(
        graphql_schema,
        parse(text),
        context_value=context,
        raw_variable_values=variables,
        middleware=[_LoadingMiddleware()],
    )
    assert isinstance(executor, _Reference), executor
    result: Any = executor.execute_operation(serially=True)
    if not isinstance(result, ExecutionResult):
        result = await result
    errors = {"errors": [format_error(error) for error in result.errors]} if result.errors else {}
    return {**errors, "data": result.data}


class _Reference(Executor[Any]):
    """graphql-core's executor, which also reports the other faults of the same arguments."""

    def handle_field_error(self, raw_error: Exception, return_type: Any, details: Any, path: Any) -> None:
        errors = self.collected_errors.errors
        before = len(errors)
        super().handle_field_error(raw_error, return_type, details, path)
        if isinstance(raw_error, Misuse) and len(errors) > before:
            nodes = [each.node for each in details]
            errors.extend(located_error(each, nodes, path.as_list()) for each in raw_error.others)


class _LoadingMiddleware:
    """Checks the scope of a field and runs its loader before it is resolved."""

    def __init__(self) -> None:
        self._one_at_a_time = asyncio.Lock()

    def resolve(self, resolve: Resolve, source: Any, info: GraphQLResolveInfo[Any], **args: Any) -> Any:
        field = info.parent_type.fields.get(info.field_name)
        definition = field and field.extensions.get("strawberry-definition")
        access = requirements_of(definition).access
        if access is not None:
            info.context.require(access)
        if definition is None or loader_of(info.parent_type.name, definition) is None:
            return resolve(source, info, **args)
        return self._loaded(definition, source, info, partial(resolve, source, info, **args), args)

    async def _loaded(
        self, definition: StrawberryField, source: Any, info: Any, resolve: Callable[[], Any], args: Any
    ) -> Any:
        load, converter = loader_of(info.parent_type.name, definition), schema.schema_converter
        assert load is not None
        arguments = convert_arguments(args, definition.arguments, converter.scalar_registry, converter.config)
        if requirements_of(definition).pass_selection:
            arguments["selected"] = WHOLE_STATE
        async with self._one_at_a_time:
            with naming_arguments():
                await load([source], info.context, **arguments)
            value = resolve()
            return await value if inspect.isawaitable(value) else value
