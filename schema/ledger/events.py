"""The ledger as connections: of a contact, of a recipient, of everybody."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated, Any

import strawberry

from preference_center.history import events as history
from preference_center.history import evidence
from preference_center.history.events import EventRow
from preference_center.operations import operations
from preference_center.recipients import recipients
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contract.connections import PageInfo, Window, cut, span_of, window, write_cursor
from schema.contract.ids import Node, global_id
from schema.contract.scalars import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from schema.engine.context import Context
from schema.engine.resolver import resolver
from schema.ledger.evidence import Evidence, evidence_of

if TYPE_CHECKING:
    from schema.operations.types import Operation
    from schema.recipients.types import Recipient

READ = "preferences:read"
Asked = tuple[int | None, str | None, int | None, str | None]
"""A connection's arguments: first, after, last, before."""


async def load_recipients(events: Sequence[ConsentEvent], context: Context, **_: object) -> None:
    """Find the recipients of events that were not read from a recipient, in one statement."""
    from schema.recipients.types import recipient_of

    missing = [event for event in events if event.known_recipient is None]
    rows = await recipients.get_many({event.row.recipient_id for event in missing})
    known = {number: recipient_of(row, context) for number, row in rows.items()}
    for event in missing:
        event.known_recipient = known[event.row.recipient_id]


async def load_operations(events: Sequence[ConsentEvent], context: Context, **_: object) -> None:
    """Read the long jobs that events were part of, in one statement."""
    from schema.operations.types import operation_of

    numbers = {event.row.operation_id for event in events if event.row.operation_id is not None}
    rows = await operations.get_many(sorted(numbers))
    for event in events:
        row = rows.get(event.row.operation_id or 0)
        event.known_operation = operation_of(row) if row else None


async def load_evidence(events: Sequence[ConsentEvent], context: Context, **_: object) -> None:
    """Read what proves events, with its wording, in one statement."""
    rows = await evidence.of_events([event.row.id for event in events])
    for event in events:
        row = rows.get(event.row.id)
        event.known_evidence = evidence_of(row) if row else None


@strawberry.enum(description="What an event of the ledger is about.")
class ConsentEventKind(Enum):
    """A status, or a silence that leaves every status as it is."""

    STATUS = "STATUS"
    PAUSE = "PAUSE"


@strawberry.type
class ConsentEvent(Node):
    """One event of the ledger."""

    kind: ConsentEventKind

    channel: Channel
    business_unit: BusinessUnit
    subscription_type: SubscriptionType | None = strawberry.field(
        description="Null where the event is about all types of the unit."
    )
    before: PreferenceStatus
    after: PreferenceStatus
    paused_until: datetime | None = strawberry.field(
        description="The end of a silence that was set; null where one was ended by hand."
    )
    superseded: bool
    origin: ConsentOrigin
    actor: str
    legal_basis: LegalBasis | None
    explanation: str | None
    occurred_at: datetime
    recorded_at: datetime
    row: strawberry.Private[EventRow]
    known_recipient: strawberry.Private[Any] = None
    known_operation: strawberry.Private[Any] = None
    known_evidence: strawberry.Private[Evidence | None] = None

    @resolver(load=load_recipients)
    def recipient(self) -> Annotated[Recipient, strawberry.lazy("schema.recipients.types")]:
        """Whose preference it was about."""
        found: Recipient = self.known_recipient
        return found

    @resolver(load=load_operations)
    def operation(self) -> Annotated[Operation, strawberry.lazy("schema.operations.types")] | None:
        """The long job that it was part of."""
        found: Operation | None = self.known_operation
        return found

    @resolver(
        scope=READ,
        load=load_evidence,
        description="What proves it; null where nothing was given, and once erased (R36).",
    )
    def evidence(self) -> Evidence | None:
        """What proves it."""
        return self.known_evidence


@strawberry.type
class ConsentEventEdge:
    """An event and its place in the order."""

    cursor: str
    node: ConsentEvent


@strawberry.type
class ConsentEventConnection:
    """A page of the ledger, newest first."""

    nodes: list[ConsentEvent]
    page_info: PageInfo

    @resolver()
    def edges(self) -> list[ConsentEventEdge]:
        """The events with their cursors."""
        return [ConsentEventEdge(cursor=write_cursor(event.row.id), node=event) for event in self.nodes]


@dataclass(slots=True)
class History:
    """Whose events are asked for, by recipient, and the pages of them that were read."""

    recipients: dict[int, Any]
    """Recipients as the schema shows them, by number."""
    pages: dict[Asked, ConsentEventConnection] = field(default_factory=dict)


async def load_histories(histories: Sequence[History], context: Context, **asked: Any) -> None:
    """Read one page of each history, in one statement for all of them."""
    key = asked_for(**asked)
    wanted = window(*key)
    span = span_of(wanted, newest_first=True)
    numbers = [number for one in histories for number in one.recipients]
    found = await history.events_of(numbers, span)
    await know_catalog(context, [row for rows in found.values() for row in rows])
    for one in histories:
        rows = [row for number in one.recipients for row in found[number]]
        if len(one.recipients) > 1:
            rows.sort(key=lambda row: row.id, reverse=not wanted.backwards)
        one.pages[key] = connection(rows, wanted, context, one.recipients)


async def know_catalog(context: Context, rows: Sequence[EventRow]) -> None:
    """See to it that the context has the units and types of events."""
    types = {row.subscription_type_id for row in rows if row.subscription_type_id is not None}
    await context.catch_up({row.business_unit_id for row in rows}, types)


def asked_for(
    first: int | None = None, after: str | None = None, last: int | None = None, before: str | None = None
) -> Asked:
    """The arguments as a key."""
    return (first, after, last, before)


def connection(
    rows: Sequence[EventRow], wanted: Window, context: Context, known: dict[int, Any]
) -> ConsentEventConnection:
    """Make a page of rows that were read in the window's order."""
    page, info = cut(rows, wanted)
    return ConsentEventConnection(
        nodes=[event_of(row, context, known.get(row.recipient_id)) for row in page], page_info=info
    )


def event_of(row: EventRow, context: Context, recipient: Any = None) -> ConsentEvent:
    """Show an event of the ledger."""
    view = context.view
    return ConsentEvent(
        id=global_id("ConsentEvent", row.id),
        channel=row.channel,
        business_unit=view.units[row.business_unit_id],
        subscription_type=view.types[row.subscription_type_id] if row.subscription_type_id else None,
        before=row.before,
        after=row.after,
        kind=ConsentEventKind.PAUSE if row.about_pause else ConsentEventKind.STATUS,
        paused_until=row.paused_until,
        superseded=row.superseded,
        origin=row.origin,
        actor=row.actor,
        legal_basis=row.legal_basis,
        explanation=row.explanation,
        occurred_at=row.occurred_at,
        recorded_at=row.recorded_at,
        row=row,
        known_recipient=recipient,
    )
