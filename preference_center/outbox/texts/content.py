"""What Sayso's own text messages say, and by which number they go: links, confirmations, answers to keywords.

They are short: a link, and one or two segments of an SMS beside it. Without a provider's credentials
a message becomes a file in the `texts` folder of the data directory.
"""

from __future__ import annotations

from datetime import timedelta

import structlog

from preference_center.catalog import sender_numbers
from preference_center.catalog.catalog import current_catalog
from preference_center.catalog.sender_numbers import SenderNumber
from preference_center.config import settings
from preference_center.links.maker import link_maker
from preference_center.outbox import keyword_replies as replies
from preference_center.outbox.message import Letter, Outgoing, deliver_to_file, read
from preference_center.outbox.texts import providers as text_providers
from preference_center.recipients import recipients
from preference_center.rules.types import Channel
from preference_center.storage import database

log = structlog.get_logger()
TEXTS_FOLDER = "texts"
_LONGEST_NAME = 60
_WHATSAPP_WINDOW = timedelta(hours=24)
"""How long after a person's message WhatsApp lets a business write back in words of its own."""


async def deliver(outgoing: Outgoing) -> bool:
    """Render a text and send it; False where nobody is to get it, or no number is there to send it by.

    Raises TryLater or GivenUp as `text_providers.send` does.
    """
    body = await _body(outgoing)
    if body is None:
        return False
    sender = await _sender(outgoing)
    channel = sender.channel if sender else _usual(outgoing)
    if not text_providers.configured(channel):
        return await _write(outgoing, channel, sender, body)
    if sender is None:
        log.warning("text_without_sender_number", id=outgoing.id, kind=outgoing.kind, channel=channel.value)
        return False
    await text_providers.send(text_providers.Text(channel, sender, outgoing.address.value, body))
    return True


async def _body(outgoing: Outgoing) -> str | None:
    if outgoing.kind == "LINK" or outgoing.kind == "CONFIRM" or outgoing.kind == "FORGET":
        letter = await read(outgoing)
        if letter is None:
            return None
        if outgoing.kind == "FORGET":
            return _forget_text(letter)
        return _confirm_text(letter, outgoing.channel) if outgoing.kind == "CONFIRM" else _link_text(letter)
    if outgoing.unit_id is None:
        return None
    unit = (await current_catalog()).unit_by_id(outgoing.unit_id)
    # In the words that Twilio's are answered in (R28).
    language = replies.language_of(outgoing.locale, unit.default_locale)
    return replies.text(outgoing.kind, outgoing.channel, unit, language)


def _link_text(letter: Letter) -> str:
    translator, visitor, unit = letter.translator, letter.visitor, letter.unit
    maker = link_maker(settings.current())
    token = maker.manage(visitor.fingerprint, visitor.kind, database.now(), unit.key if unit else None)
    lead = translator.gettext("See and change what you receive:")
    return _joined(
        f"{_short(unit.name)}: {lead}" if unit else lead,
        maker.manage_url(token),
        translator.gettext("For you alone. If you did not ask for it, ignore it."),
    )


def _forget_text(letter: Letter) -> str:
    translator, visitor, unit = letter.translator, letter.visitor, letter.unit
    maker = link_maker(settings.current())
    token = maker.erasure(visitor.fingerprint, visitor.kind, database.now(), unit.key if unit else None)
    lead = translator.gettext("Do you want us to forget you? Confirm here:")
    return _joined(
        f"{_short(unit.name)}: {lead}" if unit else lead,
        maker.erasure_url(token),
        translator.gettext("For you alone. If you did not ask for it, ignore it."),
    )


def _confirm_text(letter: Letter, channel: Channel) -> str | None:
    translator, type_ = letter.translator, letter.type
    if type_ is None:
        return None
    maker = link_maker(settings.current())
    token = maker.confirm(letter.visitor.fingerprint, channel, type_.key, database.now())
    names = {"unit": _short(type_.business_unit.name), "type": _short(type_.name(translator.language))}
    lead = translator.gettext('%(unit)s: do you want "%(type)s" by SMS? Confirm here:', **names)
    if channel is Channel.WHATSAPP:
        lead = translator.gettext('%(unit)s: do you want "%(type)s" on WhatsApp? Confirm here:', **names)
    return _joined(
        lead,
        maker.confirm_url(token),
        translator.gettext("If not, do nothing. Reply STOP to get no messages."),
    )


def _joined(lead: str, url: str, after: str) -> str:
    """The link on a line of its own, so that nothing beside it is taken for a part of it."""
    return f"{lead}\n{url}\n{after}"


def _short(name: str) -> str:
    # Three points, not an ellipsis: that one would make an SMS Unicode, which takes more than twice the room.
    return name if len(name) <= _LONGEST_NAME else name[: _LONGEST_NAME - 3].rstrip() + "..."


async def _sender(outgoing: Outgoing) -> SenderNumber | None:
    """The number to send by: an answer's own; else one of the unit's for SMS, else any for SMS."""
    number_id = outgoing.sender_number_id
    if number_id is None and outgoing.channel is Channel.WHATSAPP:
        number_id = await _written_to(outgoing)
    if number_id is not None:
        return (await sender_numbers.get_many([number_id])).get(number_id)
    numbers = await sender_numbers.all(Channel.SMS)
    return min(numbers, key=lambda number: number.unit_id != outgoing.unit_id, default=None)


async def _written_to(outgoing: Outgoing) -> int | None:
    """The unit's number that the person wrote to on WhatsApp, so lately that they may be answered there."""
    rows = await database.fetch(
        "SELECT n.id FROM inbound_messages m JOIN recipients r ON r.id = m.recipient_id"
        " JOIN sender_numbers n ON n.id = m.sender_number_id"
        " WHERE r.kind = 'PHONE' AND r.fingerprint = $1 AND m.channel = 'WHATSAPP' AND m.received_at > $2"
        " AND n.business_unit_id = $3 AND n.provider_id IS NOT NULL ORDER BY m.received_at DESC LIMIT 1",
        recipients.fingerprint_of(outgoing.address),
        database.now() - _WHATSAPP_WINDOW,
        outgoing.unit_id,
    )
    return rows[0]["id"] if rows else None


def _usual(outgoing: Outgoing) -> Channel:
    """The channel where there is no number: on WhatsApp nobody is written to but in answer."""
    return Channel.SMS if outgoing.sender_number_id is None else outgoing.channel


async def _write(outgoing: Outgoing, channel: Channel, sender: SenderNumber | None, body: str) -> bool:
    """Keep a text as a file, the way a mail is kept."""
    number = sender.number if sender else ""
    heads = f"From: {number}\nTo: {outgoing.address.value}\nChannel: {channel.value}\n"
    folder = settings.current().data_dir / TEXTS_FOLDER
    return await deliver_to_file(outgoing, folder, ".txt", f"{heads}\n{body}\n".encode())
