"""The review of text messages that Sayso could not classify."""

from __future__ import annotations

from typing import Annotated

import strawberry

from preference_center.access.scopes import READ_CONSENT, WRITE_PREFERENCES
from preference_center.errors import Faults
from preference_center.inbound import review
from preference_center.validation import check_explanation
from schema.contract.arguments import group_arguments
from schema.contract.connections import Connection, PageArguments, connection, counted_alone
from schema.contract.enums import Channel, Verdict
from schema.contract.fields import mutation, query
from schema.contract.ids import input_id
from schema.contract.references import RecipientRef, resolve
from schema.contract.scalars import Key
from schema.contract.user_errors import UserError, no_errors
from schema.engine.context import Info
from schema.inbound.messages import InboundMessage, ensure_catalog_has, to_message, to_messages
from schema.recipients.types import WithContact, read_recipient


@strawberry.input
class SettleMessageInput:
    """What a person decides about a message that waits for review."""

    id: strawberry.ID = strawberry.field(description="The id of the message, as `messagesToReview` gives it.")
    verdict: Verdict = strawberry.field(
        description="What the message means: an opt-out, an opt-in, or neither."
    )
    business_unit: Key | None = strawberry.field(
        description="The key of the business unit that the message is about. Needed if it was"
        " not sent to a sender number. Left out: the unit of that number."
    )
    recipient: RecipientRef | None = strawberry.field(
        description="The recipient who sent the message. Needed for an opt-out or an opt-in if"
        " the sender is unknown. Left out: the sender of the message.",
    )
    explanation: str | None = strawberry.field(
        description="Why it is settled so, in the team's words: at most 2,000 characters. Left"
        " out: none. Erasure removes it."
    )


@strawberry.type
class InboundMessagePayload(WithContact):
    """The message as it was settled, or why the input was refused."""

    message: InboundMessage | None = strawberry.field(
        default=None, description="The message after it was settled; null if the input was refused."
    )
    user_errors: list[UserError] = no_errors()


@strawberry.type
class MessageQueries:
    """Queries of messages."""

    @query(access=READ_CONSENT)
    @group_arguments(page=PageArguments)
    async def messages_to_review(
        self,
        info: Info,
        page: PageArguments,
        business_unit: Annotated[
            Key | None,
            strawberry.argument(
                description="Only messages to the business unit with this key. Left out:"
                " messages to all units, and to numbers that are not registered."
            ),
        ] = None,
    ) -> Connection[InboundMessage]:
        """The messages that a person has to settle with `settleMessage`, oldest first.

        They may be requests to stop, so look at them every day.
        """
        with Faults() as faults:
            unit = faults.of(info.context.optional_unit, business_unit, "businessUnit")
            span = faults.of(page.keyset_range, newest_first=False)
        rows = await review.page(unit, span)
        await ensure_catalog_has(info.context, rows)
        counting = counted_alone(lambda: review.count(unit))
        return connection(rows, page, lambda row: to_message(row, info.context), counting)


@strawberry.type
class MessageMutations:
    """Mutations of messages."""

    @mutation(InboundMessagePayload, access=WRITE_PREFERENCES)
    async def settle_message(self, info: Info, input: SettleMessageInput) -> InboundMessagePayload:
        """Settle a message: as an opt-out or opt-in at the time it was sent, or as neither."""
        context, ref = info.context, input.recipient
        with Faults() as faults:
            message_id = faults.of(input_id, input.id, "InboundMessage", "id")
            unit = faults.of(context.optional_unit, input.business_unit, "businessUnit")
            named = await faults.awaited(resolve(ref, [Channel.SMS], "recipient")) if ref else None
            explanation = faults.of(check_explanation, input.explanation, "explanation")
        row = await review.settle(
            message_id,
            input.verdict,
            context.actor,
            business_unit=unit,
            recipient_id=(await named.ensure())[Channel.SMS] if named else None,
            explanation=explanation,
        )
        (message,) = await to_messages([row], context)
        sender = await read_recipient(context, row.recipient_id) if row.recipient_id is not None else None
        return InboundMessagePayload(named=ref, recipient=sender, message=message)
