"""The loaders of fields that lead from one noun to another, and the statements that answer root fields.

`root.py` imports this module for its effect.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from schema.catalog.sender_numbers import read_sender_numbers
from schema.contacts import statements as of_contacts
from schema.contacts.calls import CallPermissionPayload
from schema.contacts.types import read_contacts, to_contact
from schema.contract.fields import Load
from schema.contract.ids import decode_id
from schema.engine.context import Context
from schema.engine.loading import register_loader
from schema.engine.statements.roots import ROOTS
from schema.ledger import statements as of_ledger
from schema.ledger.events import read_events
from schema.nodes import Read
from schema.operations.types import read_operations
from schema.recipients.by_statement import statements as of_recipients
from schema.recipients.types import Recipient, WithContact, read_recipients
from schema.workflows.types import read_workflows


def by_row_id(attribute: str, column: str, read: Read) -> Load:
    """Return the loader of an attribute whose id is in a column of the row. It takes one statement."""

    async def load(objects: Sequence[Any], context: Context) -> None:
        missing = [each for each in objects if getattr(each, attribute) is None]
        ids = {getattr(each.row, column) for each in missing} - {None}
        found = await read(context, sorted(ids)) if ids else {}
        for each in missing:
            setattr(each, attribute, found.get(getattr(each.row, column)))

    return load


async def load_contacts_of_recipients(recipients: Sequence[Recipient], context: Context) -> None:
    """Load the contacts that have the recipients' addresses, in one statement."""
    missing = [recipient for recipient in recipients if recipient.contacts is None]
    rows = await contacts.of_recipients({recipient.row.id for recipient in missing}) if missing else {}
    shown = {row.id: to_contact(row, context) for found in rows.values() for row in found}
    for recipient in missing:
        recipient.contacts = [shown[row.id] for row in rows[recipient.row.id]]


async def load_contacts_of_payloads(payloads: Sequence[WithContact], context: Context) -> None:
    """Load the contacts that the inputs name, else those that have the recipients' addresses."""
    for payload in payloads:  # one: mutations are root fields
        row = await _contact_of(payload)
        payload.contact = to_contact(row, context) if row is not None else None


async def _contact_of(payload: WithContact) -> ContactRow | None:
    named = decode_id(payload.named.contact, "Contact") if payload.named and payload.named.contact else None
    if named is not None:
        return await contacts.get(named)
    if payload.recipient is None:
        return None
    recipient_id = payload.recipient.row.id
    found = (await contacts.of_recipients([recipient_id]))[recipient_id]
    return found[0] if found else None


async def load_contacts_of_calls(payloads: Sequence[CallPermissionPayload], context: Context) -> None:
    """Load the contacts that may be called, or may not."""
    for payload in payloads:  # one, as above
        contact_id = decode_id(payload.named, "Contact") if payload.named is not None else None
        row = await contacts.get(contact_id) if contact_id is not None else None
        payload.contact = to_contact(row, context) if row is not None else None


register_loader("CallPermissionPayload", "contact", load_contacts_of_calls)
for _payload in ("InboundMessagePayload", "RecipientPayload", "UpdatePreferencesPayload"):
    register_loader(_payload, "contact", load_contacts_of_payloads)
register_loader("Recipient", "contacts", load_contacts_of_recipients)
for _type, _attribute, _column, _read in (
    ("ConsentEvent", "recipient", "recipient_id", read_recipients),
    ("ConsentEvent", "operation", "operation_id", read_operations),
    ("Operation", "reverted_by", "reverted_by_id", read_operations),
    ("Operation", "reverts", "undone_id", read_operations),
    ("Operation", "workflow", "workflow_id", read_workflows),
    ("RefusedItem", "contact", "contact_id", read_contacts),
    ("InboundMessage", "recipient", "recipient_id", read_recipients),
    ("InboundMessage", "sender_number", "sender_number_id", read_sender_numbers),
    ("WorkflowEnrolment", "contact", "contact_id", read_contacts),
    ("WorkflowEnrolment", "workflow", "workflow_id", read_workflows),
    ("WorkflowEnrolment", "operation", "operation_id", read_operations),
    ("WorkflowEnrolment", "event", "event_id", read_events),
):
    register_loader(_type, _attribute, by_row_id(_attribute, _column, _read))
ROOTS["recipient"] = of_recipients.RECIPIENT_ROOT
ROOTS["consentEvents"] = of_ledger.EVENTS_ROOT
ROOTS["contact"] = of_contacts.CONTACT_ROOT
ROOTS["contacts"] = of_contacts.CONTACTS_ROOT
