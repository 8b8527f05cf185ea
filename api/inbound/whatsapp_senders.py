"""Who a part of a WhatsApp delivery is about: a phone number, user ids, a name, or none of them (R29)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from api.inbound.json_values import objects, text_at
from preference_center.rules.addresses import Address
from preference_center.rules.phone_numbers import PhoneNumberError, parse_provider_number
from preference_center.rules.types import RecipientKind

_PHONES = ("from", "wa_id", "recipient_id")
_USER_IDS = (
    "from_user_id",
    "user_id",
    "recipient_user_id",
    "from_parent_user_id",
    "parent_user_id",
    "recipient_parent_user_id",
)
"""Business-scoped user ids, and those of the company that several businesses belong to."""


@dataclass(frozen=True, slots=True)
class Sender:
    """A person, as far as WhatsApp names them."""

    phone: Address | None = None
    user_ids: tuple[str, ...] = ()
    name: str = ""
    """The user name, else the name of the profile."""

    @property
    def is_known(self) -> bool:
        """Whether anything identifies the person."""
        return self.phone is not None or bool(self.user_ids)

    def matches(self, other: Sender) -> bool:
        """Whether both have the same phone number or a user id in common."""
        same_phone = self.phone is not None and self.phone == other.phone
        return same_phone or not set(self.user_ids).isdisjoint(other.user_ids)

    def may_be(self, other: Sender) -> bool:
        """Whether nothing that identifies one contradicts the other."""
        other_phone = self.phone and other.phone and self.phone != other.phone
        other_id = self.user_ids and other.user_ids and set(self.user_ids).isdisjoint(other.user_ids)
        return not other_phone and not other_id

    def with_facts_of(self, contact: Sender) -> Sender:
        """Return the person with what the contact says about them."""
        user_ids = tuple(dict.fromkeys((*self.user_ids, *contact.user_ids)))
        return Sender(self.phone or contact.phone, user_ids, contact.name or self.name)


def sender_of(item: dict[str, Any], value: Any, siblings: int = 1) -> Sender:
    """Return whom a message, setting or status is about. `siblings`: how many are in its list.

    The contacts of a delivery say more about the person. Where nothing else tells, it is the only contact.
    """
    sender = _read(item)
    contacts = [_read(contact) for contact in objects(value, "contacts")]
    for contact in contacts:
        if sender.matches(contact):
            return sender.with_facts_of(contact)
    if len(contacts) == 1 and (not sender.is_known or siblings == 1) and sender.may_be(contacts[0]):
        return sender.with_facts_of(contacts[0])
    return sender


def _read(item: dict[str, Any]) -> Sender:
    phone, user_ids = None, [text_at(item, name) for name in _USER_IDS]
    for written in filter(None, (text_at(item, name) for name in _PHONES)):
        parsed = parsed_phone(written)
        if parsed is None:
            user_ids.append(written)
        phone = phone or parsed
    name = (
        text_at(item, "profile", "username") or text_at(item, "username") or text_at(item, "profile", "name")
    )
    return Sender(phone, tuple(dict.fromkeys(filter(None, user_ids))), name)


def parsed_phone(text: str) -> Address | None:
    """Return the phone number that a provider writes; None for any other text, such as a user id."""
    try:
        return Address(RecipientKind.PHONE, parse_provider_number(text))
    except PhoneNumberError:
        return None
