"""Queries of contacts."""

from __future__ import annotations

from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONTACTS
from preference_center.errors import Faults
from schema.contacts.filter import ContactFilter, check_access, parse_filter
from schema.contacts.orders import OrderArguments, contacts_in_order, ordered_page
from schema.contacts.types import Contact, ContactConnection, to_contact
from schema.contract.arguments import group_arguments
from schema.contract.connections import PageArguments
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
        by: Annotated[
            ContactRef, strawberry.argument(description="The id, the email address or the phone number.")
        ],
    ) -> Contact | None:
        """One contact; null if there is none.

        Several contacts can have one phone number: then the answer is the error `BAD_USER_INPUT`, whose
        `extensions.contacts` lists their ids, the first created first. Read them with `nodes`, or with
        `contacts` and its filter `phones`.
        """
        row = await find_contact(by, "by")
        return to_contact(row, info.context) if row else None

    @query(access=READ_CONTACTS)
    @group_arguments(order=OrderArguments, page=PageArguments)
    async def contacts(
        self,
        info: Info,
        order: OrderArguments,
        page: PageArguments,
        filter: Annotated[
            ContactFilter | None,
            strawberry.argument(description="The conditions that contacts fulfil. Left out: all contacts."),
        ] = None,
    ) -> ContactConnection:
        """The contacts that a filter selects, as pages."""
        check_access(filter, info.context, "filter")
        with Faults() as faults:
            wanted = faults.of(parse_filter, filter, info.context)
            asked = faults.of(ordered_page, order, page)
        return await contacts_in_order(wanted, asked, page, info.context)
