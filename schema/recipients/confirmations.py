"""The mutation that sends a confirmation message again."""

from __future__ import annotations

from collections.abc import Sequence

import strawberry

from preference_center.access.scopes import CREATE_LINKS, READ_CONSENT
from preference_center.catalog.catalog import SubscriptionType
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.ledger.confirmations import resend_confirmation
from preference_center.preferences.actions import RESEND_REFUSALS
from preference_center.rules.permissions.confirmations import ResendResult
from schema.contract.enums import Channel
from schema.contract.fields import loaded, mutation
from schema.contract.ids import StateKey
from schema.contract.references import RecipientRef, find_recipient_for_channel
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Context, Info
from schema.recipients.preferences import Preference
from schema.recipients.states import read_preferences


@strawberry.input
class ResendConfirmationInput:
    """An opt-in that waits for the recipient's confirmation."""

    recipient: RecipientRef = strawberry.field(description="The address that opted in, or a contact with it.")
    subscription_type: Key = strawberry.field(
        description="The key of the subscription type that it opted in to, such as `weekly-digest`."
    )
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel of the opt-in. The message is sent on it."
    )


async def load_preference(payloads: Sequence[ResendConfirmationPayload], context: Context) -> None:
    """Load the preferences that wait for confirmation."""
    found = await read_preferences(context, [payload.key for payload in payloads if payload.key is not None])
    for payload in payloads:
        preference = found.get(payload.key) if payload.key is not None else None
        payload.preference = preference if isinstance(preference, Preference) else None


@strawberry.type
class ResendConfirmationPayload:
    """Whether the confirmation was sent again, or why not."""

    sent: bool = strawberry.field(
        default=False,
        description="Whether the message is queued; false if the input was refused. A token"
        " without the scope `preferences:read` always gets true: it is not told whether an opt-in waits"
        " for confirmation.",
    )
    key: strawberry.Private[StateKey | None] = None
    preference: Preference | None = loaded(
        "The preference that waits for confirmation, with its `pendingOptIn`; null if nothing was sent. It"
        " needs the scope `preferences:read`.",
        access=READ_CONSENT,
        load=load_preference,
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class ConfirmationMutations:
    """The mutation that sends a confirmation message again."""

    @mutation(ResendConfirmationPayload, access=CREATE_LINKS)
    async def resend_confirmation(
        self, info: Info, input: ResendConfirmationInput
    ) -> ResendConfirmationPayload:
        """Send the message that asks a recipient to confirm an opt-in again, by email or text message.

        At least 10 minutes must have passed since the last one, and there are 5 at most. The opt-in still
        lapses 7 days after it was requested.
        """
        with Faults() as faults:
            type_ = faults.of(_active_type, info.context, input.subscription_type)
            row = await faults.awaited(
                find_recipient_for_channel(input.recipient, input.channel, "recipient")
            )
        sending = (
            await resend_confirmation(row.id, input.channel, type_.id) if row else ResendResult.NOT_PENDING
        )
        if not info.context.may(READ_CONSENT):
            return ResendConfirmationPayload(sent=True)
        if sending is not ResendResult.QUEUED:
            raise Invalid(*RESEND_REFUSALS[sending], "recipient")
        key = StateKey(row.id, type_.id, input.channel) if row else None
        return ResendConfirmationPayload(sent=True, key=key)


def _active_type(context: Context, key: str) -> SubscriptionType:
    type_ = context.subscription_type(key, "subscriptionType")
    if type_.archived_at is not None:
        message = "The subscription type is archived. Restore it first."
        raise Invalid(ErrorCode.TYPE_ARCHIVED, message, "subscriptionType")
    return type_
