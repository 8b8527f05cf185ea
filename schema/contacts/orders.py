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
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.validation import storable
from schema.contacts.types import Contact, ContactConnection, contact_cursor, to_contact
from schema.contract.connections import PageArguments, not_a_cursor, read_cursor, write_cursor
from schema.contract.enums import ContactOrder
from schema.engine.context import Context


@dataclass(frozen=True, slots=True)
class OrderArguments:
    """The order of a list of contacts."""

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

    def checked_property(self) -> str | None:
        """Return the name of the property to order by; None for another order. Raises Invalid."""
        name, argument, message = self.order_by_property, "orderByProperty", None
        if self.order.by_property and name is None:
            message = f"Add `{argument}`: `{self.order.value}` needs the name of a property."
        elif name is not None and not self.order.by_property:
            message = f"Leave out `{argument}`, or order by `PROPERTY_ASC` or `PROPERTY_DESC`."
        elif name is not None and (len(name) > property_pages.LONGEST_NAME or not storable(name)):
            message = f"Pass at most {property_pages.LONGEST_NAME} characters that can be stored."
        if message is not None:
            raise Invalid(ErrorCode.INVALID_VALUE, message, argument)
        return name

    @property
    def order(self) -> ContactOrder:
        """The order that is asked for."""
        return self.order_by or ContactOrder.CREATED_AT_DESC


@dataclass(frozen=True, slots=True)
class OrderedPage:
    """A page in an order, whose arguments were checked."""

    order: ContactOrder
    property: str | None
    """The name of the property to order by; None for another order."""
    request: PageRequest


def ordered_page(ordering: OrderArguments, page: PageArguments) -> OrderedPage:
    """Return the page that is asked for. Raises Invalid that names each argument that cannot be used."""
    order = ordering.order
    with Faults() as faults:
        size = faults.of(page.checked_size)
        name = ordering.checked_property()
        key = _sort_key if name is None else partial(_property_key, name)
        after = faults.of(key, page.after, order, "after")
        before = faults.of(key, page.before, order, "before")
    return OrderedPage(order, name, PageRequest(size, page.backwards, after, before))


async def contacts_in_order(
    wanted: ContactFilter | None, asked: OrderedPage, page: PageArguments, context: Context
) -> ContactConnection:
    """Return a page of contacts."""
    order = asked.order
    if asked.property is not None:
        return await _contacts_by_property(wanted, asked, asked.property, page, context)
    found = await contact_pages.page(wanted, order, asked.request)
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
    wanted: ContactFilter | None, asked: OrderedPage, name: str, page: PageArguments, context: Context
) -> ContactConnection:
    order = asked.order
    found = await property_pages.page(wanted, name, asked.request, descending=order.descending)

    def cursor_of(contact: Contact) -> str:
        return write_cursor(order.value, name, *found.positions[contact.row.id])

    nodes = [to_contact(row, context) for row in found.rows]
    ends = [cursor_of(contact) for contact in nodes[:1] + nodes[-1:]]
    return ContactConnection(
        nodes=nodes, page_info=page.page_info(ends, more=found.has_more), cursor_of=cursor_of, filter=wanted
    )


def _property_key(name: str, cursor: str | None, order: ContactOrder, argument: str) -> Position | None:
    if cursor is None:
        return None
    types = (str, str, *property_pages.POSITION_TYPES)
    written_for, property_name, *key = read_cursor(cursor, argument, *types)
    if (written_for, property_name) != (order.value, name) or not property_pages.is_position(key):
        raise not_a_cursor(argument)
    return tuple(key)


def _sort_key(cursor: str | None, order: ContactOrder, argument: str) -> tuple[Any, ...] | None:
    """Return the sort key in a cursor of this order. Raises Invalid for any other cursor."""
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
