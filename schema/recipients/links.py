"""Links for messages, mailed links, and their revocation (R31-R35)."""

from __future__ import annotations

from collections.abc import Sequence
from typing import cast

import strawberry

from preference_center.contacts import contacts
from preference_center.contacts.contacts import ContactRow
from preference_center.errors import ErrorCode, Invalid
from preference_center.links import batches as link_library
from preference_center.links.message_links import LinkedMessage, languages_of, preference_links
from preference_center.outbox import delivery as outbox
from preference_center.recipients import recipients
from preference_center.rules.addresses import Address
from preference_center.rules.types import RecipientKind
from schema.contacts.fields import RecipientPayload
from schema.contract.references import RecipientRef, address_of, contact_number, find_recipient
from schema.contract.scalars import Channel, Key, Locale
from schema.contract.user_errors import UserError, answering, as_user_error
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver
from schema.recipients.types import recipient_of

CREATE = "links:create"
_MOST = 1_000
To = tuple[Address, str | None] | UserError
"""An address with its contact's language, or why there is none."""


@strawberry.input(description="At most 1,000 recipients.")
class CreatePreferenceLinksInput:
    """One message and whom it goes to."""

    recipients: list[RecipientRef]
    business_unit: Key | None
    subscription_type: Key | None
    channel: Channel = Channel.EMAIL
    campaign: str | None
    locale: Locale | None


@strawberry.input
class SendPreferenceLinkInput:
    """Whom to mail a link to their preferences."""

    recipient: RecipientRef
    business_unit: Key


@strawberry.input
class RevokePreferenceLinksInput:
    """Whose manage links to make worthless."""

    recipient: RecipientRef


@strawberry.type
class PreferenceLinks:
    """Everything that one message to one recipient carries."""

    manage_url: str
    unsubscribe_url: str = strawberry.field(
        description="Of the subscription type asked for; of all where none was."
    )
    unsubscribe_all_url: str
    list_unsubscribe: str = strawberry.field(description="The two header values of RFC 2369 and RFC 8058.")
    list_unsubscribe_post: str
    footer_html: str
    footer_text: str


@strawberry.type
class PreferenceLinksPayload:
    """The links."""

    links: list[PreferenceLinks | None] = strawberry.field(
        default_factory=list, description="In the order asked; null beside a userError."
    )
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class SendPreferenceLinkPayload:
    """Whether a message is on its way."""

    sent: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class LinkMutations:
    """Making, sending and revoking links."""

    @resolver(scope=CREATE)
    @answering(PreferenceLinksPayload)
    async def create_preference_links(
        self, info: Info, input: CreatePreferenceLinksInput
    ) -> PreferenceLinksPayload:
        """Make the links, headers and footers of one message for all whom it goes to."""
        if len(input.recipients) > _MOST:
            raise Invalid(ErrorCode.INVALID_VALUE, f"At most {_MOST:,} recipients.", "recipients")
        message = _message(info.context, input)
        to = await _addressed(input.recipients, message)
        made = iter(preference_links(message, [one for one in to if not isinstance(one, UserError)]))
        return PreferenceLinksPayload(
            links=[None if isinstance(one, UserError) else _shown(next(made)) for one in to],
            user_errors=[one for one in to if isinstance(one, UserError)],
        )

    @resolver(scope=CREATE)
    @answering(SendPreferenceLinkPayload)
    async def send_preference_link(
        self, info: Info, input: SendPreferenceLinkInput
    ) -> SendPreferenceLinkPayload:
        """Send a recipient a link to their preferences: by mail, or by SMS to a phone number."""
        unit = info.context.unit_named(input.business_unit, "businessUnit")
        row = await find_recipient(input.recipient, "recipient")
        if row is None:
            raise Invalid(ErrorCode.NOT_FOUND, "Nobody ever spoke of this address.", "recipient")
        if row.address is None:
            raise Invalid(ErrorCode.ADDRESS_MISSING, "Nobody knows the address any more.", "recipient")
        await outbox.queue("LINK", Address(row.kind, row.address), unit, None, None)
        return SendPreferenceLinkPayload(sent=True)

    @resolver(scope=CREATE)
    @answering(RecipientPayload)
    async def revoke_preference_links(
        self, info: Info, input: RevokePreferenceLinksInput
    ) -> RecipientPayload:
        """Make every manage link of a recipient worthless; withdraw links go on working (R31)."""
        row = await find_recipient(input.recipient, "recipient")
        if row is None and input.recipient.contact is None:
            # Links are made for addresses that nobody spoke of, too, and must not go on for ever.
            await recipients.ensure([address_of(input.recipient, "recipient")])
            row = await find_recipient(input.recipient, "recipient")
        if row is None:
            raise Invalid(ErrorCode.ADDRESS_MISSING, "The contact has no address.", "recipient", "contact")
        await recipients.revoke_links(row.id)
        return RecipientPayload(recipient=recipient_of(row, info.context))


