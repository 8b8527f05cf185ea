"""Decides which way a root field of a query is answered: by one statement, or the ordinary way.

The noun's package registers how its root field is compiled, and how a compiled statement is run. A statement
is kept with the plan of the selection, and so with the document. Where it cannot answer, at all or now, the
resolver of the field does, as ever.
"""

from __future__ import annotations

from collections.abc import Awaitable, Callable
from enum import Enum
from typing import Any, Final, NamedTuple, TypeAlias

from graphql import GraphQLError

from preference_center.calculations import in_thread
from preference_center.catalog.catalog import Catalog
from preference_center.errors import Invalid
from preference_center.storage.compact import Reading
from schema.engine.context import Context
from schema.engine.plans import Plan
from schema.engine.statements.columns import NOW, NotByStatement

Compile: TypeAlias = Callable[[Plan, Catalog], Any]
"""Returns the statement of a selection. Raises NotByStatement."""
Answer: TypeAlias = Callable[..., Awaitable[str]]
"""`await answer(statement, context, **arguments)` returns the JSON of the field. Raises NotByStatement."""


class Root(NamedTuple):
    """A root field that a statement may answer."""

    compile: Compile
    answer: Answer


ROOTS: Final[dict[str, Root]] = {}
"""By the names of the fields of Query. Each noun registers its own."""


class Way(Enum):
    """How a root field of a query was answered."""

    STATEMENT = "statement"
    ORDINARY = "ordinary"


listeners: Final[list[Callable[[Way], None]]] = []
"""Called with the way in which each root field of a query was answered."""


def decide(field: str, plan: Plan, catalog: Catalog) -> Any:
    """Return the statement that answers a root field; None if the ordinary way does.

    It decides once for each state of the catalog, and so for each database.
    """
    if plan.statement_for is not catalog:
        plan.statement, plan.statement_for = _compiled(field, plan, catalog), catalog
    return plan.statement


def _compiled(field: str, plan: Plan, catalog: Catalog) -> Any:
    root = ROOTS.get(field)
    if root is None or plan.complete is None:
        return None
    try:
        return root.compile(plan, catalog)
    except NotByStatement:
        return None


async def answer(field: str, statement: Any, arguments: dict[str, Any], context: Context) -> str | None:
    """Return the JSON of a root field; None if it has to be answered the ordinary way.

    Errors about arguments are reported by its resolver.
    """
    try:
        return await ROOTS[field].answer(statement, context, **arguments)
    except (NotByStatement, Invalid, GraphQLError):
        return None


async def written(context: Context, write: Callable[[], str]) -> str:
    """Write the rows of a statement. Raises NotByStatement.

    A null where the schema allows none, or a value that no writer expects, is reported by graphql-core.
    """
    try:
        return await in_thread(write) if context.many_objects else write()
    except _NOT_WRITABLE:
        raise NotByStatement from None


_NOT_WRITABLE: Final = (TypeError, ValueError, LookupError, AttributeError)


def at_time(reading: Reading, context: Context) -> Reading:
    """Return what a statement reads, with the time of the request in its place."""
    if NOW not in reading.values:
        return reading
    values = [context.now if value is NOW else value for value in reading.values]
    return Reading(reading.columns, values)


def count(way: Way) -> None:
    """Count a root field that was answered."""
    for listener in listeners:
        listener(way)
