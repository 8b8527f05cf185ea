"""Contacts: people in the team's records."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime
from typing import Any

import strawberry

from preference_center.contacts import calls, contacts
from preference_center.contacts import pages as contact_pages
from preference_center.contacts.calls import CallPermit
from preference_center.contacts.contacts import ContactRow
from preference_center.contacts.filter import ContactFilter
from preference_center.contacts.pages import ContactOrder
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.types import RecipientKind
from schema.contacts.calls import CallPermission, permission_of
from schema.contract.connections import PageInfo, write_cursor
from schema.contract.ids import Node, global_id
from schema.contract.scalars import JSON, Channel, Key, LegalBasis, Locale, PreferenceStatus
from schema.engine.context import Context, bad_input
from schema.engine.resolver import resolver
from schema.ledger.events import ConsentEventConnection, History, asked_for, load_histories
from schema.recipients.types import (
    OptOutOfAll,
    Preference,
    Recipient,
    load_preferences,
    load_states,
    recipient_of,
)

CONSENT = "preferences:read"


async def load_contact_states(found: Sequence[Contact], context: Context, **_: object) -> None:
    """Read what holds for the contacts' addresses, in one statement."""
    await load_states([recipient for one in found for recipient in one.addresses], context)


async def load_contact_preferences(
    found: Sequence[Contact], context: Context, selected: frozenset[str], **_: object
) -> None:
    """Read no more of it than the `selected` fields of preferences need."""
    await load_preferences([recipient for one in found for recipient in one.addresses], context, selected)


async def load_call_permits(found: Sequence[Contact], context: Context, **_: object) -> None:
    """Read what holds for the contacts' addresses, and their newest permits: a statement each."""
    await load_contact_states(found, context)
    permits = await calls.newest_permits({one.row.id for one in found})
    for one in found:
        one.call_permit = permits.get(one.row.id)


async def load_contact_histories(found: Sequence[Contact], context: Context, **asked: object) -> None:
    """Read a page of each contact's history, in one statement."""
    await load_histories([one.ledger for one in found], context, **asked)


@strawberry.type
class Contact(Node):
    """One contact, with its addresses as recipients."""

    email: str | None
    phone: str | None
    first_name: str | None
    last_name: str | None
    locale: Locale | None
    properties: JSON
    processing_basis: LegalBasis | None
    created_at: datetime
    updated_at: datetime
    row: strawberry.Private[ContactRow]
    context: strawberry.Private[Context]
    addresses: strawberry.Private[list[Recipient]]
    ledger: strawberry.Private[History]
    call_permit: strawberry.Private[CallPermit | None] = None

    @resolver(
        scope=CONSENT,
        load=load_contact_preferences,
        told=True,
        description="One for each type and channel that the contact has an address for, said or unsaid.",
    )
    def preferences(
        self, business_unit: Key | None = None, channel: Channel | None = None
    ) -> list[Preference]:
        """Over all of the contact's addresses."""
        return [one for to in self.addresses for one in to.each_preference(business_unit, channel)]

    @resolver(scope=CONSENT, load=load_contact_states)
    def opt_outs_of_all(self) -> list[OptOutOfAll]:
        """Those that stand, over all of the contact's addresses."""
        return [one for to in self.addresses for one in to.each_opt_out()]

    @resolver(scope=CONSENT, load=load_contact_states, description="R26")
    def unsubscribed_from_all_email(self) -> bool:
        """Whether the email address is opted out of all email in any unit (R26)."""
        return self._out_of_all_email()

    def _out_of_all_email(self) -> bool:
        return any(on is Channel.EMAIL for to in self.addresses for _, on in to.state.opt_outs)

    @resolver(scope=CONSENT, load=load_contact_states, description="R26")
    def opted_out_of_email(self, subscription_type: Key) -> bool:
        """Whether the email address is opted out of the type, or of all of its unit (R26)."""
        kind = self.context.catalog.type_by_key(subscription_type)
        if kind is None:
            raise bad_input(f"There is no subscription type {subscription_type[:80]!r}.", "subscriptionType")
        for to in self.addresses:
            held = to.state.preferences.get((kind.id, Channel.EMAIL))
            if (kind.business_unit.id, Channel.EMAIL) in to.state.opt_outs:
                return True
            if held is not None and held.status is PreferenceStatus.OPTED_OUT:
                return True
        return False

    @resolver(scope=CONSENT, load=load_call_permits, description="R25")
    def call_permission(self) -> CallPermission:
        """Whether the contact may be called now (R25)."""
        out = self._out_of_all_email()
        return permission_of(calls.judge(self.call_permit, unsubscribed_from_all_email=out))

    @resolver(
        scope=CONSENT,
        load=load_contact_histories,
        description="Newest first, over all of the contact's addresses.",
    )
    def history(
        self,
        first: int | None = None,
        after: str | None = None,
        last: int | None = None,
        before: str | None = None,
    ) -> ConsentEventConnection:
        """A page of the events of the addresses that the contact has now."""
        return self.ledger.pages[asked_for(first, after, last, before)]

    @resolver(scope=CONSENT)
    def recipients(self) -> list[Recipient]:
        """The contact's addresses: email first."""
        return self.addresses


@strawberry.type
class ContactEdge:
    """A contact and its place in the order."""

    cursor: str
    node: Contact


async def load_count(connections: Sequence[ContactConnection], context: Context, **_: object) -> None:
    """Count what a filter holds for: only where that is asked."""
    for connection in connections:
        connection.counted = await contact_pages.count(connection.wanted)


@strawberry.type
class ContactConnection:
    """A page of contacts."""

    nodes: list[Contact]
    page_info: PageInfo
    wanted: strawberry.Private[ContactFilter | None]
    order: strawberry.Private[ContactOrder]
    counted: strawberry.Private[int] = 0

    @resolver()
    def edges(self) -> list[ContactEdge]:
        """The contacts with their cursors."""
        return [ContactEdge(cursor=cursor_of(one.row, self.order), node=one) for one in self.nodes]

    @resolver(load=load_count, description="Counted only where it is asked for.")
    def total_count(self) -> int:
        """How many contacts there are, on all pages."""
        return self.counted


def cursor_of(row: ContactRow, order: ContactOrder) -> str:
    """The cursor of a contact in an order."""
    return write_cursor(order.value, *contact_pages.place(row, order))


def contact_of(row: ContactRow, context: Context) -> Contact:
    """Show a contact. Its addresses are known from its own row."""
    addresses = [
        recipient_of(RecipientRow(number, kind, b"", value, None, None), context)
        for number, kind, value in (
            (row.email_recipient_id, RecipientKind.EMAIL, row.email),
            (row.phone_recipient_id, RecipientKind.PHONE, row.phone),
        )
        if number is not None
    ]
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
        ledger=History({address.row.id: address for address in addresses}),
    )


async def contacts_of_recipients(recipients: Sequence[Recipient], context: Context) -> None:
    """Find the contacts that have the recipients' addresses, in one statement."""
    rows = await contacts.of_recipients({recipient.row.id for recipient in recipients})
    shown = {row.id: contact_of(row, context) for found in rows.values() for row in found}
    for recipient in recipients:
        recipient.found_contacts = [shown[row.id] for row in rows[recipient.row.id]]
