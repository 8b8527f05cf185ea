"""Copy about pauses."""

from __future__ import annotations

from preference_center.rules.types import Channel
from preference_center.translations import Translator


def paused(translator: Translator, channel: Channel, day: str) -> str:
    """The notice of an active pause."""
    if channel is Channel.EMAIL:
        return translator.gettext("Emails are paused until %(day)s.", day=day)
    if channel is Channel.SMS:
        return translator.gettext("SMS are paused until %(day)s.", day=day)
    return translator.gettext("WhatsApp messages are paused until %(day)s.", day=day)


def pause_heading(translator: Translator, channel: Channel, unit: str) -> str:
    """The heading of the choice of a pause."""
    if channel is Channel.EMAIL:
        return translator.gettext("Take a break from %(unit)s emails", unit=unit)
    if channel is Channel.SMS:
        return translator.gettext("Take a break from %(unit)s SMS", unit=unit)
    return translator.gettext("Take a break from %(unit)s WhatsApp messages", unit=unit)


def pause_effect(translator: Translator) -> str:
    """What a pause does, and what it does not change."""
    return translator.gettext("During the break only essential messages come. Your choices stay as they are.")


def pause_days(translator: Translator, days: int) -> str:
    """The button for a pause of some days."""
    return translator.ngettext("%(num)d day", "%(num)d days", days)


def pause_day_error(translator: Translator, last: str) -> str:
    """What is wrong with the day of a pause."""
    return translator.gettext("Choose a day after today and no later than %(day)s.", day=last)


def resume_button(translator: Translator) -> str:
    """The button that ends a pause."""
    return translator.gettext("End the break now")
