"""The conditions of a contact filter that have several parts."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import Any, NamedTuple

from preference_center.catalog.catalog import BusinessUnit, SubscriptionType
from preference_center.rules.types import Channel, ConsentOrigin, PreferenceStatus


class Period(NamedTuple):
    """The times from the first instant until before the second; None for no limit."""

    first: datetime | None = None
    before: datetime | None = None


class Operator(Enum):
    """How a property is compared. The values are the members of the API's PropertyComparison."""

    EXISTS = "exists"
    IN = "in"
    LESS = "less"
    LESS_OR_EQUAL = "lessOrEqual"
    GREATER = "greater"
    GREATER_OR_EQUAL = "greaterOrEqual"
    CONTAINS = "contains"


@dataclass(frozen=True, slots=True)
class PropertyEquals:
    """A property has a value; None matches null and a missing property."""

    name: str
    value: Any


@dataclass(frozen=True, slots=True)
class PropertyComparison:
    """A property compares to a value. A property that is null is as one that is missing.

    EXISTS takes whether it does, IN a list of values, the comparisons of size a number or a text, which are
    compared with values of their own kind only. CONTAINS takes a text, number or boolean: the property is a
    text with that text in it, or a list with that item.
    """

    name: str
    operator: Operator
    value: Any


@dataclass(frozen=True, slots=True)
class PreferenceIs:
    """The preference for a type on a channel, with the origin and the times of its last change.

    NOT_OPTED alone includes addresses that never decided; any other condition needs a recorded decision.
    """

    type: SubscriptionType
    channel: Channel
    status: PreferenceStatus | None
    origins: Sequence[ConsentOrigin] | None = None
    changed: Period | None = None
    """When the change was recorded."""
    occurred: Period | None = None
    """When it was decided."""

    @property
    def includes_undecided(self) -> bool:
        """Whether an address without a recorded decision meets it."""
        others = (self.origins, self.changed, self.occurred)
        return self.status is PreferenceStatus.NOT_OPTED and all(other is None for other in others)


@dataclass(frozen=True, slots=True)
class OptedOutOfAllIs:
    """Whether the address is opted out of all on a channel: of one unit, or of any (`unit` None)."""

    channel: Channel
    unit: BusinessUnit | None = None
    origins: Sequence[ConsentOrigin] | None = None
    value: bool = True


@dataclass(frozen=True, slots=True)
class PendingOptInIs:
    """Whether an opt-in waits for confirmation: to one type or any, on one channel or any (None)."""

    type: SubscriptionType | None = None
    channel: Channel | None = None
    value: bool = True


@dataclass(frozen=True, slots=True)
class PausedIs:
    """Whether a pause has not ended: of one unit or any, on one channel or any (None)."""

    unit: BusinessUnit | None = None
    channel: Channel | None = None
    value: bool = True


@dataclass(frozen=True, slots=True)
class DeliverabilityIs:
    """The contact has an address on the channel, which is usable or not."""

    usable: bool
    channel: Channel = Channel.EMAIL
