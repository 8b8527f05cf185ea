"""Writes objects as JSON from the rows of a statement, with their keys in the order of the selection."""

from __future__ import annotations

from collections.abc import Sequence

from schema.engine.context import Context
from schema.engine.plans import Plan, Step
from schema.engine.statements.columns import Fields, NotByStatement, Row, Source, Write


def selection(plan: Plan | None) -> Sequence[Step]:
    """Return the fields of a selection. Raises NotByStatement if graphql-core has to complete one."""
    if plan is None or plan.complete is None:
        raise NotByStatement
    return plan.steps


def type_name(step: Step) -> str:
    """Return the JSON of a `__typename`."""
    return f'"{step.read(None)}"'


def write_object(plan: Plan | None, fields: Fields, source: Source) -> Write:
    """Return what writes an object with the fields of a plan. Raises NotByStatement."""
    writers: list[Write] = []
    parts: list[str] = []
    for step in selection(plan):
        if step.field == "__typename":
            parts.append(f'"{step.name}":{type_name(step)}')
            continue
        read = fields.get(step.field)
        if read is None:
            raise NotByStatement
        writers.append(read(step, source))
        parts.append(f'"{step.name}":%s')
    return filling("{" + ",".join(parts) + "}", writers)


def filling(template: str, writers: Sequence[Write]) -> Write:
    """Return what fills the places of a template, in their order."""
    if not writers:
        return lambda row, context: template
    if len(writers) == 1:
        [only] = writers
        return lambda row, context: template % only(row, context)

    def write(row: Row, context: Context) -> str:
        return template % tuple([each(row, context) for each in writers])

    return write
