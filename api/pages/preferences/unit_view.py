"""Builds what the preference page shows from the catalog and the recipient's state, without any I/O."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from functools import lru_cache

from api.pages.frame.copy import channel_name, opt_out_button
from api.pages.frame.layout import css_class, initial
from api.pages.frame.localized import localized_text
from api.pages.frame.parts import BoxView, ChannelView, FixedView, LocalizedText, TypeView, UnitView
from api.pages.preferences import copy, pauses
from api.pages.preferences.boxes import has_box, is_ticked, offered_channels, returning_types
from api.pages.preferences.copy import (
    default_explanation,
    explanation,
    transactional_explanation,
)
from api.pages.preferences.pauses import PauseDayError, PauseField
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.preferences import eligibility
from preference_center.preferences.internal_types import InternalTypes
from preference_center.recipients.states import RecipientState
from preference_center.rules.permissions.confirmations import MAX_MESSAGES
from preference_center.rules.types import Channel, PreferenceStatus, Purpose, RecipientKind
from preference_center.translations import Translator, translator_for


@dataclass(frozen=True, slots=True)
class ViewInput:
    """What the page is built from."""

    translator: Translator
    catalog: Catalog
    recipient_kind: RecipientKind
    """The kind of address that the link was sent to."""
    state: RecipientState
    now: datetime
    phone_channels: tuple[Channel, ...] = ()
    """The channels of the contact's phone number, if the page of the email address shows it."""
    internal_types: InternalTypes = field(default_factory=InternalTypes)
    pause_error: PauseDayError | None = None
    typed_days: Mapping[str, str] = field(default_factory=dict)
    """Days typed for pauses, by field name, to be shown again."""
    touched: Mapping[tuple[int, Channel], bool] = field(default_factory=dict)
    """Boxes that were touched but not saved, by type id and channel, to be shown again."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels of the page, in order."""
        return self.recipient_kind.channels + self.phone_channels


def return_notice(page: ViewInput, unit: BusinessUnit, channel: Channel) -> str:
    """What an opt-in does while an opt-out of all is active, shown before it is done (R12)."""
    types = returning_types(page.state, page.catalog, unit, channel)
    names = [subscription_type.name(page.translator.language) for subscription_type in types]
    return copy.return_notice(page.translator, channel, names, several_channels=bool(page.phone_channels))


def unit_views(page: ViewInput, first: BusinessUnit | None) -> tuple[UnitView, ...]:
    """The business units with anything to show, `first` before the others."""
    ordered = sorted(page.catalog.units, key=lambda unit: unit is not first)
    views = (_unit_view(page, unit) for unit in ordered)
    return tuple(view for view in views if view.types or any(channel.opted_out for channel in view.channels))


def _unit_view(page: ViewInput, unit: BusinessUnit) -> UnitView:
    channels, opt_outs = page.channels, page.state.opt_outs_of_all
    types = _shown_types(page, unit)
    in_use = {channel for type_ in types for channel in _shown_channels(page, type_)}
    shown = [channel for channel in channels if channel in in_use or (unit.id, channel) in opt_outs]
    return UnitView(
        unit.key,
        unit.name,
        _heading(page.translator.language, unit),
        initial(unit),
        css_class(unit),
        tuple(_type_view(page, subscription_type) for subscription_type in types),
        tuple(_channel_view(page, unit, channel) for channel in shown),
    )


def _channel_view(page: ViewInput, unit: BusinessUnit, channel: Channel) -> ChannelView:
    translator, opt_out = page.translator, page.state.opt_outs_of_all.get((unit.id, channel))
    view = _shared_channel_view(translator.language, unit, channel, opt_out is not None)
    if opt_out is not None:
        day = translator.date(opt_out.since)
        since = explanation(translator, PreferenceStatus.OPTED_OUT, opt_out.origin, day, unit.name)
        return replace(view, return_notice=return_notice(page, unit, channel), opted_out_since=since)
    if _has_marketing(page, unit, channel):
        typed = page.typed_days.get(pauses.field_name(unit, channel), "")
        pause_field = PauseField(unit, channel, page.now, typed, page.pause_error)
        view = replace(view, pause=pauses.pause_view(translator, pause_field))
    active_pause = page.state.pauses.get((unit.id, channel))
    if active_pause is None or active_pause.until <= page.now:
        return view
    notice = pauses.paused(translator, channel, translator.date(active_pause.until))
    return replace(view, paused=notice, resume_label=pauses.resume_button(translator))


def _shown_types(page: ViewInput, unit: BusinessUnit) -> list[SubscriptionType]:
    """The unit's types that the page shows: active, on one of its channels (R4)."""
    return [
        subscription_type
        for subscription_type in page.catalog.types_of(unit)
        if subscription_type.archived_at is None and _shown_channels(page, subscription_type)
    ]


def _shown_channels(page: ViewInput, subscription_type: SubscriptionType) -> tuple[Channel, ...]:
    """The channels on which the page shows a type: an internal one where it is or was opted in (R4)."""
    channels = offered_channels(subscription_type, page.channels)
    if subscription_type.is_public:
        return channels
    shown = page.internal_types.shown
    return tuple(channel for channel in channels if (subscription_type.id, channel) in shown)


