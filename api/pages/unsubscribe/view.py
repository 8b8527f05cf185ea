"""What the unsubscribe pages show."""

from __future__ import annotations

from dataclasses import dataclass

from api.pages.frame.copy import opt_out_button
from api.pages.frame.done import DonePage
from api.pages.frame.layout import public_path
from api.pages.frame.parts import Button, LeavingReasonsView
from api.pages.unsubscribe import copy
from preference_center.catalog.catalog import Catalog
from preference_center.links.kinds import TokenKind
from preference_center.preferences.withdrawal import WithdrawalTarget
from preference_center.rules.types import Channel, Purpose
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What `unsubscribe.html` shows."""

    question: str
    effect: str
    transactional_notice: str | None
    address: str | None
    button: str

    @property
    def shown_text(self) -> str:
        """What a recipient reads and presses, for the evidence; the address is left out."""
        lines = (self.question, self.effect, self.transactional_notice, f"[{self.button}]")
        return "\n".join(line for line in lines if line)


@dataclass(frozen=True, slots=True)
class Unsubscribed:
    """A withdrawal that was just made, for the page that follows."""

    target: WithdrawalTarget
    address: str | None
    undo_token: str | None
    leaving_reasons: LeavingReasonsView | None
    thanks: str | None = None
    ask_all: bool = True
    """Whether there is more of the business unit to leave."""


def question_page(
    translator: Translator, target: WithdrawalTarget, catalog: Catalog, address: str | None
) -> UnsubscribePage:
    """The page with the unsubscribe button."""
    type_name = _type_name(translator, target)
    return UnsubscribePage(
        copy.question_heading(
            translator, type_name, target.business_unit.name if target.business_unit else None
        ),
        copy.effect(translator, target.channel, type_name, _unit_names(target)),
        _transactional_notice(translator, target, catalog),
        address,
        copy.unsubscribe_button(translator),
    )


def _transactional_notice(translator: Translator, target: WithdrawalTarget, catalog: Catalog) -> str | None:
    """What happens to transactional types when everything is opted out of (R24)."""
    if target.subscription_type:
        return None
    if target.channel is not Channel.EMAIL:
        transactional_type = target.transactional_type
        if transactional_type is None:
            return None
        return copy.no_opt_out_of_type(translator, transactional_type.name(translator.language))
    staying = [
        subscription_type.name(translator.language)
        for unit in target.business_units
        for subscription_type in catalog.types_of(unit)
        if subscription_type.purpose is Purpose.TRANSACTIONAL
        and subscription_type.is_public
        and subscription_type.archived_at is None
        and Channel.EMAIL in subscription_type.channels
    ]
    return copy.transactional_types_stay(translator, staying) if staying else None


def unsubscribed_page(translator: Translator, done: Unsubscribed) -> DonePage:
    """The page after an opt-out: what was opted out of, undo, opt-out of all, leaving reasons."""
    target = done.target
    buttons = [Button("undo", translator.gettext("Undo"))] if done.undo_token else []
    if done.ask_all:
        buttons += _opt_out_of_all(translator, target)
    type_name = _type_name(translator, target)
    return DonePage(
        translator.gettext("You are unsubscribed"),
        copy.unsubscribed(translator, target.channel, type_name, _unit_names(target)),
        address=done.address,
        buttons=tuple(buttons),
        undo_token=done.undo_token,
        link_request_url=_link_request_url(target),
        leaving_reasons=done.leaving_reasons,
        thanks=done.thanks,
    )


def already_left_page(
    translator: Translator, target: WithdrawalTarget, address: str | None, *, ask_all: bool
) -> DonePage:
    """The page of a person who has left already: what they do not get, and what else they can do."""
    type_name = _type_name(translator, target)
    return DonePage(
        copy.already_left_heading(
            translator, type_name, target.business_unit.name if target.business_unit else None
        ),
        copy.left(translator, target.channel, type_name, _unit_names(target)),
        address=address,
        buttons=tuple(_opt_out_of_all(translator, target)) if ask_all else (),
        link_request_url=_link_request_url(target),
    )


def _opt_out_of_all(translator: Translator, target: WithdrawalTarget) -> list[Button]:
    """The button that also leaves the rest of the unit, after a type was left."""
    if target.subscription_type is None:
        return []
    unit_name = target.subscription_type.business_unit.name
    return [Button("all", opt_out_button(translator, target.channel, unit_name))]


def undone_page(
    translator: Translator, target: WithdrawalTarget, address: str | None, *, undone: bool
) -> DonePage:
    """The page after an undo: everything as before, or why not."""
    if undone:
        heading = translator.gettext("Undone")
        text = translator.gettext("Everything is as it was before you unsubscribed.")
    else:
        heading = translator.gettext("That cannot be undone any more")
        text = translator.gettext(
            "It is too long ago, or something was changed since. Nothing was changed now."
        )
    again = Button("unsubscribe", copy.unsubscribe_button(translator))
    return DonePage(
        heading,
        text,
        good=undone,
        address=address,
        buttons=(again,) if undone else (),
        link_request_url=_link_request_url(target),
    )


def _type_name(translator: Translator, target: WithdrawalTarget) -> str | None:
    return target.subscription_type.name(translator.language) if target.subscription_type else None


def _unit_names(target: WithdrawalTarget) -> list[str]:
    return [unit.name for unit in target.business_units]


def _link_request_url(target: WithdrawalTarget) -> str:
    return public_path(TokenKind.MANAGE.path) + (
        f"?unit={target.business_unit.key}" if target.business_unit else ""
    )
