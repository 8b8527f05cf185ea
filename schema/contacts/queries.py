"""Queries of contacts."""

from __future__ import annotations

from datetime import UTC, datetime
from functools import partial
from typing import Annotated, Any

import strawberry

from preference_center.access.scopes import READ_CONTACTS
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.pages import PageRequest
from preference_center.validation import storable
from schema.contacts.filter import ContactFilter, check_access, parse_filter
from schema.contacts.types import Contact, ContactConnection, contact_cursor, to_contact
from schema.contract.arguments import group_arguments
from schema.contract.connections import PageArguments, not_a_cursor, read_cursor
from schema.contract.enums import ContactOrder
from schema.contract.fields import query
from schema.contract.references import ContactRef, find_contact
from schema.engine.context import Info


@strawberry.type
class ContactQueries:
    """Queries of contacts."""

    @query(access=READ_CONTACTS)
    async def contact(
        self,
        info: Info,
        by: Annotated[ContactRef, strawberry.argument(description="The id or email address.")],
    ) -> Contact | None:
        """One contact; null if there is none."""
        row = await find_contact(by, "by")
        return to_contact(row, info.context) if row else None

    @query(access=READ_CONTACTS)
    @group_arguments(page=PageArguments)
    async def contacts(
        self,
        info: Info,
        page: PageArguments,
        filter: Annotated[
            ContactFilter | None,
            strawberry.argument(description="The conditions that contacts fulfil. Left out: all contacts."),
        ] = None,
        order_by: Annotated[
            ContactOrder | None,
            strawberry.argument(
                description="The order of the list. Cursors of one order cannot be used in another."
            ),
        ] = ContactOrder.CREATED_AT_DESC,
    ) -> ContactConnection:
        """The contacts that a filter selects, as pages."""
        context, order = info.context, order_by or ContactOrder.CREATED_AT_DESC
        check_access(filter, context)
        wanted = parse_filter(filter, context)
        found = await contact_pages.page(
            wanted,
            order,
            PageRequest(
                page.size,
                backwards=page.backwards,
                after=_sort_key(page.after, order, "after"),
                before=_sort_key(page.before, order, "before"),
            ),
        )
        ends = [contact_cursor(row, order) for row in (found.rows[:1] + found.rows[-1:])]
        return ContactConnection(
            nodes=[to_contact(row, context) for row in found.rows],
            page_info=page.page_info(ends, more=found.has_more),
            cursor_of=partial(_cursor, order=order),
            filter=wanted,
        )


def _cursor(contact: Contact, order: ContactOrder) -> str:
    return contact_cursor(contact.row, order)


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
