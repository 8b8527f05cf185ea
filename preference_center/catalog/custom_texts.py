"""The short texts of pages and mails that a brand may word itself, and a translator with its words.

A brand's own text takes the place of one message in one language, wherever that message is shown: on pages,
in mails, in text messages, and in the wording that is kept as evidence. It is plain text with the
`{placeholders}` of the message.
"""

from __future__ import annotations

import re
from collections.abc import Iterable
from dataclasses import dataclass
from enum import Enum
from functools import lru_cache
from typing import Final

from preference_center.translations import Translator

_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_OPTIONAL: Final = frozenset({"unit"})
"""Placeholders that a text may leave out: the page and the mail name the brand anyway."""


class TextKey(Enum):
    """A text that a brand may word itself. The value is the message of Sayso that it replaces."""

    PREFERENCES_HEADING = "What would you like to receive?"
    PREFERENCES_LEAD = "Tick what you want, untick what you don’t, and save."
    PREFERENCES_SAVE = "Save choices"
    ALWAYS_ON = "Always on"
    STOP_ALL_EMAILS = "Unsubscribe from all %(unit)s emails"
    STOP_ALL_SMS = "Stop all SMS from %(unit)s"
    STOP_ALL_WHATSAPP = "Stop all WhatsApp messages from %(unit)s"
    STOPPED_ALL_EMAILS = "You are unsubscribed from all %(unit)s emails."
    PAUSE_NOTE = "During the break only essential messages come. Your choices stay as they are."
    UNSUBSCRIBE_TYPE_HEADING = "Unsubscribe from “%(type)s”?"
    UNSUBSCRIBE_UNIT_HEADING = "Unsubscribe from everything from %(unit)s?"
    UNSUBSCRIBE_BUTTON = "Unsubscribe"
    UNSUBSCRIBED_HEADING = "You are unsubscribed"
    UNDONE = "Everything is as it was before you unsubscribed."
    LEAVING_REASONS_HEADING = "Would you tell us why? (optional)"
    LEAVING_REASON_TOO_MANY = "Too many messages"
    LEAVING_REASON_NOT_AS_EXPECTED = "Not what I expected"
    LEAVING_REASON_NO_LONGER_INTERESTED = "Not interested any more"
    LEAVING_REASON_NEVER_ASKED = "I never asked for this"
    LEAVING_REASON_OTHER = "Another reason"
    LEAVING_REASON_THANKS = "Thank you."
    CONFIRM_HEADING = "Do you want to receive “%(type)s”?"
    CONFIRM_BUTTON = "Yes, send it to me"
    CONFIRMED_HEADING = "Confirmed"
    CONFIRMED_TEXT = "From now on %(unit)s sends you “%(type)s”."
    LINK_REQUEST_HEADING = "A link to your preferences"
    LINK_REQUEST_BUTTON = "Send me a link"
    LINK_REQUESTED_HEADING = "Check your inbox"
    LINK_MAIL_SUBJECT = "Your link to your preferences"
    LINK_MAIL_LEAD = "With this link you can see and change everything you receive."
    LINK_MAIL_BUTTON = "Open your preferences"
    CONFIRM_MAIL_SUBJECT = "Please confirm: %(type)s"
    CONFIRM_MAIL_LEAD = "Somebody, hopefully you, asked for “%(type)s” from %(unit)s at this address."
    CONFIRM_MAIL_BUTTON = "See and confirm"
    FOOTER_WHY = "You receive this because you are subscribed to “%(type)s”."
    FOOTER_MANAGE = "Manage your preferences"
    FOOTER_UNSUBSCRIBE_TYPE = "Unsubscribe from “%(type)s”"
    FOOTER_UNSUBSCRIBE_ALL = "Unsubscribe from everything"

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that its text may have in braces: `unit` for `{unit}`."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.value)))

    @property
    def required(self) -> tuple[str, ...]:
        """The placeholders without which its text would say too little."""
        return tuple(name for name in self.placeholders if name not in _OPTIONAL)


@dataclass(frozen=True, slots=True)
class CustomText:
    """A brand's own words for one text in one language."""

    key: TextKey
    locale: str
    """One of `translations.languages()`."""
    text: str
    """Plain text with the placeholders of the key, such as `{unit}`."""


def in_words_of(translator: Translator, own: Iterable[CustomText]) -> Translator:
    """Return the translator with a brand's own texts in place of Sayso's; itself if there are none."""
    texts = tuple(text for text in own if text.locale == translator.language)
    return _worded(translator, texts) if texts else translator


@lru_cache(maxsize=256)
def _worded(translator: Translator, texts: tuple[CustomText, ...]) -> Translator:
    return translator.with_own_words({own.key.value: as_format(own.text) for own in texts})


def as_format(text: str) -> str:
    """Return a text with `{placeholders}` as a text that `%` fills in: `%(placeholders)s`."""
    return re.sub(r"\{(\w+)\}", r"%(\1)s", text.replace("%", "%%"))
