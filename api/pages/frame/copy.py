"""Copy that several pages share. The templates escape it."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.rules.types import Channel
from preference_center.translations import Translator


def channel_name(translator: Translator, channel: Channel) -> str:
    """The name of a channel, as a label."""
    if channel is Channel.EMAIL:
        return translator.gettext("Email")
    return translator.gettext("SMS") if channel is Channel.SMS else "WhatsApp"


def channel_names(translator: Translator, channels: Sequence[Channel]) -> str:
    """The names of several channels, as a heading."""
    return translator.listed([channel_name(translator, channel) for channel in channels])


def by_channel(translator: Translator, channel: Channel) -> str:
    """How messages arrive, within a sentence: "by email"."""
    if channel is Channel.EMAIL:
        return translator.gettext("by email")
    return translator.gettext("by SMS") if channel is Channel.SMS else translator.gettext("on WhatsApp")
