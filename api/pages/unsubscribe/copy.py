"""Copy of the unsubscribe page. Each sentence is one message for each channel, so each can be worded."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.rules.types import Channel, RecipientKind
from preference_center.translations import Translator

PAUSE_DAYS = 30


def heading(translator: Translator) -> str:
    """The heading before a press."""
    return translator.gettext("Unsubscribe")


def type_button(translator: Translator, channel: Channel, type_name: str) -> str:
    """The button that opts out of one type."""
    if channel is Channel.EMAIL:
        return translator.gettext("Unsubscribe from %(type)s", type=type_name)
    if channel is Channel.SMS:
        return translator.gettext("Unsubscribe from %(type)s by SMS", type=type_name)
    return translator.gettext("Unsubscribe from %(type)s on WhatsApp", type=type_name)


def type_effect(translator: Translator) -> str:
    """What an opt-out of one type leaves alone."""
    return translator.gettext("Your other choices stay as they are.")


def stop_all_button(translator: Translator, channel: Channel, unit: str) -> str:
    """The button that opts out of all of a unit, or of several, on the channel."""
    if channel is Channel.EMAIL:
        return translator.gettext("Stop all emails from %(unit)s", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Stop all SMS from %(unit)s", unit=unit)
    return translator.gettext("Stop all WhatsApp messages from %(unit)s", unit=unit)


def pause_button(translator: Translator, channel: Channel, unit: str) -> str:
    """The button that pauses for 30 days."""
    if channel is Channel.EMAIL:
        return translator.gettext("Pause emails from %(unit)s for 30 days", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Pause SMS from %(unit)s for 30 days", unit=unit)
    return translator.gettext("Pause WhatsApp messages from %(unit)s for 30 days", unit=unit)


def pause_effect(translator: Translator) -> str:
    """What happens after a pause."""
    return translator.gettext("They’ll start again on their own.")


def choose_button(translator: Translator) -> str:
    """The button that sends a link to the preference page."""
    return translator.gettext("Choose what you get")


def choose_effect(translator: Translator, recipient_kind: RecipientKind) -> str:
    """What that button does."""
    if recipient_kind is RecipientKind.EMAIL:
        return translator.gettext("We’ll email you a link.")
    return translator.gettext("We’ll text you a link.")


def link_sent(translator: Translator, recipient_kind: RecipientKind, address: str) -> str:
    """That the link is on its way."""
    if recipient_kind is RecipientKind.EMAIL:
        return translator.gettext("Check your inbox. We’ve emailed a link to %(address)s.", address=address)
    return translator.gettext("Check your messages. We’ve texted a link to %(number)s.", number=address)


def still_sent(translator: Translator, names: Sequence[str]) -> str:
    """Which transactional types an opt-out of all email leaves (R24)."""
    return translator.gettext("You’ll still get %(names)s.", names=translator.listed(names))


def transactional_type(translator: Translator, channel: Channel, type_name: str) -> str:
    """Why there is no opt-out of a transactional type alone (R24)."""
    if channel is Channel.EMAIL:
        return translator.gettext(
            "%(type)s is only sent about your orders and account, so it can’t be turned off.", type=type_name
        )
    return translator.gettext("%(type)s can’t be stopped on its own.", type=type_name)


def unsubscribed_from_type(translator: Translator, channel: Channel, type_name: str) -> str:
    """What is in effect after an opt-out of a type."""
    if channel is Channel.EMAIL:
        return translator.gettext("You’re unsubscribed from %(type)s.", type=type_name)
    if channel is Channel.SMS:
        return translator.gettext("You’re unsubscribed from %(type)s by SMS.", type=type_name)
    return translator.gettext("You’re unsubscribed from %(type)s on WhatsApp.", type=type_name)


def unsubscribed_from_all(translator: Translator, channel: Channel, unit: str) -> str:
    """What is in effect after an opt-out of all."""
    if channel is Channel.EMAIL:
        return translator.gettext("You’re unsubscribed from all %(unit)s emails.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You’re unsubscribed from all SMS from %(unit)s.", unit=unit)
    return translator.gettext("You’re unsubscribed from all WhatsApp messages from %(unit)s.", unit=unit)


def already_unsubscribed_from_type(translator: Translator, channel: Channel, type_name: str) -> str:
    """The message for a person who has left a type already."""
    if channel is Channel.EMAIL:
        return translator.gettext("You’re already unsubscribed from %(type)s.", type=type_name)
    if channel is Channel.SMS:
        return translator.gettext("You’re already unsubscribed from %(type)s by SMS.", type=type_name)
    return translator.gettext("You’re already unsubscribed from %(type)s on WhatsApp.", type=type_name)


def already_unsubscribed_from_all(translator: Translator, channel: Channel, unit: str) -> str:
    """The message for a person who has left everything already."""
    if channel is Channel.EMAIL:
        return translator.gettext("You’re already unsubscribed from all %(unit)s emails.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You’re already unsubscribed from all SMS from %(unit)s.", unit=unit)
    return translator.gettext(
        "You’re already unsubscribed from all WhatsApp messages from %(unit)s.", unit=unit
    )


def paused(translator: Translator, channel: Channel, unit: str, day: str) -> str:
    """The pause that is in effect."""
    if channel is Channel.EMAIL:
        return translator.gettext("Emails from %(unit)s are paused until %(day)s.", unit=unit, day=day)
    if channel is Channel.SMS:
        return translator.gettext("SMS from %(unit)s are paused until %(day)s.", unit=unit, day=day)
    return translator.gettext("WhatsApp messages from %(unit)s are paused until %(day)s.", unit=unit, day=day)


def pause_ended(translator: Translator, channel: Channel, unit: str) -> str:
    """That the pause was ended."""
    if channel is Channel.EMAIL:
        return translator.gettext("Emails from %(unit)s are no longer paused.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("SMS from %(unit)s are no longer paused.", unit=unit)
    return translator.gettext("WhatsApp messages from %(unit)s are no longer paused.", unit=unit)


def back_to_type(translator: Translator, channel: Channel, type_name: str) -> str:
    """That an undo opted in to a type again."""
    if channel is Channel.EMAIL:
        return translator.gettext("You’ll get %(type)s again.", type=type_name)
    if channel is Channel.SMS:
        return translator.gettext("You’ll get %(type)s by SMS again.", type=type_name)
    return translator.gettext("You’ll get %(type)s on WhatsApp again.", type=type_name)


def no_longer_unsubscribed(translator: Translator, type_name: str) -> str:
    """That an undo left a type as it was before, which was not an opt-in."""
    return translator.gettext("Undone. You’re no longer unsubscribed from %(type)s.", type=type_name)


def back_to_all(translator: Translator, channel: Channel, unit: str) -> str:
    """That an undo lifted an opt-out of all."""
    if channel is Channel.EMAIL:
        return translator.gettext("You’ll get emails from %(unit)s as before.", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("You’ll get SMS from %(unit)s as before.", unit=unit)
    return translator.gettext("You’ll get WhatsApp messages from %(unit)s as before.", unit=unit)
