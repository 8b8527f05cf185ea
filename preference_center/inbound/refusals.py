"""Refusals of a provider because the person opted out there: they opt out here too (R39)."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime
from typing import Literal

import structlog

from preference_center.catalog import sender_numbers
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.inbound.message import Message
from preference_center.inbound.receive import receive_message
from preference_center.outbox import attempts
from preference_center.outbox.failures import RefusedByRecipient
from preference_center.outbox.message import OutgoingMessage
from preference_center.rules.addresses import Address
from preference_center.rules.types import Channel, ConsentOrigin, Meaning

log = structlog.get_logger()


@dataclass(frozen=True, slots=True)
class Refusal:
    """A provider did not deliver a message because its recipient opted out at the provider."""

    provider: Literal["twilio", "whatsapp"]
    message_id: str
    """The refused message. It counts once."""
    channel: Channel
    recipient: Address | None
    """None if the provider names the recipient by a user id only."""
    sent_from: str
    """The business's number, as `phone_numbers.business_number` returns it; empty if it is not named."""
    code: int
    user_ids: tuple[str, ...] = ()
    """The provider's ids of the recipient."""
    occurred_at: datetime | None = None
    """By the provider's clock; None for now."""
    provider_number_id: str | None = None
    """The id of the business's number in the provider's API."""


async def receive_refusal(refusal: Refusal) -> None:
    """Opt the recipient out of all of the unit of the sender number on its channel, once for each message.

    Passed over if nobody is named, or if the number is not registered: nothing says whom the person refused.
    """
    number = await _sender_number(refusal)
    if refusal.recipient is None and not refusal.user_ids:
        return
    if number is None:
        log.warning("refusal_from_unknown_number", provider=refusal.provider, code=refusal.code)
        return
    await receive_message(_message(refusal, number.number))


async def _sender_number(refusal: Refusal) -> SenderNumber | None:
    """The number that the message was sent from.

    If the provider does not name it, because it was to choose one itself: any number on the channel, provided
    that all are of one unit.
    """
    number = await sender_numbers.find(refusal.sent_from, refusal.channel)
    if number is None and refusal.provider_number_id:
        number = await sender_numbers.find_by_provider_id(refusal.provider_number_id, refusal.channel)
    if number is None and not refusal.sent_from:
        registered = await sender_numbers.list_all(refusal.channel)
        if len({each.unit_id for each in registered}) == 1:
            return registered[0]
    return number


def _message(refusal: Refusal, sent_from: str) -> Message:
    """What the person told the provider, as if they had told the sender number."""
    return Message(
        provider=refusal.provider,
        message_id=f"refusal:{refusal.message_id}",
        channel=refusal.channel,
        sender=refusal.recipient,
        to=sent_from,
        text=f"{refusal.provider} {refusal.code}",
        user_ids=refusal.user_ids,
        occurred_at=refusal.occurred_at,
        provider_meaning=Meaning.STOP,
        origin=ConsentOrigin.PROVIDER,
        provider_replied=True,
    )


async def _record(outgoing: OutgoingMessage, failure: RefusedByRecipient) -> None:
    """Record the refusal of one of Sayso's own messages."""
    await receive_refusal(
        Refusal(
            provider="whatsapp" if failure.sender.channel is Channel.WHATSAPP else "twilio",
            message_id=f"outgoing:{outgoing.id}:{outgoing.created_at.isoformat()}",
            channel=failure.sender.channel,
            recipient=outgoing.address,
            sent_from=failure.sender.number,
            code=failure.code,
        )
    )


def record_refusals() -> None:
    """Record the refusals of messages in the outbox. Whoever delivers text messages calls this first."""
    if _record not in attempts.refusal_listeners:
        attempts.refusal_listeners.append(_record)
