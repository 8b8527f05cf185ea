"""One operation from its text to its answer: checked, executed, and its internal errors masked."""

from __future__ import annotations

import secrets
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import ExecutionResult

from api.graphql import cost as costs
from api.graphql import limits
from api.graphql.catalog_lists import catalog_lists
from api.graphql.cost import Cost
from api.graphql.documents import Documents, Prepared, Result
from api.graphql.freshness import may_lag
from api.graphql.time_limit import QUERY_SECONDS, Left, TimeLimitExceeded, limited, never
from api.graphql.turns import Kind, turn
from api.http.auth import Caller
from preference_center.calculations import calculate, in_thread
from preference_center.catalog.catalog import current_catalog, exact_catalog
from preference_center.config import settings
from preference_center.errors import Invalid
from preference_center.precedence import Patience
from preference_center.storage import shares
from preference_center.storage.outages import StatementTimeout
from preference_center.storage.shares import Share
from preference_center.upgrade import readiness
from schema.contract.api_errors import bad_input
from schema.engine.context import Context
from schema.engine.executor import PlannedExecutor
from schema.root import graphql_schema

_MANY_VALUES = 1_000
"""In the variables: more are coerced outside the event loop."""
_MANY_OBJECTS = 2_000
"""In the answer: more are completed outside the event loop."""
_MOST_ERRORS = 1_000
"""In an answer. A token without a scope may get one for each row; more say nothing new."""
_LONGEST_MESSAGE = 1_000
"""In characters. Messages about the document repeat parts of it."""

log = structlog.get_logger()
documents = Documents(graphql_schema)


