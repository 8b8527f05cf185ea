"""What a withdraw link is about, and what its pages say."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.frame import texts
from api.pages.frame.parts import WhyView
from api.pages.frame.response import path_to
from preference_center.catalog.catalog import Catalog, Type, Unit
from preference_center.ledger.record import Intent
from preference_center.links.maker import Target, Withdrawal
from preference_center.rules.types import Channel, PreferenceStatus, Purpose
from preference_center.translations import Translator

_OUT = PreferenceStatus.OPTED_OUT


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


@dataclass(frozen=True, slots=True)
class WithdrawalTarget:
    """What a withdraw link withdraws from: one type, or all of some units."""

    channel: Channel
    type: Type | None
    units: tuple[Unit, ...]
    essential: Type | None = None
    """The transactional type that the link named: it cannot be left, so all of its unit is (R24)."""

    @property
    def unit(self) -> Unit | None:
        """The one unit that it is about; None where it is about all."""
        return self.units[0] if len(self.units) == 1 else None

    def intents(self, recipient_id: int) -> list[Intent]:
        """What goes to the door."""
        if self.type:
            return [Intent(recipient_id, self.channel, _OUT, self.type.unit, self.type)]
        return [Intent(recipient_id, self.channel, _OUT, unit) for unit in self.units]

    def widened(self) -> WithdrawalTarget:
        """The same for all of the unit."""
        return WithdrawalTarget(self.channel, None, self.units, self.essential)


def aim(withdrawal: Withdrawal, catalog: Catalog) -> WithdrawalTarget:
    """What a link is about by today's catalogue.

    One whose type or unit is not known here was signed all the same: it means everything then, for a
    withdrawal is never turned away.
    """
    channel = withdrawal.channel
    if withdrawal.target is Target.TYPE:
        type_ = catalog.type_by_reference(withdrawal.reference)
        if type_ is None:
            return WithdrawalTarget(channel, None, catalog.units)
        if type_.purpose is Purpose.TRANSACTIONAL:
            return WithdrawalTarget(channel, None, (type_.unit,), essential=type_)
        return WithdrawalTarget(channel, type_, (type_.unit,))
    unit = catalog.unit_by_reference(withdrawal.reference) if withdrawal.target is Target.UNIT else None
    return WithdrawalTarget(channel, None, (unit,) if unit else catalog.units)


def question_page(
    translator: Translator, about: WithdrawalTarget, catalog: Catalog, address: str | None
) -> UnsubscribePage:
    """The page with the one button."""
    name = about.type.name(translator.language) if about.type else None
    return UnsubscribePage(
        texts.unsubscribe_question(translator, name, about.unit.name if about.unit else None),
        texts.unsubscribe_effect(translator, about.channel, name, [unit.name for unit in about.units]),
        _essential(translator, about, catalog),
        address,
        texts.unsubscribe_button(translator),
    )


def _essential(translator: Translator, about: WithdrawalTarget, catalog: Catalog) -> str | None:
    """What is to be said of transactional types before everything is opted out of (R24)."""
    if about.type:
        return None
    if about.channel is not Channel.EMAIL:
        return (
            texts.cannot_stop_alone(translator, about.essential.name(translator.language))
            if about.essential
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
    name = about.type.name(translator.language) if about.type else None
    buttons = [Button("undo", translator.gettext("Undo"))] if undo else []
    if about.type:
        stop = texts.stop_button(translator, about.channel, about.type.unit.name)
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
