"""The mutation that updates preferences, and its dry run."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from datetime import datetime

import strawberry

from preference_center.access.scopes import (
    READ_CONSENT,
    READ_DRY_RUNS,
    READ_DRY_RUNS_OF_CONTACTS,
    WRITE_PREFERENCES,
)
from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.ledger.refusals import refusals_of
from preference_center.ledger.types import Outcome, Provenance
from preference_center.preferences import changes
from preference_center.preferences.changes import StatusChange
from schema.catalog.types import SubscriptionType
from schema.catalog.view import catalog_view
from schema.contract.descriptions import TYPE_KEY
from schema.contract.enums import Channel, LegalBasis, PreferenceStatus
from schema.contract.fields import loaded, mutation, resolver
from schema.contract.ids import StateKey
from schema.contract.references import RecipientRef, ResolvedRef, find_recipient, resolve
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors, user_error
from schema.engine.context import Context, Info
from schema.recipients import change_faults, rehearsals
from schema.recipients.evidence import EvidenceInput, evidence_facts, provenance_of
from schema.recipients.preferences import Preference
from schema.recipients.states import read_preferences
from schema.recipients.types import Recipient, WithContact, read_recipient, to_recipient

_MOST_CHANGES = 1_000
_FAULTS = {
    ErrorCode.CHANNEL_NOT_OFFERED,
    ErrorCode.TYPE_ARCHIVED,
    ErrorCode.OCCURRED_IN_FUTURE,
    ErrorCode.LEGAL_BASIS_REQUIRED,
    ErrorCode.EXPLANATION_REQUIRED,
    ErrorCode.PROCESSING_BASIS_REQUIRED,
}
"""Why a request is refused that no change of its kind could follow. Asking so would be reading the status."""


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
    dry_run: bool | None = strawberry.field(
        default=False,
        description="Decide and change nothing: the payload shows what would hold, and no message is sent. A"
        " recipient that is not on record is not added: its `id` stands for nobody. Keep the payload out of"
        " caches. It needs the scope `preferences:read` too, and `contacts:read` for a contact by id.",
    )


async def load_preferences_after(outcomes: Sequence[ChangeOutcome], context: Context) -> None:
    """Load the preferences that changes are about, for all outcomes together."""
    missing = [outcome for outcome in outcomes if not outcome.rehearsed]
    found = await read_preferences(context, [outcome.key for outcome in missing])
    for outcome in missing:
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
    error: UserError | None = strawberry.field(
        description="Why the change was refused: the first reason; null if it was not. `userErrors` has all."
    )
    errors: strawberry.Private[list[UserError]]
    row: strawberry.Private[Outcome]
    key: strawberry.Private[StateKey]
    context: strawberry.Private[Context]
    rehearsed: strawberry.Private[bool] = False
    """Whether it is of a dry run, which sets `preference` itself."""
    preference: Preference | None = loaded(
        "The preference as it is now; null if the type is archived or not offered on the channel and nothing"
        " was ever decided.",
        access=READ_CONSENT,
        load=load_preferences_after,
    )

    @resolver(guarded=True)
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


@dataclass(frozen=True, slots=True)
class _Update:
    """A checked input."""

    ref: RecipientRef
    resolved: ResolvedRef
    changes: list[StatusChange]
    provenance: Provenance


@strawberry.type
class UpdateMutations:
    """The mutation of preferences."""

    @mutation(UpdatePreferencesPayload, access=WRITE_PREFERENCES)
    async def update_preferences(self, info: Info, input: UpdatePreferencesInput) -> UpdatePreferencesPayload:
        """Opt one recipient in or out of subscription types.

        Each change is decided on its own: some may be refused while others succeed. An unknown key refuses
        the whole request.

        Opt-outs need no reason. Opt-ins need a legal basis to communicate and an explanation; where the
        business unit's `dataPrivacy` is on, a contact also needs a legal basis to process and store. An
        opt-out of all has to be removed first. An opt-in to a type with `doubleOptIn` waits for the
        recipient's confirmation. Tokens made with `--origin INTEGRATION` cannot reverse a recipient's own
        opt-out. `Preference.actions` tells beforehand what is allowed and what has to be given.
        """
        context = info.context
        if input.dry_run:
            of_contact = input.recipient.contact is not None
            context.require(READ_DRY_RUNS_OF_CONTACTS if of_contact else READ_DRY_RUNS)
        update = await _checked(input, context)
        return await (_rehearsed(update, context) if input.dry_run else _made(update, context))


async def _checked(input: UpdatePreferencesInput, context: Context) -> _Update:
    """Return the update that an input asks for, before anything is changed. Raises Invalid."""
    channels = list(dict.fromkeys(change.channel for change in input.changes))
    with Faults() as faults:
        resolved = await faults.awaited(resolve(input.recipient, channels, "recipient"))
        known = faults.of(_changes_by_index, context, input.changes, faults) or {}
        provenance = faults.of(
            provenance_of, context.actor, input.explanation, input.legal_basis, input.processing_basis
        )
        evidence = faults.of(evidence_facts, input.evidence)
        if faults and known:
            await change_faults.add_faults(known, input, context, faults)
    return _Update(
        input.recipient,
        resolved,
        list(known.values()),
        replace(provenance, occurred_at=input.occurred_at, evidence=evidence),
    )


def _changes_by_index(
    context: Context, requested: list[PreferenceChange], faults: Faults
) -> dict[int, StatusChange]:
    """Return the changes whose types exist. A fault is added for each other one.

    Raises Invalid for too many changes.
    """
    if len(requested) > _MOST_CHANGES:
        raise Invalid(ErrorCode.INVALID_VALUE, f"Pass at most {_MOST_CHANGES:,} changes.", "changes")
    known: dict[int, StatusChange] = {}
    for index, each in enumerate(requested):
        path = ("changes", str(index), "subscriptionType")
        type_ = faults.of(context.subscription_type, each.subscription_type, *path)
        if type_ is not None:
            known[index] = (type_, each.channel, each.status)
    return known


async def _made(update: _Update, context: Context) -> UpdatePreferencesPayload:
    ids = await update.resolved.ensure()
    outcomes = _outcomes(await changes.update(ids, update.changes, update.provenance), context)
    return _payload(update, await _changed_or_named(context, ids.values(), update.ref), outcomes)


async def _rehearsed(update: _Update, context: Context) -> UpdatePreferencesPayload:
    found = await rehearsals.rehearse(update.resolved, update.changes, update.provenance, context)
    outcomes = _outcomes(found.outcomes, context)
    for outcome in outcomes:
        outcome.rehearsed, outcome.preference = True, found.preference(outcome.key)
    named = next(iter(found.recipients.values()), None) or await _named(context, update.ref)
    return _payload(update, named, outcomes)


def _payload(
    update: _Update, recipient: Recipient | None, outcomes: list[ChangeOutcome]
) -> UpdatePreferencesPayload:
    return UpdatePreferencesPayload(
        named=update.ref,
        recipient=recipient,
        outcomes=outcomes,
        user_errors=[error for outcome in outcomes for error in outcome.errors],
    )


def _outcomes(outcomes: Iterable[Outcome], context: Context) -> list[ChangeOutcome]:
    return [_outcome(outcome, context, index) for index, outcome in enumerate(outcomes)]


def _outcome(outcome: Outcome, context: Context, index: int) -> ChangeOutcome:
    refusals, intent = refusals_of(outcome.decision), outcome.intent
    if intent.subscription_type is None:
        raise RuntimeError("The outcome is not of a subscription type.")
    errors = [user_error(*refusal, "changes", str(index)) for refusal in refusals]
    return ChangeOutcome(
        key=StateKey(intent.recipient_id, intent.subscription_type.id, intent.channel),
        subscription_type=catalog_view(context).type(intent.subscription_type),
        channel=intent.channel,
        changed=outcome.changed,
        pending=outcome.pending,
        error=errors[0] if errors else None,
        errors=errors,
        row=outcome,
        context=context,
    )


async def _changed_or_named(context: Context, ids: Iterable[int], ref: RecipientRef) -> Recipient | None:
    """Return the first recipient that was changed; without changes, the one that the reference names."""
    for recipient_id in ids:
        return await read_recipient(context, recipient_id)
    return await _named(context, ref)


async def _named(context: Context, ref: RecipientRef) -> Recipient | None:
    row = await find_recipient(ref, "recipient")
    return to_recipient(row, context) if row else None
