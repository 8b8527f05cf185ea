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

from preference_center.errors import ErrorCode, Faults, Invalid
from preference_center.translations import Translator
from preference_center.validation import check_text

MAX_LENGTH: Final = 300
_PLACEHOLDER = re.compile(r"%\((\w+)\)s")
_IN_BRACES = re.compile(r"\{([^{}]*)\}")
_CONTROLS = re.compile("[\u061c\u200e\u200f\u202a-\u202e\u2066-\u2069]")
"""Characters that change the direction of text (UAX 9): values are isolated already."""
_BLANK_LETTERS: Final = frozenset("\u115f\u1160\u3164\uffa0")
"""Letters of Hangul that show as nothing."""
_OPTIONAL: Final = frozenset({"unit"})
"""Placeholders that a text may leave out: the page and the mail name the brand anyway."""


class TextKey(Enum):
    """A text that a brand may word itself."""

    PREFERENCES_HEADING = "PREFERENCES_HEADING"
    PREFERENCES_LEAD = "PREFERENCES_LEAD"
    PREFERENCES_SAVE = "PREFERENCES_SAVE"
    ALWAYS_ON = "ALWAYS_ON"
    STOP_ALL_EMAILS = "STOP_ALL_EMAILS"
    STOP_ALL_SMS = "STOP_ALL_SMS"
    STOP_ALL_WHATSAPP = "STOP_ALL_WHATSAPP"
    STOPPED_ALL_EMAILS = "STOPPED_ALL_EMAILS"
    PAUSE_NOTE = "PAUSE_NOTE"
    UNSUBSCRIBE_HEADING = "UNSUBSCRIBE_HEADING"
    UNSUBSCRIBE_TYPE_BUTTON = "UNSUBSCRIBE_TYPE_BUTTON"
    PAUSE_EMAILS_BUTTON = "PAUSE_EMAILS_BUTTON"
    UNSUBSCRIBED_TYPE = "UNSUBSCRIBED_TYPE"
    UNDONE = "UNDONE"
    LEAVING_REASONS_HEADING = "LEAVING_REASONS_HEADING"
    LEAVING_REASON_TOO_MANY = "LEAVING_REASON_TOO_MANY"
    LEAVING_REASON_NOT_AS_EXPECTED = "LEAVING_REASON_NOT_AS_EXPECTED"
    LEAVING_REASON_NO_LONGER_INTERESTED = "LEAVING_REASON_NO_LONGER_INTERESTED"
    LEAVING_REASON_NEVER_ASKED = "LEAVING_REASON_NEVER_ASKED"
    LEAVING_REASON_OTHER = "LEAVING_REASON_OTHER"
    LEAVING_REASON_THANKS = "LEAVING_REASON_THANKS"
    CONFIRM_HEADING = "CONFIRM_HEADING"
    CONFIRM_BUTTON = "CONFIRM_BUTTON"
    CONFIRMED_HEADING = "CONFIRMED_HEADING"
    CONFIRMED_NOTE = "CONFIRMED_NOTE"
    LINK_REQUEST_HEADING = "LINK_REQUEST_HEADING"
    LINK_REQUEST_BUTTON = "LINK_REQUEST_BUTTON"
    LINK_REQUESTED_HEADING = "LINK_REQUESTED_HEADING"
    LINK_MAIL_SUBJECT = "LINK_MAIL_SUBJECT"
    LINK_MAIL_LEAD = "LINK_MAIL_LEAD"
    LINK_MAIL_BUTTON = "LINK_MAIL_BUTTON"
    CONFIRM_MAIL_SUBJECT = "CONFIRM_MAIL_SUBJECT"
    CONFIRM_MAIL_LEAD = "CONFIRM_MAIL_LEAD"
    CONFIRM_MAIL_BUTTON = "CONFIRM_MAIL_BUTTON"
    FOOTER_WHY = "FOOTER_WHY"
    FOOTER_MANAGE = "FOOTER_MANAGE"
    FOOTER_UNSUBSCRIBE_TYPE = "FOOTER_UNSUBSCRIBE_TYPE"
    FOOTER_UNSUBSCRIBE_ALL = "FOOTER_UNSUBSCRIBE_ALL"

    @property
    def message(self) -> str:
        """The message of Sayso that it replaces."""
        return _MESSAGES[self]

    @property
    def placeholders(self) -> tuple[str, ...]:
        """The names that its text may have in braces: `unit` for `{unit}`."""
        return tuple(dict.fromkeys(_PLACEHOLDER.findall(self.message)))

    @property
    def required(self) -> tuple[str, ...]:
        """The placeholders without which its text would say too little."""
        return tuple(name for name in self.placeholders if name not in _OPTIONAL)


