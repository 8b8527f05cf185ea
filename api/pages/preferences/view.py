"""What the preference page shows, made of the catalogue and of what holds, without database or request."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from api.pages.frame import texts
from api.pages.frame.parts import BoxView, ChannelView, FixedView, Said, TypeView, UnitView
from api.pages.frame.response import css_class, initial
from api.pages.preferences import pauses as rests
from api.pages.preferences.pauses import RestProblem
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.ledger.confirmations import MOST
from preference_center.preferences import eligibility
from preference_center.preferences.changes import RecipientState
from preference_center.rules.languages import tongue
from preference_center.rules.types import Channel, PreferenceStatus, Purpose, RecipientKind
from preference_center.translations import Translator, localized, wording

_PHONE = RecipientKind.PHONE.channels


@dataclass(frozen=True, slots=True)
class Shown:
    """For whom the page is made: everything that its parts need to know.

    `kind` is that of the address which the link was sent to; `beside` are the channels of the phone number
    that is shown beside it, where there is one.
    """

    translator: Translator
    catalog: Catalog
    kind: RecipientKind
    state: RecipientState
    now: datetime
    beside: tuple[Channel, ...] = ()
    problem: RestProblem | None = None
    """A day typed for a pause that does not do."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """Days typed for pauses, by field: they stay as they were left, like the boxes that were touched."""
    touched: Mapping[tuple[int, Channel], bool] = field(default_factory=dict)
    """Boxes that were touched and could not be saved yet."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels of the page, in its order."""
        return self.kind.channels + self.beside


def offered(catalog: Catalog, channels: Sequence[Channel], unit: BusinessUnit) -> list[SubscriptionType]:
    """The unit's types that a recipient may see: public, in use, on one of these channels (R4)."""
    return [
        type_
        for type_ in catalog.types_of(unit)
        if type_.is_public and type_.archived_at is None and channels_of(type_, channels)
    ]