class MutationByGet(Exception):
    """A mutation by GET. It is refused before anything runs (405)."""


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of a GraphQL request."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """The answer to a request. `started`: the operation ran, so that the answer has data or null."""

    body: dict[str, Any]
    started: bool


async def run(params: Params, caller: Caller, *, left: Left = never, read_only: bool = False) -> Answer:
    """Run an operation. A query ends when the client leaves, or its time is over; a mutation is finished.

    Raises MutationByGet for a mutation if `read_only`, and ClientLeft.
    """
    prepared = await _prepare(params.query, left)
    if not isinstance(prepared, Prepared):
        return refusal(prepared)
    chosen = prepared.operation(params.operation_name)
    if chosen is None:
        return refusal([_unknown_operation(params.operation_name)])
    operation, _ = chosen
    if operation.operation is not OperationType.QUERY:
        if read_only:
            raise MutationByGet
        with shares.using(Share.CHANGES):
            return await _run(prepared, chosen, params, caller)
    try:
        lag_allowed = may_lag(prepared.document, operation) if _has_replica() else False
        with shares.using(Share.QUERIES), shares.may_lag(lag_allowed):
            async with limited(left):
                return await _run(prepared, chosen, params, caller)
    except (TimeLimitExceeded, StatementTimeout) as error:
        return Answer({"errors": [format_error(_too_slow(error))], "data": None}, started=True)


def _has_replica() -> bool:
    return settings.current().database_read_url is not None


async def _prepare(query: str, left: Left) -> Result:
    if documents.is_quick(query):
        return documents.prepare(query)
    try:
        async with limited(left):
            return await documents.prepare_in_thread(query)
    except TimeLimitExceeded as error:
        return [_too_slow(error)]


async def _run(
    prepared: Prepared, chosen: tuple[OperationDefinitionNode, Cost], params: Params, caller: Caller
) -> Answer:
    operation, cost = chosen
    values = limits.values_in(params.variables)
    if isinstance(values, GraphQLError):
        return refusal([values])
    context = await _context(operation, caller, prepared)
    if values > _MANY_VALUES:
        executor = await in_thread(_executor, prepared, params, context)
    else:
        executor = _executor(prepared, params, context)
    if isinstance(executor, list):
        return refusal(executor)
    try:
        spent = _spent(cost, executor)
    except Invalid as error:
        return refusal([bad_input(error.message, *(error.field or ()))])
    if spent["requested"] > costs.MAXIMUM:
        return refusal([_too_expensive(spent)], spent)
    if spent["requested"] > _MANY_OBJECTS:
        context.many_objects, context.patience = True, Patience()
    async with turn(_kind(operation, spent["requested"])):
        return await _execute(executor, spent)


def _kind(operation: OperationDefinitionNode, cost: int) -> Kind:
    if operation.operation is not OperationType.QUERY:
        return Kind.MUTATION
    return Kind.LARGE_QUERY if cost > _MANY_OBJECTS else Kind.QUERY


def _spent(cost: Cost, executor: PlannedExecutor) -> dict[str, int]:
    lengths = catalog_lists(executor.context_value.catalog)
    requested = cost.total(executor.variable_values.coerced, lengths)
    return {"requested": requested, "maximum": costs.MAXIMUM}


async def _context(operation: OperationDefinitionNode, caller: Caller, prepared: Prepared) -> Context:
    """Return the context of an operation. A mutation sees what another process has just changed."""
    is_mutation = operation.operation is OperationType.MUTATION
    catalog = await (exact_catalog() if is_mutation else current_catalog())
    context = Context(caller.actor, caller.scopes, catalog, caller.expires_at)
    if prepared.plans is not None:
        context.plans = prepared.plans
    return context


def _executor(prepared: Prepared, params: Params, context: Context) -> PlannedExecutor | list[GraphQLError]:
    """Return the executor of an operation with its variables, or the errors of those."""
    executor: Any = PlannedExecutor.build(
        graphql_schema,
        prepared.document,
        context_value=context,
        raw_variable_values=dict(params.variables),
        operation_name=params.operation_name,
    )
    if isinstance(executor, list):
        for error in executor:
            error.extensions = {**(error.extensions or {}), "code": "BAD_USER_INPUT"}
    built: PlannedExecutor | list[GraphQLError] = executor
    return built


async def _execute(executor: PlannedExecutor, spent: dict[str, int]) -> Answer:
    result = executor.execute_operation(serially=True)
    if not isinstance(result, ExecutionResult):
        result = await result  # type: ignore[misc]
    await _raise_outage(result.errors or ())
    extensions: dict[str, Any] = {"cost": spent}
    if not result.errors:
        return Answer({"data": result.data, "extensions": extensions}, started=True)
    shown, omitted = result.errors[:_MOST_ERRORS], len(result.errors[_MOST_ERRORS:])
    if omitted:
        extensions["omittedErrors"] = omitted
    errors = await calculate(len(shown), lambda: [format_error(error) for error in shown])
    return Answer({"errors": errors, "data": result.data, "extensions": extensions}, started=True)


async def _raise_outage(errors: Iterable[GraphQLError]) -> None:
    """Raise the error of an outage, if one is among the errors: then the whole operation has no answer."""
    for error in errors:
        if error.original_error is not None and await readiness.is_outage(error.original_error):
            raise error.original_error


def refusal(errors: list[GraphQLError], spent: dict[str, int] | None = None) -> Answer:
    """Return the answer to a request that does not run: errors, and no data."""
    body: dict[str, Any] = {"errors": [format_error(error) for error in errors]}
    if spent is not None:
        body["extensions"] = {"cost": spent}
    return Answer(body, started=False)


def format_error(error: GraphQLError) -> dict[str, Any]:
    """Return an error as the client sees it. An internal error shows only the id under which it is logged."""
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        # graphql-core's own errors have no code: they are about a null in a variable.
        extensions = {"code": "BAD_USER_INPUT", **(error.extensions or {})}
        message = _shortened(error.message)
        return {**error.formatted, "message": message, "extensions": extensions}
    fault = structlog.contextvars.get_contextvars().get("request_id") or secrets.token_hex(8)
    log.error("fault", fault=fault, path=error.path, exc_info=original)
    masked: dict[str, Any] = {
        "message": f"Internal error. Report it with the id {fault}, under which it is logged.",
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "id": fault},
    }
    if error.path is not None:
        masked["path"] = error.path
    return masked


def _shortened(text: str) -> str:
    return text if len(text) <= _LONGEST_MESSAGE else text[: _LONGEST_MESSAGE - 1] + "…"


def _unknown_operation(name: str | None) -> GraphQLError:
    if name is None:
        message = "Pass `operationName`: the document does not have exactly one operation."
    else:
        message = f"The document has no operation named {name[:80]!r}."
    return GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})


def _too_slow(error: TimeLimitExceeded | StatementTimeout) -> GraphQLError:
    of_database = isinstance(error, StatementTimeout)
    seconds = settings.current().statement_timeout if of_database else QUERY_SECONDS
    what = "The database took longer than" if of_database else "This query took longer than"
    message = f"{what} {seconds:g} seconds and the query was stopped. Ask for less."
    return GraphQLError(message, extensions={"code": "TIME_LIMIT_EXCEEDED", "seconds": seconds})


def _too_expensive(spent: dict[str, int]) -> GraphQLError:
    message = (
        f"This operation costs {spent['requested']}. At most {spent['maximum']} is allowed: ask for smaller"
        " pages, or for less at a time."
    )
    return GraphQLError(message, extensions={"code": "COST_LIMIT_EXCEEDED", "cost": spent})
