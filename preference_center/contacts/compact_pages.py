"""Contacts read by a statement that is compiled from a selection: compact rows, a page or one contact."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

from preference_center.contacts import pages
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.pages import ContactOrder, PageRequest, Position
from preference_center.storage import database
from preference_center.storage.compact import Reading

_POSITION: Final = ("c.id", "c.email", "c.first_name", "c.last_name", "c.created_at", "c.updated_at")
"""What the position of a contact consists of, in any order."""


@dataclass(frozen=True, slots=True)
class CompactPage:
    """Compact rows of contacts in order. `has_more`: others follow in the direction of reading."""

    rows: list[Any]
    has_more: bool
    position: Callable[[Any], Position]
    """Returns the position of a row, if positions were asked for."""


async def page(
    reading: Reading,
    contact_filter: ContactFilter | None,
    order: ContactOrder,
    request: PageRequest,
    *,
    positions: bool,
) -> CompactPage:
    """Return one page, in the requested order even if it is read backwards. Raises as `pages.page` does."""
    asked = await pages.asked_in_order(contact_filter, order, request, reading.values)
    columns = Reading([*reading.columns, *_POSITION], ()) if positions else reading
    # The contacts are chosen first: SQLite would compute all columns of all contacts before it sorts them.
    limit = request.size + 1
    rows = await database.fetch(
        f"SELECT {columns.sql} FROM (SELECT c.* FROM contacts c WHERE {asked.where} {asked.order}) AS c"
        f" LIMIT {limit}",
        *asked.values,
    )
    found = list(rows[: request.size])
    if request.backwards:
        found.reverse()
    first = len(reading.columns)
    return CompactPage(found, len(rows) > request.size, lambda row: _position(row, first, order))


def _position(row: Any, first: int, order: ContactOrder) -> Position:
    contact_id, email, first_name, last_name, created_at, updated_at = (
        row[first + place] for place in range(len(_POSITION))
    )
    contact = ContactRow(
        id=contact_id,
        email=email,
        phone=None,
        first_name=first_name,
        last_name=last_name,
        locale=None,
        properties={},
        processing_basis=None,
        created_at=database.instant(created_at),
        updated_at=database.instant(updated_at),
        email_recipient_id=None,
        phone_recipient_id=None,
    )
    return pages.position(contact, order)


async def find(reading: Reading, column: str, value: Any) -> list[Any]:
    """Return the compact rows of the first two contacts that have a value in a column, oldest first."""
    place = len(reading.values) + 1
    rows = await database.fetch(
        f"SELECT {reading.sql} FROM contacts c WHERE c.{column} = ${place} ORDER BY c.id LIMIT 2",
        *reading.values,
        value,
    )
    return list(rows)