def _has_marketing(page: ViewInput, unit: BusinessUnit, channel: Channel) -> bool:
    """Whether a pause would have any effect: it never holds back transactional types (R24)."""
    return any(
        subscription_type.purpose is Purpose.MARKETING and channel in _shown_channels(page, subscription_type)
        for subscription_type in _shown_types(page, unit)
    )


def _type_view(page: ViewInput, subscription_type: SubscriptionType) -> TypeView:
    channels = _shown_channels(page, subscription_type)
    with_boxes = [ch for ch in channels if has_box(page.state, page.internal_types, subscription_type, ch)]
    name, description = _name_and_description(page.translator.language, subscription_type)
    return TypeView(
        subscription_type.key,
        name,
        description,
        channels,
        tuple(_box_view(page, subscription_type, channel) for channel in with_boxes),
        tuple(_fixed_view(page, subscription_type, ch) for ch in channels if ch not in with_boxes),
        single_channel=len(page.channels) == 1,
    )


def _box_view(page: ViewInput, subscription_type: SubscriptionType, channel: Channel) -> BoxView:
    translator, state, place = page.translator, page.state, (subscription_type.id, channel)
    ticked = is_ticked(state, subscription_type, channel)
    box = _shared_box_view(translator.language, subscription_type, channel, ticked)
    if place in page.touched:
        box = replace(box, checked=page.touched[place])
    pending = state.pending_opt_ins.get(place)
    if pending is not None and pending.expires_at > page.now and not ticked:
        own_link = channel not in page.phone_channels
        can_resend = pending.confirmations < MAX_MESSAGES
        notice = copy.pending_notice(translator, own_link=own_link, can_resend=can_resend)
        return replace(box, state=notice)
    return replace(box, state=_box_explanation(page, subscription_type, channel, ticked))


def _box_explanation(
    page: ViewInput, subscription_type: SubscriptionType, channel: Channel, ticked: bool
) -> str | None:
    """Why and since when; None if nothing was decided, and while an opt-out of all explains it."""
    translator, unit = page.translator, subscription_type.business_unit
    held = page.state.preferences.get((subscription_type.id, channel))
    if (unit.id, channel) in page.state.opt_outs_of_all:
        return None
    if held is None or held.status is PreferenceStatus.NOT_OPTED:
        return default_explanation(translator, unit.name) if ticked else None
    return explanation(translator, held.status, held.origin, translator.date(held.occurred_at), unit.name)


def _fixed_view(page: ViewInput, subscription_type: SubscriptionType, channel: Channel) -> FixedView:
    verdict = eligibility.of_state(page.state, None, subscription_type, channel, page.now)
    translator, unit = page.translator, subscription_type.business_unit
    label = channel_name(translator, channel)
    if not subscription_type.is_public and subscription_type.purpose is Purpose.MARKETING:
        return FixedView(
            channel, label, translator.gettext("Off"), _why_internal(page, subscription_type, channel)
        )
    if not verdict.allowed:
        return FixedView(channel, label, translator.gettext("Off"), None)
    reason = transactional_explanation(translator, unit.name)
    return FixedView(channel, label, translator.gettext("Always on"), reason)


def _why_internal(page: ViewInput, subscription_type: SubscriptionType, channel: Channel) -> str | None:
    """Why an internal type that the person had is off, and who can change that (R4)."""
    unit = subscription_type.business_unit
    if (unit.id, channel) in page.state.opt_outs_of_all:
        return None
    since = _box_explanation(page, subscription_type, channel, ticked=False)
    by_unit_only = copy.internal_type(page.translator, unit.name)
    return page.translator.joined(since, by_unit_only) if since else by_unit_only


# What is the same for every recipient is built once. The caches never go stale: a new catalog has new units
# and types.


@lru_cache(maxsize=1024)
def _heading(language: str, unit: BusinessUnit) -> str:
    return translator_for(language).gettext("Messages from %(unit)s", unit=unit.name)


@lru_cache(maxsize=1024)
def _shared_channel_view(language: str, unit: BusinessUnit, channel: Channel, opted_out: bool) -> ChannelView:
    translator, place = translator_for(language), f"{unit.key}:{channel.value}"
    return ChannelView(
        channel,
        opted_out,
        opted_out_notice=copy.opted_out_of_all(translator, channel, unit.name),
        return_notice=None,
        opted_out_since=None,
        paused=None,
        resume_label=None,
        resume_value=f"resume:{place}",
        pause=None,
        opt_out_label=opt_out_button(translator, channel, unit.name),
        opt_out_value=f"out:{place}",
        return_label=copy.return_button(translator, channel, unit.name),
        return_value=f"back:{place}",
    )


@lru_cache(maxsize=4096)
def _name_and_description(
    language: str, subscription_type: SubscriptionType
) -> tuple[LocalizedText, LocalizedText]:
    translator, unit = translator_for(language), subscription_type.business_unit
    name = localized_text(translator, subscription_type.names, unit, subscription_type.key)
    return name, localized_text(translator, subscription_type.descriptions, unit)


@lru_cache(maxsize=4096)
def _shared_box_view(
    language: str, subscription_type: SubscriptionType, channel: Channel, ticked: bool
) -> BoxView:
    value = f"{subscription_type.key}:{channel.value}"
    label = channel_name(translator_for(language), channel)
    return BoxView(channel, label, ticked, value, f"{value}:{int(ticked)}", None)