_MESSAGES: Final[dict[TextKey, str]] = {
    TextKey.PREFERENCES_HEADING: "Your preferences",
    TextKey.PREFERENCES_LEAD: "Choose what you want, then save.",
    TextKey.PREFERENCES_SAVE: "Save choices",
    TextKey.ALWAYS_ON: "Always on",
    TextKey.STOP_ALL_EMAILS: "Stop all emails from %(unit)s",
    TextKey.STOP_ALL_SMS: "Stop all SMS from %(unit)s",
    TextKey.STOP_ALL_WHATSAPP: "Stop all WhatsApp messages from %(unit)s",
    TextKey.STOPPED_ALL_EMAILS: "You’re unsubscribed from all %(unit)s emails.",
    TextKey.PAUSE_NOTE: "During a pause you only get essential messages. Your choices stay as they are.",
    TextKey.UNSUBSCRIBE_HEADING: "Unsubscribe",
    TextKey.UNSUBSCRIBE_TYPE_BUTTON: "Unsubscribe from %(type)s",
    TextKey.PAUSE_EMAILS_BUTTON: "Pause emails from %(unit)s for 30 days",
    TextKey.UNSUBSCRIBED_TYPE: "You’re unsubscribed from %(type)s.",
    TextKey.UNDONE: "You’ll get %(type)s again.",
    TextKey.LEAVING_REASONS_HEADING: "Would you tell us why? (optional)",
    TextKey.LEAVING_REASON_TOO_MANY: "Too many messages",
    TextKey.LEAVING_REASON_NOT_AS_EXPECTED: "Not what I expected",
    TextKey.LEAVING_REASON_NO_LONGER_INTERESTED: "Not interested any more",
    TextKey.LEAVING_REASON_NEVER_ASKED: "I never asked for this",
    TextKey.LEAVING_REASON_OTHER: "Another reason",
    TextKey.LEAVING_REASON_THANKS: "Thank you.",
    TextKey.CONFIRM_HEADING: "Subscribe to %(type)s?",
    TextKey.CONFIRM_BUTTON: "Yes, subscribe me",
    TextKey.CONFIRMED_HEADING: "You’re subscribed to %(names)s.",
    TextKey.CONFIRMED_NOTE: "Changed your mind? You can unsubscribe at any time.",
    TextKey.LINK_REQUEST_HEADING: "Choose what you get",
    TextKey.LINK_REQUEST_BUTTON: "Send me a link",
    TextKey.LINK_REQUESTED_HEADING: "Check your inbox",
    TextKey.LINK_MAIL_SUBJECT: "%(unit)s: your email preferences",
    TextKey.LINK_MAIL_LEAD: (
        "Here’s the link you asked for. Use it to choose what you get from %(unit)s, pause emails or"
        " unsubscribe."
    ),
    TextKey.LINK_MAIL_BUTTON: "Open my preferences",
    TextKey.CONFIRM_MAIL_SUBJECT: "%(unit)s: please confirm “%(type)s”",
    TextKey.CONFIRM_MAIL_LEAD: (
        "You, or someone who entered this address, asked for “%(type)s” from %(unit)s."
    ),
    TextKey.CONFIRM_MAIL_BUTTON: "Review and confirm",
    TextKey.FOOTER_WHY: "You’re getting this because you’re subscribed to “%(type)s”.",
    TextKey.FOOTER_MANAGE: "Manage your preferences",
    TextKey.FOOTER_UNSUBSCRIBE_TYPE: "Unsubscribe from “%(type)s”",
    TextKey.FOOTER_UNSUBSCRIBE_ALL: "Unsubscribe from everything",
}


@dataclass(frozen=True, slots=True)
class CustomText:
    """A brand's own words for one text in one language."""

    key: TextKey
    locale: str
    """One of `translations.languages()`."""
    text: str
    """Plain text with the placeholders of the key, such as `{unit}`."""


def check_own_words(key: TextKey, written: str, *field: str) -> str:
    """Return a brand's own text for a key, in one line.

    Raises Invalid, naming the field, for a text that says nothing, such as one of spaces, for one that is too
    long, for a placeholder that the text does not have, and if one is missing that it needs.
    """
    text = " ".join(check_text(written, *field, max_length=MAX_LENGTH, required=True).split())
    used = _IN_BRACES.findall(text)
    with Faults() as faults:
        if _CONTROLS.search(text):
            message = "The text has an invisible character that changes the direction of text."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *field))
        for name in dict.fromkeys(used):
            if name not in key.placeholders:
                faults.add(Invalid(ErrorCode.INVALID_VALUE, _unknown(key, name), *field))
        for name in key.required:
            if name not in used:
                message = f"The text needs the placeholder {{{name}}}."
                faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *field))
        if not any(c.isalnum() and c not in _BLANK_LETTERS for c in _IN_BRACES.sub("", text)):
            message = "The text needs a word of its own: buttons and headings must say what they are for."
            faults.add(Invalid(ErrorCode.INVALID_VALUE, message, *field))
    return text


def _unknown(key: TextKey, name: str) -> str:
    known = " and ".join(f"{{{each}}}" for each in key.placeholders)
    accepted = f"It may have {known}." if known else "It has none."
    return f"There is no placeholder {{{name[:40]}}} in this text. {accepted}"


def in_words_of(translator: Translator, own: Iterable[CustomText]) -> Translator:
    """Return the translator with a brand's own texts in place of Sayso's; itself if there are none."""
    texts = tuple(text for text in own if text.locale == translator.language)
    return _worded(translator, texts) if texts else translator


@lru_cache(maxsize=256)
def _worded(translator: Translator, texts: tuple[CustomText, ...]) -> Translator:
    return translator.with_own_words({own.key.message: as_format(own.text) for own in texts})


def in_braces(message: str) -> str:
    """Return a message as a brand words it: with `{placeholders}` for `%(placeholders)s`."""
    return _PLACEHOLDER.sub(r"{\1}", message)


def as_format(text: str) -> str:
    """Return a text with `{placeholders}` as a text that `%` fills in: `%(placeholders)s`."""
    return re.sub(r"\{(\w+)\}", r"%(\1)s", text.replace("%", "%%"))
