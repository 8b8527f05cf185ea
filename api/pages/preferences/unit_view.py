"""Builds what the preference page shows from the catalog and the recipient's state, without any I/O."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from datetime import datetime
from functools import lru_cache

from api.pages.frame.copy import channel_name
from api.pages.frame.layout import css_class, initial
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import (
    Button,
    CellView,
    ChannelHead,
    GroupView,
    LocalizedText,
    NoticeView,
    TypeView,
    UnitView,
)
from api.pages.preferences import copy, pauses
from api.pages.preferences.boxes import ViewInput, offered_channels, returning_types
from api.pages.preferences.pauses import PauseField
from api.pages.preferences.scope import PageScope, joined_channels
from api.pages.preferences.type_view import about, cell, note, waiting
from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.rules.types import Channel, Maker, Purpose
from preference_center.translations import Translator, translator_for


def return_notice(page: ViewInput, unit: BusinessUnit, channels: Collection[Channel]) -> str:
    """What an opt-in does while an opt-out of all is active, shown before it is done (R12)."""
    returning = [
        type_ for channel in channels for type_ in returning_types(page.state, page.catalog, unit, channel)
    ]
    names = [type_.name(page.translator.language) for type_ in dict.fromkeys(returning)]
    return copy.return_notice(page.translator, channels, names)


def unit_views(page: ViewInput) -> tuple[UnitView, ...]:
    """The business units with anything to show: the link's own, those that send anything, the folded ones."""
    views = (_unit_view(page, unit) for unit in page.units)
    shown = (view for view in views if view.groups or view.others or view.notices)
    return tuple(sorted(shown, key=lambda view: view.is_folded))


def _unit_view(page: ViewInput, unit: BusinessUnit) -> UnitView:
    types = {
        type_: channels
        for type_ in page.catalog.types_of(unit)
        if type_.archived_at is None and (channels := _shown_channels(page, type_))
    }
    out = [channel for channel in page.channels if (unit.id, channel) in page.state.opt_outs_of_all]
    in_use = {channel for channels in types.values() for channel in channels}
    shown = tuple(channel for channel in page.channels if channel in in_use or channel in out)
    views = [(type_, _type_view(page, type_, shown, channels)) for type_, channels in types.items()]
    sent = any(view.is_received for _, view in views)
    paused = [channel for channel in shown if _pause_end(page, unit, channel)]
    folded = unit is not page.own_unit and not sent and not paused and not _is_touched(page, types)
    # After an opt-out of all, what comes back only if it is ticked again is folded.
    others = [type_ for type_, view in views if out and not folded and not view.is_received]
    left = [channel for channel in shown if channel not in out]
    return UnitView(
        unit.key,
        unit.name,
        initial(unit),
        css_class(unit),
        tuple(_head(page.translator.language, unit, channel) for channel in shown),
        _groups(page.translator, [(type_, view) for type_, view in views if type_ not in others]),
        _groups(page.translator, [(type_, view) for type_, view in views if type_ in others]),
        (
            *_pause_notices(page, unit, paused, len(shown)),
            *_out_notices(page, unit, out, whole=not left and len(out) > 1),
        ),
        pauses.pause_view(page.translator, _pause_field(page, unit, left, types)) if left else None,
        _stop_button(page, unit, left),
        is_folded=folded,
        are_others_open=_is_touched(page, others),
    )


def _is_touched(page: ViewInput, types: Iterable[SubscriptionType]) -> bool:
    touched = {type_id for type_id, _ in page.touched}
    return any(type_.id in touched for type_ in types)


def _stop_button(page: ViewInput, unit: BusinessUnit, left: list[Channel]) -> Button | None:
    """What stops all that comes to the address of the link, else all that comes to the other one."""
    own = [channel for channel in left if channel in page.recipient_kind.channels] or left
    if not own:
        return None
    return Button(f"out:{unit.key}:{joined_channels(own)}", copy.stop_button(page.translator, own, unit.name))


def _out_notices(page: ViewInput, unit: BusinessUnit, out: list[Channel], *, whole: bool) -> list[NoticeView]:
    """That channels are opted out of all, once for all of them, and what brings them back (R12)."""
    if not out:
        return []
    translator, place = page.translator, f"{unit.key}:{joined_channels(out)}"
    held = [page.state.opt_outs_of_all[unit.id, channel] for channel in out]
    by_team = next((each for each in held if each.origin.maker is Maker.TEAM), None)
    return [
        NoticeView(
            copy.opted_out_of_all(translator, out, unit.name, whole=whole),
            Button(f"back:{place}", copy.return_button(translator, out, unit.name)),
            copy.unsubscribed_by(translator, unit.name, translator.date(by_team.since)) if by_team else None,
            return_notice(page, unit, out),
            out=(place,),
        )
    ]


