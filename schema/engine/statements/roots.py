"""Decides which way a root field of a query is answered: by one statement, or the ordinary way.

The noun's package registers how its root field is compiled. A compiled statement is kept with the plan of the
selection, and so with the document. The resolver finds it in the context, and returns what it wrote; where it
cannot, now or at all, it returns objects as ever.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final, TypeAlias

from preference_center.calculations import in_thread
from preference_center.catalog.catalog import Catalog
from preference_center.storage.compact import Reading
from schema.engine.context import Context
from schema.engine.plans import Plan
from schema.engine.statements.columns import NOW, NotByStatement

Compile: TypeAlias = Callable[[Plan, Catalog], Any]
"""Returns the statement of a selection, as the resolver takes it. Raises NotByStatement."""
_compilers: dict[str, Compile] = {}


class Way(Enum):
    """How a root field of a query was answered."""

    STATEMENT = "statement"
    ORDINARY = "ordinary"


listeners: list[Callable[[Way], None]] = []
"""Told about each root field of a query that was answered."""


@dataclass(frozen=True, slots=True)
class Written:
    """The value of a field, as JSON."""

    json: str


def register_statement(field: str, compile: Compile) -> None:
    """Register how a root field of Query is compiled."""
    _compilers[field] = compile


def decide(field: str, plan: Plan, catalog: Catalog) -> Any:
    """Return the statement that answers a root field; None if the ordinary way does.

    It decides once for each state of the catalog, and so for each database.
    """
    if plan.statement_for is not catalog:
        plan.statement, plan.statement_for = _compiled(field, plan, catalog), catalog
    return plan.statement


def _compiled(field: str, plan: Plan, catalog: Catalog) -> Any:
    compile_ = _compilers.get(field)
    if compile_ is None or plan.complete is None:
        return None
    try:
        return compile_(plan, catalog)
    except NotByStatement:
        return None


async def written(context: Context, write: Callable[[], str]) -> Written | None:
    """Write the answer of a statement; None if it has to be answered the ordinary way.

    A null where the schema allows none, or a value that no writer expects, is reported by graphql-core.
    """
    try:
        return Written(await in_thread(write) if context.many_objects else write())
    except _NOT_WRITABLE:
        return None


_NOT_WRITABLE: Final = (NotByStatement, TypeError, ValueError, LookupError, AttributeError)


def at_time(reading: Reading, context: Context) -> Reading:
    """Return what a statement reads, with the time of the request in its place."""
    if NOW not in reading.values:
        return reading
    values = [context.now if value is NOW else value for value in reading.values]
    return Reading(reading.columns, values)


def count(value: Any) -> None:
    """Count the way that a root field was answered."""
    way = Way.STATEMENT if isinstance(value, Written) else Way.ORDINARY
    for listener in listeners:
        listener(way)
