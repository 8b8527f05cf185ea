"""The query of the ledger."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.history import events as history
from preference_center.history.events import EventFilter
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments, connection
from schema.contract.enums import ConsentOrigin
from schema.contract.fields import query
from schema.contract.ids import argument_id
from schema.contract.references import RecipientRef, find_recipient
from schema.contract.scalars import Key
from schema.contract.time_range import TimeRange
from schema.engine.context import Context, Info
from schema.ledger.events import ConsentEvent, ensure_catalog_has, to_event


@dataclass(frozen=True, slots=True)
class EventConditions:
    """The conditions of a query of the ledger. All of them must hold."""

    recipient: Annotated[
        RecipientRef | None,
        strawberry.argument(description="Only events of this recipient. Left out: of all recipients."),
    ] = None
    business_unit: Annotated[
        Key | None,
        strawberry.argument(
            description="Only events of the business unit with this key. Left out: of all units."
        ),
    ] = None
    origins: Annotated[
        list[ConsentOrigin] | None,
        strawberry.argument(description="Only events of these origins. Left out: of all origins."),
    ] = None
    operation: Annotated[
        strawberry.ID | None,
        strawberry.argument(
            description="Only events of the operation with this id. Left out: of any operation, or none."
        ),
    ] = None
    recorded_at: Annotated[
        TimeRange | None,
        strawberry.argument(
            description="Only events recorded in this range of time. Left out: of all times."
        ),
    ] = None


@strawberry.type
class LedgerQueries:
    """Queries of the ledger."""

    @query(access=READ_CONSENT)
    @group_arguments(conditions=EventConditions, page=PageArguments)
    async def consent_events(
        self, info: Info, conditions: EventConditions, page: PageArguments
    ) -> Connection[ConsentEvent]:
        """The events of the ledger, newest first. All conditions that are given must hold."""
        span = page.keyset_range(newest_first=True)
        wanted = await _filter(info.context, conditions)
        rows = await history.events(wanted, span) if wanted is not None else []
        await ensure_catalog_has(info.context, rows)
        return connection(rows, page, lambda row: to_event(row, info.context))


async def _filter(context: Context, conditions: EventConditions) -> EventFilter | None:
    """Return the conditions as the ledger takes them; None if the recipient is not on record."""
    unit = context.optional_unit(conditions.business_unit, "businessUnit")
    recipient = (
        await find_recipient(conditions.recipient, "recipient") if conditions.recipient is not None else None
    )
    if conditions.recipient is not None and recipient is None:
        return None
    operation = conditions.operation
    operation_id = argument_id(operation, "Operation", "operation") if operation is not None else None
    return EventFilter(
        recipient_id=recipient.id if recipient else None,
        business_unit_id=unit.id if unit else None,
        origins=conditions.origins,
        operation_id=operation_id,
        recorded_from=conditions.recorded_at.from_ if conditions.recorded_at else None,
        recorded_before=conditions.recorded_at.before if conditions.recorded_at else None,
    )
