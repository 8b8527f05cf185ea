"""`python -m tests.benchmarks.engines`: four ways to execute the same queries, in this process.

- *statements*: Sayso's executor, which reads a selection by one statement and writes its rows as JSON.
- *plans*: the same without statements: rows become objects, which plans complete.
- *graphql-core*: graphql-core's own executor behind the same loaders and the same kept documents.
- *strawberry*: `schema.execute`, with DataLoaders and Strawberry's caches of parsed and validated documents.

They run on SQLite, or with `--postgres` on the server of the tests. Each answer includes its JSON. It prints
the CPU time of this process for one query in milliseconds: the median of several rounds. A busy machine
changes CPU time little.
"""

from __future__ import annotations

import argparse
import asyncio
import statistics
import tempfile
import time
from collections.abc import Awaitable, Callable
from contextlib import AsyncExitStack
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import orjson
import strawberry
from graphql import GraphQLField, GraphQLResolveInfo, is_object_type
from graphql.execution.values import get_argument_values
from strawberry.dataloader import DataLoader
from strawberry.extensions import ParserCache, ValidationCache
from strawberry.types.arguments import convert_arguments

from api.app import tune_garbage_collection
from api.graphql.documents import Prepared
from api.graphql.http import encoded
from api.graphql.run import documents
from preference_center.catalog.catalog import current_catalog
from preference_center.config import settings
from preference_center.contacts import contacts
from preference_center.ledger.record import record
from preference_center.ledger.types import Intent, Provenance
from preference_center.rules.types import RECIPIENT, Actor, Channel, ConsentOrigin, PreferenceStatus
from preference_center.storage import migration
from preference_center.storage.connection import open_database
from schema.contract.fields import requirements_of
from schema.engine.context import Context
from schema.engine.executor import PlannedExecutor
from schema.engine.loading import loader_of
from schema.root import Mutation, Query, graphql_schema, schema
from tests.benchmarks.harness.databases import temporary_database
from tests.benchmarks.harness.filling import email, make_catalog
from tests.benchmarks.reading import LIST, PAGE_SIZE, POINT, RECORD
from tests.conftest import settings_for

QUERIES: dict[str, tuple[str, dict[str, Any]]] = {
    f"list: {PAGE_SIZE} contacts × 6 preferences": (LIST, {"first": PAGE_SIZE}),
    "point: one contact by email": (POINT, {"email": email(7)}),
    "record: one contact with all that is known": (RECORD, {"email": email(7)}),
}
Engine = Callable[[str, dict[str, Any]], Awaitable[bytes]]


class ObjectsExecutor(PlannedExecutor):
    """The executor without statements."""

    def _statement(self, *arguments: Any) -> None:
        return None


class UnplannedExecutor(ObjectsExecutor):
    """graphql-core's executor, behind the loaders."""

    def collect_and_execute_subfields(self, *arguments: Any) -> Any:
        return super(PlannedExecutor, self).collect_and_execute_subfields(*arguments)


async def _context() -> Context:
    return Context(Actor("benchmark"), frozenset({"admin"}), await current_catalog())


def _with(executor_type: type[PlannedExecutor]) -> Engine:
    async def execute(query: str, variables: dict[str, Any]) -> bytes:
        prepared, context = documents.prepare(query), await _context()
        assert isinstance(prepared, Prepared)
        if prepared.plans is not None:
            context.plans = prepared.plans
        executor = executor_type.build(
            graphql_schema, prepared.document, context_value=context, raw_variable_values=variables
        )
        assert isinstance(executor, executor_type)
        result = await executor.execute_operation(serially=True)  # type: ignore[misc]
        assert result.errors is None
        return encoded({"data": result.data})

    return execute


@dataclass
class LoadingContext(Context):
    """A context with the DataLoaders of its request."""

    loaders: dict[Any, DataLoader[int, None]] | None = None


def _strawberry() -> Engine:
    """Strawberry as its documentation has it, over the same types."""
    standard = strawberry.Schema(
        query=Query,
        mutation=Mutation,
        config=schema.config,
        extensions=[lambda: ParserCache(maxsize=100), lambda: ValidationCache(maxsize=100)],
    )
    _use_data_loaders(standard)

    async def execute(query: str, variables: dict[str, Any]) -> bytes:
        context = LoadingContext(**vars(await _context()), loaders={})
        result = await standard.execute(query, variables, context_value=context)
        assert not result.errors, result.errors
        return orjson.dumps({"data": result.data})

    return execute


