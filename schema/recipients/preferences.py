"""Preferences: what a recipient receives, and whether a message may be sent and can reach them now."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Annotated

import strawberry

from preference_center.preferences import eligibility
from preference_center.recipients.recipients import RecipientRow
from preference_center.recipients.refused_addresses import IMPORTED
from preference_center.recipients.states import (
    OptOutOfAllState,
    PauseState,
    PendingOptInState,
    PreferenceState,
    RecipientState,
)
from preference_center.rules import eligibility as rules
from schema.catalog.types import BusinessUnit, SubscriptionType
from schema.contract.actions import ActionState
from schema.contract.enums import BlockReason, Channel, ConsentOrigin, LegalBasis, PreferenceStatus
from schema.contract.fields import resolver
from schema.contract.ids import Node, state_id
from schema.recipients.actions import PreferenceActions, load_facts, preference_actions, removal

if TYPE_CHECKING:
    from schema.recipients.types import Recipient

WHOLE_STATE = frozenset({"explanation", "eligibility", "pendingOptIn", "actions"})
"""The fields of a preference that need more of the recipient's state than its preferences."""


@strawberry.type
class Eligibility:
    """Whether a message may be sent now. What was decided, pauses and the state of the address have all
    been considered.
    """

    allowed: bool = strawberry.field(description="Whether the message may be sent.")
    reason: BlockReason | None = strawberry.field(
        description="Why it may not be sent: the first reason that applies, in the order of"
        " `BlockReason`. Null if it may be sent."
    )
    until: datetime | None = strawberry.field(
        description="When the pause ends, if a pause is the reason; null otherwise."
    )


@strawberry.type
class PendingOptIn:
    """An opt-in to a type with `doubleOptIn` that waits for the recipient's confirmation. It grants nothing
    until then.
    """

    requested_at: datetime = strawberry.field(description="When the opt-in was first requested.")
    expires_at: datetime = strawberry.field(
        description="When the opt-in lapses if it is not confirmed: 7 days after it was requested."
    )
    origin: ConsentOrigin = strawberry.field(description="How the opt-in was requested.")
    confirmations_sent: int = strawberry.field(
        description="How many messages asked the recipient to confirm, the first included: at most 5."
    )


def _preference_id(self: Preference) -> strawberry.ID:
    # It is made only where it is selected: a list of contacts has thousands of preferences.
    return state_id("Preference", self.recipient.row.id, self.subscription_type.row.id, self.channel)


@strawberry.type
class Preference(Node):
    """What holds for one recipient, channel and subscription type. It exists before anything is decided, as
    `NOT_OPTED`.
    """

    id: strawberry.ID = strawberry.field(
        resolver=_preference_id,
        description="The opaque id of this recipient, type and channel. It is the same before and after every"
        " change, also before the first decision.",
    )
    subscription_type: SubscriptionType = strawberry.field(
        description="The subscription type that the recipient receives or not."
    )
    channel: Channel = strawberry.field(
        description="The channel that the preference holds for. Each channel has its own."
    )
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = strawberry.field(
        description="The address that the preference belongs to."
    )
    status: PreferenceStatus = strawberry.field(
        description="What was decided last. To learn whether a message may be sent, read `eligibility`."
    )
    origin: ConsentOrigin | None = strawberry.field(
        description="How the last change arrived; null if no decision was ever recorded."
    )
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate that the last change gave; null if it gave"
        " none, as opt-outs do not."
    )
    explanation: str | None = strawberry.field(
        description="The explanation that the last change gave; null if it gave none, or once it was erased."
    )
    changed_at: datetime | None = strawberry.field(
        description="When the last change was recorded; null if no decision was ever recorded."
    )

    @resolver()
    def pending_opt_in(self) -> PendingOptIn | None:
        """The opt-in that waits for confirmation; null if none does. Until it is confirmed,
        `status` holds.
        """
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

    @resolver(load=load_facts)
    def actions(self) -> PreferenceActions:
        """What the token that asks may do to this preference now, why not, and what has to be given."""
        return preference_actions(self)


@strawberry.type
class OptOutOfAll(Node):
    """An opt-out of everything from a business unit on a channel. Single preferences keep their status, and
    hold again once it is removed.
    """

    channel: Channel = strawberry.field(
        description="The channel on which nothing may be sent. Other channels are not affected."
    )
    business_unit: BusinessUnit = strawberry.field(
        description="The business unit that may send nothing. Other units are not affected."
    )
    origin: ConsentOrigin = strawberry.field(
        description="How the opt-out arrived. Only the recipient can remove one that they made."
    )
    explanation: str | None = strawberry.field(
        description="The explanation that the team gave; null if it gave none, or once it was erased."
    )
    since: datetime = strawberry.field(description="When the person decided.")
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = strawberry.field(
        description="The address that is opted out."
    )

    @resolver()
    def removable(self) -> ActionState:
        """Whether the token that asks may remove it with `removeOptOutOfAll`.

        Only the recipient can remove one that the recipient made. For one that the team made, an explanation
        has to be given, and a legal basis where the business unit's `dataPrivacy` is on.
        """
        return removal(self)


@strawberry.type
class Pause(Node):
    """A pause: the recipient receives no marketing from a business unit on a channel until it ends.
    Preferences stay as they are.
    """

    channel: Channel = strawberry.field(
        description="The channel that is paused. Other channels are not affected."
    )
    business_unit: BusinessUnit = strawberry.field(description="The business unit whose marketing is paused.")
    until: datetime = strawberry.field(
        description="When the pause ends by itself. Then preferences hold as before."
    )
    origin: ConsentOrigin = strawberry.field(
        description="How the pause arrived. Only the recipient can change or end a pause of their own."
    )
    recipient: Annotated[Recipient, strawberry.lazy("schema.recipients.types")] = strawberry.field(
        description="The address that receives no marketing."
    )


@strawberry.type
class Deliverability:
    """Whether messages can reach an address, as far as is known. Nothing is sent to one that is unusable."""

    usable: bool = strawberry.field(
        description="Whether messages can reach the address. True until something else is reported. An"
        " unusable email address is usable again once a mail server accepts a mail to it."
    )
    reason: str | None = strawberry.field(
        default=None,
        description="Why the address is unusable, in words for people; null if it is usable.",
    )
    since: datetime | None = strawberry.field(
        default=None, description="When that was recorded; null if the address is usable."
    )
    source: str | None = strawberry.field(
        default=None,
        description="What reported it: `MAIL_SERVER`, or `IMPORT` for an imported file. New sources can be"
        " added. Null if the address is usable, or was erased.",
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


def deliverability_of(row: RecipientRow, state: RecipientState) -> Deliverability:
    """Return whether messages can reach a recipient (R21)."""
    if row.erased_at is not None:
        return Deliverability(usable=False, reason="The address was erased.", since=row.erased_at)
    if state.refused_at is None:
        return Deliverability(usable=True)
    if state.refused_with == IMPORTED:
        reason, source = "An imported file reported that the address cannot be reached.", "IMPORT"
    else:
        reason, source = "A mail server reported that the mailbox does not exist.", "MAIL_SERVER"
    return Deliverability(usable=False, reason=reason, since=state.refused_at, source=source)
