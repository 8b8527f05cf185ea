"""Changing preferences: from the contact record, or by an integration; the token says which."""

from __future__ import annotations

import ipaddress
from datetime import datetime
from typing import Any

import strawberry

from preference_center.catalog.catalog import SubscriptionType as CatalogType
from preference_center.errors import ErrorCode, Invalid
from preference_center.ledger import record as ledger
from preference_center.ledger.record import EvidenceFacts, Intent, Outcome, Provenance
from preference_center.ledger.refusals import pause_refusal, refusal_of
from preference_center.preferences import changes as preferences
from preference_center.recipients import recipients as recipient_rows
from preference_center.rules.decisions import Refused
from preference_center.validation import check_explanation, check_text
from schema.catalog.types import SubscriptionType
from schema.contacts.fields import RecipientPayload
from schema.contract.references import RecipientRef, ensure_recipients, find_recipient
from schema.contract.scalars import Channel, Key, LegalBasis, PreferenceStatus
from schema.contract.user_errors import UserError, answering, user_error
from schema.engine.context import Context, Info
from schema.engine.resolver import resolver
from schema.recipients.types import Recipient, recipient_of

WRITE = "preferences:write"
_MOST_CHANGES = 1_000


@strawberry.input
class EvidenceInput:
    """What proves a change; kept beside the ledger until erasure (R36)."""

    ip_address: str | None
    user_agent: str | None
    url: str | None
    wording: str | None


@strawberry.input
class PreferenceChange:
    """A status to set."""

    subscription_type: Key
    channel: Channel = Channel.EMAIL
    status: PreferenceStatus


@strawberry.input(
    description="From the contact record, or by an integration: the token says which."
    " Each change is decided by itself."
)
class UpdatePreferencesInput:
    """Statuses to set for one recipient."""

    recipient: RecipientRef
    changes: list[PreferenceChange]
    legal_basis: LegalBasis | None
    processing_basis: LegalBasis | None
    explanation: str | None
    occurred_at: datetime | None
    evidence: EvidenceInput | None


@strawberry.input
class OptOutOfAllInput:
    """Everything that a unit sends on a channel."""

    recipient: RecipientRef
    channel: Channel = Channel.EMAIL
    business_unit: Key
    explanation: str | None
    occurred_at: datetime | None


@strawberry.input
class RemoveOptOutOfAllInput:
    """An opt-out of all that the team made (R8)."""

    recipient: RecipientRef
    channel: Channel = Channel.EMAIL
    business_unit: Key
    explanation: str
    legal_basis: LegalBasis | None


@strawberry.input
class PauseInput:
    """A silence."""

    recipient: RecipientRef
    channel: Channel = Channel.EMAIL
    business_unit: Key
    until: datetime | None = strawberry.field(description="Null ends the pause.")


@strawberry.type
class ChangeOutcome:
    """What became of one change."""

    subscription_type: SubscriptionType
    channel: Channel
    status: PreferenceStatus = strawberry.field(description="What holds now.")
    changed: bool
    pending: bool = strawberry.field(description="The opt-in waits for the recipient's confirmation (R19).")
    error: UserError | None


@strawberry.type
class UpdatePreferencesPayload:
    """The recipient as it is now, and what became of each change, in order."""

    recipient: Recipient | None = None
    outcomes: list[ChangeOutcome] = strawberry.field(default_factory=list)
    user_errors: list[UserError] = strawberry.field(default_factory=list)


@strawberry.type
class PreferenceMutations:
    """Changing preferences."""

    @resolver(scope=WRITE)
    @answering(UpdatePreferencesPayload)
    async def update_preferences(self, info: Info, input: UpdatePreferencesInput) -> UpdatePreferencesPayload:
        """Set statuses of one recipient, each decided by itself (R5-R9)."""
        kinds = _kinds(info.context, input.changes)
        provenance = _provenance(
            info.context,
            legal_basis=input.legal_basis,
            processing_basis=input.processing_basis,
            explanation=input.explanation,
            occurred_at=input.occurred_at,
            evidence=_evidence(input.evidence),
        )
        channels = list(dict.fromkeys(change.channel for change in input.changes))
        ids = await ensure_recipients(input.recipient, channels, "recipient")
        intents = [
            Intent(ids[change.channel], change.channel, change.status, kind.business_unit, kind)
            for change, kind in zip(input.changes, kinds, strict=True)
        ]
        made = await ledger.record(intents, provenance)
        outcomes = [_outcome(one, info.context, n) for n, one in enumerate(made)]
        return UpdatePreferencesPayload(
            recipient=await _recipient(info.context, input.recipient, next(iter(ids.values()), None)),
            outcomes=outcomes,
            user_errors=[one.error for one in outcomes if one.error is not None],
        )

    @resolver(scope=WRITE)
    @answering(RecipientPayload)
    async def opt_out_of_all(self, info: Info, input: OptOutOfAllInput) -> RecipientPayload:
        """Opt a recipient out of everything that a unit sends on a channel; the single statuses stay."""
        unit = info.context.unit_named(input.business_unit, "businessUnit")
        provenance = _provenance(info.context, explanation=input.explanation, occurred_at=input.occurred_at)
        number = (await ensure_recipients(input.recipient, [input.channel], "recipient"))[input.channel]
        outcome = await preferences.opt_out_of_all(number, input.channel, unit, provenance)
        return await _answer(info.context, number, outcome)

    @resolver(scope=WRITE)
    @answering(RecipientPayload)
    async def remove_opt_out_of_all(self, info: Info, input: RemoveOptOutOfAllInput) -> RecipientPayload:
        """Take away an opt-out of all that the team made (R8)."""
        unit = info.context.unit_named(input.business_unit, "businessUnit")
        provenance = _provenance(info.context, legal_basis=input.legal_basis, explanation=input.explanation)
        number = (await ensure_recipients(input.recipient, [input.channel], "recipient"))[input.channel]
        outcome = await preferences.remove_opt_out_of_all(number, input.channel, unit, provenance)
        return await _answer(info.context, number, outcome)

    @resolver(scope=WRITE)
    @answering(RecipientPayload)
    async def pause_preferences(self, info: Info, input: PauseInput) -> RecipientPayload:
        """Keep a unit silent on a channel until an instant, or end that; a person's own stays theirs."""
        unit = info.context.unit_named(input.business_unit, "businessUnit")
        number = (await ensure_recipients(input.recipient, [input.channel], "recipient"))[input.channel]
        source = _provenance(info.context)
        decision = await preferences.pause(number, input.channel, unit, input.until, source)
        error = user_error(*pause_refusal()) if isinstance(decision, Refused) else None
        return RecipientPayload(
            recipient=await _shown(info.context, number), user_errors=[error] if error else []
        )


def _kinds(context: Context, changes: list[PreferenceChange]) -> list[CatalogType]:
    """The types of the changes. Raises Invalid for an unknown one: then nothing is changed."""
    if len(changes) > _MOST_CHANGES:
        raise Invalid(ErrorCode.INVALID_VALUE, f"At most {_MOST_CHANGES:,} changes.", "changes")
    return [
        context.type_named(change.subscription_type, "changes", str(n), "subscriptionType")
        for n, change in enumerate(changes)
    ]


def _provenance(context: Context, **given: Any) -> Provenance:
    """Where a change comes from: the token says whether the team makes it, or an integration (R9)."""
    explanation = check_explanation(given.pop("explanation", None), "explanation")
    return Provenance(context.actor.origin, context.actor, explanation=explanation, **given)


def _evidence(given: EvidenceInput | None) -> EvidenceFacts | None:
    if given is None:
        return None
    return EvidenceFacts(
        ip_address=_ip_address(given.ip_address) if given.ip_address else None,
        user_agent=_text(given.user_agent, "userAgent", 1_000),
        url=_text(given.url, "url", 2_000),
        wording=_text(given.wording, "wording", 10_000),
    )


def _text(value: str | None, name: str, max_length: int) -> str | None:
    return check_text(value, "evidence", name, max_length=max_length) if value else None


def _ip_address(text: str) -> str:
    try:
        return str(ipaddress.ip_address(text.strip()))[:45]
    except ValueError:
        message = "This is no IP address."
        raise Invalid(ErrorCode.INVALID_VALUE, message, "evidence", "ipAddress") from None


def _outcome(made: Outcome, context: Context, number: int) -> ChangeOutcome:
    refusal = refusal_of(made.decision)
    if made.intent.type is None:
        raise RuntimeError("a change of a type was asked for")
    return ChangeOutcome(
        subscription_type=context.view.type(made.intent.type),
        channel=made.intent.channel,
        status=made.status,
        changed=made.changed,
        pending=made.waits,
        error=user_error(*refusal, "changes", str(number)) if refusal else None,
    )


async def _shown(context: Context, number: int) -> Recipient:
    rows = await recipient_rows.get_many([number])
    return recipient_of(rows[number], context)


async def _recipient(context: Context, ref: RecipientRef, number: int | None) -> Recipient | None:
    """The recipient that was changed; where nothing was asked for, the one that was named."""
    if number is not None:
        return await _shown(context, number)
    row = await find_recipient(ref, "recipient")
    return recipient_of(row, context) if row else None


async def _answer(context: Context, number: int, outcome: Outcome) -> RecipientPayload:
    refusal = refusal_of(outcome.decision)
    return RecipientPayload(
        recipient=await _shown(context, number), user_errors=[user_error(*refusal)] if refusal else []
    )
