"""Copy that explains why a preference has its status, and since when."""

from __future__ import annotations

from preference_center.rules.types import ConsentOrigin, Maker, PreferenceStatus
from preference_center.translations import Translator


def explanation(
    translator: Translator, status: PreferenceStatus, origin: ConsentOrigin, day: str, unit: str
) -> str:
    """Why a preference has its status, and since when."""
    if origin is ConsentOrigin.REVERSAL:
        return translator.gettext("Your earlier choice was restored on %(day)s.", day=day)
    if status is PreferenceStatus.OPTED_IN:
        return _opted_in(translator, origin, day, unit)
    if status is PreferenceStatus.OPTED_OUT:
        return _opted_out(translator, origin, day, unit)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You came back on %(day)s.", day=day)
    return translator.gettext("%(unit)s marked this as undecided on %(day)s.", unit=unit, day=day)


def _opted_in(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.CONFIRMATION:
        return translator.gettext("You confirmed this on %(day)s.", day=day)
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You asked for this by message on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You chose this on %(day)s.", day=day)
    if origin is ConsentOrigin.IMPORT:
        return translator.gettext(
            "%(unit)s took your subscription over from a list on %(day)s.", unit=unit, day=day
        )
    if origin is ConsentOrigin.INTEGRATION:
        return translator.gettext(
            "A form or service of %(unit)s noted on %(day)s that you want this.", unit=unit, day=day
        )
    return translator.gettext("%(unit)s noted on %(day)s that you want this.", unit=unit, day=day)


def _opted_out(translator: Translator, origin: ConsentOrigin, day: str, unit: str) -> str:
    if origin is ConsentOrigin.KEYWORD:
        return translator.gettext("You stopped this by message on %(day)s.", day=day)
    if origin is ConsentOrigin.PROVIDER:
        return translator.gettext("You stopped this in your messaging app on %(day)s.", day=day)
    if origin.maker is Maker.RECIPIENT:
        return translator.gettext("You unsubscribed on %(day)s.", day=day)
    return translator.gettext("%(unit)s unsubscribed you on %(day)s.", unit=unit, day=day)


def default_explanation(translator: Translator, unit: str) -> str:
    """Why a type is sent without an opt-in (R22)."""
    return translator.gettext("%(unit)s sends this until you say no.", unit=unit)


def transactional_explanation(translator: Translator, unit: str) -> str:
    """Why a transactional type is sent (R24)."""
    return translator.gettext("It belongs to what you do with %(unit)s, such as an order.", unit=unit)
