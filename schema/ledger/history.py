"""The history of recipients: pages of their events, read for many recipients or contacts at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from functools import partial
from typing import TYPE_CHECKING, Any

from preference_center.history import events as history
from preference_center.history.events import EventRow
from schema.contract.connections import Connection, PageArguments, connection
from schema.engine.context import Context
from schema.ledger.events import ConsentEvent, ensure_catalog_has, to_event

if TYPE_CHECKING:
    from schema.recipients.types import Recipient


@dataclass(slots=True)
class History:
    """The history of one recipient, or of all the addresses of a contact."""

    recipients: dict[int, Recipient]
    """By recipient id."""
    pages: dict[PageArguments, Connection[ConsentEvent]] = field(default_factory=dict)
    """The pages that were loaded."""


async def load_histories(histories: Sequence[History], context: Context, **arguments: Any) -> None:
    """Load one page of each history, in one statement for all of them."""
    page = PageArguments(**arguments)
    recipient_ids = [recipient_id for each in histories for recipient_id in each.recipients]
    found = await history.events_of(recipient_ids, page.keyset_range(newest_first=True))
    await ensure_catalog_has(context, [row for rows in found.values() for row in rows])
    for each in histories:
        rows = [row for recipient_id in each.recipients for row in found[recipient_id]]
        if len(each.recipients) > 1:
            rows.sort(key=lambda row: row.id, reverse=not page.backwards)
        each.pages[page] = connection(rows, page, partial(_event_of, each, context))


def _event_of(owner: History, context: Context, row: EventRow) -> ConsentEvent:
    return to_event(row, context, owner.recipients[row.recipient_id])
