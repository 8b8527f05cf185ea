"""Pages of contacts in the order of a property: first those that have it, then the others.

The index has the values in order: numbers, then texts by their first 200 characters, then false and true.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Final

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import Condition, ContactFilter
from preference_center.contacts.pages import PageRequest, Position, condition_of
from preference_center.contacts.property_sql import LONGEST_INDEXED, OTHER
from preference_center.storage import database
from preference_center.validation import storable

_HAVING, _LACKING = 0, 1
"""Parts of the order. Contacts whose property is a list or an object are in the second."""
POSITION_TYPES: Final = (int, int, float, str, int)
"""Of a position: its part, the kind, number and text of the property, and the id of the contact."""
_KEY: Final = ("o.kind", "o.number", "o.text", "o.contact_id")
LONGEST_NAME: Final = LONGEST_INDEXED


@dataclass(frozen=True, slots=True)
class PropertyPage:
    """Contacts in order, and their positions. `has_more`: others follow in the direction of reading."""

    rows: list[ContactRow]
    positions: dict[int, Position]
    """By the ids of the contacts."""
    has_more: bool


def is_position(values: Sequence[Any]) -> bool:
    """Whether values of the right types are a position, as cursors have it."""
    part, kind, _, text, contact_id = values
    kinds = range(1, OTHER) if part == _HAVING else (0,)
    return part in (_HAVING, _LACKING) and kind in kinds and storable(text) and 0 <= contact_id < 2**63


async def page(
    contact_filter: ContactFilter | None, name: str, request: PageRequest, *, descending: bool
) -> PropertyPage:
    """Return one page, in the requested order even if it is read backwards. Raises Invalid."""
    positions: list[Position] = []
    parts = (_LACKING, _HAVING) if request.backwards else (_HAVING, _LACKING)
    for part in parts:
        if _is_read(part, request) and len(positions) <= request.size:
            wanted = _Part(contact_filter, name, request, descending, part)
            positions += await wanted.positions(request.size + 1 - len(positions))
    found = positions[: request.size]
    if request.backwards:
        found.reverse()
    by_id = {position[-1]: position for position in found}
    rows = await contacts.get_many(by_id)
    # A contact that was deleted between the statements is left out.
    kept = [rows[contact_id] for contact_id in by_id if contact_id in rows]
    return PropertyPage(kept, by_id, len(positions) > request.size)


def _is_read(part: int, request: PageRequest) -> bool:
    """Whether a part has anything between the two positions of a request."""
    begins_later = request.after is not None and request.after[0] > part
    ends_earlier = request.before is not None and request.before[0] < part
    return not begins_later and not ends_earlier


@dataclass(frozen=True, slots=True)
class _Part:
    """What a request reads of one part of the order."""

    contact_filter: ContactFilter | None
    name: str
    request: PageRequest
    descending: bool
    part: int

    async def positions(self, limit: int) -> list[Position]:
        """Return the positions of the contacts, in the direction of reading."""
        condition, where_filter = await condition_of(self.contact_filter)
        name = condition.placeholder(self.name)
        entries = f"contact_properties o WHERE o.name = {name} AND o.kind < {OTHER}"
        if self.part == _HAVING:
            key: tuple[str, ...] = _KEY
            source = f"o.kind, o.number, o.text, c.id FROM contacts c, {entries}"
            where = "o.contact_id = c.id"
        else:
            key = ("c.id",)
            source = "0 AS kind, 0.0 AS number, '' AS text, c.id FROM contacts c WHERE TRUE"
            where = f"NOT EXISTS (SELECT 1 FROM {entries} AND o.contact_id = c.id)"
        parts = [where, where_filter, *self._between(condition, key)]
        direction = "DESC" if self.descending is not self.request.backwards else "ASC"
        ordering = ", ".join(f"{each} {direction}" for each in key)
        rows = await database.fetch(
            f"SELECT {source} AND {' AND '.join(parts)} ORDER BY {ordering}"
            f" LIMIT {condition.placeholder(limit)}",
            *condition.values,
        )
        return [(self.part, row["kind"], float(row["number"]), row["text"], row["id"]) for row in rows]

    def _between(self, condition: Condition, key: tuple[str, ...]) -> list[str]:
        edges = (
            (self.request.after, "<" if self.descending else ">"),
            (self.request.before, ">" if self.descending else "<"),
        )
        parts = []
        for edge, symbol in edges:
            if edge is not None and edge[0] == self.part:
                values = (condition.placeholder(value) for value in edge[-len(key) :])
                parts.append(f"({', '.join(key)}) {symbol} ({', '.join(values)})")
        return parts
