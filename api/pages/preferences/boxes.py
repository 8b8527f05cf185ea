"""Which subscription types a page offers on which channels, and which boxes are ticked."""

from __future__ import annotations

from collections.abc import Sequence

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.recipients.states import RecipientState
from preference_center.rules.types import Channel, PreferenceStatus, Purpose, RecipientKind

_PHONE_CHANNELS = RecipientKind.PHONE.channels


def offered_types(
    catalog: Catalog, channels: Sequence[Channel], unit: BusinessUnit
) -> list[SubscriptionType]:
    """The unit's types that recipients may see: public, active, on one of these channels (R4)."""
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


def phone_channels_shown(catalog: Catalog, state: RecipientState) -> tuple[Channel, ...]:
    """The channels of a contact's phone number that the page of the email address has anything to show of."""
    opted_out = {channel for _, channel in state.opt_outs_of_all}
    in_use = {
        channel for unit in catalog.units for channel in channels_in_use(catalog, _PHONE_CHANNELS, unit)
    }
    return tuple(channel for channel in _PHONE_CHANNELS if channel in opted_out | in_use)


def is_subscribed(state: RecipientState, subscription_type: SubscriptionType, channel: Channel) -> bool:
    """Whether the type would be sent if nothing paused it and no opt-out of all covered it.

    True for OPTED_IN, and for NOT_OPTED where email needs no opt-in (R22), unless an opt-in is pending there,
    which blocks (R19, R21).
    """
    held = state.preferences.get((subscription_type.id, channel))
    status = held.status if held else PreferenceStatus.NOT_OPTED
    if status is PreferenceStatus.NOT_OPTED:
        needs_no_opt_in = channel is Channel.EMAIL and not subscription_type.business_unit.data_privacy
        return needs_no_opt_in and (subscription_type.id, channel) not in state.pending_opt_ins
    return status is PreferenceStatus.OPTED_IN


def is_ticked(state: RecipientState, subscription_type: SubscriptionType, channel: Channel) -> bool:
    """Whether the box is shown ticked: never while an opt-out of all is active (R12)."""
    if (subscription_type.business_unit.id, channel) in state.opt_outs_of_all:
        return False
    return is_subscribed(state, subscription_type, channel)


def returning_types(
    state: RecipientState, catalog: Catalog, unit: BusinessUnit, channel: Channel
) -> list[SubscriptionType]:
    """The types that are sent again once the opt-out of all is removed (R12)."""
    return [
        subscription_type
        for subscription_type in catalog.types_of(unit)
        if subscription_type.archived_at is None
        and subscription_type.purpose is Purpose.MARKETING
        and channel in subscription_type.channels
        and is_subscribed(state, subscription_type, channel)
    ]
