"""The history of recipients: pages of their events, read for many recipients or contacts at once."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, fields
from functools import partial
from typing import TYPE_CHECKING, Any

from preference_center.errors import Faults
from preference_center.history import events as history
from preference_center.history.events import EventFilter, EventRow
from preference_center.storage.counting import Count, sum_of
from schema.contract.connections import Connection, CountAll, Counting, PageArguments, connection
from schema.engine.context import Context
from schema.ledger.conditions import EventConditions
from schema.ledger.events import ConsentEvent, ensure_catalog_has, to_event

if TYPE_CHECKING:
    from schema.recipients.types import Recipient


@dataclass(slots=True)
class History:
    """The history of one recipient, or of all the addresses of a contact."""

    recipients: dict[int, Recipient]
    """By recipient id."""
    pages: dict[tuple[EventFilter, PageArguments], Connection[ConsentEvent]] = field(default_factory=dict)
    """The pages that were loaded."""


async def load_histories(histories: Sequence[History], context: Context, **arguments: Any) -> None:
    """Load one page of each history, in one statement for all of them."""
    names = {each.name for each in fields(PageArguments)}
    page = PageArguments(**{name: value for name, value in arguments.items() if name in names})
    conditions = {name: value for name, value in arguments.items() if name not in names}
    with Faults() as faults:
        span = faults.of(page.keyset_range, newest_first=True)
        wanted = faults.of(EventConditions(**conditions).filter, context)
    recipient_ids = [recipient_id for each in histories for recipient_id in each.recipients]
    found = await history.events_of(recipient_ids, span, wanted)
    await ensure_catalog_has(context, [row for rows in found.values() for row in rows])
    count_all = _counting(histories, wanted)
    for index, each in enumerate(histories):
        rows = [row for recipient_id in each.recipients for row in found[recipient_id]]
        if len(each.recipients) > 1:
            rows.sort(key=lambda row: row.id, reverse=not page.backwards)
        to_node, counting = partial(_event_of, each, context), Counting(count_all, index)
        each.pages[wanted, page] = connection(rows, page, to_node, counting)


def _counting(histories: Sequence[History], wanted: EventFilter) -> CountAll:
    """Return the function that counts the events of histories by their index, in one statement."""

    async def count_all(indexes: Sequence[int]) -> Mapping[int, Count]:
        ids = [recipient_id for index in indexes for recipient_id in histories[index].recipients]
        counts = await history.count_of(ids, wanted)
        return {
            index: sum_of(counts[recipient_id] for recipient_id in histories[index].recipients)
            for index in indexes
        }

    return count_all


def _event_of(owner: History, context: Context, row: EventRow) -> ConsentEvent:
    return to_event(row, context, owner.recipients[row.recipient_id])
