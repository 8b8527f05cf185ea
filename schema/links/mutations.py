"""Links to the preference page: created for messages, sent by Sayso, revoked."""

from __future__ import annotations

import strawberry

from preference_center.access.scopes import CREATE_LINKS, CREATE_LINKS_OF_CONTACTS, READ_ADDRESSES
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.links.message_links import LinkedMessage
from preference_center.outbox.queue import queue_link
from preference_center.recipients import recipients
from preference_center.recipients.recipients import RecipientRow
from preference_center.rules.addresses import Address
from schema.contract.enums import Channel
from schema.contract.fields import mutation
from schema.contract.references import RecipientRef, address_of, find_recipient
from schema.contract.scalars import Key, Locale
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Context, Info
from schema.links.recipients import links_for
from schema.recipients.types import RecipientPayload, to_recipient

_MOST_RECIPIENTS = 1_000


@strawberry.input
class CreatePreferenceLinksInput:
    """A message to create links for, and its recipients. It needs a business unit or a subscription type."""

    recipients: list[RecipientRef] = strawberry.field(
        description="The recipients of the message: at most 1,000. Their addresses need not be"
        " on record. Contacts by id need the scope `contacts:read` too."
    )
    business_unit: Key | None = strawberry.field(
        description="The key of the business unit that sends the message, such as `acme`. Left"
        " out: that of the subscription type."
    )
    subscription_type: Key | None = strawberry.field(
        description="The key of the message's subscription type, such as `weekly-digest`. Left"
        " out: its links opt out of everything from the business unit."
    )
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel that the message is sent on."
    )
    campaign: str | None = strawberry.field(
        description="The name of the campaign, such as `2026-11-offers`: at most 64 bytes. It"
        " becomes evidence of what recipients do with the links. Left out: none."
    )
    locale: Locale | None = strawberry.field(
        description="The language of the footer, such as `pl`. Left out: that of each"
        " recipient's contact, or else the default of the business unit."
    )


@strawberry.input
class SendPreferenceLinkInput:
    """A recipient to send a link to their own preference page to."""

    recipient: RecipientRef = strawberry.field(
        description="The address to send the link to, or a contact. It must be on record."
    )
    business_unit: Key = strawberry.field(
        description="The key of the business unit that sends the message, such as `acme`."
    )


@strawberry.input
class RevokePreferenceLinksInput:
    """A recipient whose manage links to revoke."""

    recipient: RecipientRef = strawberry.field(
        description="The address whose links to revoke, or a contact. An address that is not on"
        " record is added."
    )


@strawberry.type
class PreferenceLinks:
    """The links, headers and footer of one message to one recipient."""

    manage_url: str = strawberry.field(
        description="The link to the preference page. Whoever has it sees and changes the"
        " recipient's preferences. It expires after 180 days by default, and can be revoked."
    )
    unsubscribe_url: str = strawberry.field(
        description="The link that opts out of the message's subscription type, or of everything"
        " from the business unit if it has none. It never expires."
    )
    unsubscribe_all_url: str = strawberry.field(
        description="The link that opts out of everything that the business unit sends on the"
        " channel. It never expires."
    )
    list_unsubscribe: str = strawberry.field(
        description="The value of the header `List-Unsubscribe` (RFC 2369). Put it into every"
        " marketing email."
    )
    list_unsubscribe_post: str = strawberry.field(
        description="The value of the header `List-Unsubscribe-Post` (RFC 8058), for one-click unsubscribing."
    )
    footer_html: str = strawberry.field(
        description="A footer with the links and the postal address, as HTML to put below the message."
    )
    footer_text: str = strawberry.field(
        description="A footer with the links and the postal address, as plain text."
    )


