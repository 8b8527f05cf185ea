"""What a page is built from: which types it offers on which channels, and which boxes are ticked."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.preferences.internal_types import InternalTypes
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import Channel, PreferenceStatus, Purpose, RecipientKind
from preference_center.translations import Translator

_PHONE_CHANNELS = RecipientKind.PHONE.channels
_IN = PreferenceStatus.OPTED_IN


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
    own_unit: BusinessUnit | None = None
    """The unit that the link is from: shown first, and open."""
    own_unit_only: bool = False
    """Whether that unit wants no other shown on its page."""
    wrong_day: BusinessUnit | None = None
    """The unit that was to be paused until a day that no pause can last until."""
    typed: Mapping[str, str] = field(default_factory=dict)
    """Days and channels that were typed and chosen for pauses, by field name, to be shown again."""
    touched: Mapping[tuple[int, Channel], bool] = field(default_factory=dict)
    """Boxes that were touched but not saved, by type id and channel, to be shown again."""

    @property
    def channels(self) -> tuple[Channel, ...]:
        """All channels of the page, in order."""
        return self.recipient_kind.channels + self.phone_channels

    @property
    def units(self) -> list[BusinessUnit]:
        """The units that the page may show, in order."""
        if self.own_unit_only and self.own_unit:
            return [self.own_unit]
        return sorted(self.catalog.units, key=lambda unit: unit is not self.own_unit)


def offered_types(
    catalog: Catalog, channels: Sequence[Channel], unit: BusinessUnit
) -> list[SubscriptionType]:
    """The unit's types that recipients may opt in to: public, active, on one of these channels (R4)."""
    return [
        subscription_type
        for subscription_type in catalog.types_of(unit)
        if subscription_type.is_public
        and subscription_type.archived_at is None
        and offered_channels(subscription_type, channels)
    ]


def offered_channels(subscription_type: SubscriptionType, channels: Sequence[Channel]) -> tuple[Channel, ...]:
    """Those of the channels on which a type is offered, in the order given."""
    return tuple(channel for channel in channels if channel in subscription_type.channels)


def channels_in_use(catalog: Catalog, channels: Sequence[Channel], unit: BusinessUnit) -> list[Channel]:
    """Those of the channels on which a unit offers any type."""
    types = offered_types(catalog, channels, unit)
    return [channel for channel in channels if any(channel in type_.channels for type_ in types)]


def phone_channels_shown(
    catalog: Catalog, state: RecipientState, internal_types: InternalTypes
) -> tuple[Channel, ...]:
    """The channels of a contact's phone number that the page of the email address has anything to show of."""
    opted_out = {channel for _, channel in state.opt_outs_of_all}
    opted_out |= {channel for _, channel in internal_types.shown}
    in_use = {
        channel for unit in catalog.units for channel in channels_in_use(catalog, _PHONE_CHANNELS, unit)
    }
    return tuple(channel for channel in _PHONE_CHANNELS if channel in opted_out | in_use)


def is_subscribed(state: RecipientState, subscription_type: SubscriptionType, channel: Channel) -> bool:
    """Whether the type would be sent if nothing paused it and no opt-out of all covered it.

    True for OPTED_IN, and for NOT_OPTED where email needs no opt-in (R22), unless an opt-in is pending there,
    which blocks (R19, R21).
    """
    status = _status(state, subscription_type, channel)
    return status is _IN or is_by_default(state, subscription_type, channel)


def is_by_default(state: RecipientState, subscription_type: SubscriptionType, channel: Channel) -> bool:
    """Whether a type comes although nobody ever decided so: by email, with the privacy setting off (R22)."""
    needs_no_opt_in = channel is Channel.EMAIL and not subscription_type.business_unit.data_privacy
    undecided = _status(state, subscription_type, channel) is PreferenceStatus.NOT_OPTED
    return needs_no_opt_in and undecided and (subscription_type.id, channel) not in state.pending_opt_ins


def is_ticked(state: RecipientState, subscription_type: SubscriptionType, channel: Channel) -> bool:
    """Whether the box is shown ticked: never while an opt-out of all is active (R12)."""
    if (subscription_type.business_unit.id, channel) in state.opt_outs_of_all:
        return False
    return is_subscribed(state, subscription_type, channel)


def returning_types(
    state: RecipientState, catalog: Catalog, unit: BusinessUnit, channel: Channel
) -> list[SubscriptionType]:
    """The types that come back with what is ticked, once an opt-in lifts the opt-out of all (R12).

    Internal types that are opted in: no box shows them then. Of public ones what is ticked comes back.
    """
    return [
        subscription_type
        for subscription_type in catalog.types_of(unit)
        if not subscription_type.is_public
        and subscription_type.archived_at is None
        and (subscription_type.purpose is Purpose.MARKETING or channel is not Channel.EMAIL)
        and channel in subscription_type.channels
        and is_subscribed(state, subscription_type, channel)
    ]


def has_box(
    state: RecipientState,
    internal_types: InternalTypes,
    subscription_type: SubscriptionType,
    channel: Channel,
) -> bool:
    """Whether a shown type has a box on a channel, rather than a fixed state.

    A transactional type has one where it needs an opt-in and has none in force: on SMS and WhatsApp (R24). An
    internal type has one while it can be left, and while that can be undone (R4).
    """
    marketing = subscription_type.purpose is Purpose.MARKETING
    opted_in = _status(state, subscription_type, channel) is _IN
    opted_out_of_all = (subscription_type.business_unit.id, channel) in state.opt_outs_of_all
    if not subscription_type.is_public:
        can_change = opted_in or (subscription_type.id, channel) in internal_types.undoable
        return marketing and can_change and not opted_out_of_all
    return marketing or (channel is not Channel.EMAIL and (opted_out_of_all or not opted_in))


def _status(state: RecipientState, subscription_type: SubscriptionType, channel: Channel) -> PreferenceStatus:
    held = state.preferences.get((subscription_type.id, channel))
    return held.status if held else PreferenceStatus.NOT_OPTED
