"""Orders of contacts: their arguments, their cursors, and pages in the order of a property."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import strawberry

from preference_center.contacts import pages as contact_pages
from preference_center.contacts import property_pages
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.pages import PageRequest, Position
from preference_center.validation import storable
from schema.contacts.types import Contact, ContactConnection, contact_cursor, to_contact
from schema.contract.api_errors import bad_input
from schema.contract.connections import PageArguments, not_a_cursor, read_cursor, write_cursor
from schema.contract.enums import ContactOrder
from schema.engine.context import Context


@dataclass(frozen=True, slots=True)
class OrderArguments:
    """The order of a list of contacts. Raises BAD_USER_INPUT unless an order by property has one."""

    order_by: Annotated[
        ContactOrder | None,
        strawberry.argument(
            description="The order of the list. Cursors of one order cannot be used in another."
        ),
    ] = ContactOrder.CREATED_AT_DESC
    order_by_property: Annotated[
        str | None,
        strawberry.argument(
            description="The name of the property for the orders `PROPERTY_ASC` and"
            " `PROPERTY_DESC`: at most 200 characters. Left out: for all other orders, which do not"
            " take it."
        ),
    ] = None

    def __post_init__(self) -> None:
        name, argument = self.order_by_property, "orderByProperty"
        if self.order.by_property and name is None:
            message = f"Add `{argument}`: `{self.order.value}` needs the name of a property."
            raise bad_input(message, argument)
        if name is not None and not self.order.by_property:
            message = f"Leave out `{argument}`, or order by `PROPERTY_ASC` or `PROPERTY_DESC`."
            raise bad_input(message, argument)
        if name is not None and (len(name) > property_pages.LONGEST_NAME or not storable(name)):
            message = f"Pass at most {property_pages.LONGEST_NAME} characters that can be stored."
            raise bad_input(message, argument)

    @property
    def order(self) -> ContactOrder:
        """The order that is asked for."""
        return self.order_by or ContactOrder.CREATED_AT_DESC


async def contacts_in_order(
    wanted: ContactFilter | None, ordering: OrderArguments, page: PageArguments, context: Context
) -> ContactConnection:
    """Return a page of contacts."""
    order, name = ordering.order, ordering.order_by_property
    if name is not None:
        return await _contacts_by_property(wanted, order, name, page, context)
    request = PageRequest(
        page.size,
        backwards=page.backwards,
        after=_sort_key(page.after, order, "after"),
        before=_sort_key(page.before, order, "before"),
    )
    found = await contact_pages.page(wanted, order, request)
    ends = [contact_cursor(row, order) for row in (found.rows[:1] + found.rows[-1:])]
    return ContactConnection(
        nodes=[to_contact(row, context) for row in found.rows],
        page_info=page.page_info(ends, more=found.has_more),
        cursor_of=partial(_cursor, order=order),
        filter=wanted,
    )


def _cursor(contact: Contact, order: ContactOrder) -> str:
    return contact_cursor(contact.row, order)


async def _contacts_by_property(
    wanted: ContactFilter | None, order: ContactOrder, name: str, page: PageArguments, context: Context
) -> ContactConnection:
    request = PageRequest(
        page.size,
        backwards=page.backwards,
        after=_property_key(page.after, order, name, "after"),
        before=_property_key(page.before, order, name, "before"),
    )
    found = await property_pages.page(wanted, name, request, descending=order.descending)

    def cursor_of(contact: Contact) -> str:
        return write_cursor(order.value, name, *found.positions[contact.row.id])

    nodes = [to_contact(row, context) for row in found.rows]
    ends = [cursor_of(contact) for contact in nodes[:1] + nodes[-1:]]
    return ContactConnection(
        nodes=nodes, page_info=page.page_info(ends, more=found.has_more), cursor_of=cursor_of, filter=wanted
    )


def _property_key(cursor: str | None, order: ContactOrder, name: str, argument: str) -> Position | None:
    if cursor is None:
        return None
    types = (str, str, *property_pages.POSITION_TYPES)
    written_for, property_name, *key = read_cursor(cursor, argument, *types)
    if (written_for, property_name) != (order.value, name) or not property_pages.is_position(key):
        raise not_a_cursor(argument)
    return tuple(key)


def _sort_key(cursor: str | None, order: ContactOrder, argument: str) -> tuple[Any, ...] | None:
    """Return the sort key in a cursor of this order. Raises BAD_USER_INPUT for any other cursor."""
    if cursor is None:
        return None
    written_for, *key = read_cursor(cursor, argument, str, *contact_pages.position_types(order))
    valid = written_for == order.value and 0 <= key[-1] < 2**63 and all(map(storable, key[:-1]))
    by_time = order.value.startswith(("CREATED", "UPDATED"))
    if not valid or (by_time and not _is_instant(key[0])):
        raise not_a_cursor(argument)
    return tuple(key)


def _is_instant(text: str) -> bool:
    try:
        instant = datetime.fromisoformat(text)
        return instant.tzinfo is not None and instant.astimezone(UTC) is not None
    except (ValueError, OverflowError):
        return False
