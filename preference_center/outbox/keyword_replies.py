"""Replies to keywords (R28): short, in the recipient's language, without marketing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from preference_center.catalog.catalog import BusinessUnit
from preference_center.rules.types import Channel
from preference_center.translations import SOURCE_LANGUAGE, nearest, read_translations, translated

ReplyKind = Literal["STOPPED", "STARTED", "HELPED"]
DOMAIN = "replies"
_MESSAGES: dict[Channel, dict[ReplyKind, str]] = {
    Channel.SMS: {
        "STOPPED": "You are unsubscribed from all %(unit)s text messages and will get no more."
        " Reply START to get them again.",
        "STARTED": "%(unit)s may send you text messages. Reply STOP to end them, HELP for help.",
        "HELPED": "Text messages from %(unit)s. Reply STOP to end them, START to get them.",
    },
    Channel.WHATSAPP: {
        "STOPPED": "You are unsubscribed from all %(unit)s WhatsApp messages and will get no more."
        " Reply START to get them again.",
        "STARTED": "%(unit)s may send you WhatsApp messages. Reply STOP to end them, HELP for help.",
        "HELPED": "WhatsApp messages from %(unit)s. Reply STOP to end them, START to get them.",
    },
}
"""START, STOP and HELP are not translated: they work in every language."""
_UNSENDABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and others that neither XML nor a text message can carry."""


@dataclass(frozen=True, slots=True)
class KeywordReply:
    """The reply to one message."""

    kind: ReplyKind
    text: str
    language: str
    """One of `languages()`."""
    sender_number_id: int
    """The number that the message was sent to, and that replies."""
    to: str | None = None
    """The phone number that it is for; None if only the provider knows it."""


def languages() -> tuple[str, ...]:
    """Return the languages (BCP 47) of the replies, English first."""
    return translated(DOMAIN)


def language_of(*tags: str | None) -> str:
    """Return the language of a reply: of the first tag that has a translation, else English."""
    return next((found for tag in tags if (found := nearest(tag, DOMAIN))), SOURCE_LANGUAGE)


def reply_text(kind: ReplyKind, channel: Channel, business_unit: BusinessUnit, language: str) -> str:
    """Return a unit's reply on SMS or WhatsApp, in one of `languages()`; raises KeyError for email.

    The reply to HELP ends with the unit's postal address, if it has one.
    """
    message = read_translations(language, DOMAIN).gettext(_MESSAGES[channel][kind])
    text = message % {"unit": business_unit.name}
    if kind == "HELPED" and business_unit.postal_address:
        text = f"{text} {', '.join(business_unit.postal_address.splitlines())}"
    return " ".join(_UNSENDABLE.sub("", text).split())