def _use_data_loaders(standard: strawberry.Schema) -> None:
    for type_ in standard._schema.type_map.values():
        for field in type_.fields.values() if is_object_type(type_) else ():
            definition = field.extensions.get("strawberry-definition")
            load = loader_of(type_.name, definition) if definition is not None else None
            if load is not None:
                selects = requirements_of(definition).pass_selection
                field.resolve = _loading(standard, field, load, selects=selects)


def _loading(
    standard: strawberry.Schema, field: GraphQLField, load: Callable[..., Awaitable[None]], *, selects: bool
) -> Callable[..., Awaitable[Any]]:
    """Resolve a field after one DataLoader has loaded it for all the objects of its selection."""
    resolve, definition = field.resolve, field.extensions["strawberry-definition"]
    converter = standard.schema_converter
    assert resolve is not None

    async def resolved(source: Any, info: GraphQLResolveInfo[LoadingContext], **given: Any) -> Any:
        context, node = info.context, info.field_nodes[0]
        assert context.loaders is not None
        assert node.selection_set is not None
        loader = context.loaders.get(id(node))
        if loader is None:
            values = get_argument_values(field, node, info.variable_values)
            arguments = convert_arguments(
                values, definition.arguments, converter.scalar_registry, standard.config
            )
            if selects:
                chosen = node.selection_set.selections
                arguments["selected"] = frozenset(each.name.value for each in chosen)  # type: ignore[attr-defined]

            async def load_all(objects: list[Any]) -> list[None]:
                await load(objects, context, **arguments)
                return [None] * len(objects)

            loader = context.loaders[id(node)] = DataLoader(load_all, cache_key_fn=id)
        await loader.load(source)
        return resolve(source, info, **given)

    return resolved


async def _fill() -> None:
    """Create contacts, and a preference of each for every subscription type."""
    types = await make_catalog()
    rows = [
        await contacts.create(email=email(number), first_name="Ada", last_name=f"Reader {number}")
        for number in range(1, PAGE_SIZE + 1)
    ]
    status = PreferenceStatus.OPTED_OUT
    intents = [
        Intent(row.email_recipient_id, Channel.EMAIL, status, type_.business_unit, type_)
        for row in rows
        for type_ in types
        if row.email_recipient_id is not None
    ]
    await record(intents, Provenance(ConsentOrigin.PREFERENCE_PAGE, RECIPIENT))


async def _seconds(engine: Engine, query: str, variables: dict[str, Any], times: int) -> float:
    started = time.process_time()
    for _ in range(times):
        await engine(query, variables)
    return (time.process_time() - started) / times


async def _measure(rounds: int, times: int) -> None:
    engines = {
        "statements": _with(PlannedExecutor),
        "plans": _with(ObjectsExecutor),
        "graphql-core": _with(UnplannedExecutor),
        "strawberry": _strawberry(),
    }
    for what, (query, variables) in QUERIES.items():
        answers = {name: orjson.loads(await run(query, variables)) for name, run in engines.items()}
        assert all(answer == answers["statements"] for answer in answers.values()), what
        taken: dict[str, list[float]] = {name: [] for name in engines}
        for _ in range(rounds):
            for name, run in engines.items():
                taken[name].append(await _seconds(run, query, variables, times))
        own = statistics.median(taken["statements"])
        print(what)  # noqa: T201
        for name, seconds in taken.items():
            median = statistics.median(seconds)
            print(f"  {name:13} {median * 1000:7.2f} ms   {median / own:5.1f} ×")  # noqa: T201


async def _run(rounds: int, times: int, *, postgres: bool) -> None:
    async with AsyncExitStack() as stack:
        folder = stack.enter_context(tempfile.TemporaryDirectory())
        address = f"sqlite://{folder}/sayso.db"
        if postgres:
            address = await stack.enter_async_context(temporary_database("engines"))
        config = settings_for(address, Path(folder))
        settings.use(config)
        async with open_database(config):
            await migration.migrate(config)
            await _fill()
            tune_garbage_collection()
            await _measure(rounds, times)


def main() -> None:
    """Measure, and print one block for each query."""
    parser = argparse.ArgumentParser(prog="python -m tests.benchmarks.engines", description=__doc__)
    parser.add_argument("--rounds", type=int, default=7, help="how often each way is measured")
    parser.add_argument("--times", type=int, default=50, help="how many queries one measurement takes")
    parser.add_argument("--postgres", action="store_true", help="read from PostgreSQL, not SQLite")
    given = parser.parse_args()
    asyncio.run(_run(given.rounds, given.times, postgres=given.postgres))


if __name__ == "__main__":
    main()
