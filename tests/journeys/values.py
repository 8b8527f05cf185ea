"""The values of the consent model: units, types, statuses, requests, contacts and effective changes."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime, timedelta

from preference_center.rules.types import (
    Channel,
    ConsentOrigin,
    Maker,
    PreferenceStatus,
    Purpose,
    ResubscribePolicy,
)

IN, NEITHER, OUT = PreferenceStatus.OPTED_IN, PreferenceStatus.NOT_OPTED, PreferenceStatus.OPTED_OUT
LAPSES_AFTER = timedelta(days=7)
Key = tuple[str, Channel, str]
"""(address, channel, key of a type or of a unit)."""


@dataclass(frozen=True)
class Unit:
    key: str
    privacy: bool
    resubscribe: ResubscribePolicy = ResubscribePolicy.WITH_LEGAL_BASIS


@dataclass(frozen=True)
class Type:
    key: str
    unit: Unit
    channels: tuple[Channel, ...] = (Channel.EMAIL,)
    purpose: Purpose = Purpose.MARKETING
    public: bool = True
    double_opt_in: bool = False


@dataclass(frozen=True)
class HeldStatus:
    """A status, who made it, and when it was decided."""

    status: PreferenceStatus = NEITHER
    by: Maker = Maker.NOBODY
    at: datetime | None = None

    def followed_by(self, request: ChangeRequest, now: datetime) -> HeldStatus:
        """The status after a request. An older opt-out that takes over keeps the later time (R11)."""
        at = request.occurred_at or now
        return HeldStatus(request.status, request.origin.maker, max(at, self.at or at))


@dataclass(frozen=True)
class ChangeRequest:
    """A requested change, with the bases and the explanation that come with it."""

    status: PreferenceStatus
    origin: ConsentOrigin
    legal_basis: bool = False
    processing_basis: bool = False
    explanation: bool = False
    occurred_at: datetime | None = None
    own_link: bool = True
    along_with: frozenset[str] = frozenset()
    """The types that the same press changes on the same channel (R12)."""
    carried: bool = False
    """Whether it repeats the person's own opt-out of a former address (R38)."""

    def decided_by(self, now: datetime) -> ChangeRequest:
        """The same; an opt-out dated later than now counts as now (R17)."""
        in_future = self.occurred_at is not None and self.occurred_at > now
        return replace(self, occurred_at=None) if in_future and self.status is OUT else self


@dataclass
class Contact:
    """A contact's addresses, and whether it has a basis to process and store."""

    email: str | None
    phone: str | None
    processing_basis: bool


@dataclass(frozen=True)
class Event:
    """An effective change, as far as an undo needs it: its type or unit, and the status before it."""

    key: Key
    about: Type | Unit
    before: PreferenceStatus
