"""What the unsubscribe page shows: what happened, by name, and what can be done now, by the current state."""

from __future__ import annotations

from dataclasses import dataclass, replace

from api.pages import leaving_reasons
from api.pages.frame.layout import public_path
from api.pages.frame.parts import Button, LeavingReasonsView
from api.pages.frame.response import StatusMessage
from api.pages.unsubscribe import copy
from api.pages.unsubscribe.outcome import PressOutcome
from api.pages.unsubscribe.visit import Visit
from preference_center.catalog.catalog import Catalog
from preference_center.links.kinds import TokenKind
from preference_center.preferences.withdrawal import WithdrawalTarget
from preference_center.rules.types import Channel, PreferenceStatus, Purpose
from preference_center.translations import Translator


@dataclass(frozen=True, slots=True)
class Option:
    """A button that does something with one press: its label, and what follows from it."""

    value: str
    label: str
    effect: str | None = None

    @property
    def shown_text(self) -> str:
        """What the recipient read and pressed, for the evidence."""
        return "\n".join(line for line in (self.effect, f"[{self.label}]") if line)


@dataclass(frozen=True, slots=True)
class UnsubscribePage:
    """What `unsubscribe.html` shows."""

    heading: str
    address: str | None
    good: bool = False
    """Whether the heading says what was done: it has a check mark and is announced."""
    text: str | None = None
    status: StatusMessage | None = None
    undo: Button | None = None
    undo_token: str | None = None
    options_heading: str | None = None
    """None where the page's own heading is that of the options."""
    options: tuple[Option, ...] = ()
    choose: Option | None = None
    link_request_url: str | None = None
    """Where to request a link to the preference page, if none can be sent with one press."""
    leaving_reasons: LeavingReasonsView | None = None


def page_after(visit: Visit, outcome: PressOutcome) -> UnsubscribePage | None:
    """The page after a press; None if what the press did is no longer so."""
    if outcome.result == "not undone":
        page: UnsubscribePage | None = _not_undone(visit)
    elif outcome.result == "undone":
        page = _undone(visit, outcome)
    elif outcome.result in ("paused", "resumed"):
        page = _paused(visit, outcome)
    else:
        page = _left(visit, outcome)
    if page is None and outcome.link_sent:
        page = page_now(visit)
    if page is None:
        return None
    choose = None if outcome.link_sent else page.choose
    return replace(page, status=_status(visit, outcome) or page.status, choose=choose)


def page_now(visit: Visit) -> UnsubscribePage:
    """The page without a press: what can be left, or that the person has left already."""
    target, translator = visit.target, visit.context.translator
    if visit.has_left(target):
        return _with_options(visit, _already(visit, target), translator.gettext("Leave other messages too"))
    until = visit.paused_until
    paused = StatusMessage(True, _paused_text(visit)) if until and not visit.left(target.for_all()) else None
    page = UnsubscribePage(
        copy.heading(translator),
        visit.visitor.masked_address,
        text=_why_no_opt_out_of_type(translator, target),
        status=paused,
    )
    return _with_options(visit, page, None)


def option_of(translator: Translator, catalog: Catalog, target: WithdrawalTarget, do: str) -> Option:
    """The option that a button of the page (`unsubscribe`, `all`, `pause`) is, for a link's target."""
    channel, units = target.channel, translator.listed([unit.name for unit in target.business_units])
    if do == "pause":
        return Option(do, copy.pause_button(translator, channel, units), copy.pause_effect(translator))
    if do == "unsubscribe" and target.subscription_type:
        label = copy.type_button(translator, channel, target.subscription_type.name(translator.language))
        return Option(do, label, copy.type_effect(translator))
    staying = _staying_types(translator, catalog, target.for_all())
    effect = copy.still_sent(translator, staying) if staying else None
    return Option(do, copy.stop_all_button(translator, channel, units), effect)


def _left(visit: Visit, outcome: PressOutcome) -> UnsubscribePage | None:
    target = visit.target.for_all() if outcome.for_all else visit.target
    left = visit.left(target)
    if not left:
        return None
    translator = visit.context.translator
    undoable = any(each.event_id in outcome.event_ids and not each.covered_by_all for each in left)
    current = undoable and not visit.erased
    page = UnsubscribePage(
        _unsubscribed(translator, target),
        visit.visitor.masked_address,
        good=True,
        text=_what_stays(visit, target),
        undo=Button("undo", translator.gettext("Undo")) if current else None,
        undo_token=outcome.undo_token if current else None,
        leaving_reasons=leaving_reasons.reasons_view(
            translator, outcome.reason_token if current and visit.asks_for_reasons else None, outcome.reason
        ),
    )
    return _with_options(visit, page, translator.gettext("Leave other messages too"))


def _paused(visit: Visit, outcome: PressOutcome) -> UnsubscribePage | None:
    """The pause that is current now, also if it is the one before the pause that was ended."""
    translator, target = visit.context.translator, visit.target
    address, resumed = visit.visitor.masked_address, outcome.result == "resumed"
    if visit.paused_until is None and resumed:
        page = UnsubscribePage(
            copy.pause_ended(translator, target.channel, _units(translator, target)), address, good=True
        )
        return _with_options(visit, page, translator.gettext("Changed your mind?"))
    if visit.paused_until is None or visit.left(target.for_all()):
        return None
    undoable = not resumed and visit.is_current_pause(outcome.event_ids) and not visit.erased
    page = UnsubscribePage(
        _paused_text(visit),
        address,
        good=True,
        text=copy.pause_effect(translator),
        undo=Button("resume", translator.gettext("End the pause")) if undoable else None,
        undo_token=outcome.undo_token if undoable else None,
    )
    return _with_options(visit, page, translator.gettext("Unsubscribe instead"))


