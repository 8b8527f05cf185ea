"""What goes through the door and what comes back."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.rules.decisions import Accepted, Decision, Pending, Unchanged
from preference_center.rules.types import Actor, Channel, ConsentOrigin, LegalBasis, PreferenceStatus

Key = tuple[int, Channel, bool, int]
"""Recipient id, channel, whether it is about all, and the id of the type, or of the unit where it is."""


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """What proves a change: kept beside the ledger, until erasure."""

    ip_address: str | None = None
    user_agent: str | None = None
    url: str | None = None
    wording: str | None = None
    locale: str | None = None
    own_page: bool = False
    """Whether the wording stood on a page of Sayso's own, which names nobody, and is kept for good."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where a batch of changes comes from."""

    origin: ConsentOrigin
    actor: Actor
    legal_basis: LegalBasis | None = None
    processing_basis: LegalBasis | None = None
    explanation: str | None = None
    occurred_at: datetime | None = None
    evidence: EvidenceFacts | None = None
    operation_id: int | None = None
    workflow_path: tuple[int, ...] = ()
    """The ids of the workflows whose doing it is, the one that set off the others first."""


@dataclass(frozen=True, slots=True)
class Intent:
    """One change asked for: of a type, or of all of the unit (`type` None; NOT_OPTED then removes)."""

    recipient_id: int
    channel: Channel
    status: PreferenceStatus
    unit: BusinessUnit
    type: SubscriptionType | None = None
    occurred_at: datetime | None = None
    own_link: bool = True
    """False for what was done on a page whose link was sent to another address of the same person (R19)."""

    @property
    def key(self) -> Key:
        """What the change is about."""
        if self.type is None:
            return (self.recipient_id, self.channel, True, self.unit.id)
        return (self.recipient_id, self.channel, False, self.type.id)

    @property
    def key_of_all(self) -> Key:
        """The opt-out of all that covers it."""
        return (self.recipient_id, self.channel, True, self.unit.id)

    def lifting_all(self) -> Intent:
        """The removal of the opt-out of all that comes with an opt-in (R12)."""
        return replace(self, type=None, status=PreferenceStatus.NOT_OPTED)

    def bound_to(self, catalog: Catalog) -> Intent:
        """The same, with its type and unit as the catalogue has them at the moment of deciding."""
        unit = catalog.unit_by_id(self.unit.id)
        kind = catalog.type_by_id(self.type.id) if self.type else None
        if unit is self.unit and kind is self.type:
            return self
        return replace(self, unit=unit, type=kind)


@dataclass(slots=True)
class Event:
    """A row of the ledger in the making; its id comes when it is written."""

    intent: Intent
    before: PreferenceStatus
    superseded: bool
    occurred_at: datetime
    id: int | None = None


@dataclass(frozen=True, slots=True)
class PendingRow:
    """An opt-in that waits for confirmation from now on."""

    intent: Intent
    type: SubscriptionType


@dataclass(frozen=True, slots=True)
class Outcome:
    """The answer to one change: the decision, and the status that holds now."""

    intent: Intent
    decision: Decision
    status: PreferenceStatus
    event: Event | None = None

    @property
    def changed(self) -> bool:
        """Whether it took effect."""
        return isinstance(self.decision, Accepted)

    @property
    def waits(self) -> bool:
        """Whether an opt-in is still to be confirmed (R19), be it since now or since before."""
        wanted = self.intent.status is PreferenceStatus.OPTED_IN and self.status is not self.intent.status
        return wanted and isinstance(self.decision, Pending | Unchanged)

    @property
    def event_id(self) -> int | None:
        """The ledger's row, where there is one."""
        return self.event.id if self.event else None