def _pause_notices(
    page: ViewInput, unit: BusinessUnit, paused: list[Channel], shown: int
) -> list[NoticeView]:
    """That channels are paused, of the number `shown`; once for all of them that end on the same day."""
    translator, by_day = page.translator, dict[str, list[Channel]]()
    for channel in paused:
        day = translator.date(page.state.pauses[unit.id, channel].until)
        by_day.setdefault(day, []).append(channel)
    return [
        NoticeView(
            pauses.paused(translator, channels, unit.name, day, whole=len(channels) == shown > 1),
            Button(f"resume:{unit.key}:{joined_channels(channels)}", pauses.resume_button(translator)),
        )
        for day, channels in by_day.items()
    ]


def _pause_end(page: ViewInput, unit: BusinessUnit, channel: Channel) -> datetime | None:
    """When a channel's pause ends; None without one, and while an opt-out of all holds anyway."""
    pause = page.state.pauses.get((unit.id, channel))
    covered = (unit.id, channel) in page.state.opt_outs_of_all
    return pause.until if pause and pause.until > page.now and not covered else None


def _pause_field(
    page: ViewInput,
    unit: BusinessUnit,
    left: list[Channel],
    types: Mapping[SubscriptionType, tuple[Channel, ...]],
) -> PauseField:
    marketing = {
        channel
        for type_, channels in types.items()
        for channel in channels
        if type_.purpose is Purpose.MARKETING
    }
    return PauseField(
        unit,
        tuple(left),
        page.now,
        typed=page.typed.get(pauses.field_name(unit), ""),
        chosen=page.typed.get(PageScope.channels_field(unit), ""),
        has_error=page.wrong_day is unit,
        # A pause never holds back transactional types (R24).
        offers_pause=not marketing.isdisjoint(left),
    )


def _shown_channels(page: ViewInput, subscription_type: SubscriptionType) -> tuple[Channel, ...]:
    """The channels on which the page shows a type: an internal one where it is or was opted in (R4)."""
    channels = offered_channels(subscription_type, page.channels)
    if subscription_type.is_public:
        return channels
    shown = page.internal_types.shown
    return tuple(channel for channel in channels if (subscription_type.id, channel) in shown)


def _groups(
    translator: Translator, types: Iterable[tuple[SubscriptionType, TypeView]]
) -> tuple[GroupView, ...]:
    """Types by the headings of the team, in the order in which these come first."""
    found: dict[LocalizedText, list[TypeView]] = {}
    for type_, view in types:
        found.setdefault(_group(translator.language, type_), []).append(view)
    return tuple(GroupView(heading if heading.text else None, tuple(of)) for heading, of in found.items())


def _type_view(
    page: ViewInput,
    subscription_type: SubscriptionType,
    heads: tuple[Channel, ...],
    channels: tuple[Channel, ...],
) -> TypeView:
    language, unit = page.translator.language, subscription_type.business_unit
    cells = {
        channel: cell(page, subscription_type, channel, _head(language, unit, channel))
        for channel in channels
    }
    name, description, frequency = _texts(language, subscription_type)
    return TypeView(
        subscription_type.key,
        name,
        description,
        frequency,
        tuple(cells.get(channel) or CellView(_head(language, unit, channel)) for channel in heads),
        note(page, subscription_type, cells.values()),
        waiting(page, subscription_type, channels),
        about(page, subscription_type, channels, several=len(heads) > 1),
    )


# What is the same for every recipient is built once. The caches never go stale: a new catalog has new units
# and types.


@lru_cache(maxsize=1024)
def _head(language: str, unit: BusinessUnit, channel: Channel) -> ChannelHead:
    return ChannelHead(f"{unit.key}-{channel.value}", channel_name(translator_for(language), channel))


@lru_cache(maxsize=4096)
def _texts(
    language: str, subscription_type: SubscriptionType
) -> tuple[LocalizedText, LocalizedText, LocalizedText | None]:
    translator, unit = translator_for(language), subscription_type.business_unit
    frequency = localized_text(translator, subscription_type.frequencies, unit)
    return (
        localized_text(translator, subscription_type.names, unit, subscription_type.key),
        localized_text(translator, subscription_type.descriptions, unit),
        frequency if frequency.text else None,
    )


@lru_cache(maxsize=4096)
def _group(language: str, subscription_type: SubscriptionType) -> LocalizedText:
    translator, unit = translator_for(language), subscription_type.business_unit
    return localized_text(translator, subscription_type.groups, unit)
