"""Reads which subscription type, business unit and channel a form field is about."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import datetime

from api.pages.frame.forms import Fault, FormProblem
from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.rules.types import Channel

TypeOnChannel = tuple[SubscriptionType, Channel]
UnitOnChannel = tuple[int, Channel]
"""A unit's id and a channel: what an opt-out of all covers."""


@dataclass(frozen=True, slots=True)
class PageScope:
    """What a form may be about: the catalog, and the channels of the page."""

    catalog: Catalog
    channels: tuple[Channel, ...]
    now: datetime

    def type_and_channel(self, value: str, *, field: str) -> TypeOnChannel:
        """Read `weekly-digest:EMAIL`. Raises FormProblem naming the field."""
        key, _, channel_value = value.partition(":")
        subscription_type, channel = self.catalog.type_by_key(key), self._channel(channel_value)
        if subscription_type is None or channel is None:
            raise FormProblem(Fault.BAD_VALUE, field)
        return subscription_type, channel

    def unit_and_channel(self, value: str, *, field: str) -> tuple[BusinessUnit, Channel]:
        """Read `acme:EMAIL`. Raises FormProblem naming the field."""
        key, _, channel_value = value.partition(":")
        unit, channel = self.catalog.unit_by_key(key), self._channel(channel_value)
        if unit is None or channel is None:
            raise FormProblem(Fault.BAD_VALUE, field)
        return unit, channel

    def _channel(self, value: str) -> Channel | None:
        return next((channel for channel in self.channels if channel.value == value), None)
