"""Preferences: what a recipient receives, and whether a message may be sent now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from preference_center.preferences import eligibility
from preference_center.recipients.states import (
    OptOutOfAllState,
    PauseState,
    PendingOptInState,
    PreferenceState,
)
from preference_center.rules import eligibility as rules
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contract.enums import BlockReason, Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from schema.contract.fields import resolver
from schema.contract.ids import Node, state_id

if TYPE_CHECKING:
    from schema.recipients.types import Recipient

WHOLE_STATE = frozenset({"explanation", "eligibility", "pendingOptIn"})
"""The fields of a preference that need more of the recipient's state than its preferences."""


@strawberry.type
class Eligibility:
    """Whether a message may be sent now. The rules are in docs/rules.md."""

    allowed: bool = strawberry.field(description="Whether the message may be sent.")
    reason: BlockReason | None = strawberry.field(
        description="Why it may not be sent: the first reason that applies; null if it may."
    )
    until: datetime | None = strawberry.field(description="When the pause ends, if a pause is the reason.")


@strawberry.type
class PendingOptIn:
    """An opt-in that waits for the recipient's confirmation. It grants nothing until then."""

    requested_at: datetime = strawberry.field(description="When the opt-in was requested.")
    expires_at: datetime = strawberry.field(description="When it lapses: 7 days after the request.")
    origin: ConsentOrigin = strawberry.field(description="How it was requested.")
    confirmations_sent: int = strawberry.field(
        description="How many messages asked the recipient to confirm, the first included. At most 5."
    )


@strawberry.type
class Preference(Node):
    """Whether a recipient receives a subscription type on a channel. The rules are in docs/rules.md."""

    subscription_type: SubscriptionType = strawberry.field(description="The subscription type.")
    channel: Channel = strawberry.field(description="The channel.")
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = strawberry.field(
        description="The recipient."
    )
    status: PreferenceStatus = strawberry.field(description="The status.")
    origin: ConsentOrigin | None = strawberry.field(
        description="How the last change arrived; null if no decision was ever recorded."
    )
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate that the last change gave."
    )
    explanation: str | None = strawberry.field(description="The explanation that the last change gave.")
    changed_at: datetime | None = strawberry.field(description="When the status last changed.")

    @resolver()
    def id(self) -> strawberry.ID:
        """The opaque id of this recipient, type and channel. It is the same before the first decision."""
        # It is made only where it is selected: a list of contacts has thousands of preferences.
        return state_id("Preference", self.recipient.row.id, self.subscription_type.row.id, self.channel)

    @resolver()
    def pending_opt_in(self) -> PendingOptIn | None:
        """The opt-in that waits for confirmation, if there is one. Until then `status` holds."""
        waiting = self.recipient.state.pending_opt_ins.get((self.subscription_type.row.id, self.channel))
        return _pending(waiting) if waiting is not None else None

    @resolver()
    def eligibility(self) -> Eligibility:
        """Whether a message of this type may be sent to the recipient on this channel, now."""
        recipient = self.recipient
        answer = eligibility.of_state(
            recipient.state, recipient.row, self.subscription_type.row, self.channel, recipient.context.now
        )
        return to_eligibility(answer)


@strawberry.type
class OptOutOfAll(Node):
    """An opt-out of everything from a business unit on a channel. Single preferences keep their status."""

    channel: Channel = strawberry.field(description="The channel.")
    business_unit: BusinessUnit = strawberry.field(description="The business unit.")
    origin: ConsentOrigin = strawberry.field(description="How the opt-out arrived.")
    explanation: str | None = strawberry.field(description="The team's explanation.")
    since: datetime = strawberry.field(description="When the person decided.")
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = strawberry.field(
        description="The recipient."
    )


@strawberry.type
class Pause(Node):
    """A pause: the recipient receives no marketing from a business unit on a channel until it ends."""

    channel: Channel = strawberry.field(description="The channel.")
    business_unit: BusinessUnit = strawberry.field(description="The business unit.")
    until: datetime = strawberry.field(description="When the pause ends.")
    origin: ConsentOrigin = strawberry.field(
        description="How the pause arrived. Only the recipient can change or end a pause of their own."
    )
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = strawberry.field(
        description="The recipient."
    )


def to_preference(
    recipient: Recipient, type_: SubscriptionType, channel: Channel, held: PreferenceState | None
) -> Preference:
    """Return a preference as the schema has it; without `held` no decision was ever recorded."""
    return Preference(
        subscription_type=type_,
        channel=channel,
        recipient=recipient,
        status=held.status if held else PreferenceStatus.NOT_OPTED,
        origin=held.origin if held else None,
        legal_basis=held.legal_basis if held else None,
        explanation=held.explanation if held else None,
        changed_at=held.changed_at if held else None,
    )


def to_opt_out_of_all(
    recipient: Recipient, unit: BusinessUnit, channel: Channel, held: OptOutOfAllState
) -> OptOutOfAll:
    """Return an opt-out of all as the schema has it."""
    return OptOutOfAll(
        id=state_id("OptOutOfAll", recipient.row.id, unit.row_id, channel),
        channel=channel,
        business_unit=unit,
        origin=held.origin,
        explanation=held.explanation,
        since=held.since,
        recipient=recipient,
    )


def to_pause(recipient: Recipient, unit: BusinessUnit, channel: Channel, held: PauseState) -> Pause:
    """Return a pause as the schema has it."""
    return Pause(
        id=state_id("Pause", recipient.row.id, unit.row_id, channel),
        channel=channel,
        business_unit=unit,
        until=held.until,
        origin=held.origin,
        recipient=recipient,
    )


def to_eligibility(answer: rules.Eligibility) -> Eligibility:
    """Return an answer of the rules as the schema has it."""
    return Eligibility(allowed=answer.allowed, reason=answer.reason, until=answer.until)


def _pending(waiting: PendingOptInState) -> PendingOptIn:
    return PendingOptIn(
        requested_at=waiting.requested_at,
        expires_at=waiting.expires_at,
        origin=waiting.origin,
        confirmations_sent=waiting.confirmations,
    )