def _message(context: Context, given: CreatePreferenceLinksInput) -> LinkedMessage:
    """The message that the links are for. Raises Invalid for what doesn't fit together."""
    kind = (
        context.type_named(given.subscription_type, "subscriptionType")
        if given.subscription_type is not None
        else None
    )
    unit = (
        context.unit_named(given.business_unit, "businessUnit") if given.business_unit is not None else None
    )
    if kind is not None and unit is not None and kind.business_unit.id != unit.id:
        message = "The subscription type is of another business unit."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "businessUnit")
    if kind is not None and given.channel not in kind.channels:
        message = f"The subscription type is not offered on {given.channel.value}."
        raise Invalid(ErrorCode.CHANNEL_NOT_OFFERED, message, "channel")
    return LinkedMessage(
        channel=given.channel,
        subscription_type=kind,
        business_unit=unit or (kind.business_unit if kind else None),
        campaign=given.campaign or "",
        locale=given.locale,
    )


async def _addressed(refs: Sequence[RecipientRef], message: LinkedMessage) -> list[To]:
    """Each reference's address and language, with one look-up for contacts and one for languages."""
    numbers: dict[str, int] = {}
    to: list[To | None] = [_typed(ref, n, message, numbers) for n, ref in enumerate(refs)]
    rows = await contacts.get_many(set(numbers.values())) if numbers else {}
    known: dict[str, str] = {}
    if message.locale is None:
        typed = [one[0] for one in to if isinstance(one, tuple)]
        known = await languages_of(typed, _kind(message.channel)) if typed else {}
    return [
        (one[0], known.get(one[0].value))
        if isinstance(one, tuple)
        else one or _of_contact(rows.get(numbers[ref.contact or ""]), n, message)
        for n, (one, ref) in enumerate(zip(to, refs, strict=True))
    ]


def _typed(ref: RecipientRef, n: int, message: LinkedMessage, numbers: dict[str, int]) -> To | None:
    """The address in a reference; None for a contact, whose number goes into `numbers`."""
    try:
        if ref.contact is not None:
            numbers[ref.contact] = contact_number(ref.contact, "recipients", str(n), "contact")
            return None
        address = address_of(ref, "recipients", str(n))
        if message.channel not in address.kind.channels:
            raise _not_on(message, n)
    except Invalid as error:
        return as_user_error(error)
    return address, None


def _of_contact(row: ContactRow | None, n: int, message: LinkedMessage) -> To:
    if row is None:
        gone = Invalid(ErrorCode.NOT_FOUND, "There is no such contact.", "recipients", str(n), "contact")
        return as_user_error(gone)
    kind = _kind(message.channel)
    value = row.email if kind is RecipientKind.EMAIL else row.phone
    if value is None:
        return as_user_error(_not_on(message, n))
    return Address(kind, value), row.locale


def _not_on(message: LinkedMessage, n: int) -> Invalid:
    translator = f"This recipient has no address on {message.channel.value}."
    return Invalid(ErrorCode.ADDRESS_MISSING, translator, "recipients", str(n))


def _kind(channel: Channel) -> RecipientKind:
    return RecipientKind.EMAIL if channel is Channel.EMAIL else RecipientKind.PHONE


def _shown(made: link_library.PreferenceLinks) -> PreferenceLinks:
    """The library's own tuple has the very attributes that are read here, so a thousand copies are spared."""
    return cast(PreferenceLinks, made)
