"""Mutations of preferences. The token says whether a change comes from the team or from an integration."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import replace
from datetime import datetime

import strawberry

from preference_center.access.scopes import READ_CONSENT, WRITE_PREFERENCES
from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger.refusals import pause_refusal, refusal_of
from preference_center.ledger.types import Outcome, Provenance
from preference_center.preferences import changes
from preference_center.recipients import recipients
from preference_center.rules.decisions import Decision, Refused
from preference_center.validation import check_explanation
from schema.catalog.types import SubscriptionType
from schema.catalog.view import catalog_view
from schema.contract.descriptions import EXPLANATION, TYPE_KEY
from schema.contract.enums import Channel, LegalBasis, PreferenceStatus
from schema.contract.fields import loaded, mutation, resolver
from schema.contract.ids import StateKey
from schema.contract.references import RecipientRef, ensure_recipients, find_recipient
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors, user_error
from schema.engine.context import Context, Info
from schema.recipients.evidence import EvidenceInput, evidence_facts
from schema.recipients.preferences import Preference
from schema.recipients.states import read_preferences
from schema.recipients.types import Recipient, RecipientPayload, WithContact, to_recipient

_MOST_CHANGES = 1_000
_EXPLANATION = "Why the change is made. At most 2,000 characters."
_FAULTS = {
    ErrorCode.CHANNEL_NOT_OFFERED,
    ErrorCode.TYPE_ARCHIVED,
    ErrorCode.OCCURRED_IN_FUTURE,
    ErrorCode.LEGAL_BASIS_REQUIRED,
    ErrorCode.EXPLANATION_REQUIRED,
    ErrorCode.PROCESSING_BASIS_REQUIRED,
}
"""Why a request is refused that no change of its kind could follow. Asking so would be reading the status."""
_OCCURRED_AT = (
    "When the person decided. A newer decision on record wins. Left out: now. An opt-out dated later than now"
    " counts as now"
)


@strawberry.input
class PreferenceChange:
    """A status to set for one subscription type on one channel."""

    subscription_type: Key = strawberry.field(description=TYPE_KEY)
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel to set the status on."
    )
    status: PreferenceStatus = strawberry.field(
        description="The status to set: `OPTED_IN`, `OPTED_OUT`, or `NOT_OPTED` to forget the last decision."
    )


@strawberry.input
class UpdatePreferencesInput:
    """Statuses to set for one recipient."""

    recipient: RecipientRef = strawberry.field(
        description="The address to change, or a contact with an address on each channel of"
        " `changes`. An address that is not on record is added."
    )
    changes: list[PreferenceChange] = strawberry.field(
        description="The statuses to set, in order: at most 1,000."
    )
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate. Opt-ins need it, opt-outs do not. Left out: none."
    )
    processing_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to process and store the contact's data. Opt-ins need it"
        " where the business unit's `dataPrivacy` is on and the contact has none on record. Left out:"
        " that of the contact."
    )
    explanation: str | None = strawberry.field(
        description="Why the change is made, in the team's words: at most 2,000 characters. Opt-ins"
        " and `NOT_OPTED` need it. Left out: none. Erasure removes it."
    )
    occurred_at: datetime | None = strawberry.field(
        description="When the person decided. If a newer decision is on record, it wins. Left"
        " out: now. An opt-out dated later than now counts as now; any other change with such a time is"
        " refused."
    )
    evidence: EvidenceInput | None = strawberry.field(
        description="What proves the changes, such as the form that the person filled in. Left out: nothing."
    )


@strawberry.input
class OptOutOfAllInput:
    """An opt-out of everything that a business unit sends on a channel."""

    recipient: RecipientRef = strawberry.field(
        description="The address to opt out, or a contact with an address on the channel. An"
        " address that is not on record is added."
    )
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel on which nothing may be sent any more."
    )
    business_unit: Key = strawberry.field(
        description="The key of the business unit to opt out of, such as `acme`."
    )
    explanation: str | None = strawberry.field(
        description="Why the change is made, in the team's words: at most 2,000 characters. Left"
        " out: none. Erasure removes it."
    )
    occurred_at: datetime | None = strawberry.field(
        description="When the person decided. If a newer decision is on record, it wins. Left out:"
        " now. A time later than now counts as now."
    )


@strawberry.input
class RemoveOptOutOfAllInput:
    """An opt-out of all to remove. The team must have made it."""

    recipient: RecipientRef = strawberry.field(
        description="The address that is opted out, or a contact with it."
    )
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel on which the recipient is opted out."
    )
    business_unit: Key = strawberry.field(
        description="The key of the business unit of the opt-out, such as `acme`."
    )
    explanation: str = strawberry.field(description=EXPLANATION)
    legal_basis: LegalBasis | None = strawberry.field(
        description="The legal basis to communicate. Needed where the business unit's"
        " `dataPrivacy` is on. Left out: none."
    )


@strawberry.input
class PauseInput:
    """A pause to set or to end."""

    recipient: RecipientRef = strawberry.field(
        description="The address to pause, or a contact with an address on the channel. An"
        " address that is not on record is added."
    )
    channel: Channel = strawberry.field(
        default=Channel.EMAIL, description="The channel on which marketing pauses."
    )
    business_unit: Key = strawberry.field(
        description="The key of the business unit whose marketing to pause, such as `acme`."
    )
    until: datetime | None = strawberry.field(
        description="When the pause ends: a time in the future. Null or left out: the pause ends now."
    )


async def load_preferences_after(outcomes: Sequence[ChangeOutcome], context: Context) -> None:
    """Load the preferences that changes are about, for all outcomes together."""
    found = await read_preferences(context, [outcome.key for outcome in outcomes])
    for outcome in outcomes:
        preference = found.get(outcome.key)
        outcome.preference = preference if isinstance(preference, Preference) else None


@strawberry.type
class ChangeOutcome:
    """What became of one change of `updatePreferences`."""

    subscription_type: SubscriptionType = strawberry.field(
        description="The subscription type that the change names."
    )
    channel: Channel = strawberry.field(description="The channel that the change names.")
    changed: bool = strawberry.field(
        description="Whether the status changed. Opting in or out twice changes nothing, and is no error."
    )
    pending: bool = strawberry.field(
        description="Whether the opt-in waits for the recipient's confirmation. Until then it grants nothing."
    )
    error: UserError | None = strawberry.field(description="Why the change was refused; null if it was not.")
    row: strawberry.Private[Outcome]
    key: strawberry.Private[StateKey]
    context: strawberry.Private[Context]
    preference: Preference | None = loaded(
        "The preference as it is now; null if the type is archived or not offered on the channel and nothing"
        " was ever decided. It needs the scope `preferences:read`.",
        access=READ_CONSENT,
        load=load_preferences_after,
    )

    @resolver()
    def status(self) -> PreferenceStatus:
        """The status after the change. If the request itself is at fault, reading it needs the scope
        `preferences:read`.
        """
        if self.error is not None and self.error.code in _FAULTS:
            self.context.require(READ_CONSENT)
        return self.row.status


@strawberry.type
class UpdatePreferencesPayload(WithContact):
    """The result of updating preferences."""

    outcomes: list[ChangeOutcome] = strawberry.field(
        default_factory=list,
        description="What became of each change, in the order of `changes`. Empty if the input"
        " was refused as a whole.",
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class PreferenceMutations:
    """Mutations of preferences, opt-outs of all and pauses."""

    @mutation(UpdatePreferencesPayload, access=WRITE_PREFERENCES)
    async def update_preferences(self, info: Info, input: UpdatePreferencesInput) -> UpdatePreferencesPayload:
        """Opt one recipient in or out of subscription types.

        Each change is decided on its own: some may be refused while others succeed. An unknown key refuses
        the whole request.

        Opt-outs need no reason. Opt-ins need a legal basis to communicate and an explanation; where the
        business unit's `dataPrivacy` is on, a contact also needs a legal basis to process and store. An
        opt-out of all has to be removed first. An opt-in to a type with `doubleOptIn` waits for the
        recipient's confirmation. Tokens made with `--origin INTEGRATION` cannot reverse a recipient's own
        opt-out.
        """
        context = info.context
        types = _types(context, input.changes)
        provenance = replace(
            _provenance(context, input.explanation, input.legal_basis, input.occurred_at),
            processing_basis=input.processing_basis,
            evidence=evidence_facts(input.evidence),
        )
        channels = list(dict.fromkeys(change.channel for change in input.changes))
        ids = await ensure_recipients(input.recipient, channels, "recipient")
        status_changes = [
            (type_, change.channel, change.status) for change, type_ in zip(input.changes, types, strict=True)
        ]
        outcomes = _outcomes(await changes.update(ids, status_changes, provenance), context)
        return UpdatePreferencesPayload(
            named=input.recipient,
            recipient=await _changed_or_named(context, ids.values(), input.recipient),
            outcomes=outcomes,
            user_errors=[outcome.error for outcome in outcomes if outcome.error is not None],
        )

    @mutation(RecipientPayload, access=WRITE_PREFERENCES)
    async def opt_out_of_all(self, info: Info, input: OptOutOfAllInput) -> RecipientPayload:
        """Opt a recipient out of everything that a business unit sends on a channel. It needs no reason.

        Single preferences keep their status.
        """
        unit = info.context.business_unit(input.business_unit, "businessUnit")
        provenance = _provenance(info.context, input.explanation, occurred_at=input.occurred_at)
        recipient_id = await _recipient_id(input)
        outcome = await changes.opt_out_of_all(recipient_id, input.channel, unit, provenance)
        return await _payload(info.context, input.recipient, recipient_id, outcome.decision)

    @mutation(RecipientPayload, access=WRITE_PREFERENCES)
    async def remove_opt_out_of_all(self, info: Info, input: RemoveOptOutOfAllInput) -> RecipientPayload:
        """Remove an opt-out of all that the team made. Only the recipient can remove one of their own.

        Single preferences hold again as they were.
        """
        unit = info.context.business_unit(input.business_unit, "businessUnit")
        provenance = _provenance(info.context, input.explanation, input.legal_basis)
        recipient_id = await _recipient_id(input)
        outcome = await changes.remove_opt_out_of_all(recipient_id, input.channel, unit, provenance)
        return await _payload(info.context, input.recipient, recipient_id, outcome.decision)

    @mutation(RecipientPayload, access=WRITE_PREFERENCES)
    async def pause_preferences(self, info: Info, input: PauseInput) -> RecipientPayload:
        """Pause a business unit's marketing to a recipient on a channel, or end the pause.

        Only the recipient can change or end a pause of their own.
        """
        unit = info.context.business_unit(input.business_unit, "businessUnit")
        recipient_id = await _recipient_id(input)
        provenance = _provenance(info.context)
        decision = await changes.pause(recipient_id, input.channel, unit, input.until, provenance)
        errors = [user_error(*pause_refusal())] if isinstance(decision, Refused) else []
        return RecipientPayload(
            named=input.recipient,
            recipient=await _recipient(info.context, recipient_id),
            user_errors=errors,
        )


def _types(context: Context, requested: list[PreferenceChange]) -> list[CatalogType]:
    """Return the type of each change. Raises Invalid for an unknown one, before anything is changed."""
    if len(requested) > _MOST_CHANGES:
        raise Invalid(ErrorCode.INVALID_VALUE, f"Pass at most {_MOST_CHANGES:,} changes.", "changes")
    return [
        context.subscription_type(change.subscription_type, "changes", str(index), "subscriptionType")
        for index, change in enumerate(requested)
    ]


def _provenance(
    context: Context,
    explanation: str | None = None,
    legal_basis: LegalBasis | None = None,
    occurred_at: datetime | None = None,
) -> Provenance:
    """Return where the change comes from. The token says whether it is the team or an integration (R9)."""
    return Provenance(
        origin=context.actor.origin,
        actor=context.actor,
        legal_basis=legal_basis,
        explanation=check_explanation(explanation, "explanation"),
        occurred_at=occurred_at,
    )


async def _recipient_id(input: OptOutOfAllInput | RemoveOptOutOfAllInput | PauseInput) -> int:
    return (await ensure_recipients(input.recipient, [input.channel], "recipient"))[input.channel]


def _outcomes(outcomes: Iterable[Outcome], context: Context) -> list[ChangeOutcome]:
    return [_outcome(outcome, context, index) for index, outcome in enumerate(outcomes)]


def _outcome(outcome: Outcome, context: Context, index: int) -> ChangeOutcome:
    refusal, intent = refusal_of(outcome.decision), outcome.intent
    if intent.subscription_type is None:
        raise RuntimeError("The outcome is not of a subscription type.")
    return ChangeOutcome(
        key=StateKey(intent.recipient_id, intent.subscription_type.id, intent.channel),
        subscription_type=catalog_view(context).type(intent.subscription_type),
        channel=intent.channel,
        changed=outcome.changed,
        pending=outcome.pending,
        error=user_error(*refusal, "changes", str(index)) if refusal else None,
        row=outcome,
        context=context,
    )


async def _changed_or_named(context: Context, ids: Iterable[int], ref: RecipientRef) -> Recipient | None:
    """Return the first recipient that was changed; without changes, the one that the reference names."""
    for recipient_id in ids:
        return await _recipient(context, recipient_id)
    row = await find_recipient(ref, "recipient")
    return to_recipient(row, context) if row else None


async def _recipient(context: Context, recipient_id: int) -> Recipient:
    return to_recipient((await recipients.get_many([recipient_id]))[recipient_id], context)


async def _payload(
    context: Context, ref: RecipientRef, recipient_id: int, decision: Decision
) -> RecipientPayload:
    refusal = refusal_of(decision)
    return RecipientPayload(
        named=ref,
        recipient=await _recipient(context, recipient_id),
        user_errors=[user_error(*refusal)] if refusal else [],
    )
