"""One operation from text to answer: prepared, its cost reckoned, run, its faults masked."""

from __future__ import annotations

import secrets
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import structlog
from graphql import GraphQLError, OperationDefinitionNode, OperationType
from graphql.execution import ExecutionResult

from api.graphql import cost as costs
from api.graphql import limits
from api.graphql.documents import Documents, Prepared
from api.http.auth import Caller
from preference_center.catalog.catalog import current_catalog, exact_catalog
from schema.engine.context import Context
from schema.engine.executor import PlannedExecutor
from schema.root import graphql_schema

log = structlog.get_logger()
documents = Documents(graphql_schema)


class MutationByGet(Exception):
    """A GET that would change something: refused before anything is run (405)."""


@dataclass(frozen=True, slots=True)
class Params:
    """The parameters of a GraphQL request."""

    query: str
    variables: Mapping[str, Any]
    operation_name: str | None = None


@dataclass(frozen=True, slots=True)
class Answer:
    """What goes back. `started` is False where the request was refused before the operation began."""

    body: dict[str, Any]
    started: bool


async def run(params: Params, caller: Caller, *, read_only: bool = False) -> Answer:
    """Run an operation. Raises MutationByGet where it is a mutation and `read_only`."""
    prepared = documents.prepare(params.query)
    if not isinstance(prepared, Prepared):
        return refusal(prepared)
    chosen = prepared.operation(params.operation_name)
    if chosen is None:
        return refusal([_unclear(params.operation_name)])
    operation, cost = chosen
    if read_only and operation.operation is not OperationType.QUERY:
        raise MutationByGet
    if limits.variables_too_nested(params.variables):
        most = limits.NESTING
        return refusal([limits.refused("levels in its variables", most + 1, most)])
    spent = {"requested": cost.of(params.variables), "maximum": costs.MOST}
    if spent["requested"] > costs.MOST:
        return refusal([_too_costly(spent)], spent)
    return await _execute(prepared, operation, params, caller, spent)


async def _execute(
    prepared: Prepared,
    operation: OperationDefinitionNode,
    params: Params,
    caller: Caller,
    spent: dict[str, int],
) -> Answer:
    # What another process made or archived a moment ago counts where something is changed by it.
    changes = operation.operation is OperationType.MUTATION
    catalog = await (exact_catalog() if changes else current_catalog())
    context = Context(caller.actor, caller.scopes, catalog)
    if prepared.plans is not None:
        context.plans = prepared.plans
    executor = PlannedExecutor.build(
        graphql_schema,
        prepared.document,
        context_value=context,
        raw_variable_values=dict(params.variables),
        operation_name=params.operation_name,
    )
    if isinstance(executor, list):
        for error in executor:
            error.extensions = {**(error.extensions or {}), "code": "BAD_USER_INPUT"}
        return refusal(executor)
    result = executor.execute_operation(serially=True)
    if not isinstance(result, ExecutionResult):
        result = await result  # type: ignore[misc]
    body: dict[str, Any] = {"data": result.data}
    if result.errors:
        body = {"errors": [shown(error) for error in result.errors], **body}
    body["extensions"] = {"cost": spent}
    return Answer(body, started=True)


def refusal(errors: list[GraphQLError], spent: dict[str, int] | None = None) -> Answer:
    """The answer to a request that was not run: errors, and no data."""
    body: dict[str, Any] = {"errors": [shown(error) for error in errors]}
    if spent is not None:
        body["extensions"] = {"cost": spent}
    return Answer(body, started=False)


def shown(error: GraphQLError) -> dict[str, Any]:
    """An error as a client sees it; of a fault, that it happened and the id that the log has it under."""
    original = error.original_error
    if original is None or isinstance(original, GraphQLError):
        return dict(error.formatted)
    fault = structlog.contextvars.get_contextvars().get("request_id") or secrets.token_hex(8)
    log.error("fault", fault=fault, path=error.path, exc_info=original)
    masked: dict[str, Any] = {
        "message": f"Something went wrong on our side; the log has it under {fault}.",
        "extensions": {"code": "INTERNAL_SERVER_ERROR", "id": fault},
    }
    if error.path is not None:
        masked["path"] = error.path
    return masked


def _unclear(name: str | None) -> GraphQLError:
    if name is None:
        message = "Give `operationName`: the document has not exactly one operation."
    else:
        message = f"Unknown operation named {name[:80]!r}."
    return GraphQLError(message, extensions={"code": "OPERATION_RESOLUTION_FAILURE"})


def _too_costly(spent: dict[str, int]) -> GraphQLError:
    message = f"This operation would cost {spent['requested']}; at most {spent['maximum']} is allowed."
    return GraphQLError(message, extensions={"code": "COST_LIMIT_EXCEEDED", "cost": spent})
