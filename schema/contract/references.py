"""References to contacts and recipients in inputs: by id, by email address or by phone number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.arguments import InputContext

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.errors import ErrorCode, Invalid
from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.addresses import Address, AddressError, parse_email, parse_phone
from schema.contract.api_errors import bad_input
from schema.contract.enums import Channel
from schema.contract.ids import global_id, input_id

_MOST_LISTED = 100
"""Contacts with one phone number that an error lists."""


@strawberry.input(one_of=True)
class ContactRef:
    """A contact, by exactly one of these fields."""

    id: strawberry.ID | None = strawberry.field(
        description="The id of the contact. Left out: give another field."
    )
    email: str | None = strawberry.field(
        description="The contact's email address, however it is written. Left out: give another field."
    )
    phone: str | None = strawberry.field(
        description="A phone number that one contact has, best in E.164 format such as `+48601234567`. Left"
        " out: give another field."
    )


@strawberry.input(one_of=True)
class RecipientRef:
    """A recipient, by exactly one of these fields: an address, or the address that a contact has for the
    channel in question.
    """

    contact: strawberry.ID | None = strawberry.field(
        description="The id of a contact, which stands for its email address or phone number. Left"
        " out: give another field."
    )
    email: str | None = strawberry.field(
        description="An email address, however it is written. It need not belong to a contact. Left"
        " out: give another field."
    )
    phone: str | None = strawberry.field(
        description="A phone number, best in E.164 format such as `+48601234567`. It need not belong"
        " to a contact. Left out: give another field."
    )


def _without_conversion(type_: type, value: Mapping[str, Any], context: InputContext) -> Any:
    """Build a reference from its one member. A request has up to 1,000 of them, each of plain strings."""
    return type_(**{**dict.fromkeys(type_.__annotations__), **value})


for _reference in (ContactRef, RecipientRef):
    get_object_definition(_reference, strict=True).from_input = _without_conversion


async def find_contact(ref: ContactRef, *path: str) -> ContactRow | None:
    """Return the contact, or None.

    Raises Invalid for a malformed id or address, and BAD_USER_INPUT for a phone number of several contacts.
    """
    if ref.id is not None:
        return await contacts.get(input_id(ref.id, "Contact", *path, "id"))
    if ref.phone is not None:
        return _only(await contacts.by_phone(_parse(ref.phone, *path, "phone"), _MOST_LISTED), *path, "phone")
    return await contacts.by_email(_parse(ref.email, *path, "email"))


def contact_key(ref: ContactRef, *path: str) -> tuple[str, int | str]:
    """Return the column of contacts that a reference is about, and the value. Raises Invalid."""
    if ref.id is not None:
        return "id", input_id(ref.id, "Contact", *path, "id")
    if ref.phone is not None:
        return "phone", _parse(ref.phone, *path, "phone").value
    return "email", _parse(ref.email, *path, "email").value


def _only(found: Sequence[ContactRow], *path: str) -> ContactRow | None:
    if len(found) < 2:
        return found[0] if found else None
    message = (
        "Several contacts have this phone number: `extensions.contacts` lists their ids. Read them with"
        " `contacts(filter: { phones: [...] })`."
    )
    error = bad_input(message, *path)
    ids = [global_id("Contact", row.id) for row in found]
    error.extensions = {**(error.extensions or {}), "contacts": ids}
    raise error


async def get_contact(contact_id: str, *path: str) -> ContactRow:
    """Return the contact with a global id. Raises Invalid (NOT_FOUND)."""
    row = await contacts.get(input_id(contact_id, "Contact", *path))
    if row is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no contact with this id.", *path)
    return row


def address_of(ref: RecipientRef, *path: str) -> Address:
    """Return the address of a reference that names one. Raises Invalid (INVALID_ADDRESS)."""
    if ref.phone is not None:
        return _parse(ref.phone, *path, "phone")
    return _parse(ref.email, *path, "email")


def _parse(text: str | None, *path: str) -> Address:
    parse = parse_phone if path[-1] == "phone" else parse_email
    try:
        return parse(text or "")
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), *path) from None


async def find_recipient(ref: RecipientRef, *path: str) -> RecipientRow | None:
    """Return the recipient of an address, or of a contact's email address, else its phone number; or None.

    Raises Invalid for a malformed reference, and for an unknown contact.
    """
    if ref.contact is None:
        return await recipients.find(address_of(ref, *path))
    contact = await get_contact(ref.contact, *path, "contact")
    ids = contact.recipient_ids[:1]
    return (await recipients.get_many(ids)).get(ids[0]) if ids else None


async def find_recipient_for_channel(ref: RecipientRef, channel: Channel, *path: str) -> RecipientRow | None:
    """Return the recipient on a channel; None for an address that is not on record.

    Raises Invalid if the contact has no address on the channel, or the address cannot receive messages on it.
    """
    if ref.contact is None:
        address = address_of(ref, *path)
        _check_channels(address, [channel], *path)
        return await recipients.find(address)
    recipient_id = _recipient_id(await get_contact(ref.contact, *path, "contact"), channel, *path)
    return (await recipients.get_many([recipient_id])).get(recipient_id)


@dataclass(frozen=True, slots=True)
class ResolvedRef:
    """A reference that was checked: recipients on record, or an address that may not be."""

    channels: Sequence[Channel]
    ids: Mapping[Channel, int]
    """Of a contact: its recipient for each channel."""
    address: Address | None = None

    async def ensure(self) -> dict[Channel, int]:
        """Return the recipient id for each channel. Creates the recipient of an address not on record."""
        if self.address is None:
            return dict(self.ids)
        return dict.fromkeys(self.channels, (await recipients.ensure([self.address]))[self.address])


async def resolve(ref: RecipientRef, channels: Sequence[Channel], *path: str) -> ResolvedRef:
    """Check a reference. Raises Invalid like `find_recipient_for_channel`."""
    if ref.contact is None:
        address = address_of(ref, *path)
        _check_channels(address, channels, *path)
        return ResolvedRef(channels, {}, address)
    contact = await get_contact(ref.contact, *path, "contact")
    return ResolvedRef(channels, {channel: _recipient_id(contact, channel, *path) for channel in channels})


def _check_channels(address: Address, channels: Sequence[Channel], *path: str) -> None:
    wrong = [channel for channel in channels if channel not in address.kind.channels]
    if wrong:
        message = (
            f"This address cannot receive messages on {wrong[0].value}."
            " Choose another channel, or give another address."
        )
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, *path)


def _recipient_id(contact: ContactRow, channel: Channel, *path: str) -> int:
    recipient_id = contact.email_recipient_id if channel is Channel.EMAIL else contact.phone_recipient_id
    if recipient_id is None:
        message = f"The contact has no address on {channel.value}. Add one, or choose another channel."
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, *path, "contact")
    return recipient_id
