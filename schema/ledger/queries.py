"""The query of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.errors import Faults
from preference_center.history import events as history
from preference_center.history.events import EventFilter
from preference_center.storage.counting import Count
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments, connection, counted_alone
from schema.contract.fields import query
from schema.contract.ids import input_id
from schema.contract.references import RecipientRef, find_recipient
from schema.engine.context import Context, Info
from schema.ledger.conditions import EventConditions
from schema.ledger.events import ConsentEvent, ensure_catalog_has, to_event


@dataclass(frozen=True, slots=True)
class EventsOf:
    """Whose events to list."""

    recipient: Annotated[
        RecipientRef | None,
        strawberry.argument(description="Only events of this recipient. Left out: of all recipients."),
    ] = None
    operation: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="Only events of the operation with this id. Left out: of any operation, or none."
        ),
    ] = None


@strawberry.type
class LedgerQueries:
    """Queries of the ledger."""

    @query(access=READ_CONSENT)
    @group_arguments(of=EventsOf, conditions=EventConditions, page=PageArguments)
    async def consent_events(
        self, info: Info, of: EventsOf, conditions: EventConditions, page: PageArguments
    ) -> Connection[ConsentEvent]:
        """The events of the ledger, newest first. All conditions must hold."""
        with Faults() as faults:
            span = faults.of(page.keyset_range, newest_first=True)
            wanted = await faults.awaited(filter_of(info.context, of, conditions))
        rows = await history.events(wanted, span) if wanted is not None else []
        await ensure_catalog_has(info.context, rows)
        counting = counted_alone(partial(_count, wanted))
        return connection(rows, page, lambda row: to_event(row, info.context), counting)


async def _count(wanted: EventFilter | None) -> Count:
    return await history.count(wanted) if wanted is not None else Count(0)


async def filter_of(context: Context, of: EventsOf, conditions: EventConditions) -> EventFilter | None:
    """Return the conditions as the ledger takes them; None if the recipient is not on record."""
    with Faults() as faults:
        recipient = operation_id = None
        if of.recipient is not None:
            recipient = await faults.awaited(find_recipient(of.recipient, "recipient"))
        if of.operation is not None:
            operation_id = faults.of(input_id, of.operation, "Operation", "operation")
        wanted = faults.of(
            conditions.filter,
            context,
            recipient_id=recipient.id if recipient else None,
            operation_id=operation_id,
        )
    return wanted if of.recipient is None or recipient is not None else None
