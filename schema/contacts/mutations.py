"""Mutations of contacts."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import READ_CONTACTS, WRITE_CONTACTS
from preference_center.contacts import contacts
from preference_center.errors import ErrorCode, Faults, Invalid
from schema.contacts.types import Contact, to_contact
from schema.contacts.written import WrittenContact
from schema.contract.enums import LegalBasis
from schema.contract.fields import mutation
from schema.contract.ids import global_id, input_id
from schema.contract.inputs import non_null_values, written_values
from schema.contract.scalars import JSON, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info

_EMAIL = "The email address, however it is written: at most 254 characters. No other contact may have it."
_PHONE = "The phone number, best in E.164 format such as `+48601234567`. Other contacts may have it too."
_PROPERTIES = (
    'The team\'s own data about the person, as a JSON object such as `{"plan": "basic"}`:'
    " at most 64 KiB, 20 levels deep."
)
_PROCESSING_BASIS = (
    "The legal basis to process and store the contact's data. Opt-ins by the team need"
    " one where the business unit's `dataPrivacy` is on."
)


@strawberry.input
class CreateContactInput:
    """A contact to create. It needs an email address or a phone number; what else is left out or null stays
    empty.
    """

    email: str | None = strawberry.field(description=_EMAIL)
    phone: str | None = strawberry.field(description=_PHONE)
    first_name: str | None = strawberry.field(description="The person's first name: at most 200 characters.")
    last_name: str | None = strawberry.field(description="The person's last name: at most 200 characters.")
    locale: Locale | None = strawberry.field(
        description="The language that the person reads, such as `pl` or `pt-BR`."
    )
    properties: JSON | None = strawberry.field(description=_PROPERTIES)
    processing_basis: LegalBasis | None = strawberry.field(description=_PROCESSING_BASIS)


@strawberry.input
class UpdateContactInput:
    """Changes to a contact. Fields that are left out stay as they are; null clears a field."""

    id: strawberry.ID = strawberry.field(
        description="The id of the contact to change, as `contacts` gives it."
    )
    email: str | None = strawberry.field(default=strawberry.UNSET, description=_EMAIL)
    phone: str | None = strawberry.field(default=strawberry.UNSET, description=_PHONE)
    first_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The person's first name: at most 200 characters."
    )
    last_name: str | None = strawberry.field(
        default=strawberry.UNSET, description="The person's last name: at most 200 characters."
    )
    locale: Locale | None = strawberry.field(
        default=strawberry.UNSET, description="The language that the person reads, such as `pl` or `pt-BR`."
    )
    properties: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description="The properties to change, as a JSON object. Others stay as they are. A property that is"
        " null is removed, and an object is merged in the same way (JSON Merge Patch, RFC 7396). All together"
        " are at most 64 KiB. Null in place of the object removes all.",
    )
    replace_properties: JSON | None = strawberry.field(
        default=strawberry.UNSET,
        description=f"{_PROPERTIES} They replace all that the contact has. Not with `properties`. Null leaves"
        " the properties as they are.",
    )
    processing_basis: LegalBasis | None = strawberry.field(
        default=strawberry.UNSET, description=_PROCESSING_BASIS
    )
    carry_opt_outs: bool | None = strawberry.field(
        default=True,
        description="Whether the recipient's own opt-outs of an address that is replaced are recorded for the"
        " new address too, unless that address has made a decision of its own for the business unit and"
        " channel. Opt-ins never move.",
    )


@strawberry.input
class DeleteContactInput:
    """A contact to delete, by its id."""

    id: strawberry.ID = strawberry.field(description="The id of the contact, as `contacts` gives it.")


@strawberry.type
class ContactPayload:
    """The contact as a mutation left it, or why the input was refused."""

    contact: Contact | None = strawberry.field(
        default=None,
        description="The contact after the change; null if the input was refused. Without the scope"
        " `contacts:read`, only its id and what the request wrote can be read.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class DeleteContactPayload:
    """Which contact was deleted, or why not."""

    deleted_id: strawberry.ID | None = strawberry.field(
        default=None,
        description="The id of the deleted contact, to remove it from a cache; null if the input"
        " was refused.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class ContactMutations:
    """Mutations of contacts."""

    @mutation(ContactPayload, access=WRITE_CONTACTS)
    async def create_contact(self, info: Info, input: CreateContactInput) -> ContactPayload:
        """Create a contact.

        Preferences that its addresses already have, from an earlier contact or an opt-out list, stay as
        they are.
        """
        row = await contacts.create(**non_null_values(input))
        return ContactPayload(contact=to_contact(row, info.context))

    @mutation(ContactPayload, access=WRITE_CONTACTS)
    async def update_contact(self, info: Info, input: UpdateContactInput) -> ContactPayload:
        """Change a contact. Preferences belong to the address: a new address has its own.

        The recipient's own opt-outs follow to a new address (`carryOptOuts`). Without the scope
        `contacts:read`, the payload shows only what was written.
        """
        changes = written_values(input, without="id")
        carry_opt_outs = changes.pop("carry_opt_outs") is not False
        with Faults() as faults:
            contact_id = faults.of(input_id, input.id, "Contact", "id")
            if faults:
                faults.of(contacts.check_changes, **changes)
        row = await contacts.update(contact_id, carry_opt_outs=carry_opt_outs, **changes)
        contact = to_contact(row, info.context)
        if not info.context.may(READ_CONTACTS):
            contact = WrittenContact.of(contact, changes)
        return ContactPayload(contact=contact)

    @mutation(DeleteContactPayload, access=WRITE_CONTACTS)
    async def delete_contact(self, info: Info, input: DeleteContactInput) -> DeleteContactPayload:
        """Delete a contact with its names and properties.

        Its addresses keep their preferences: created again, the contact is still opted out. To erase a
        person's data everywhere, use `eraseRecipient`.
        """
        contact_id = input_id(input.id, "Contact", "id")
        if not await contacts.delete(contact_id):
            raise Invalid(ErrorCode.NOT_FOUND, "There is no contact with this id.", "id")
        return DeleteContactPayload(deleted_id=global_id("Contact", contact_id))
