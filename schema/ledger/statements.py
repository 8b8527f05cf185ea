"""Consent events by one statement: the root field `consentEvents`."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from preference_center.catalog.catalog import Catalog
from preference_center.history import compact_events
from preference_center.history import events as history
from preference_center.history.events import EventFilter
from preference_center.storage.counting import Count
from schema.contract.arguments import taken
from schema.contract.connections import PageArguments
from schema.engine.context import Context
from schema.engine.plans import Plan
from schema.engine.statements import roots
from schema.engine.statements.columns import Columns
from schema.engine.statements.objects import write_object
from schema.engine.statements.pages import Page, PagePlan, plan_page
from schema.engine.statements.roots import Root
from schema.ledger.columns import EVENT, EVENT_ID, EventSource, event_cursor
from schema.ledger.conditions import EventConditions
from schema.ledger.queries import EventsOf, filter_of


@dataclass(frozen=True, slots=True)
class EventsStatement:
    """How a page of events is read and written."""

    columns: Columns
    page: PagePlan


def _compile(plan: Plan, catalog: Catalog) -> EventsStatement:
    columns = Columns(catalog)
    columns.add(EVENT_ID)
    source = EventSource(columns, owners=(), recipients=[])
    page = plan_page(plan, lambda below, _: write_object(below, EVENT, source), columns)
    return EventsStatement(columns, page)


async def _answer(statement: EventsStatement, context: Context, **arguments: Any) -> str:
    """Answer with a page of the ledger."""
    of, page = taken(EventsOf, arguments), taken(PageArguments, arguments)
    span = page.keyset_range(newest_first=True)
    wanted = await filter_of(context, of, taken(EventConditions, arguments))
    columns, plan = statement.columns, statement.page
    rows: list[Any] = []
    if wanted is not None:
        rows = await compact_events.events(columns.reading(), columns.read, span, wanted)
    counted = await _count(wanted) if plan.counts else Count(0)
    kept = rows[: page.size]
    if page.backwards:
        kept.reverse()
    ends = [event_cursor(row) for row in (kept[:1] + kept[-1:])]
    shown = Page(kept, page.page_info(ends, more=len(rows) > page.size), event_cursor, counted)
    return await roots.written(context, lambda: plan.write(shown, context))


async def _count(wanted: EventFilter | None) -> Count:
    return await history.count(wanted) if wanted is not None else Count(0)


EVENTS_ROOT = Root(_compile, _answer)
