"""What Sayso's own text messages say: a link with one or two SMS segments, or a reply to a keyword."""

from __future__ import annotations

from preference_center.catalog.catalog import BusinessUnit, current_catalog
from preference_center.config import settings
from preference_center.links.maker import link_maker
from preference_center.outbox.keyword_replies import ReplyKind, language_of, reply_text
from preference_center.outbox.link_message import LinkMessage, load_link_message
from preference_center.outbox.message import OutgoingMessage
from preference_center.rules.types import Channel
from preference_center.storage import database

_MAX_NAME_LENGTH = 60


async def body_of(outgoing: OutgoingMessage) -> str | None:
    """Return the text of a message, with links issued now; None if it must not be sent."""
    kind = outgoing.kind
    if kind == "STOPPED" or kind == "STARTED" or kind == "HELPED":
        return await _keyword_reply(outgoing, kind)
    message = await load_link_message(outgoing)
    if message is None:
        return None
    if kind == "FORGET":
        return _erasure_link(message)
    return _confirmation(message, outgoing.channel) if kind == "CONFIRM" else _preferences_link(message)


async def _keyword_reply(outgoing: OutgoingMessage, kind: ReplyKind) -> str | None:
    """The same words that Twilio's own replies are configured with (R28)."""
    if outgoing.unit_id is None:
        return None
    business_unit = (await current_catalog()).unit_by_id(outgoing.unit_id)
    language = language_of(outgoing.locale, business_unit.default_locale)
    return reply_text(kind, outgoing.channel, business_unit, language)


def _preferences_link(message: LinkMessage) -> str:
    translator, visitor, business_unit = message.translator, message.visitor, message.business_unit
    maker = link_maker(settings.current())
    token = maker.manage(
        visitor.fingerprint,
        visitor.recipient_kind,
        database.now(),
        business_unit.key if business_unit else None,
    )
    return _joined(
        _led_by(business_unit, translator.gettext("See and change what you receive:")),
        maker.manage_url(token),
        translator.gettext("For you alone. If you did not ask for it, ignore it."),
    )


def _erasure_link(message: LinkMessage) -> str:
    translator, visitor, business_unit = message.translator, message.visitor, message.business_unit
    maker = link_maker(settings.current())
    token = maker.erasure(
        visitor.fingerprint,
        visitor.recipient_kind,
        database.now(),
        business_unit.key if business_unit else None,
    )
    return _joined(
        _led_by(business_unit, translator.gettext("Do you want us to forget you? Confirm here:")),
        maker.erasure_url(token),
        translator.gettext("For you alone. If you did not ask for it, ignore it."),
    )


def _confirmation(message: LinkMessage, channel: Channel) -> str | None:
    translator, subscription_type = message.translator, message.subscription_type
    if subscription_type is None:
        return None
    maker = link_maker(settings.current())
    token = maker.confirm(message.visitor.fingerprint, channel, subscription_type.key, database.now())
    names = {
        "unit": _short(subscription_type.business_unit.name),
        "type": _short(subscription_type.name(translator.language)),
    }
    lead = translator.gettext('%(unit)s: do you want "%(type)s" by SMS? Confirm here:', **names)
    if channel is Channel.WHATSAPP:
        lead = translator.gettext('%(unit)s: do you want "%(type)s" on WhatsApp? Confirm here:', **names)
    return _joined(
        lead,
        maker.confirm_url(token),
        translator.gettext("If not, do nothing. Reply STOP to get no messages."),
    )


def _led_by(business_unit: BusinessUnit | None, lead: str) -> str:
    return f"{_short(business_unit.name)}: {lead}" if business_unit else lead


def _joined(lead: str, url: str, after: str) -> str:
    """Put the link on its own line, so that phones take nothing else for a part of it."""
    return f"{lead}\n{url}\n{after}"


def _short(name: str) -> str:
    # Three dots, not an ellipsis, which would turn the SMS into Unicode with less than half the characters.
    return name if len(name) <= _MAX_NAME_LENGTH else name[: _MAX_NAME_LENGTH - 3].rstrip() + "..."
