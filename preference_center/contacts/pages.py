"""Pages of contacts: keyset pagination, which stays correct while contacts are added and deleted."""

from __future__ import annotations

import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum
from typing import Any, Final

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.fields import folded
from preference_center.contacts.filter import AFTER_ALL_TEXT, Condition, ContactFilter
from preference_center.storage import database
from preference_center.storage.compact import Reading
from preference_center.storage.counting import Count, count_rows

_PLACEHOLDER = re.compile(r"\$(\d+)")
_MANY = 2_000
"""From so many contacts on, putting them in order takes longer than looking for them in order."""
Position = tuple[Any, ...]
"""The sort key of a contact in an order: texts, and its id last."""


class ContactOrder(Enum):
    """The orders that contacts can be read in."""

    CREATED_AT_ASC = "CREATED_AT_ASC"
    CREATED_AT_DESC = "CREATED_AT_DESC"
    EMAIL_ASC = "EMAIL_ASC"
    EMAIL_DESC = "EMAIL_DESC"
    NAME_ASC = "NAME_ASC"
    NAME_DESC = "NAME_DESC"
    UPDATED_AT_ASC = "UPDATED_AT_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"
    PROPERTY_ASC = "PROPERTY_ASC"
    PROPERTY_DESC = "PROPERTY_DESC"

    @property
    def descending(self) -> bool:
        """Whether the newest, or the last of the alphabet, comes first."""
        return self.value.endswith("_DESC")

    @property
    def by_property(self) -> bool:
        """Whether contacts are ordered by a property: `property_pages` reads these."""
        return self.value.startswith("PROPERTY_")


_EMAIL_ASC = f"COALESCE(c.email, '{AFTER_ALL_TEXT}')"
_LAST_NAME_ASC = (
    "(CASE WHEN c.folded_last_name = '' AND c.folded_first_name = ''"
    f" THEN '{AFTER_ALL_TEXT}' ELSE c.folded_last_name END)"
)
_KEYS: dict[ContactOrder, tuple[str, ...]] = {
    ContactOrder.CREATED_AT_ASC: ("c.created_at", "c.id"),
    ContactOrder.CREATED_AT_DESC: ("c.created_at", "c.id"),
    ContactOrder.UPDATED_AT_ASC: ("c.updated_at", "c.id"),
    ContactOrder.UPDATED_AT_DESC: ("c.updated_at", "c.id"),
    ContactOrder.EMAIL_ASC: (_EMAIL_ASC, "c.id"),
    ContactOrder.EMAIL_DESC: ("COALESCE(c.email, '')", "c.id"),
    ContactOrder.NAME_ASC: (_LAST_NAME_ASC, "c.folded_first_name", "c.id"),
    ContactOrder.NAME_DESC: ("c.folded_last_name", "c.folded_first_name", "c.id"),
}
"""Indexed. Contacts without an email address, or without a name, are last in both directions."""


MOST_COUNTED = 1_000_000
"""Contacts that are counted one by one."""


@dataclass(frozen=True, slots=True)
class PageRequest:
    """The first `size` contacts between two positions, or the last ones (`backwards`)."""

    size: int
    backwards: bool = False
    after: Position | None = None
    before: Position | None = None


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Contacts in order. `has_more`: there are others beyond, in the direction of reading."""

    rows: list[ContactRow]
    has_more: bool


def position(row: ContactRow, order: ContactOrder) -> Position:
    """The position of a contact in an order, for a cursor; not in the orders by a property."""
    if order in (ContactOrder.NAME_ASC, ContactOrder.NAME_DESC):
        last, first = folded(row.last_name), folded(row.first_name)
        is_last = order is ContactOrder.NAME_ASC and not last and not first
        return (AFTER_ALL_TEXT if is_last else last, first, row.id)
    if order is ContactOrder.EMAIL_ASC:
        return (row.email or AFTER_ALL_TEXT, row.id)
    if order is ContactOrder.EMAIL_DESC:
        return (row.email or "", row.id)
    by_update = order in (ContactOrder.UPDATED_AT_ASC, ContactOrder.UPDATED_AT_DESC)
    return ((row.updated_at if by_update else row.created_at).isoformat(), row.id)


def position_types(order: ContactOrder) -> tuple[type, ...]:
    """The types of a position's parts. In the orders by time, the first part is an RFC 3339 instant."""
    return (*(str for _ in _KEYS[order][1:]), int)


async def page(
    contact_filter: ContactFilter | None, order: ContactOrder, request: PageRequest
) -> ContactPage:
    """Return one page, in the requested order even if it is read backwards.

    Raises ValueError for a position of another order, and Invalid as `Condition.matching` does.
    """
    asked = await asked_in_order(contact_filter, order, request)
    rows = await contacts.select(asked.where, *asked.values, then=asked.order)
    found = rows[: request.size]
    return ContactPage(found[::-1] if request.backwards else found, len(rows) > request.size)


