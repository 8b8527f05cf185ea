"""Copy of the unsubscribe page."""

from __future__ import annotations

from collections.abc import Sequence

from api.pages.frame.copy import by_channel
from preference_center.rules.types import Channel
from preference_center.translations import Translator


def question_heading(translator: Translator, type_name: str | None, unit: str | None) -> str:
    """The heading: whether to unsubscribe from a type, from a unit's all, or from everything."""
    if type_name:
        return translator.gettext("Unsubscribe from “%(type)s”?", type=type_name)
    if unit:
        return translator.gettext("Unsubscribe from everything from %(unit)s?", unit=unit)
    return translator.gettext("Unsubscribe from everything?")


def effect(translator: Translator, channel: Channel, type_name: str | None, units: Sequence[str]) -> str:
    """What the unsubscribe button does."""
    how, unit = by_channel(translator, channel), translator.listed(units)
    if type_name:
        return translator.gettext(
            "You will no longer get “%(type)s” from %(unit)s %(how)s. It takes effect at once.",
            unit=unit,
            type=type_name,
            how=how,
        )
    return translator.gettext(
        "You will get nothing more from %(unit)s %(how)s. It takes effect at once.", unit=unit, how=how
    )


def unsubscribed(
    translator: Translator, channel: Channel, type_name: str | None, units: Sequence[str]
) -> str:
    """What is in effect after the unsubscribe button."""
    how, unit = by_channel(translator, channel), translator.listed(units)
    if type_name:
        return translator.gettext(
            "From now on you don’t get “%(type)s” from %(unit)s %(how)s.", unit=unit, type=type_name, how=how
        )
    return translator.gettext("From now on you get nothing from %(unit)s %(how)s.", unit=unit, how=how)


def already_left_heading(translator: Translator, type_name: str | None, unit: str | None) -> str:
    """The heading for a person who has left already."""
    if type_name:
        return translator.gettext("You are already unsubscribed from “%(type)s”", type=type_name)
    if unit:
        return translator.gettext("You are already unsubscribed from everything from %(unit)s", unit=unit)
    return translator.gettext("You are already unsubscribed from everything")


def left(translator: Translator, channel: Channel, type_name: str | None, units: Sequence[str]) -> str:
    """What a person who has left already does not get."""
    how, unit = by_channel(translator, channel), translator.listed(units)
    if type_name:
        return translator.gettext(
            "You don’t get “%(type)s” from %(unit)s %(how)s. There is nothing more to do.",
            unit=unit,
            type=type_name,
            how=how,
        )
    return translator.gettext(
        "You get nothing from %(unit)s %(how)s. There is nothing more to do.", unit=unit, how=how
    )


def transactional_types_stay(translator: Translator, names: Sequence[str]) -> str:
    """Which transactional types an opt-out of all email leaves (R24)."""
    return translator.gettext(
        "Only essential messages keep coming: %(names)s.", names=translator.listed(names)
    )


def no_opt_out_of_type(translator: Translator, type_name: str) -> str:
    """That nobody can opt out of a transactional type alone on SMS and WhatsApp (R24)."""
    return translator.gettext(
        "“%(type)s” cannot be stopped by itself, so the button stops everything.", type=type_name
    )


def unsubscribe_button(translator: Translator) -> str:
    """The button of the unsubscribe page."""
    return translator.gettext("Unsubscribe")
