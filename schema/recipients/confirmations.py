"""Asking a recipient once more to confirm the opt-in that waits for them (R19)."""

from __future__ import annotations

import strawberry

from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger.confirmations import Sending, send_again
from schema.contract.references import RecipientRef, find_recipient_on
from schema.contract.scalars import Channel, Key
from schema.contract.user_errors import UserError, answering
from schema.engine.context import Info
from schema.engine.resolver import resolver
from schema.recipients.links import CREATE

_REFUSALS = {
    Sending.NOTHING_WAITS: (ErrorCode.NOT_FOUND, "No opt-in waits for confirmation there."),
    Sending.TOO_SOON: (ErrorCode.LIMIT_EXCEEDED, "A confirmation was sent less than 10 minutes ago."),
    Sending.ENOUGH: (
        ErrorCode.LIMIT_EXCEEDED,
        "Five confirmations were sent for this opt-in: there is no other.",
    ),
}


@strawberry.input
class ResendConfirmationInput:
    """The opt-in that waits."""

    recipient: RecipientRef
    subscription_type: Key
    channel: Channel = Channel.EMAIL


@strawberry.type
class ResendConfirmationPayload:
    """Whether a message is on its way."""

    sent: bool = False
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class ConfirmationMutations:
    """What a team may do about an opt-in that waits."""

    @resolver(
        scope=CREATE,
        description="Send the message that asks to confirm an opt-in once more, by mail or text message:"
        " ten minutes after the last at the earliest, five in all. The opt-in lapses when it would have.",
    )
    @answering(ResendConfirmationPayload)
    async def resend_confirmation(
        self, info: Info, input: ResendConfirmationInput
    ) -> ResendConfirmationPayload:
        """Send the confirmation of an opt-in that waits once more (R19)."""
        kind = info.context.type_named(input.subscription_type, "subscriptionType")
        if kind.archived_at is not None:
            raise Invalid(ErrorCode.TYPE_ARCHIVED, "The subscription type is archived.", "subscriptionType")
        row = await find_recipient_on(input.recipient, input.channel, "recipient")
        sending = Sending.NOTHING_WAITS
        if row is not None:
            sending = await send_again(row.id, input.channel, kind.id)
        if sending is not Sending.QUEUED:
            raise Invalid(*_REFUSALS[sending], "recipient")
        return ResendConfirmationPayload(sent=True)