@dataclass(frozen=True, slots=True)
class InOrder:
    """SQL for one page of contacts, and one more contact to tell whether others follow."""

    where: str
    order: str
    values: Sequence[Any]


async def asked_in_order(
    contact_filter: ContactFilter | None,
    order: ContactOrder,
    request: PageRequest,
    values: Sequence[Any] = (),
) -> InOrder:
    """Return the SQL for a page. `values`: those of placeholders before it. Raises as `page` does."""
    condition, where = await condition_of(contact_filter, values)
    parts = [where]
    if request.after is not None:
        parts.append(_beyond(condition, order, request.after, greater=not order.descending))
    if request.before is not None:
        parts.append(_beyond(condition, order, request.before, greater=order.descending))
    direction = "DESC" if order.descending is not request.backwards else "ASC"
    ordering = ", ".join(f"{key} {direction}" for key in _KEYS[order])
    # The size is in the text, so that PostgreSQL may keep its plan: it is one of a hundred.
    limit = f"ORDER BY {ordering} LIMIT {request.size + 1}"
    return InOrder(" AND ".join(parts), limit, condition.values)


async def condition_of(
    contact_filter: ContactFilter | None, values: Sequence[Any] = ()
) -> tuple[Condition, str]:
    """Return the SQL of a filter, for reading contacts in order. Raises Invalid.

    `values`: those of placeholders before it.

    What an index finds is read first: no database can estimate how many have a property, or a word. If they
    are few, their ids are in the condition; if they are many, contacts are compared one after the other in
    their order, until the page is full.
    """
    condition = Condition(values=values)
    where = condition.matching(contact_filter)
    if not condition.found:
        return condition, where
    known = {place: await _ids_if_few(select, condition.values) for place, select in condition.found.items()}
    condition = Condition(known=known, values=values)
    return condition, condition.matching(contact_filter)


async def _ids_if_few(select: str, values: Sequence[Any]) -> list[int] | None:
    used: list[str] = sorted(set(_PLACEHOLDER.findall(select)), key=int)
    alone = _PLACEHOLDER.sub(lambda found: f"${used.index(found[1]) + 1}", select)
    rows = await database.fetch(
        f"SELECT id FROM ({alone} LIMIT {_MANY}) AS found", *(values[int(number) - 1] for number in used)
    )
    return [row["id"] for row in rows] if len(rows) < _MANY else None


async def count(contact_filter: ContactFilter | None) -> Count:
    """Return the number of contacts that match a filter: exactly up to a million."""
    condition, where = await condition_of(contact_filter)
    return await count_rows(f"contacts c WHERE {where}", condition.values, most=MOST_COUNTED)


def _beyond(condition: Condition, order: ContactOrder, edge: Position, *, greater: bool) -> str:
    keys = _KEYS[order]
    if len(edge) != len(keys):
        raise ValueError("a position of another order")
    is_by_time = keys[0].endswith("_at")
    values = [database.instant(edge[0]) if is_by_time else edge[0], *edge[1:]]
    placeholders = ", ".join(condition.placeholder(value) for value in values)
    return f"({', '.join(keys)}) {'>' if greater else '<'} ({placeholders})"


_POSITION: Final = ("c.id", "c.email", "c.first_name", "c.last_name", "c.created_at", "c.updated_at")
"""What the position of a contact consists of, in any order."""


@dataclass(frozen=True, slots=True)
class CompactPage:
    """Compact rows of contacts in order. `has_more`: others follow in the direction of reading."""

    rows: list[Any]
    has_more: bool
    position: Callable[[Any], Position]
    """Returns the position of a row, if positions were asked for."""


async def compact_page(
    reading: Reading,
    contact_filter: ContactFilter | None,
    order: ContactOrder,
    request: PageRequest,
    *,
    positions: bool,
) -> CompactPage:
    """Return one page, in the requested order even if it is read backwards. Raises as `page` does."""
    asked = await asked_in_order(contact_filter, order, request, reading.values)
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
    return position(contact, order)


async def find_compact(reading: Reading, column: str, value: Any) -> list[Any]:
    """Return the compact rows of the first two contacts that have a value in a column, oldest first."""
    place = len(reading.values) + 1
    rows = await database.fetch(
        f"SELECT {reading.sql} FROM contacts c WHERE c.{column} = ${place} ORDER BY c.id LIMIT 2",
        *reading.values,
        value,
    )
    return list(rows)