@strawberry.type
class PreferenceLinksPayload:
    """The links that were created, or why not."""

    links: list[PreferenceLinks | None] = strawberry.field(
        default_factory=list,
        description="The links for each of `recipients`, in their order; null for one that has a user error.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class SendPreferenceLinkPayload:
    """Whether a link was sent, or why not."""

    sent: bool = strawberry.field(
        default=False,
        description="Whether the message is queued; false if the input was refused. A token that"
        " may not read addresses always gets true: it is not told whether the address is on record.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class LinkMutations:
    """Mutations of links."""

    @mutation(PreferenceLinksPayload, access=CREATE_LINKS)
    async def create_preference_links(
        self, info: Info, input: CreatePreferenceLinksInput
    ) -> PreferenceLinksPayload:
        """Create the links, headers and footers of one message, for up to 1,000 recipients."""
        if len(input.recipients) > _MOST_RECIPIENTS:
            message = f"Pass at most {_MOST_RECIPIENTS:,} recipients."
            raise Invalid(ErrorCode.INVALID_VALUE, message, "recipients")
        if any(ref.contact is not None for ref in input.recipients):
            info.context.require(CREATE_LINKS_OF_CONTACTS)
        links, errors = await links_for(_message(info.context, input), input.recipients)
        # The library's tuples have the attributes that are read here, which spares a thousand copies.
        return PreferenceLinksPayload(links=links, user_errors=errors)  # type: ignore[arg-type]

    @mutation(SendPreferenceLinkPayload, access=CREATE_LINKS)
    async def send_preference_link(
        self, info: Info, input: SendPreferenceLinkInput
    ) -> SendPreferenceLinkPayload:
        """Send a recipient a link to the preference page: by email, or by SMS to a phone number."""
        with Faults() as faults:
            unit = faults.of(info.context.business_unit, input.business_unit, "businessUnit")
            row = await faults.awaited(find_recipient(input.recipient, "recipient"))
        if row is not None and row.address is not None:
            await queue_link(Address(row.kind, row.address), unit, None)
        if not info.context.may(READ_ADDRESSES):
            return SendPreferenceLinkPayload(sent=True)
        if row is None:
            raise Invalid(
                ErrorCode.NOT_FOUND, "This address is not on record. Check how it is written.", "recipient"
            )
        if row.address is None:
            raise Invalid(
                ErrorCode.ADDRESS_MISSING,
                "The address of this recipient is unknown or was erased. Give the address itself.",
                "recipient",
            )
        return SendPreferenceLinkPayload(sent=True)

    @mutation(RecipientPayload, access=CREATE_LINKS)
    async def revoke_preference_links(
        self, info: Info, input: RevokePreferenceLinksInput
    ) -> RecipientPayload:
        """Revoke all manage links of a recipient. Unsubscribe links continue to work."""
        row = await _recipient_on_record(input.recipient)
        await recipients.revoke_links(row.id)
        return RecipientPayload(recipient=to_recipient(row, info.context))


async def _recipient_on_record(ref: RecipientRef) -> RecipientRow:
    """Return the recipient. An unknown address is added, because it may have links to revoke."""
    row = await find_recipient(ref, "recipient")
    if row is None and ref.contact is None:
        await recipients.ensure([address_of(ref, "recipient")])
        row = await find_recipient(ref, "recipient")
    if row is None:
        raise Invalid(
            ErrorCode.ADDRESS_MISSING,
            "The contact has no address. Add an email address or a phone number first.",
            "recipient",
            "contact",
        )
    return row


def _message(context: Context, input: CreatePreferenceLinksInput) -> LinkedMessage:
    """Return the message to create links for. Raises Invalid if its parts contradict each other."""
    with Faults() as faults:
        type_ = faults.of(context.optional_type, input.subscription_type, "subscriptionType")
        unit = faults.of(context.optional_unit, input.business_unit, "businessUnit")
        if type_ is not None and unit is not None and type_.business_unit.id != unit.id:
            message = "The subscription type belongs to another business unit. Name that one, or none."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, "businessUnit"))
        if type_ is not None and input.channel not in type_.channels:
            offered = f"The subscription type is not offered on {input.channel.value}."
            message = f"{offered} Choose another channel."
            faults.add(Invalid(ErrorCode.CHANNEL_NOT_OFFERED, message, "channel"))
    return LinkedMessage(
        channel=input.channel,
        subscription_type=type_,
        business_unit=unit or (type_.business_unit if type_ else None),
        campaign=input.campaign or "",
        locale=input.locale,
    )
