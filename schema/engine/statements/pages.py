"""Writes a connection as JSON: its nodes and edges from the rows of a statement, the rest as it is given."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any, TypeAlias

from preference_center.storage.counting import Count
from schema.contract.connections import PageInfo
from schema.engine.context import Context
from schema.engine.plans import Plan, Step
from schema.engine.statements.columns import Columns, NotByStatement, Row, dumped
from schema.engine.statements.objects import WriteObject, selection, type_name

PlanNode: TypeAlias = Callable[[Plan | None, Columns], WriteObject]
"""Plans how a node is read and written."""


@dataclass(frozen=True, slots=True)
class Page:
    """One page of rows, in the order of the connection."""

    rows: Sequence[Row]
    info: PageInfo
    cursor_of: Callable[[Row], str]
    count: Count
    """How many items all pages have, if that is asked for."""


WritePage: TypeAlias = Callable[[Page, Context], str]
_COUNTS = frozenset({"totalCount", "totalCountIsEstimate"})


@dataclass(frozen=True, slots=True)
class PagePlan:
    """How a connection is written."""

    parts: Sequence[WritePage]
    template: str
    counts: bool
    """Whether the items of all pages have to be counted."""
    cursors: bool
    """Whether the positions of nodes are needed."""

    def write(self, page: Page, context: Context) -> str:
        """Write the connection."""
        return self.template % tuple([write(page, context) for write in self.parts])


def plan_page(plan: Plan | None, plan_node: PlanNode, columns: Columns) -> PagePlan:
    """Plan a connection whose nodes `plan_node` plans. Raises NotByStatement."""
    steps = selection(plan)
    selected = {step.field for step in steps}
    template = ",".join(f'"{step.name}":%s' for step in steps)
    return PagePlan(
        parts=[_part(step, plan_node, columns) for step in steps],
        template="{" + template + "}",
        counts=bool(selected & _COUNTS),
        cursors=bool(selected & {"pageInfo", "edges"}),
    )


def _part(step: Step, plan_node: PlanNode, columns: Columns) -> WritePage:
    match step.field:
        case "nodes":
            return _writing_nodes(plan_node(step.below, columns))
        case "edges":
            return _writing_edges(selection(step.below), plan_node, columns)
        case "pageInfo":
            return _writing_info(step.below)
        case "totalCount":
            return lambda page, _: str(page.count.number)
        case "totalCountIsEstimate":
            return lambda page, _: "true" if page.count.is_estimate else "false"
        case "__typename":
            text = type_name(step)
            return lambda page, _: text
    raise NotByStatement


def _writing_nodes(write: WriteObject) -> WritePage:
    return lambda page, context: f"[{write.of_all(page.rows, context)}]"


def _writing_info(plan: Plan | None) -> WritePage:
    complete: Any = plan and plan.complete
    return lambda page, _: dumped(complete(page.info))


def _writing_edges(steps: Sequence[Step], plan_node: PlanNode, columns: Columns) -> WritePage:
    nodes = {step.name: plan_node(step.below, columns) for step in steps if step.field == "node"}
    names = {step.name: type_name(step) for step in steps if step.field == "__typename"}

    def write_edge(row: Row, page: Page, context: Context) -> str:
        parts = []
        for step in steps:
            if step.field == "node":
                value = nodes[step.name](row, context)
            else:
                value = names.get(step.name) or dumped(page.cursor_of(row))
            parts.append(f'"{step.name}":{value}')
        return "{" + ",".join(parts) + "}"

    def write_edges(page: Page, context: Context) -> str:
        return "[" + ",".join([write_edge(row, page, context) for row in page.rows]) + "]"

    return write_edges
