"""What Sayso's own text messages say: a link in one or two SMS segments, or a reply to a keyword.

Links are short (`links.short_links`), and names are shortened until the message fits: in one segment if all
of its characters are in GSM 03.38, else in two (3GPP TS 23.038).
"""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Literal

from preference_center.catalog.catalog import current_catalog
from preference_center.links import short_links
from preference_center.links.hosts import link_maker_of
from preference_center.links.kinds import TokenKind
from preference_center.outbox.keyword_replies import ReplyKind, language_of, reply_text
from preference_center.outbox.link_message import LinkMessage, load_link_message
from preference_center.outbox.message import OutgoingMessage
from preference_center.outbox.text_messages.segments import is_gsm, segments
from preference_center.rules.types import Channel
from preference_center.storage import database
from preference_center.translations import Translator

TextKind = Literal["LINK", "CONFIRM", "FORGET"]
_NAME_LENGTHS = (60, 40, 32, 24, 18)
"""How long names may be: the first length with which the message fits."""


@dataclass(frozen=True, slots=True)
class TextOccasion:
    """What a text message with a link is about."""

    kind: TextKind
    channel: Channel
    unit_name: str
    """Empty for a message in the name of several brands."""
    type_names: tuple[str, ...] = ()
    """What a CONFIRM message asks about."""


async def body_of(outgoing: OutgoingMessage) -> str | None:
    """Return the text of a message, with a short link made now; None if it must not be sent."""
    kind = outgoing.kind
    if kind == "STOPPED" or kind == "STARTED" or kind == "HELPED":
        return await _keyword_reply(outgoing, kind)
    message = await load_link_message(outgoing)
    if message is None:
        return None
    unit, translator = message.business_unit, message.translator
    names = tuple(type_.name(translator.language) for type_ in message.subscription_types)
    occasion = TextOccasion(kind, outgoing.channel, unit.name if unit else "", names)
    return text_of(occasion, await _short_url(kind, outgoing.channel, message), translator)


async def _keyword_reply(outgoing: OutgoingMessage, kind: ReplyKind) -> str | None:
    """The same words that Twilio's own replies are configured with (R28)."""
    if outgoing.unit_id is None:
        return None
    business_unit = (await current_catalog()).unit_by_id(outgoing.unit_id)
    language = language_of(outgoing.locale, business_unit.default_locale)
    return reply_text(kind, outgoing.channel, business_unit, language)


async def _short_url(kind: TextKind, channel: Channel, message: LinkMessage) -> str:
    visitor, unit, now = message.visitor, message.business_unit, database.now()
    maker, key = link_maker_of(unit), unit.key if unit else None
    if kind == "CONFIRM":
        types = [type_.key for type_ in message.subscription_types]
        token = maker.confirm(visitor.fingerprint, channel, types, now)
        return maker.short_url(await short_links.shorten(TokenKind.CONFIRM, token))
    if kind == "FORGET":
        token = maker.erasure(visitor.fingerprint, visitor.recipient_kind, now, key)
        return maker.short_url(await short_links.shorten(TokenKind.ERASURE, token))
    token = maker.manage(visitor.fingerprint, visitor.recipient_kind, now, key)
    return maker.short_url(await short_links.shorten(TokenKind.MANAGE, token))


def text_of(occasion: TextOccasion, url: str, translator: Translator) -> str:
    """Return the text of a message with a link. Reads nothing, so a preview can show any message.

    The link is on its own line, so that phones take nothing else for a part of it.
    """
    write = {"LINK": _preferences_link, "CONFIRM": _confirmation, "FORGET": _erasure_link}[occasion.kind]
    texts = ["\n".join(write(occasion, url, translator, _shortener(length))) for length in _NAME_LENGTHS]
    # A no-break space (French has one before a colon) would turn the SMS into Unicode.
    texts = [text.replace("\u00a0", " ") for text in texts]
    in_one = (text for text in texts if is_gsm(text) and segments(text) == 1)
    in_two = (text for text in texts if segments(text) <= 2)
    return next(in_one, None) or next(in_two, texts[-1])


Shorten = Callable[[str], str]


def _preferences_link(
    occasion: TextOccasion, url: str, translator: Translator, short: Shorten
) -> tuple[str, ...]:
    unit = short(occasion.unit_name)
    lead = (
        translator.gettext("%(unit)s: your link to choose what you get", unit=unit)
        if unit
        else translator.gettext("Your link to choose what you get")
    )
    return lead, url, translator.gettext("Don't share this link. Not you? Ignore this.")


def _erasure_link(
    occasion: TextOccasion, url: str, translator: Translator, short: Shorten
) -> tuple[str, ...]:
    unit = short(occasion.unit_name)
    lead = (
        translator.gettext("%(unit)s: delete your data? Confirm:", unit=unit)
        if unit
        else translator.gettext("Delete your data? Confirm:")
    )
    return lead, url, translator.gettext("Don't share this link. Not you? Ignore this.")


def _confirmation(
    occasion: TextOccasion, url: str, translator: Translator, short: Shorten
) -> tuple[str, ...]:
    unit, whatsapp = short(occasion.unit_name), occasion.channel is Channel.WHATSAPP
    types = _listed(occasion.type_names, translator, short)
    if whatsapp:
        lead = translator.gettext("%(unit)s: get %(types)s on WhatsApp? Confirm:", unit=unit, types=types)
    else:
        lead = translator.gettext("%(unit)s: get %(types)s by SMS? Confirm:", unit=unit, types=types)
    return lead, url, translator.gettext("Not you? Ignore this. STOP to opt out.")


def _listed(names: Sequence[str], translator: Translator, short: Shorten) -> str:
    """The names in quotes, or how many there are if they would fill the message."""
    listed = translator.listed([f'"{name}"' for name in names])
    if len(names) == 1:
        return f'"{short(names[0])}"'
    if short(listed) == listed:
        return listed
    return translator.ngettext("%(num)d kind of message", "%(num)d kinds of messages", len(names))


def _shortener(length: int) -> Shorten:
    # Three dots, not an ellipsis, which would turn the SMS into Unicode with less than half the characters.
    return lambda name: name if len(name) <= length else name[: length - 3].rstrip() + "..."
