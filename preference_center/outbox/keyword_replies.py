"""What Sayso answers to a keyword (R28): a short text, in the recipient's language, without marketing."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Literal

from preference_center.catalog.catalog import BusinessUnit
from preference_center.rules.types import Channel
from preference_center.translations import SOURCE_LANGUAGE, nearest, read_translations, translated

Kind = Literal["STOPPED", "STARTED", "HELPED"]
DOMAIN = "replies"
_TEXTS: dict[Channel, dict[Kind, str]] = {
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
"""START, STOP and HELP stay as they are in every language: each understands them."""
_UNSENDABLE = re.compile("[\x00-\x08\x0e-\x1f\x7f-\x84\x86-\x9f\ud800-\udfff\ufffe\uffff]")
"""Control characters and the like, which neither XML nor a text message can have."""


@dataclass(frozen=True, slots=True)
class Answer:
    """One answer to one message."""

    kind: Kind
    text: str
    language: str
    """One of `languages()`."""
    sender_number_id: int
    """The number that was written to, which answers."""


def languages() -> tuple[str, ...]:
    """The languages (BCP 47) that answers are there in, English first."""
    return translated(DOMAIN)


def language_of(*tags: str | None) -> str:
    """The language of an answer: that of the first tag which there are answers for, else English."""
    return next((found for tag in tags if (found := nearest(tag, DOMAIN))), SOURCE_LANGUAGE)


def text(kind: Kind, channel: Channel, unit: BusinessUnit, language: str) -> str:
    """What a unit answers on SMS or WhatsApp, in one of `languages()`; KeyError for email.

    Help ends with the unit's postal address, where it has one: who asks for help may want to write.
    """
    said = read_translations(language, DOMAIN).gettext(_TEXTS[channel][kind]) % {"unit": unit.name}
    if kind == "HELPED" and unit.postal_address:
        said = f"{said} {', '.join(unit.postal_address.splitlines())}"
    return " ".join(_UNSENDABLE.sub("", said).split())
