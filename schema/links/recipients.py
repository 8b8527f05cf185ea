"""The links of one message for up to 1,000 recipients: addresses and languages are read in batches."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.errors import ErrorCode, Invalid
from preference_center.links.batches import PreferenceLinks
from preference_center.links.message_links import LinkedMessage, languages_of, preference_links
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, RecipientKind
from schema.contract.ids import input_id
from schema.contract.references import RecipientRef, address_of
from schema.contract.user_errors import UserError, as_user_error

Addressed = tuple[Address, str | None]
"""An address, and the language of its contact if that is known."""


async def links_for(
    message: LinkedMessage, refs: Sequence[RecipientRef]
) -> tuple[list[PreferenceLinks | None], list[UserError]]:
    """Return the links for each reference, None for one that is refused, and why those are refused."""
    resolved = await _resolve(message, refs)
    created = iter(preference_links(message, [each for each in resolved if not isinstance(each, Invalid)]))
    links = [None if isinstance(each, Invalid) else next(created) for each in resolved]
    return links, [as_user_error(each) for each in resolved if isinstance(each, Invalid)]


async def _resolve(message: LinkedMessage, refs: Sequence[RecipientRef]) -> list[Addressed | Invalid]:
    """Resolve references in two statements: one for contacts, one for the languages of addresses."""
    parsed = [_parse(message, ref, index) for index, ref in enumerate(refs)]
    contact_ids = {each for each in parsed if isinstance(each, int)}
    rows = await contacts.get_many(contact_ids) if contact_ids else {}
    languages = await _languages(message, [each for each in parsed if isinstance(each, Address)])
    resolved: list[Addressed | Invalid] = []
    for index, each in enumerate(parsed):
        if isinstance(each, int):
            resolved.append(_of_contact(message, rows.get(each), index))
        elif isinstance(each, Address):
            resolved.append((each, languages.get(each.value)))
        else:
            resolved.append(each)
    return resolved


async def _languages(message: LinkedMessage, addresses: list[Address]) -> dict[str, str]:
    """Return the language of each address that has a contact; nothing if the message has its own language."""
    if message.locale is not None or not addresses:
        return {}
    return await languages_of(addresses, _recipient_kind(message.channel))


def _parse(message: LinkedMessage, ref: RecipientRef, index: int) -> Address | int | Invalid:
    """Return the address in a reference, or the id of its contact; Invalid that names the reference."""
    path = ("recipients", str(index))
    try:
        if ref.contact is not None:
            return input_id(ref.contact, "Contact", *path, "contact")
        address = address_of(ref, *path)
    except Invalid as error:
        return error
    return address if message.channel in address.kind.channels else _no_address(message, index)


def _of_contact(message: LinkedMessage, row: ContactRow | None, index: int) -> Addressed | Invalid:
    if row is None:
        text = "There is no contact with this id."
        return Invalid(ErrorCode.NOT_FOUND, text, "recipients", str(index), "contact")
    recipient_kind = _recipient_kind(message.channel)
    value = row.email if recipient_kind is RecipientKind.EMAIL else row.phone
    return _no_address(message, index) if value is None else (Address(recipient_kind, value), row.locale)


def _no_address(message: LinkedMessage, index: int) -> Invalid:
    text = f"This recipient has no address on {message.channel.value}. Choose another channel."
    return Invalid(ErrorCode.ADDRESS_MISSING, text, "recipients", str(index))


def _recipient_kind(channel: Channel) -> RecipientKind:
    return RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE
