"""Mutations of opt-outs of all and pauses."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from datetime import datetime

import strawberry

from preference_center.access.scopes import WRITE_PREFERENCES
from preference_center.errors import ErrorCode, Faults
from preference_center.ledger.refusals import pause_refusal, refusals_of
from preference_center.preferences import changes
from preference_center.rules.decisions import Refused
from schema.contract.descriptions import EXPLANATION
from schema.contract.enums import Channel, LegalBasis
from schema.contract.fields import mutation
from schema.contract.references import RecipientRef, resolve
from schema.contract.scalars import Key
from schema.contract.user_errors import user_error
from schema.engine.context import Context, Info
from schema.recipients.evidence import provenance_of
from schema.recipients.types import RecipientPayload, read_recipient


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


@strawberry.type
class PreferenceMutations:
    """Mutations of opt-outs of all and pauses."""

    @mutation(RecipientPayload, access=WRITE_PREFERENCES)
    async def opt_out_of_all(self, info: Info, input: OptOutOfAllInput) -> RecipientPayload:
        """Opt a recipient out of everything that a business unit sends on a channel. It needs no reason.

        Single preferences keep their status.
        """
        context = info.context
        with Faults() as faults:
            resolved = await faults.awaited(resolve(input.recipient, [input.channel], "recipient"))
            unit = faults.of(context.business_unit, input.business_unit, "businessUnit")
            provenance = faults.of(provenance_of, context.actor, input.explanation)
        provenance = replace(provenance, occurred_at=input.occurred_at)
        recipient_id = (await resolved.ensure())[input.channel]
        outcome = await changes.opt_out_of_all(recipient_id, input.channel, unit, provenance)
        return await _payload(context, input.recipient, recipient_id, refusals_of(outcome.decision))

    @mutation(RecipientPayload, access=WRITE_PREFERENCES)
    async def remove_opt_out_of_all(self, info: Info, input: RemoveOptOutOfAllInput) -> RecipientPayload:
        """Remove an opt-out of all that the team made. Only the recipient can remove one of their own.

        Single preferences hold again as they were.
        """
        context = info.context
        with Faults() as faults:
            resolved = await faults.awaited(resolve(input.recipient, [input.channel], "recipient"))
            unit = faults.of(context.business_unit, input.business_unit, "businessUnit")
            provenance = faults.of(provenance_of, context.actor, input.explanation, input.legal_basis)
        recipient_id = (await resolved.ensure())[input.channel]
        outcome = await changes.remove_opt_out_of_all(recipient_id, input.channel, unit, provenance)
        return await _payload(context, input.recipient, recipient_id, refusals_of(outcome.decision))

    @mutation(RecipientPayload, access=WRITE_PREFERENCES)
    async def pause_preferences(self, info: Info, input: PauseInput) -> RecipientPayload:
        """Pause a business unit's marketing to a recipient on a channel, or end the pause.

        Only the recipient can change or end a pause of their own.
        """
        context = info.context
        with Faults() as faults:
            resolved = await faults.awaited(resolve(input.recipient, [input.channel], "recipient"))
            unit = faults.of(context.business_unit, input.business_unit, "businessUnit")
            faults.of(changes.check_pause_end, input.until)
        recipient_id = (await resolved.ensure())[input.channel]
        provenance = provenance_of(context.actor)
        decision = await changes.pause(recipient_id, input.channel, unit, input.until, provenance)
        refusals = [pause_refusal()] if isinstance(decision, Refused) else []
        return await _payload(context, input.recipient, recipient_id, refusals)


async def _payload(
    context: Context, ref: RecipientRef, recipient_id: int, refusals: Iterable[tuple[ErrorCode, str]]
) -> RecipientPayload:
    return RecipientPayload(
        named=ref,
        recipient=await read_recipient(context, recipient_id),
        user_errors=[user_error(*refusal) for refusal in refusals],
    )
