"""Asking for contacts, and changing them."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import strawberry

from preference_center.contacts import contacts
from preference_center.contacts import pages as contact_pages
from preference_center.erasure import erase as erasure
from preference_center.errors import ErrorCode, Invalid
from preference_center.recipients import recipients
from preference_center.validation import storable
from schema.contacts.filter import ContactFilter, check_scope, plain_filter
from schema.contacts.types import Contact, ContactConnection, contact_of, cursor_of
from schema.contract.connections import read_cursor, window
from schema.contract.ids import global_id
from schema.contract.references import (
    ContactRef,
    RecipientRef,
    contact_number,
    existing_contact,
    find_contact,
    find_recipient,
)
from schema.contract.scalars import JSON, ContactOrder, LegalBasis, Locale
from schema.contract.user_errors import UserError, answering, asking
from schema.engine.context import Info, bad_input
from schema.engine.resolver import resolver
from schema.recipients.types import Recipient, recipient_of

READ = "contacts:read"
WRITE = "contacts:write"


@strawberry.input
class CreateContactInput:
    """A contact to make."""

    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    locale: Locale | None
    properties: JSON | None
    processing_basis: LegalBasis | None


@strawberry.input
class UpdateContactInput:
    """What to change of a contact: what is not given stays, null clears."""

    id: strawberry.ID
    email: str | None = strawberry.UNSET
    phone: str | None = strawberry.UNSET
    first_name: str | None = strawberry.UNSET
    last_name: str | None = strawberry.UNSET
    locale: Locale | None = strawberry.UNSET
    properties: JSON | None = strawberry.UNSET
    processing_basis: LegalBasis | None = strawberry.UNSET


@strawberry.input
class DeleteContactInput:
    """A contact to delete; its addresses keep their preferences (R1)."""

    id: strawberry.ID


@strawberry.input(
    description="By contact: the contact and all its addresses."
    " By address: that, and every contact that has it."
)
class EraseRecipientInput:
    """Who is to be forgotten (R36)."""

    recipient: RecipientRef


@strawberry.type
class ContactPayload:
    """The contact as it is now."""

    contact: Contact | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class DeleteContactPayload:
    """The id of what is gone."""

    deleted_id: strawberry.ID | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class RecipientPayload:
    """The recipient as it is now."""

    recipient: Recipient | None = None
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ContactQueries:
    """Reading contacts."""

    @resolver(scope=READ)
    @asking
    async def contact(self, info: Info, by: ContactRef) -> Contact | None:
        """One contact, or null."""
        row = await find_contact(by, "by")
        return contact_of(row, info.context) if row else None

    @resolver(scope=READ)
    @asking
    async def contacts(
        self,
        info: Info,
        filter: ContactFilter | None = None,
        order_by: ContactOrder | None = ContactOrder.CREATED_AT_DESC,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ContactConnection:
        """A page of the contacts that a filter holds for."""
        order = order_by or ContactOrder.CREATED_AT_DESC
        asked = window(first, after, last, before)
        wanted = plain_filter(filter, info.context)
        check_scope(filter, info.context)
        page = await contact_pages.page(
            wanted,
            order,
            asked.size,
            backwards=asked.backwards,
            after=_place(after, order, "after"),
            before=_place(before, order, "before"),
        )
        ends = [cursor_of(row, order) for row in (page.rows[:1] + page.rows[-1:])]
        return ContactConnection(
            nodes=[contact_of(row, info.context) for row in page.rows],
            page_info=asked.info(ends, page.more),
            wanted=wanted,
            order=order,
        )


def _place(cursor: str | None, order: ContactOrder, name: str) -> tuple[Any, ...] | None:
    """Read a cursor of this order. Raises BAD_USER_INPUT for any other."""
    if cursor is None:
        return None
    named, *place = read_cursor(cursor, name, str, *contact_pages.place_kinds(order))
    by_time = order.value.startswith(("CREATED", "UPDATED"))
    good = named == order.value and 0 <= place[-1] < 2**63 and all(map(storable, place[:-1]))
    if not good or (by_time and not _is_instant(place[0])):
        raise bad_input(f"`{name}` is not a cursor of this connection.", name)
    return tuple(place)


def _is_instant(text: str) -> bool:
    try:
        instant = datetime.fromisoformat(text)
        return instant.tzinfo is not None and instant.astimezone(UTC) is not None
    except (ValueError, OverflowError):
        return False


@strawberry.type
class ContactMutations:
    """Changing contacts."""

    @resolver(scope=WRITE)
    @answering(ContactPayload)
    async def create_contact(self, info: Info, input: CreateContactInput) -> ContactPayload:
        """Make a contact. Its addresses may have preferences already, and keep them (R1)."""
        row = await contacts.create(**vars(input))
        return ContactPayload(contact=contact_of(row, info.context))

    @resolver(scope=WRITE)
    @answering(ContactPayload)
    async def update_contact(self, info: Info, input: UpdateContactInput) -> ContactPayload:
        """Change a contact. Another address has preferences of its own (R1)."""
        number = contact_number(input.id, "id")
        changes = {
            name: value
            for name, value in vars(input).items()
            if value is not strawberry.UNSET and name != "id"
        }
        row = await contacts.update(number, **changes)
        return ContactPayload(contact=contact_of(row, info.context))

    @resolver(scope=WRITE)
    @answering(DeleteContactPayload)
    async def delete_contact(self, info: Info, input: DeleteContactInput) -> DeleteContactPayload:
        """Delete a contact; its addresses keep their preferences (R1)."""
        number = contact_number(input.id, "id")
        if not await contacts.delete(number):
            raise Invalid(ErrorCode.NOT_FOUND, "There is no such contact.", "id")
        return DeleteContactPayload(deleted_id=global_id("Contact", number))

    @resolver(scope=WRITE, description="R36")
    @answering(RecipientPayload)
    async def erase_recipient(self, info: Info, input: EraseRecipientInput) -> RecipientPayload:
        """Forget a person, and keep their opt-outs (R36)."""
        found = await find_recipient(input.recipient, "recipient")
        if input.recipient.contact is not None:
            row = await existing_contact(input.recipient.contact, "recipient", "contact")
            await erasure.erase_contact(row, info.context.actor)
        elif found is not None:
            await erasure.erase_recipient(found.id, info.context.actor)
        else:
            raise Invalid(ErrorCode.NOT_FOUND, "Nobody ever spoke of this address.", "recipient")
        if found is None:
            return RecipientPayload()
        erased = (await recipients.get_many([found.id]))[found.id]
        return RecipientPayload(recipient=recipient_of(erased, info.context))
