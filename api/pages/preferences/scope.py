"""Reads which subscription type, business unit and channels a form field is about."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import datetime

from api.pages.frame.forms import Fault, Form, FormProblem
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.rules.types import Channel

TypeOnChannel = tuple[SubscriptionType, Channel]
UnitOnChannel = tuple[int, Channel]
"""A unit's id and a channel: what an opt-out of all covers."""


def joined_channels(channels: Iterable[Channel]) -> str:
    """Channels in the value of a field: `EMAIL+SMS`."""
    return "+".join(channel.value for channel in channels)


@dataclass(frozen=True, slots=True)
class PageScope:
    """What a form may be about: the catalog, and the channels of the page."""

    catalog: Catalog
    channels: tuple[Channel, ...]
    now: datetime
    own: BusinessUnit | None = None
    """The unit that the page is limited to, if it is."""

    @property
    def units(self) -> tuple[BusinessUnit, ...]:
        """The units that the page shows."""
        return (self.own,) if self.own else self.catalog.units

    @staticmethod
    def channels_field(unit: BusinessUnit) -> str:
        """The name of the field that chooses a unit's channels."""
        return f"where:{unit.key}"

    def type_and_channel(self, value: str, *, field: str) -> TypeOnChannel:
        """Read `weekly-digest:EMAIL`. Raises FormProblem naming the field."""
        key, _, channel_value = value.partition(":")
        subscription_type, channel = self.catalog.type_by_key(key), self._channel(channel_value)
        if subscription_type is None or channel is None:
            raise FormProblem(Fault.BAD_VALUE, field)
        return subscription_type, channel

    def unit_and_channels(
        self, form: Form, value: str, *, field: str
    ) -> tuple[BusinessUnit, tuple[Channel, ...]]:
        """Read `acme:EMAIL+SMS`, or `acme`, whose channels the form chooses in a field of their own.

        Raises FormProblem naming the field.
        """
        key, _, channel_values = value.partition(":")
        unit = self.catalog.unit_by_key(key)
        if unit is None:
            raise FormProblem(Fault.BAD_VALUE, field)
        if ":" not in value:
            return unit, self.chosen_channels(form, unit)
        return unit, self._channels(channel_values, field)

    def chosen_channels(self, form: Form, unit: BusinessUnit) -> tuple[Channel, ...]:
        """The channels that were chosen for pausing or stopping a unit; all where there was no choice."""
        chosen = form.optional(self.channels_field(unit))
        if chosen is None:
            return self.channels_of(unit)
        return self._channels(chosen, self.channels_field(unit))

    def channels_of(self, unit: BusinessUnit) -> tuple[Channel, ...]:
        """Those of the page's channels on which a unit sends anything."""
        types = [type_ for type_ in self.catalog.types_of(unit) if type_.archived_at is None]
        return tuple(channel for channel in self.channels if any(channel in t.channels for t in types))

    def _channels(self, value: str, field: str) -> tuple[Channel, ...]:
        found = [self._channel(name) for name in value.split("+")]
        channels = tuple(channel for channel in found if channel)
        if len(channels) != len(found) or len(set(channels)) != len(channels):
            raise FormProblem(Fault.BAD_VALUE, field)
        return channels

    def _channel(self, value: str) -> Channel | None:
        return next((channel for channel in self.channels if channel.value == value), None)
