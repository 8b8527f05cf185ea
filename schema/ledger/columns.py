"""Consent events in a statement: their columns, and pages of the history of addresses."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, fields
from typing import Any, Final

from preference_center.errors import Invalid
from preference_center.history import compact_events
from preference_center.history.compact_events import EXPLANATION
from preference_center.history.events import EventFilter
from preference_center.rules.types import RECIPIENT
from preference_center.storage.compact import Column, Kind, rows_of
from preference_center.storage.counting import Count
from preference_center.storage.keyset import KeysetRange
from schema.catalog.view import CatalogView, catalog_view
from schema.contract.connections import PageArguments, write_cursor
from schema.engine.context import Context
from schema.engine.plans import Plan, Step
from schema.engine.statements import columns
from schema.engine.statements.columns import NULL, Columns, Fields, NotByStatement, Row, Write, dumped
from schema.engine.statements.memo import Remembering
from schema.engine.statements.objects import write_object
from schema.engine.statements.pages import Page, plan_page
from schema.ledger.conditions import EventConditions


@dataclass(frozen=True, slots=True)
class Owner:
    """A recipient whose history a statement reads."""

    id: str
    """SQL."""
    spelled: bool
    """Whether it is a phone number, which may have other spellings."""
    write: Callable[[Plan | None], Write]
    """Plans how the recipient is written where an event leads back to it."""


@dataclass(slots=True)
class EventSource:
    """An event `e` in the history of addresses."""

    columns: Columns
    owners: Sequence[Owner]
    recipients: list[Sequence[Write]]
    """What writes the recipient, by the owner; one for each selection of it."""


def _of_catalog(
    sql: str, objects: Callable[[CatalogView], Mapping[int, Any]]
) -> Callable[[Step, EventSource], Write]:
    """Read the id of an object of the catalog, and write it as its plan completes it."""

    def read(step: Step, source: EventSource) -> Write:
        if step.below is None or step.below.complete is None or step.below.loads:
            raise NotByStatement
        place, complete = source.columns.place(sql, Kind.NUMBER), step.below.complete
        remembering = Remembering()

        def write(row: Row, context: Context) -> str:
            of_id, view = row[place], catalog_view(context)
            if of_id is None:
                return NULL
            return remembering.text(view, of_id, lambda: dumped(complete(objects(view)[of_id])))

        return write

    return read


def _recipient(step: Step, source: EventSource) -> Write:
    if not source.owners:
        raise NotByStatement
    nth = len(source.recipients)
    source.recipients.append([owner.write(step.below) for owner in source.owners])
    return lambda row, _: row[-1][nth]


def _kind(value: Any) -> str:
    return '"PAUSE"' if value else '"STATUS"'


EVENT: Final[Fields] = {
    "id": columns.row_id("ConsentEvent", "e.id"),
    "kind": columns.leaf("e.about_pause", Kind.NUMBER, _kind),
    "channel": columns.word("e.channel"),
    "businessUnit": _of_catalog("e.business_unit_id", lambda view: view.units),
    "subscriptionType": _of_catalog("e.subscription_type_id", lambda view: view.types),
    "before": columns.word("e.before"),
    "after": columns.word("e.after"),
    "pausedUntil": columns.instant("e.paused_until"),
    "superseded": columns.flag("e.superseded"),
    "origin": columns.word("e.origin"),
    "actor": columns.text("e.actor"),
    "legalBasis": columns.word("e.legal_basis"),
    "explanation": columns.text(EXPLANATION),
    "occurredAt": columns.instant("e.occurred_at"),
    "recordedAt": columns.instant("e.recorded_at"),
    "carriedFrom": columns.row_id("ConsentEvent", "e.carried_from_event_id"),
    "recipient": _recipient,
}


EVENT_ID: Final = Column("e.id", Kind.NUMBER, nullable=False)


def history(step: Step, read: Columns, owners: Sequence[Owner]) -> Write:
    """Plan a page of the events of some recipients together. Raises NotByStatement."""
    page, span, wanted = _arguments(step, read)
    inner = read.inside()
    inner.add(EVENT_ID)
    source = EventSource(inner, owners, [])
    plan = plan_page(step.below, lambda below, _: write_object(below, EVENT, source), inner)
    if plan.counts:
        raise NotByStatement
    where, values = compact_events.conditions_of(span, wanted, read.values)
    read.values[:] = values
    places = [
        read.place(compact_events.events_sql(owner.id, inner.read, span, where, spelled=owner.spelled))
        for owner in owners
    ]

    def write(row: Row, context: Context) -> str:
        events = []
        for nth, place in enumerate(places):
            if row[place]:
                recipients = [writers[nth](row, context) for writers in source.recipients]
                events += [[*event, recipients] for event in rows_of(row[place])]
        events.sort(key=_by_id, reverse=not page.backwards)
        kept = events[: page.size]
        if page.backwards:
            kept.reverse()
        ends = [write_cursor(event[0]) for event in (kept[:1] + kept[-1:])]
        info = page.page_info(ends, more=len(events) > page.size)
        return plan.write(Page(kept, info, event_cursor, Count(0)), context)

    return write


def _by_id(event: list[Any]) -> int:
    event_id: int = event[0]
    return event_id


def event_cursor(event: Row) -> str:
    """Return the cursor of an event, whose id is read first."""
    return write_cursor(event[0])


def _arguments(step: Step, read: Columns) -> tuple[PageArguments, KeysetRange, EventFilter]:
    """Return the arguments of a page of events. What cannot be used is reported the ordinary way."""
    names = {each.name for each in fields(PageArguments)}
    page = PageArguments(**{name: value for name, value in step.arguments.items() if name in names})
    others = {name: value for name, value in step.arguments.items() if name not in names}
    context = Context(RECIPIENT, frozenset(), read.catalog)
    try:
        return page, page.keyset_range(newest_first=True), EventConditions(**others).filter(context)
    except Invalid:
        raise NotByStatement from None
