"""Contacts: people in the team's records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from functools import partial
from typing import Annotated, Any

import strawberry

from preference_center.access.scopes import READ_CONSENT
from preference_center.contacts import calls, contacts
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.calls import CallPermit
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.types import RecipientKind
from schema.contacts.calls import CallPermission, to_call_permission
from schema.contract.api_errors import bad_input
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments, counted_alone, write_cursor
from schema.contract.enums import Channel, ContactOrder, LegalBasis
from schema.contract.fields import guarded, resolver
from schema.contract.ids import Node, global_id
from schema.contract.scalars import JSON, Key, Locale
from schema.engine.context import Context
from schema.ledger.conditions import EventConditions
from schema.ledger.events import ConsentEvent
from schema.ledger.history import History, load_histories
from schema.recipients.preferences import OptOutOfAll, Pause, Preference
from schema.recipients.types import (
    OfUnit,
    OnChannel,
    Recipient,
    load_preferences,
    load_states,
    to_recipient,
)


async def load_contact_states(contacts: Sequence[Contact], context: Context, **_: object) -> None:
    """Load the states of the contacts' addresses, in one statement."""
    await load_states([address for contact in contacts for address in contact.addresses], context)


async def load_contact_preferences(
    contacts: Sequence[Contact], context: Context, selected: frozenset[str], **_: object
) -> None:
    """Load the preferences of the contacts' addresses, or their whole states if a field needs them."""
    addresses = [address for contact in contacts for address in contact.addresses]
    await load_preferences(addresses, context, selected)


async def load_call_permits(contacts: Sequence[Contact], context: Context) -> None:
    """Load the states of the contacts' addresses, and their latest permits: one statement each."""
    await load_contact_states(contacts, context)
    permits = await calls.newest_permits({contact.row.id for contact in contacts})
    for contact in contacts:
        contact.call_permit = permits.get(contact.row.id)


async def load_contact_history(contacts: Sequence[Contact], context: Context, **arguments: object) -> None:
    """Load a page of each contact's history, in one statement."""
    await load_histories([contact.events for contact in contacts], context, **arguments)