def _undone(visit: Visit, outcome: PressOutcome) -> UnsubscribePage | None:
    translator, target = visit.context.translator, visit.target
    if visit.left(target.for_all() if outcome.for_all else target):
        return None
    type_ = None if outcome.for_all else target.subscription_type
    if type_ is None:
        heading = copy.back_to_all(translator, target.channel, _units(translator, target))
    else:
        held = visit.state.preferences.get((type_.id, target.channel))
        name = type_.name(translator.language)
        if held and held.status is PreferenceStatus.OPTED_IN:
            heading = copy.back_to_type(translator, target.channel, name)
        else:
            heading = copy.no_longer_unsubscribed(translator, name)
    page = UnsubscribePage(heading, visit.visitor.masked_address, good=True)
    return _with_options(visit, page, translator.gettext("Changed your mind?"))


def _not_undone(visit: Visit) -> UnsubscribePage:
    translator = visit.context.translator
    page = UnsubscribePage(
        translator.gettext("That can’t be undone any more"),
        visit.visitor.masked_address,
        text=translator.gettext("It was more than a day ago, or something has changed since then."),
    )
    return _with_options(visit, page, translator.gettext("Unsubscribe"))


def _already(visit: Visit, target: WithdrawalTarget) -> UnsubscribePage:
    translator = visit.context.translator
    wide = target.for_all()
    if target.subscription_type and not visit.has_left(wide):
        name = target.subscription_type.name(translator.language)
        heading = copy.already_unsubscribed_from_type(translator, target.channel, name)
    else:
        target = wide
        heading = copy.already_unsubscribed_from_all(translator, wide.channel, _units(translator, wide))
    return UnsubscribePage(heading, visit.visitor.masked_address, good=True, text=_what_stays(visit, target))


def _with_options(visit: Visit, page: UnsubscribePage, heading: str | None) -> UnsubscribePage:
    """The page with what can be done now: what is left to leave, a pause, and a link to everything."""
    translator, target, catalog = visit.context.translator, visit.target, visit.context.catalog
    left_all = visit.has_left(target.for_all())
    dos = []
    if not visit.has_left(target) and not left_all:
        dos.append("unsubscribe")
    if target.subscription_type and not left_all:
        dos.append("all")
    if visit.paused_until is None and not visit.left(target.for_all()) and not visit.erased:
        dos.append("pause")
    choose = Option(
        "choose",
        copy.choose_button(translator),
        copy.choose_effect(translator, visit.visitor.recipient_kind),
    )
    return replace(
        page,
        options_heading=heading,
        options=tuple(option_of(translator, catalog, target, do) for do in dos),
        choose=choose if visit.can_be_sent_a_link else None,
        link_request_url=None if visit.can_be_sent_a_link else _link_request_url(target),
    )


def _status(visit: Visit, outcome: PressOutcome) -> StatusMessage | None:
    """What a screen reader announces in place of the heading."""
    translator, visitor = visit.context.translator, visit.visitor
    if outcome.link_sent and visitor.masked_address:
        return StatusMessage(True, copy.link_sent(translator, visitor.recipient_kind, visitor.masked_address))
    return StatusMessage(True, leaving_reasons.thanks(translator)) if outcome.result == "thanked" else None


def _unsubscribed(translator: Translator, target: WithdrawalTarget) -> str:
    if target.subscription_type:
        name = target.subscription_type.name(translator.language)
        return copy.unsubscribed_from_type(translator, target.channel, name)
    return copy.unsubscribed_from_all(translator, target.channel, _units(translator, target))


def _paused_text(visit: Visit) -> str:
    translator, until = visit.context.translator, visit.paused_until
    day = translator.date(until) if until else ""
    return copy.paused(translator, visit.target.channel, _units(translator, visit.target), day)


def _what_stays(visit: Visit, target: WithdrawalTarget) -> str | None:
    """Which transactional types come all the same, if all was left (R24)."""
    staying = _staying_types(visit.context.translator, visit.context.catalog, target)
    return copy.still_sent(visit.context.translator, staying) if staying else None


def _staying_types(translator: Translator, catalog: Catalog, target: WithdrawalTarget) -> list[str]:
    if target.subscription_type or target.channel is not Channel.EMAIL:
        return []
    return [
        subscription_type.name(translator.language)
        for unit in target.business_units
        for subscription_type in catalog.types_of(unit)
        if subscription_type.purpose is Purpose.TRANSACTIONAL
        and subscription_type.is_public
        and subscription_type.archived_at is None
        and Channel.EMAIL in subscription_type.channels
    ]


def _why_no_opt_out_of_type(translator: Translator, target: WithdrawalTarget) -> str | None:
    transactional = target.transactional_type
    if transactional is None:
        return None
    return copy.transactional_type(translator, target.channel, transactional.name(translator.language))


def _units(translator: Translator, target: WithdrawalTarget) -> str:
    return translator.listed([unit.name for unit in target.business_units])


def _link_request_url(target: WithdrawalTarget) -> str:
    return public_path(TokenKind.MANAGE.path) + (
        f"?unit={target.business_unit.key}" if target.business_unit else ""
    )
