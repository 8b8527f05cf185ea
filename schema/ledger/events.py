"""Consent events: the ledger as the schema has it."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from enum import Enum
from typing import TYPE_CHECKING, Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT, READ_OPERATIONS
from preference_center.history import events as history
from preference_center.history import evidence
from preference_center.history.events import EventRow
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.catalog.view import catalog_view, ensure_in_catalog
from schema.contract.enums import Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from schema.contract.fields import loaded
from schema.contract.ids import Node, global_id
from schema.engine.context import Context
from schema.ledger.actors import Actor, load_actors
from schema.ledger.evidence import Evidence, to_evidence

if TYPE_CHECKING:
    from schema.operations.types import Operation
    from schema.recipients.types import Recipient


async def load_evidence(events: Sequence[ConsentEvent], context: Context) -> None:
    """Load the evidence of events, in one statement."""
    rows = await evidence.of_events([event.row.id for event in events])
    for event in events:
        row = rows.get(event.row.id)
        event.evidence = to_evidence(row) if row else None


@strawberry.enum(description="What a consent event is about.")
class ConsentEventKind(Enum):
    """What a consent event changed."""

    STATUS = strawberry.enum_value(
        "STATUS",
        description="A status changed: of one subscription type, or of all types of the business unit.",
    )
    PAUSE = strawberry.enum_value(
        "PAUSE", description="A pause was set, changed or ended. No status changed."
    )


@strawberry.type
class ConsentEvent(Node):
    """One event of the ledger: a change of consent, with what proves it.

    Events are never changed or deleted. Replaying all of them gives the current state.
    """

    kind: ConsentEventKind = strawberry.field(description="Whether the event is about a status or a pause.")
    channel: Channel = strawberry.field(description="The channel that the change holds for.")
    business_unit: BusinessUnit = strawberry.field(
        description="The business unit whose messages the change is about."
    )
    subscription_type: SubscriptionType | None = strawberry.field(
        description="The subscription type; null if the event is about all types of the business"
        " unit: an opt-out of all, its removal, or a pause."
    )
    before: PreferenceStatus = strawberry.field(
        description="The status before the event. For an opt-out of all, `OPTED_OUT` or `NOT_OPTED`."
    )
    after: PreferenceStatus = strawberry.field(
        description="The status after the event. It can be the same as before, if a recipient's"
        " opt-out takes over one of the team."
    )
    paused_until: datetime | None = strawberry.field(
        description="When the new pause ends; null if a pause was ended, and for other events."
    )
    superseded: bool = strawberry.field(
        description="Whether a newer decision was already recorded, so that this one has no effect."
    )
    origin: ConsentOrigin = strawberry.field(
        description="How the change arrived. It tells whether the recipient or the team made it."
    )
    actor: str = strawberry.field(
        description="Who made the change: `recipient`, the name of a token or workflow, or the"
        " command line; with the end user it acted for, such as `shop for jane@example.com`."
    )
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate that was given; null if none was, as for opt-outs."
    )
    explanation: str | None = strawberry.field(
        description="The explanation that the team gave; null if it gave none, or once it was erased."
    )
    occurred_at: datetime = strawberry.field(
        description="When the person decided. It can be long before `recordedAt`, for example for an import."
    )
    recorded_at: datetime = strawberry.field(description="When Sayso recorded the event.")
    carried_from: strawberry.ID | None = strawberry.field(
        description="The id of the event that this one repeats: an opt-out that the recipient made with a"
        " former address of the same contact, or a decision under another spelling of the phone number. Null"
        " for other events."
    )
    row: strawberry.Private[EventRow]
    actor_details: Actor = loaded(
        "Who made the change, in parts: what kind of actor it is, its name, and the end user it acted for.",
        load=load_actors,
    )
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = loaded(
        "The address whose preference changed."
    )
    operation: Annotated[Operation, strawberry.lazy("schema.operations.types")] | None = loaded(
        "The bulk update, import or undo that the event is part of; null if it is part of none.",
        access=READ_OPERATIONS,
    )
    evidence: Evidence | None = loaded(
        "What proves the change; null if there is nothing, or once it was erased.",
        access=READ_CONSENT,
        load=load_evidence,
    )


async def ensure_catalog_has(context: Context, rows: Sequence[EventRow]) -> None:
    """Refresh the catalog if events refer to units or types that another process has just created."""
    await ensure_in_catalog(
        context,
        unit_ids={row.business_unit_id for row in rows},
        type_ids={row.subscription_type_id for row in rows if row.subscription_type_id is not None},
    )


def to_event(row: EventRow, context: Context, recipient: Recipient | None = None) -> ConsentEvent:
    """Return an event as the schema has it; with its recipient if that is loaded already."""
    view = catalog_view(context)
    event = ConsentEvent(
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
        carried_from=_carried_from(row),
        row=row,
    )
    if recipient is not None:
        event.recipient = recipient
    return event


def _carried_from(row: EventRow) -> strawberry.ID | None:
    return global_id("ConsentEvent", row.carried_from_event_id) if row.carried_from_event_id else None


async def read_events(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the events with these ids, in one statement."""
    rows = await history.get_many(ids)
    await ensure_catalog_has(context, list(rows.values()))
    return {event_id: to_event(row, context) for event_id, row in rows.items()}