def channels_of(type_: SubscriptionType, channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Those of the channels on which a type is offered, in the page's order."""
    return tuple(channel for channel in channels if channel in type_.channels)


def channels_used(catalog: Catalog, channels: Sequence[Channel], unit: BusinessUnit) -> list[Channel]:
    """Those of the channels on which a unit offers anything."""
    types = offered(catalog, channels, unit)
    return [channel for channel in channels if any(channel in type_.channels for type_ in types)]


def is_on(state: RecipientState, type_: SubscriptionType, channel: Channel) -> bool:
    """Whether the box is ticked: what the recipient would get, pauses and the opt-out of all left aside.

    That is OPTED_IN, and NOT_OPTED where email needs no opt-in because privacy is off (R22), unless an
    opt-in waits to be confirmed, which blocks (R19, R21).
    """
    held = state.preferences.get((type_.id, channel))
    status = held.status if held else PreferenceStatus.NOT_OPTED
    if status is PreferenceStatus.NOT_OPTED:
        open_to_all = channel is Channel.EMAIL and not type_.business_unit.data_privacy
        return open_to_all and (type_.id, channel) not in state.pending
    return status is PreferenceStatus.OPTED_IN


def box_shown(state: RecipientState, type_: SubscriptionType, channel: Channel) -> bool:
    """Whether the box is shown ticked: never while an opt-out of all stands."""
    return (type_.business_unit.id, channel) not in state.opt_outs and is_on(state, type_, channel)


def returning(shown: Shown, unit: BusinessUnit, channel: Channel) -> list[str]:
    """The names of the types that come back with the end of an opt-out of all (R12)."""
    return [
        type_.name(shown.translator.language)
        for type_ in shown.catalog.types_of(unit)
        if type_.archived_at is None
        and type_.purpose is Purpose.MARKETING
        and channel in type_.channels
        and is_on(shown.state, type_, channel)
    ]


def beside(catalog: Catalog, state: RecipientState) -> tuple[Channel, ...]:
    """The channels of a phone number beside an email address that the page has anything to show of."""
    out = {channel for _, channel in state.opt_outs}
    offering = {c for unit in catalog.units for c in channels_used(catalog, _PHONE, unit)}
    return tuple(channel for channel in _PHONE if channel in out | offering)


def coming_back(shown: Shown, unit: BusinessUnit, channel: Channel) -> str:
    """What an opt-in does while an opt-out of all stands, said before it is done (R12)."""
    back = returning(shown, unit, channel)
    return texts.coming_back(shown.translator, channel, back, among_others=bool(shown.beside))


def units(shown: Shown, first: BusinessUnit | None) -> tuple[UnitView, ...]:
    """The units that have something to show, the link's own first."""
    ordered = sorted(shown.catalog.units, key=lambda unit: unit is not first)
    views = (_unit(shown, unit) for unit in ordered)
    return tuple(view for view in views if view.types or any(on.out for on in view.channels))


def _unit(shown: Shown, unit: BusinessUnit) -> UnitView:
    channels, language = shown.channels, shown.translator.language
    types = offered(shown.catalog, channels, unit)
    used = channels_used(shown.catalog, channels, unit)
    used += [c for c in channels if c not in used and (unit.id, c) in shown.state.opt_outs]
    return UnitView(
        unit.key,
        unit.name,
        _heading(language, unit),
        initial(unit),
        css_class(unit),
        tuple(_type(shown, type_) for type_ in types),
        tuple(_channel(shown, unit, channel) for channel in used),
    )


def _channel(shown: Shown, unit: BusinessUnit, channel: Channel) -> ChannelView:
    translator, held_pause = shown.translator, shown.state.pauses.get((unit.id, channel))
    standing = _standing(translator.language, unit, channel, (unit.id, channel) in shown.state.opt_outs)
    if standing.out:
        held = shown.state.opt_outs[unit.id, channel]
        since = texts.why(
            translator, PreferenceStatus.OPTED_OUT, held.origin, translator.date(held.since), unit.name
        )
        return replace(standing, notice=coming_back(shown, unit, channel), since=since)
    rest = None
    if _rests(shown, unit, channel):
        typed = shown.typed.get(rests.field_name(unit, channel), "")
        rest = rests.shown(translator, unit, channel, shown.now, shown.problem, typed)
    if held_pause and held_pause.until > shown.now:
        day, resume = translator.date(held_pause.until), texts.resume_button(translator)
        return replace(standing, paused=texts.paused(translator, channel, day), resume=resume, rest=rest)
    return replace(standing, rest=rest)


def _rests(shown: Shown, unit: BusinessUnit, channel: Channel) -> bool:
    """Whether there is anything to rest from: pauses leave transactional types alone (R24)."""
    types = offered(shown.catalog, (channel,), unit)
    return any(type_.purpose is Purpose.MARKETING for type_ in types)


def _type(shown: Shown, type_: SubscriptionType) -> TypeView:
    channels = channels_of(type_, shown.channels)
    chosen: Sequence[Channel] = channels if type_.purpose is Purpose.MARKETING else ()
    name, about = _spoken(shown.translator.language, type_)
    return TypeView(
        type_.key,
        name,
        about,
        channels,
        tuple(_box(shown, type_, channel) for channel in chosen),
        tuple(_fixed(shown, type_, channel) for channel in channels if channel not in chosen),
        plain=len(shown.channels) == 1,
    )


def _box(shown: Shown, type_: SubscriptionType, channel: Channel) -> BoxView:
    place, on = (type_.id, channel), box_shown(shown.state, type_, channel)
    box = _plain_box(shown.translator.language, type_, channel, on)
    if place in shown.touched:
        box = replace(box, on=shown.touched[place])
    waits = shown.state.pending.get(place)
    if waits is not None and waits.expires_at > shown.now and not on:
        again = waits.confirmations < MOST
        return replace(
            box, state=texts.waiting(shown.translator, here=channel not in shown.beside, again=again)
        )
    return replace(box, state=_why(shown, type_, channel, on=on))


def _why(shown: Shown, type_: SubscriptionType, channel: Channel, *, on: bool) -> str | None:
    """Why and since when; None where nothing was said, and where the opt-out of all says it for all."""
    translator, unit = shown.translator, type_.business_unit
    held = shown.state.preferences.get((type_.id, channel))
    if (unit.id, channel) in shown.state.opt_outs:
        return None
    if held is None or held.status is PreferenceStatus.NOT_OPTED:
        return texts.why_open(translator, unit.name) if on else None
    return texts.why(translator, held.status, held.origin, translator.date(held.occurred_at), unit.name)


def _fixed(shown: Shown, type_: SubscriptionType, channel: Channel) -> FixedView:
    verdict = eligibility.judge(shown.state, None, type_, channel, shown.now)
    translator = shown.translator
    state = translator.gettext("Always on") if verdict.allowed else translator.gettext("Off")
    why = texts.why_essential(translator, type_.business_unit.name) if verdict.allowed else None
    return FixedView(channel, texts.channel_name(translator, channel), verdict.allowed, state, why)


# What is the same for everybody is made once for each catalogue: its units and types are never the same
# objects as those of the next.


@lru_cache(maxsize=1024)
def _heading(language: str, unit: BusinessUnit) -> str:
    return wording(language).gettext("Messages from %(unit)s", unit=unit.name)


@lru_cache(maxsize=1024)
def _standing(language: str, unit: BusinessUnit, channel: Channel, out: bool) -> ChannelView:
    translator = wording(language)
    return ChannelView(
        channel,
        out,
        texts.stopped(translator, channel, unit.name),
        None,
        None,
        None,
        None,
        f"resume:{unit.key}:{channel.value}",
        None,
        texts.stop_button(translator, channel, unit.name),
        f"out:{unit.key}:{channel.value}",
        texts.back_button(translator, channel, unit.name),
        f"back:{unit.key}:{channel.value}",
    )


@lru_cache(maxsize=4096)
def _spoken(language: str, type_: SubscriptionType) -> tuple[Said, Said]:
    translator, unit = wording(language), type_.business_unit
    return said(translator, type_.names, unit, type_.key), said(translator, type_.descriptions, unit)


@lru_cache(maxsize=4096)
def _plain_box(language: str, type_: SubscriptionType, channel: Channel, on: bool) -> BoxView:
    name = f"{type_.key}:{channel.value}"
    label = texts.channel_name(wording(language), channel)
    return BoxView(channel, label, on, name, f"{name}:{int(on)}", None)


def said(translator: Translator, spoken: dict[str, str], unit: BusinessUnit, otherwise: str = "") -> Said:
    """A name or description in the page's language, or else marked with the language it is in."""
    text, language = localized(spoken, translator.language, unit.default_locale)
    if not text:
        return Said(otherwise, None)
    return Said(text, None if tongue(language) == tongue(translator.language) else language)
