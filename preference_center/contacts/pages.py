"""Finding contacts: keyset pages of a filter in an order, which stay right while rows come and go."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum
from typing import Any

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow, folded
from preference_center.contacts.filter import HIGHEST, Condition, ContactFilter
from preference_center.storage import database

Place = tuple[Any, ...]
"""What places a contact in an order: texts, and at last its id."""


class ContactOrder(Enum):
    """The orders that contacts can be read in."""

    CREATED_AT_ASC = "CREATED_AT_ASC"
    CREATED_AT_DESC = "CREATED_AT_DESC"
    EMAIL_ASC = "EMAIL_ASC"
    NAME_ASC = "NAME_ASC"
    UPDATED_AT_DESC = "UPDATED_AT_DESC"

    @property
    def descending(self) -> bool:
        """Whether the latest comes first."""
        return self.value.endswith("_DESC")


_KEYS: dict[ContactOrder, tuple[str, ...]] = {
    ContactOrder.CREATED_AT_ASC: ("c.created_at", "c.id"),
    ContactOrder.CREATED_AT_DESC: ("c.created_at", "c.id"),
    ContactOrder.UPDATED_AT_DESC: ("c.updated_at", "c.id"),
    ContactOrder.EMAIL_ASC: (f"COALESCE(c.email, '{HIGHEST}')", "c.id"),
    ContactOrder.NAME_ASC: ("c.folded_last_name", "c.folded_first_name", "c.id"),
}


@dataclass(frozen=True, slots=True)
class ContactPage:
    """Some contacts in order. `more`: there are others beyond, in the direction of reading."""

    rows: list[ContactRow]
    more: bool


def place(row: ContactRow, order: ContactOrder) -> Place:
    """Where a contact stands in an order: texts and a number, for a cursor."""
    if order is ContactOrder.NAME_ASC:
        return (folded(row.last_name), folded(row.first_name), row.id)
    if order is ContactOrder.EMAIL_ASC:
        return (row.email or HIGHEST, row.id)
    at = row.updated_at if order is ContactOrder.UPDATED_AT_DESC else row.created_at
    return (at.isoformat(), row.id)


def place_kinds(order: ContactOrder) -> tuple[type, ...]:
    """The types of a place's parts; the first of the orders by time is an RFC 3339 instant."""
    return (*(str for _ in _KEYS[order][1:]), int)


async def page(
    wanted: ContactFilter | None,
    order: ContactOrder,
    size: int,
    *,
    backwards: bool = False,
    after: Place | None = None,
    before: Place | None = None,
) -> ContactPage:
    """The first `size` contacts between two places, or the last (`backwards`); always in the order asked for.

    Raises ValueError for a place of another order.
    """
    condition = Condition()
    parts = [condition.of(wanted)]
    for edge, forward in ((after, True), (before, False)):
        if edge is not None:
            parts.append(_beyond(condition, order, edge, up=forward is not order.descending))
    direction = "DESC" if order.descending is not backwards else "ASC"
    ordering = ", ".join(f"{key} {direction}" for key in _KEYS[order])
    limit = condition.place(size + 1)
    rows = await contacts.select(
        " AND ".join(parts), *condition.values, then=f"ORDER BY {ordering} LIMIT {limit}"
    )
    found = rows[:size]
    return ContactPage(found[::-1] if backwards else found, len(rows) > size)


async def count(wanted: ContactFilter | None) -> int:
    """How many contacts a filter holds for."""
    condition = Condition()
    sql = f"SELECT COUNT(*) AS n FROM contacts c WHERE {condition.of(wanted)}"
    number: int = (await database.fetch(sql, *condition.values))[0]["n"]
    return number


def _beyond(condition: Condition, order: ContactOrder, edge: Place, *, up: bool) -> str:
    keys = _KEYS[order]
    if len(edge) != len(keys):
        raise ValueError("a place of another order")
    first = keys[0].endswith("_at")
    values = [database.instant(edge[0]) if first else edge[0], *edge[1:]]
    places = ", ".join(condition.place(value) for value in values)
    return f"({', '.join(keys)}) {'>' if up else '<'} ({places})"