@strawberry.type
class Contact(Node):
    """A person in the team's records, with at most one email address and one phone number.

    Contacts may share a phone number, but not an email address. Preferences belong to the addresses: see
    `recipients`.
    """

    email: str | None = strawberry.field(
        description="The email address, normalised to lower case; null if the contact has none."
    )
    phone: str | None = strawberry.field(
        description="The phone number in E.164 format, such as `+48601234567`; null if the contact has none."
    )
    first_name: str | None = strawberry.field(description="The person's first name; null if it is not known.")
    last_name: str | None = strawberry.field(description="The person's last name; null if it is not known.")
    locale: Locale | None = strawberry.field(
        description="The language that the person reads, such as `pl`; null if it is not known."
    )
    properties: JSON = guarded(
        'The team\'s own data about the person, as a JSON object such as `{"plan":'
        ' "basic"}`. Empty if there is none.'
    )
    processing_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to process and store the contact's data; null if none is on"
        " record. Opt-ins by the team need one where the business unit's `dataPrivacy` is on."
    )
    created_at: datetime = guarded("When the contact was created in Sayso.")
    updated_at: datetime = guarded(
        "When a field or property of the contact last changed. Changes of preferences do not count."
    )
    row: strawberry.Private[ContactRow]
    context: strawberry.Private[Context]
    addresses: strawberry.Private[list[Recipient]]
    events: strawberry.Private[History]
    call_permit: strawberry.Private[CallPermit | None] = None

    @resolver(access=READ_CONSENT, load=load_contact_preferences, pass_selection=True)
    def preferences(self, business_unit: OfUnit = None, channel: OnChannel = None) -> list[Preference]:
        """The preference for each subscription type and channel on which the contact has an address.

        Archived types are in it only where something was decided.
        """
        return [
            preference
            for address in self.addresses
            for preference in address.each_preference(business_unit, channel)
        ]

    @resolver(access=READ_CONSENT, load=load_contact_states)
    def opt_outs_of_all(self) -> list[OptOutOfAll]:
        """The opt-outs of everything from a business unit on a channel, of all the contact's addresses.
        Empty if there is none.
        """
        return [opt_out for address in self.addresses for opt_out in address.each_opt_out()]

    @resolver(access=READ_CONSENT, load=load_contact_states)
    def pauses(self) -> list[Pause]:
        """The pauses of all the contact's addresses that have not ended. Empty if there is none."""
        return [pause for address in self.addresses for pause in address.each_pause()]

    @resolver(access=READ_CONSENT, load=load_contact_states)
    def unsubscribed_from_all_email(self) -> bool:
        """Whether the email address is opted out of all email from at least one business unit. To decide
        about one message, ask `eligibility`.
        """
        return any(address.state.opted_out_of_all(Channel.EMAIL) for address in self.addresses)

    @resolver(access=READ_CONSENT, load=load_contact_states)
    def opted_out_of_email(
        self,
        subscription_type: Annotated[
            Key, strawberry.argument(description="The key of the subscription type, such as `weekly-digest`.")
        ],
    ) -> bool:
        """Whether the email address is opted out of a subscription type by email, or of everything from its
        business unit.
        """
        type_ = self.context.catalog.type_by_key(subscription_type)
        if type_ is None:
            raise bad_input(f"There is no subscription type {subscription_type[:80]!r}.", "subscriptionType")
        return any(address.state.opted_out(type_, Channel.EMAIL) for address in self.addresses)

    @resolver(access=READ_CONSENT, load=load_call_permits)
    def call_permission(self) -> CallPermission:
        """Whether the contact may be called on the phone now, and what stands against it."""
        out = any(address.state.opted_out_of_all(Channel.EMAIL) for address in self.addresses)
        return to_call_permission(calls.permission(self.call_permit, unsubscribed_from_all_email=out))

    @resolver(access=READ_CONSENT, load=load_contact_history)
    @group_arguments(conditions=EventConditions, page=PageArguments)
    def history(self, conditions: EventConditions, page: PageArguments) -> Connection[ConsentEvent]:
        """The events of the addresses that the contact has now, newest first. Former addresses keep their
        own.
        """
        return self.events.pages[conditions.filter(self.context), page]

    @resolver(access=READ_CONSENT)
    def recipients(self) -> list[Recipient]:
        """The contact's addresses as recipients: the email address first, then the phone number."""
        return self.addresses


@strawberry.type
class ContactConnection(Connection[Contact]):
    """One page of contacts, in the order that was asked for."""

    filter: strawberry.Private[ContactFilter | None] = None

    def __post_init__(self) -> None:
        self.counting = counted_alone(partial(contact_pages.count, self.filter))


def contact_cursor(row: ContactRow, order: ContactOrder) -> str:
    """Return the cursor of a contact in an order."""
    return write_cursor(order.value, *contact_pages.position(row, order))


def to_contact(row: ContactRow, context: Context) -> Contact:
    """Return a contact as the schema has it."""
    addresses = _addresses(row, context)
    properties: Any = row.properties
    return Contact(
        id=global_id("Contact", row.id),
        email=row.email,
        phone=row.phone,
        first_name=row.first_name,
        last_name=row.last_name,
        locale=Locale(row.locale) if row.locale else None,
        properties=properties,
        processing_basis=row.processing_basis,
        created_at=row.created_at,
        updated_at=row.updated_at,
        row=row,
        context=context,
        addresses=addresses,
        events=History({address.row.id: address for address in addresses}),
    )


def _addresses(row: ContactRow, context: Context) -> list[Recipient]:
    """Return the contact's addresses. Its own row has all that is needed to show them."""
    return [
        to_recipient(RecipientRow(recipient_id, recipient_kind, b"", value, None, None), context)
        for recipient_id, recipient_kind, value in (
            (row.email_recipient_id, RecipientKind.EMAIL, row.email),
            (row.phone_recipient_id, RecipientKind.PHONE, row.phone),
        )
        if recipient_id is not None
    ]


async def read_contacts(context: Context, ids: Sequence[int]) -> dict[int, Node]:
    """Return the contacts with these ids, in one statement."""
    rows = await contacts.get_many(ids)
    return {contact_id: to_contact(row, context) for contact_id, row in rows.items()}
