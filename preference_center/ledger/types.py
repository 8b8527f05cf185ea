"""Changes of consent: what is requested, where it comes from, and the outcome."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import datetime
from typing import NamedTuple

from preference_center.catalog.catalog import BusinessUnit, Catalog, SubscriptionType
from preference_center.rules.decisions import Accepted, Decision, Pending, Unchanged
from preference_center.rules.types import Actor, Channel, ConsentOrigin, LegalBasis, PreferenceStatus


@dataclass(frozen=True, slots=True)
class EvidenceFacts:
    """Proof of a change. Stored outside the ledger, because erasure deletes it (R36)."""

    ip_address: str | None = None
    user_agent: str | None = None
    url: str | None = None
    shown_text: str | None = None
    """What the person was shown, or wrote."""
    locale: str | None = None
    own_page: bool = False
    """Whether a page of Sayso showed the text. Such a text names nobody and is never deleted."""


@dataclass(frozen=True, slots=True)
class Provenance:
    """Where changes come from: the same for all changes of one transaction."""

    origin: ConsentOrigin
    actor: Actor
    legal_basis: LegalBasis | None = None
    processing_basis: LegalBasis | None = None
    explanation: str | None = None
    occurred_at: datetime | None = None
    evidence: EvidenceFacts | None = None
    operation_id: int | None = None
    workflow_path: tuple[int, ...] = ()
    """The ids of the workflows that caused the change, first cause first."""


RETURNING_ORIGINS = frozenset({ConsentOrigin.PREFERENCE_PAGE, ConsentOrigin.CONFIRMATION})
"""Origins on whose pages every box is unticked while an opt-out of all is active. An opt-in there brings back
what is ticked and nothing else (R12)."""


class PreferenceKey(NamedTuple):
    """Identifies a preference, or an opt-out of all where `subscription_type_id` is None."""

    recipient_id: int
    channel: Channel
    subscription_type_id: int | None
    business_unit_id: int | None
    """Set for an opt-out of all only."""


@dataclass(frozen=True, slots=True)
class Intent:
    """A requested status of one subscription type or, without one, of all of the business unit.

    For all, OPTED_OUT opts out of all and NOT_OPTED removes the opt-out of all.
    """

    recipient_id: int
    channel: Channel
    status: PreferenceStatus
    business_unit: BusinessUnit
    subscription_type: SubscriptionType | None = None
    occurred_at: datetime | None = None
    through_own_link: bool = True
    """False where the page's link was sent to another address of the same person (R19)."""
    carried_from_event_id: int | None = None
    """The event of the person's former address whose opt-out this repeats (R38)."""

    @property
    def key(self) -> PreferenceKey:
        """The preference or opt-out of all that the change is about."""
        if self.subscription_type is None:
            return PreferenceKey(self.recipient_id, self.channel, None, self.business_unit.id)
        return PreferenceKey(self.recipient_id, self.channel, self.subscription_type.id, None)

    @property
    def key_of_all(self) -> PreferenceKey:
        """The opt-out of all that covers the change."""
        return PreferenceKey(self.recipient_id, self.channel, None, self.business_unit.id)

    def removing_opt_out_of_all(self) -> Intent:
        """The removal of the opt-out of all that an opt-in includes (R12)."""
        return replace(self, subscription_type=None, status=PreferenceStatus.NOT_OPTED)

    def opting_out_of(self, subscription_type: SubscriptionType) -> Intent:
        """The opt-out of another type of the same unit and channel that an opt-in includes (R12)."""
        return replace(self, subscription_type=subscription_type, status=PreferenceStatus.OPTED_OUT)

    def bound_to(self, catalog: Catalog) -> Intent:
        """The same change with its subscription type and business unit as this catalog has them."""
        business_unit = catalog.unit_by_id(self.business_unit.id)
        subscription_type = catalog.type_by_id(self.subscription_type.id) if self.subscription_type else None
        if business_unit is self.business_unit and subscription_type is self.subscription_type:
            return self
        return replace(self, business_unit=business_unit, subscription_type=subscription_type)


@dataclass(frozen=True, slots=True)
class PauseIntent:
    """A requested pause of (recipient, channel, business unit); `until` None ends the current one."""

    recipient_id: int
    channel: Channel
    business_unit: BusinessUnit
    until: datetime | None


@dataclass(slots=True)
class Event:
    """A consent event. Its id is set when it is written."""

    intent: Intent
    before: PreferenceStatus
    superseded: bool
    occurred_at: datetime
    id: int | None = None


@dataclass(frozen=True, slots=True)
class Outcome:
    """The result of one change: the decision, and the status that is current now."""

    intent: Intent
    decision: Decision
    status: PreferenceStatus
    event: Event | None = None

    @property
    def changed(self) -> bool:
        """Whether the change took effect."""
        return isinstance(self.decision, Accepted)

    @property
    def pending(self) -> bool:
        """Whether an opt-in still awaits confirmation (R19), requested by this change or before it."""
        opt_in = self.intent.status is PreferenceStatus.OPTED_IN and self.status is not self.intent.status
        return opt_in and isinstance(self.decision, Pending | Unchanged)

    @property
    def event_id(self) -> int | None:
        """The id of the recorded event, if any."""
        return self.event.id if self.event else None
