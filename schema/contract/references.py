"""How inputs name contacts and recipients: by id, by email address, by phone number."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import strawberry
from strawberry.types import get_object_definition
from strawberry.types.arguments import InputContext

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.errors import ErrorCode, Invalid
from preference_center.recipients import recipients
from preference_center.rules import addresses
from preference_center.rules.addresses import Address, AddressError
from preference_center.rules.types import Channel
from schema.contract.ids import number_of


@strawberry.input(one_of=True)
class ContactRef:
    """A contact."""

    id: strawberry.ID | None
    email: str | None


@strawberry.input(one_of=True)
class RecipientRef:
    """A recipient: an address, or the contact whose address on the channel in question is meant."""

    contact: strawberry.ID | None
    email: str | None
    phone: str | None


def _plainly(of: type, value: Mapping[str, Any], context: InputContext) -> Any:
    """Make a reference of its one member, without looking at the types of all: there may be a thousand."""
    return of(**{"contact": None, "email": None, "phone": None, **value})


get_object_definition(RecipientRef, strict=True).from_input = _plainly


def parsed(text: str, *names: str, phone: bool = False) -> Address:
    """Read an address. Raises Invalid naming the field."""
    try:
        return addresses.parse_phone(text) if phone else addresses.parse_email(text)
    except AddressError as error:
        raise Invalid(ErrorCode.INVALID_ADDRESS, str(error), *names) from None


def contact_number(text: str, *names: str) -> int:
    """The number in a contact's id. Raises Invalid naming the field."""
    number = number_of(text, "Contact")
    if number is None:
        raise Invalid(ErrorCode.NOT_FOUND, "This is not the id of a Contact.", *names)
    return number


async def find_contact(ref: ContactRef, *names: str) -> ContactRow | None:
    """The contact that is meant, or None. Raises Invalid."""
    if ref.id is not None:
        return await contacts.get(contact_number(ref.id, *names, "id"))
    return await contacts.by_email(parsed(ref.email or "", *names, "email"))


async def existing_contact(text: str, *names: str) -> ContactRow:
    """The contact of an id. Raises Invalid where there is none."""
    row = await contacts.get(contact_number(text, *names))
    if row is None:
        raise Invalid(ErrorCode.NOT_FOUND, "There is no such contact.", *names)
    return row


def address_of(ref: RecipientRef, *names: str) -> Address:
    """The address in a reference that names one. Raises Invalid."""
    if ref.phone is not None:
        return parsed(ref.phone, *names, "phone", phone=True)
    return parsed(ref.email or "", *names, "email")


async def find_recipient(ref: RecipientRef, *names: str) -> recipients.RecipientRow | None:
    """The recipient of an address, or a contact's first (email before phone). None where there is none."""
    if ref.contact is None:
        return await recipients.find(address_of(ref, *names))
    row = await existing_contact(ref.contact, *names, "contact")
    numbers = row.recipient_ids
    return (await recipients.get_many(numbers[:1])).get(numbers[0]) if numbers else None


async def find_recipient_on(
    ref: RecipientRef, channel: Channel, *names: str
) -> recipients.RecipientRow | None:
    """The recipient on one channel; None where nobody ever spoke of it.

    Raises Invalid where the contact has no address on the channel, or the address is of another kind.
    """
    if ref.contact is None:
        address = address_of(ref, *names)
        _check_kind(address, [channel], *names)
        return await recipients.find(address)
    number = _on(await existing_contact(ref.contact, *names, "contact"), channel, *names)
    return (await recipients.get_many([number])).get(number)


async def ensure_recipients(
    ref: RecipientRef, channels: Sequence[Channel], *names: str
) -> dict[Channel, int]:
    """The recipient for each channel: made where the address is new.

    Raises Invalid where the contact has no address on a channel, or the address is of another kind.
    """
    if ref.contact is None:
        address = address_of(ref, *names)
        _check_kind(address, channels, *names)
        number = (await recipients.ensure([address]))[address]
        return dict.fromkeys(channels, number)
    row = await existing_contact(ref.contact, *names, "contact")
    return {channel: _on(row, channel, *names) for channel in channels}


def _check_kind(address: Address, channels: Sequence[Channel], *names: str) -> None:
    wrong = [channel for channel in channels if channel not in address.kind.channels]
    if wrong:
        message = f"This address cannot be written to on {wrong[0].value}."
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, *names)


def _on(row: ContactRow, channel: Channel, *names: str) -> int:
    number = row.email_recipient_id if channel is Channel.EMAIL else row.phone_recipient_id
    if number is None:
        message = f"The contact has no address on {channel.value}."
        raise Invalid(ErrorCode.ADDRESS_MISSING, message, *names, "contact")
    return number
