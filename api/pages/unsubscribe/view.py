"""What the unsubscribe pages say."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.frame import texts
from api.pages.frame.parts import WhyView
from api.pages.frame.response import path_to
from preference_center.catalog.catalog import Catalog
from preference_center.preferences.withdrawal import WithdrawalTarget
from preference_center.rules.types import Channel, Purpose
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class Button:
    """A button of a page; the main one is filled."""

    value: str
    label: str
    main: bool = False


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What `unsubscribe.html` shows."""

    question: str
    effect: str
    essential: str | None
    address: str | None
    button: str


@dataclass(frozen=True, slots=True)
class DonePage:
    """What `done.html` shows."""

    heading: str
    text: str
    good: bool = True
    address: str | None = None
    buttons: tuple[Button, ...] = ()
    undo: str | None = None
    ask_url: str | None = None
    why: WhyView | None = None
    thanks: str | None = None
    """What is announced instead of the heading, where a reason was given."""


def question_page(
    translator: Translator, about: WithdrawalTarget, catalog: Catalog, address: str | None
) -> UnsubscribePage:
    """The page with the one button."""
    name = about.subscription_type.name(translator.language) if about.subscription_type else None
    return UnsubscribePage(
        texts.unsubscribe_question(translator, name, about.unit.name if about.unit else None),
        texts.unsubscribe_effect(translator, about.channel, name, [unit.name for unit in about.units]),
        _essential(translator, about, catalog),
        address,
        texts.unsubscribe_button(translator),
    )


def _essential(translator: Translator, about: WithdrawalTarget, catalog: Catalog) -> str | None:
    """What is to be said of transactional types before everything is opted out of (R24)."""
    if about.subscription_type:
        return None
    if about.channel is not Channel.EMAIL:
        return (
            texts.cannot_stop_alone(translator, about.transactional_type.name(translator.language))
            if about.transactional_type
            else None
        )
    stay = [
        type_.name(translator.language)
        for unit in about.units
        for type_ in catalog.types_of(unit)
        if type_.purpose is Purpose.TRANSACTIONAL
        and type_.is_public
        and type_.archived_at is None
        and Channel.EMAIL in type_.channels
    ]
    return texts.essential_stay(translator, stay) if stay else None


def done_page(
    translator: Translator,
    about: WithdrawalTarget,
    address: str | None,
    undo: str | None,
    why: WhyView | None = None,
    thanks: str | None = None,
) -> DonePage:
    """The page after the press: what was done, how to take it back, and below that why it was done."""
    name = about.subscription_type.name(translator.language) if about.subscription_type else None
    buttons = [Button("undo", translator.gettext("Undo"))] if undo else []
    if about.subscription_type:
        stop = texts.stop_button(translator, about.channel, about.subscription_type.business_unit.name)
        buttons.append(Button("all", stop))
    return DonePage(
        translator.gettext("You are unsubscribed"),
        texts.unsubscribed(translator, about.channel, name, [unit.name for unit in about.units]),
        address=address,
        buttons=tuple(buttons),
        undo=undo,
        ask_url=_ask_url(about),
        why=why,
        thanks=thanks,
    )


def undone_page(
    translator: Translator, about: WithdrawalTarget, address: str | None, restored: bool
) -> DonePage:
    """The page after "undo": everything as before, or why not."""
    if restored:
        heading = translator.gettext("Undone")
        text = translator.gettext("Everything is as it was before you unsubscribed.")
    else:
        heading = translator.gettext("That cannot be undone any more")
        text = translator.gettext(
            "It is too long ago, or something was changed since. Nothing was changed now."
        )
    again = Button("unsubscribe", texts.unsubscribe_button(translator))
    return DonePage(heading, text, restored, address, (again,) if restored else (), ask_url=_ask_url(about))


def _ask_url(about: WithdrawalTarget) -> str:
    return path_to("/p") + (f"?unit={about.unit.key}" if about.unit else "")
