"""Delivers a text message: through its provider, or as a file in the `texts` folder of the data directory."""

from __future__ import annotations

from datetime import timedelta

import structlog

from preference_center.catalog import sender_numbers
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config import settings
from preference_center.outbox.files import deliver_to_file
from preference_center.outbox.message import OutgoingMessage
from preference_center.outbox.text_messages import providers
from preference_center.outbox.text_messages.content import body_of
from preference_center.outbox.text_messages.providers import TextMessage
from preference_center.recipients import recipients
from preference_center.rules.types import Channel
from preference_center.storage import database

log = structlog.get_logger()
TEXTS_FOLDER = "texts"
_WHATSAPP_WINDOW = timedelta(hours=24)
"""How long after a person's message WhatsApp accepts a free-form message to them."""
_WHATSAPP_NUMBER = (
    "SELECT n.id FROM inbound_messages m JOIN recipients r ON r.id = m.recipient_id"
    " JOIN sender_numbers n ON n.id = m.sender_number_id"
    " WHERE r.kind = 'PHONE' AND r.fingerprint = $1 AND m.channel = 'WHATSAPP' AND m.received_at > $2"
    " AND n.business_unit_id = $3 AND n.provider_id IS NOT NULL ORDER BY m.received_at DESC LIMIT 1"
)
"""The unit's number that the person wrote to last on WhatsApp, within the window."""


async def deliver(outgoing: OutgoingMessage) -> bool:
    """Render a text message and send it; False if it must not be sent or no number can send it.

    Raises TemporaryFailure or PermanentFailure, as `providers.send` does.
    """
    body = await body_of(outgoing)
    if body is None:
        return False
    sender = await _sender(outgoing)
    channel = sender.channel if sender else _channel_without_sender(outgoing)
    if not providers.configured(channel):
        return await _write(outgoing, channel, sender, body)
    if sender is None:
        log.warning("text_without_sender_number", id=outgoing.id, kind=outgoing.kind, channel=channel.value)
        return False
    await providers.send(TextMessage(channel, sender, outgoing.address.value, body))
    return True


async def _sender(outgoing: OutgoingMessage) -> SenderNumber | None:
    """Return the number to send from: that of a reply; else one of the unit for SMS; else any for SMS."""
    number_id = outgoing.sender_number_id
    if number_id is None and outgoing.channel is Channel.WHATSAPP:
        number_id = await _whatsapp_number_id(outgoing)
    if number_id is not None:
        return (await sender_numbers.get_many([number_id])).get(number_id)
    numbers = await sender_numbers.list_all(Channel.SMS)
    return min(numbers, key=lambda number: number.unit_id != outgoing.unit_id, default=None)


async def _whatsapp_number_id(outgoing: OutgoingMessage) -> int | None:
    rows = await database.fetch(
        _WHATSAPP_NUMBER,
        recipients.fingerprint_of(outgoing.address),
        database.now() - _WHATSAPP_WINDOW,
        outgoing.unit_id,
    )
    return rows[0]["id"] if rows else None


def _channel_without_sender(outgoing: OutgoingMessage) -> Channel:
    """SMS, except for a reply: on WhatsApp Sayso writes only in reply."""
    return Channel.SMS if outgoing.sender_number_id is None else outgoing.channel


async def _write(outgoing: OutgoingMessage, channel: Channel, sender: SenderNumber | None, body: str) -> bool:
    number = sender.number if sender else ""
    head = f"From: {number}\nTo: {outgoing.address.value}\nChannel: {channel.value}\n"
    folder = settings.current().data_dir / TEXTS_FOLDER
    return await deliver_to_file(outgoing, folder, ".txt", f"{head}\n{body}\n".encode())
